"""Distinct integers of an array, by whichever way is quicker; ascending, whatever the way."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
WIDEST = 4  # times as many possible values as there are values: more, and counting costs more than sorting


def distinct(values: Ints) -> Ints:
    """Each value of int64 [n] once."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def numbered(values: Ints, below: int) -> tuple[Ints, Ints]:
    """Each value of int64 [n] once, and the place of every value among those; all are from 0 up to `below`, exclusive."""
    if below > WIDEST * len(values):
        found, place = np.unique(values, return_inverse=True)
        return found, place
    there = np.zeros(below, np.bool_)
    there[values] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[values]
