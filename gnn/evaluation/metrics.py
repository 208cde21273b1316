"""How good scores are: ranking, separation, probability error, and how sure the data let one be.

Pure functions of arrays; they know no model, no task and no protocol.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.models.calibrate import probability

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
CALIBRATION_BINS = 10
INTERVAL = (2.5, 97.5)  # percentiles of the bootstrap
SLOPE_STEPS, SLOPE_STEP, SLOPE_PRECISION = 100, 1.0, 1e-9


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def auc(label: Labels, score: Floats) -> float:
    """Chance that a bad loan scores above a good one, ties counting half: 0 to 1, higher is better; NaN with one outcome."""
    bad = int((label == 1).sum())
    good = len(label) - bad
    if not bad or not good:
        return float("nan")
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2
    return float((rank[place][label == 1].sum() - bad * (bad + 1) / 2) / (bad * good))


def average_precision(label: Labels, score: Floats) -> float:
    """Precision at each cut-off, weighed by the share of bad ones it adds: 0 to 1, higher is better; NaN with no bad one.

    A cut-off takes all of a tie or none of it; scores by chance give the share of bad ones.
    """
    bad = int((label == 1).sum())
    if not bad:
        return float("nan")
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    found = np.cumsum(label[order] == 1)[ends]
    return float((np.diff(found, prepend=0) * found / (ends + 1)).sum() / bad)


def ks(label: Labels, score: Floats) -> float:
    """Largest gap between the two outcomes' shares above a cut-off: 0 to 1, higher is better; NaN with one outcome."""
    bad = int((label == 1).sum())
    good = len(label) - bad
    if not bad or not good:
        return float("nan")
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.diff(score[order]) != 0, True)  # a cut-off takes all of a tie or none of it
    gap = np.cumsum(label[order] == 1) / bad - np.cumsum(label[order] != 1) / good
    return float(max(gap[ends].max(), 0.0))


def brier(label: Labels, score: Floats) -> float:
    """Mean squared error of the probabilities that log-odds stand for: 0 to 1, lower is better."""
    return float(np.mean((probability(score) - label) ** 2))


def calibration_slope(label: Labels, score: Floats) -> float:
    """Slope of a logistic regression of the outcome on the log-odds: 1 is best, below it they spread too far.

    NaN with one outcome, or where the scores part the outcomes so that no slope is best.

    Source:
        Cox 1958, "Two further applications of a model for binary regression"; Newton's method, steps held to `SLOPE_STEP`.
    """
    bad, good = score[label == 1], score[label != 1]
    if not len(bad) or not len(good) or bad.min() >= good.max() or bad.max() <= good.min():
        return float("nan")
    design = np.column_stack([score - score.mean(), np.ones_like(score)])  # centred, the two equations hardly mix
    at = np.array([1.0, np.log(len(bad) / len(good))])
    for _ in range(SLOPE_STEPS):
        chance = probability(design @ at)
        curve = (design * (chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(curve, design.T @ (label - chance))
        at = at + step * min(1.0, SLOPE_STEP / max(float(np.abs(step).max()), SLOPE_PRECISION))
        if np.abs(step).max() < SLOPE_PRECISION:
            break
    return float(at[0])


def expected_calibration_error(label: Labels, score: Floats, bins: int = CALIBRATION_BINS) -> float:
    """Mean gap between stated probability and share gone bad, over bins of equal count: 0 to 1, lower is better.

    Bins follow the order of the scores, ties in the order given; with fewer examples than bins each is its own bin.
    """
    order = np.argsort(score, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    chance = probability(score)
    return float(sum(abs(chance[part].sum() - label[part].sum()) for part in parts) / len(order))


def bootstrap_interval(
    measure: Callable[[NDArray[np.int64]], float], persons: NDArray[np.int64], *, draws: int, seed: int
) -> Interval:
    """A measure over all examples, with its interval over resampled persons.

    Persons are drawn with replacement and bring all their examples along, since one person's loans share their luck.
    Two models compared on the same draw make the measure a paired difference. Draws on which the measure is NaN (one
    outcome only) are left out.

    Args:
        measure: Value for examples at positions int64 [k], with repeats.
        persons: int64 [n], whose example each is.
        draws: How many resamples.
        seed: Of the generator.

    Source:
        Percentile interval: Efron and Tibshirani 1993, section 13.3.
    """
    value = measure(np.arange(len(persons)))
    found = np.array([measure(places) for places in resamples(persons, draws=draws, seed=seed)])
    return interval_of(value, found)


def resamples(persons: NDArray[np.int64], *, draws: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Places int64 of resampled examples, one array a draw: persons drawn with replacement bring all their examples."""
    _, member = np.unique(persons, return_inverse=True)
    order = np.argsort(member, kind="stable")
    counts = np.bincount(member)
    starts = np.cumsum(counts) - counts
    generator = np.random.default_rng(seed)
    for _ in range(draws):
        yield order[_expand(generator.integers(0, len(counts), len(counts)), starts, counts)]


def interval_of(value: float, drawn: NDArray[np.float64]) -> Interval:
    """A value with the interval that its resamples span; those that are NaN are left out, NaN ends where all are."""
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.percentile(drawn, INTERVAL)
    return Interval(value, float(low), float(high))


def _expand(pick: NDArray[np.int64], starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places of all examples of the persons picked."""
    sizes = counts[pick]
    shift: NDArray[np.int64] = np.repeat(starts[pick] - (np.cumsum(sizes) - sizes), sizes)
    return shift + np.arange(len(shift), dtype=np.int64)
