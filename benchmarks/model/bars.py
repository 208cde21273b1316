"""The bars of the proof, and which of several economies speaks for all: the one whose value all but one reach.

Of five that is the fourth best, with the interval it has itself. Knows no model and no file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gnn.evaluation.metrics import Interval

OVER_BEST_TREE = 0.005  # AUC
OVER_CONTROL = 0.003  # AUC
SLOPES = (0.95, 1.05)
NO_GAIN = 0.003  # AUC; the interval of a gain that ought to be none lies within it, on both sides
ROUNDING = 1e-12
T = TypeVar("T")


@dataclass(frozen=True)
class Spoken:
    """Which of several results speaks for all: its place, the rank it has, and how many keep the bar themselves."""

    place: int
    rank: int
    keeping: int


def all_but_one(results: Sequence[T], goodness: Callable[[T], float], keeps: Callable[[T], bool]) -> Spoken:
    """The result that all but one reach: the fourth best of five, the best of one.

    Args:
        results: One an economy.
        goodness: Higher is better; of equal ones the earlier counts as better.
        keeps: Whether a result keeps the bar.

    Raises:
        ValueError: there is none, or one of them could not be measured.
    """
    found = [goodness(one) for one in results]
    if not found or any(value != value for value in found):
        raise ValueError(f"results that are not numbers cannot be ranked: {found}")
    order = sorted(range(len(found)), key=lambda place: -found[place])
    rank = max(len(order) - 1, 1)
    return Spoken(order[rank - 1], rank, sum(keeps(one) for one in results))


def is_above(gain: Interval, bar: float) -> bool:
    """Whether a gain reaches its bar and its interval lies above 0."""
    return is_at_most(bar, gain.value) and gain.low > 0


def is_at_most(value: float, bar: float) -> bool:
    """Whether a value does not exceed its bar; a difference of exactly the bar, as floats have it, does not."""
    return value <= bar + ROUNDING


def slope_distance(slope: float) -> float:
    """How far a calibration slope is from 1."""
    return abs(slope - 1)


def is_calibrated(slope: Interval) -> bool:
    """Whether a slope lies within its bounds, or its interval covers 1."""
    return SLOPES[0] <= slope.value <= SLOPES[1] or slope.low <= 1 <= slope.high


def is_no_gain(gain: Interval) -> bool:
    """Whether an interval covers 0 and lies within `NO_GAIN` of it."""
    return -NO_GAIN <= gain.low <= 0 <= gain.high <= NO_GAIN
