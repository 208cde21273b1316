"""Ranges of consecutive places, many at once: laid out one after the other, and cut into parts that fit into memory."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from graph.snapshot.columns import Ints

AT_ONCE = 1 << 21  # places laid out together


def laid_out(first: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Of ranges int64 [m] of `counts` places each from `first` on: for every place, which range it is of, and the place."""
    at = np.repeat(np.arange(len(counts)), counts)
    return at, np.arange(len(at)) + np.repeat(first - (np.cumsum(counts) - counts), counts)


def parts_of(counts: Ints) -> Iterator[slice]:
    """Cuts ranges of so many places each, in their order, into parts of about `AT_ONCE` places; those without any may go."""
    total = np.cumsum(counts)
    cuts = np.searchsorted(total, np.arange(0, total[-1] if len(total) else 0, AT_ONCE), side="right")
    return (slice(*cut) for cut in pairwise((*np.unique(cuts), len(counts))))
