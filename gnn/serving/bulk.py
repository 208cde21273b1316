"""Scores many: a whole book as of one instant by several processes at once, examples each as of its own, in pieces.

Each person gets the bits of a lone request. Holds as much memory as one piece needs in each process, however large the book.
Knows no wire and writes no file.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gnn.examples import Examples
from gnn.features.fact_counts import FactCounts, join_counts
from gnn.serving.bundle import Bundle
from gnn.serving.served_model import ServedModel
from gnn.serving.stored_model import restore_model
from graph.snapshot import Snapshot
from graph.snapshot.format import Pointer
from graph.vocabulary import Purpose

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
AT_ONCE = 512  # subjects scored together: bounds memory, changes no bit


@dataclass(frozen=True)
class BookScores:
    """Of n subjects in the order given: calibrated `log_odds` float64 [n], how many facts speak of each, and who is scorable.

    `scorable` bool [n] is false where too little is known to publish a score; the log-odds are there all the same.
    """

    log_odds: Floats
    facts: FactCounts
    scorable: NDArray[np.bool_]


def score_in_bulk(
    bundle: Bundle, snapshot: Snapshot, rows: Ints, as_of_s: int, *, processes: int | None = None, at_once: int = AT_ONCE
) -> BookScores:
    """Score many subjects as of one instant.

    Args:
        bundle: The model, as it was read.
        snapshot: Facts to score on; one with an overlay, or that is in no folder, is read by this process alone.
        rows: int64 [n], node rows of the subjects.
        as_of_s: UTC second, exclusive.
        processes: How many score at once; without it, as many as there are cores this process may use. More than one asks
            of a script that starts it the usual guard of `multiprocessing`.
        at_once: Subjects a piece.

    Raises:
        BundleCorrupt: the bundle's contents do not fit together.
        KeySpaceExceeded: an instant that no fact's could be compared with.
        BrokenProcessPool: a worker died.
    """
    pieces = [(rows[begin : begin + at_once], as_of_s) for begin in range(0, len(rows), at_once)]
    processes = min(processes or len(os.sched_getaffinity(0)), len(pieces))
    if processes > 1 and snapshot.is_published:
        assert snapshot.root is not None
        book = _Book(bundle, snapshot.root, snapshot.pointers[-1], snapshot.purpose)
        with ProcessPoolExecutor(processes, get_context("spawn"), book.begin) as pool:
            return _joined([*pool.map(_score_piece, pieces)])
    model = restore_model(bundle)
    return _joined([_score(model, snapshot, *piece) for piece in pieces])


def score_examples(model: ServedModel, snapshot: Snapshot, examples: Examples) -> Floats:
    """Calibrated log-odds float64 [n] of examples, each as of its own instant, as serving would give them."""
    parts = []
    for begin in range(0, len(examples), AT_ONCE):
        piece = slice(begin, begin + AT_ONCE)
        parts.append(model.log_odds(model.read(snapshot, examples.rows[piece], examples.as_of_s[piece])))
    return np.concatenate(parts) if parts else np.empty(0)


@dataclass(frozen=True)
class _Book:
    """What a worker scores with; opened at its first piece, so that an error belongs to one."""

    bundle: Bundle
    root: Path
    pointer: Pointer
    purpose: Purpose
    given: ClassVar[list["_Book"]] = []  # in a worker process the one it was started for

    def begin(self) -> None:
        """Start a worker process."""
        self.given.append(self)

    @cached_property
    def model(self) -> ServedModel:
        return restore_model(self.bundle)

    @cached_property
    def snapshot(self) -> Snapshot:
        return Snapshot.open(self.root, purpose=self.purpose, pointer=self.pointer)


def _score_piece(piece: tuple[Ints, int]) -> BookScores:
    (book,) = _Book.given
    return _score(book.model, book.snapshot, *piece)


def _score(model: ServedModel, snapshot: Snapshot, rows: Ints, as_of_s: int) -> BookScores:
    inputs = model.read(snapshot, rows, np.full(len(rows), as_of_s, np.int64))
    return BookScores(model.log_odds(inputs), inputs.facts, ~model.scorable.is_unscorable(inputs.facts))


def _joined(parts: Sequence[BookScores]) -> BookScores:
    return BookScores(
        np.concatenate([np.empty(0), *(part.log_odds for part in parts)]),
        join_counts([part.facts for part in parts]),
        np.concatenate([np.empty(0, np.bool_), *(part.scorable for part in parts)]),
    )
