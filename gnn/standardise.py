"""Brings a table of features to numbers near one: heavy tails drawn in, centred, scaled, with flags for what is missing.

Fitted on training rows, applied to any; every value depends on its own row only. It knows no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HEAVY_TAIL_RATIO = 10.0  # a column whose largest size exceeds its median size by this is drawn in
LIMIT = 6.0  # standard deviations beyond which a value says no more


@dataclass(frozen=True)
class Standardiser:
    """Numbers of f columns, float64 [f] each; `tail` is 0 where a column stays linear, `flagged` 1 where missing is told.

    A value x becomes arsinh(x / tail) or x, then (. - centre) / scale, bounded; missing becomes 0.
    """

    tail: Floats
    centre: Floats
    scale: Floats
    flagged: Floats

    @property
    def width(self) -> int:
        """Columns of the result: one for each of the table's, and one for each flag."""
        return len(self.tail) + int(self.flagged.sum())

    def apply(self, values: Floats) -> NDArray[np.float32]:
        """Standardised table float32 [n, width] of `values` float64 [n, f] with NaN for missing."""
        missing = np.isnan(values)
        scaled = (_draw_in(values, self.tail) - self.centre) / self.scale
        filled = np.where(missing, 0.0, np.clip(scaled, -LIMIT, LIMIT))
        flags = missing[:, self.flagged > 0]
        return np.concatenate([filled, flags], axis=1).astype(np.float32)


def fit_standardiser(values: Floats) -> Standardiser:
    """Numbers that bring the columns of training rows float64 [n, f] to mean 0 and deviation 1; NaN is missing."""
    missing = np.isnan(values)
    sizes = np.abs(values)
    tail = np.array([_tail(column[~gone & (column > 0)]) for column, gone in zip(sizes.T, missing.T, strict=True)])
    drawn = _draw_in(values, tail)
    present = np.maximum((~missing).sum(axis=0), 1)
    centre = np.where(missing, 0.0, drawn).sum(axis=0) / present
    spread = np.sqrt(np.where(missing, 0.0, (drawn - centre) ** 2).sum(axis=0) / present)
    scale = np.where(spread > 1e-9, spread, 1.0)  # a constant column stays at zero
    return Standardiser(tail, centre, scale, np.asarray(missing.any(axis=0), dtype=np.float64))


def _tail(sizes: Floats) -> float:
    if not len(sizes):
        return 0.0
    median = float(np.median(sizes))
    return median if float(sizes.max()) > HEAVY_TAIL_RATIO * median else 0.0


def _draw_in(values: Floats, tail: Floats) -> Floats:
    heavy = tail > 0
    return np.where(heavy, np.arcsinh(values / np.where(heavy, tail, 1.0)), values)
