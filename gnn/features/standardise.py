"""Brings a table of features to numbers near one: centred, scaled, heavy tails in two scales, flags for what is missing.

A linear model cannot bend: it is given a heavy-tailed column as it is, its outer hundredths cut off, and once more drawn
in. Fitted on training rows, applied to any; every value depends on its own row only. It knows no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STANDARDISER_VERSION = 1  # raise when the same rows would give other numbers: kept predictions are named by it
HEAVY_TAIL_RATIO = 10.0  # a column whose largest size exceeds its median size by this has a heavy tail
CUT_OFF = (0.01, 0.99)  # quantiles of the training rows beyond which a heavy tail kept linear says no more
LIMIT = 6.0  # standard deviations beyond which any value says no more
SMALLEST_SPREAD = 1e-9  # below it a column is constant


@dataclass(frozen=True)
class Standardiser:
    """Which columns of a table are read and how.

    `columns` int64 [k]: those that vary, each pattern of values once, one with a heavy tail twice; for each, `low` and
    `high` bound its values, `tail` is 0 where it stays linear, `centre` and `scale` bring it near one, all float64 [k].
    `flags` int64 [m]: those whose being missing is told.
    A value x, bounded, becomes arsinh(x / tail) or x, then (. - centre) / scale, bounded; missing becomes 0.
    """

    columns: Ints
    low: Floats
    high: Floats
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
        read = np.clip(np.ascontiguousarray(values[:, self.columns]), self.low, self.high)
        scaled = (_draw_in(read, self.tail) - self.centre) / self.scale
        filled = np.where(np.isnan(read), 0.0, np.clip(scaled, -LIMIT, LIMIT))
        return np.concatenate([filled, np.isnan(values[:, self.flags])], axis=1).astype(np.float32)


@dataclass(frozen=True)
class _Scale:
    """How one column is read: the bounds of its values, and the size that draws them in (0: none)."""

    column: int
    low: float = -np.inf
    high: float = np.inf
    tail: float = 0.0


def fit_standardiser(values: Floats) -> Standardiser:
    """What brings the columns of training rows float64 [n, f] to mean 0 and deviation 1; NaN is missing."""
    missing = np.isnan(values)
    flags = _first_of_each(missing, np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0)))
    varying = [c for c in range(values.shape[1]) if _range(values[~missing[:, c], c]) > SMALLEST_SPREAD]
    columns = _first_of_each(values, np.array(varying, np.int64))
    scales = [scale for column in columns.tolist() for scale in _scales(column, values[~missing[:, column], column])]
    places = np.array([scale.column for scale in scales], np.int64)
    low, high, tail = (np.array([getattr(scale, name) for scale in scales]) for name in ("low", "high", "tail"))
    drawn, gone = _draw_in(np.clip(values[:, places], low, high), tail), missing[:, places]
    present = np.maximum((~gone).sum(axis=0), 1)
    centre = np.where(gone, 0.0, drawn).sum(axis=0) / present
    spread = np.sqrt(np.where(gone, 0.0, (drawn - centre) ** 2).sum(axis=0) / present)
    return Standardiser(places, low, high, tail, centre, np.maximum(spread, SMALLEST_SPREAD), flags)


def _scales(column: int, present: Floats) -> tuple[_Scale, ...]:
    """Linear; for a heavy tail bounded and drawn in, or drawn in alone where nothing is left between the bounds."""
    tail = _tail(np.abs(present))
    if not tail:
        return (_Scale(column),)
    low, high = (float(bound) for bound in np.quantile(present, CUT_OFF))
    drawn = _Scale(column, tail=tail)
    return (_Scale(column, low, high), drawn) if high - low > SMALLEST_SPREAD else (drawn,)


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
