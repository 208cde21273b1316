"""How two lots of numbers are brought together cell by cell: staff with jobs, children with parents, firms with owners.

Knows cells and orders only; what a cell means (a neighbourhood, an age) is for the caller to say.
"""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.society import Floats, Ints

_RANK_BITS = 32


def pair_within(left_cell: Ints, left_key: Floats, right_cell: Ints, right_key: Floats) -> tuple[Ints, Ints]:
    """Pair each left with at most one right of the same cell, lowest keys first; the surplus of a cell stays alone.

    Args:
        left_cell: Cell of each left, not negative.
        left_key: Order within the cell.
        right_cell: Cell of each right, not negative.
        right_key: Order within the cell.

    Returns:
        Positions in left and positions in right, equally long.
    """
    left_order, left_code = _codes(left_cell, left_key)
    right_order, right_code = _codes(right_cell, right_key)
    if not len(left_code) or not len(right_code):
        return np.empty(0, np.int32), np.empty(0, np.int32)
    found = np.minimum(np.searchsorted(right_code, left_code), len(right_code) - 1)
    both = right_code[found] == left_code
    return left_order[both], right_order[found[both]]


def position_in_run(sorted_cells: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many equal values stand before each one; equal values must stand together."""
    starts = np.flatnonzero(np.r_[True, sorted_cells[1:] != sorted_cells[:-1]]) if len(sorted_cells) else np.empty(0, np.int64)
    lengths = np.diff(np.r_[starts, len(sorted_cells)])
    return np.arange(len(sorted_cells)) - np.repeat(starts, lengths)


def _codes(cell: Ints, key: Floats) -> tuple[Ints, NDArray[np.int64]]:
    order = np.lexsort((key, cell)).astype(np.int32)
    cells = cell[order]
    return order, (cells.astype(np.int64) << _RANK_BITS) | position_in_run(cells)
