"""Brings a table of features to numbers near one: heavy tails drawn in, centred, scaled, with flags for what is missing.

Fitted on training rows, applied to any; every value depends on its own row only. It knows no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
HEAVY_TAIL_RATIO = 10.0  # a column whose largest size exceeds its median size by this is drawn in
LIMIT = 6.0  # standard deviations beyond which a value says no more
SMALLEST_SPREAD = 1e-9  # below it a column is constant


@dataclass(frozen=True)
class Standardiser:
    """Which columns of a table are read and how.

    `columns` int64 [k]: those that vary, each pattern of values once; for each, `tail` is 0 where it stays linear and
    `centre`, `scale` float64 [k] bring it near one. `flags` int64 [m]: those whose being missing is told.
    A value x becomes arsinh(x / tail) or x, then (. - centre) / scale, bounded; missing becomes 0.
    """

    columns: Ints
    tail: Floats
    centre: Floats
    scale: Floats
    flags: Ints

    @property
    def width(self) -> int:
        """Columns of the result."""
        return len(self.columns) + len(self.flags)

    def apply(self, values: Floats) -> NDArray[np.float32]:
        """Standardised table float32 [n, width] of `values` float64 [n, f] with NaN for missing."""
        read = np.ascontiguousarray(values[:, self.columns])
        scaled = (_draw_in(read, self.tail) - self.centre) / self.scale
        filled = np.where(np.isnan(read), 0.0, np.clip(scaled, -LIMIT, LIMIT))
        return np.concatenate([filled, np.isnan(values[:, self.flags])], axis=1).astype(np.float32)


def fit_standardiser(values: Floats) -> Standardiser:
    """What brings the columns of training rows float64 [n, f] to mean 0 and deviation 1; NaN is missing."""
    missing = np.isnan(values)
    flags = _first_of_each(missing, np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0)))
    varying = [c for c in range(values.shape[1]) if _range(values[~missing[:, c], c]) > SMALLEST_SPREAD]
    columns = _first_of_each(values, np.array(varying, np.int64))
    read, gone = values[:, columns], missing[:, columns]
    tail = np.array([_tail(np.abs(column[~absent])) for column, absent in zip(read.T, gone.T, strict=True)])
    drawn = _draw_in(read, tail)
    present = np.maximum((~gone).sum(axis=0), 1)
    centre = np.where(gone, 0.0, drawn).sum(axis=0) / present
    spread = np.sqrt(np.where(gone, 0.0, (drawn - centre) ** 2).sum(axis=0) / present)
    return Standardiser(columns, tail, centre, np.maximum(spread, SMALLEST_SPREAD), flags)


def _first_of_each(values: NDArray[np.float64] | NDArray[np.bool_], columns: Ints) -> Ints:
    """Of columns with the same values the first."""
    first: dict[bytes, int] = {}
    for column in columns.tolist():
        first.setdefault(values[:, column].tobytes(), column)
    return np.array(sorted(first.values()), np.int64)


def _range(values: Floats) -> float:
    return float(np.ptp(values)) if len(values) else 0.0


def _tail(sizes: Floats) -> float:
    positive = sizes[sizes > 0]
    if not len(positive):
        return 0.0
    median = float(np.median(positive))
    return median if float(positive.max()) > HEAVY_TAIL_RATIO * median else 0.0


def _draw_in(values: Floats, tail: Floats) -> Floats:
    heavy = tail > 0
    return np.where(heavy, np.arcsinh(values / np.where(heavy, tail, 1.0)), values)
