"""Measures served models side by side on the same loans, all later than what any of them learnt from, outcomes included.

Each is asked as serving asks it, so what is measured is what would answer. Intervals resample persons; differences are
paired: every model is judged on the same draws.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from gnn.errors import NothingToCompare
from gnn.evaluation.evaluate import BOOTSTRAP_DRAWS, BOOTSTRAP_SEED
from gnn.evaluation.metrics import (
    Interval,
    auc,
    brier,
    calibration_slope,
    expected_calibration_error,
    interval_of,
    resamples,
)
from gnn.examples import Examples, build_examples
from gnn.registry.champion import Candidate
from gnn.serving.bulk import score_examples
from gnn.serving.served_model import ServedModel
from gnn.tasks import TASKS, Task
from graph.facts import MAXIMUM_SECOND
from graph.snapshot import Snapshot

MOST_EXAMPLES = 20_000  # evenly in order of time; intervals of more are narrower than anyone decides by
TIMED = 15  # single scores whose median is the cost
LEAST_BAD_OF_MONTH = 10  # in a month of fewer, the AUC is luck
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Entrant:
    """A model to be measured: its version, and the last second of which it knows (`gnn.division.learnt_to_s`)."""

    version: str
    model: ServedModel
    learnt_to_s: int


@dataclass(frozen=True)
class Comparison:
    """What was measured on `examples`: a candidate and log-odds float64 [n] a version, and the gain of each over each."""

    task: str
    snapshot_version: str
    examples: Examples
    log_odds: dict[str, Floats]
    candidates: tuple[Candidate, ...]
    gains: dict[tuple[str, str], Interval]

    def candidate(self, version: str) -> Candidate:
        """The measurements of a version that took part."""
        return next(one for one in self.candidates if one.version == version)


def compare(snapshot: Snapshot, entrants: Sequence[Entrant], *, draws: int = BOOTSTRAP_DRAWS) -> Comparison:
    """Measure models of one task on the loans that none of them learnt from.

    Args:
        snapshot: Facts to score on.
        entrants: Models.
        draws: Resamples that the intervals rest on.

    Raises:
        NothingToCompare: those loans are none, or ended the same way.
    """
    task = TASKS[entrants[0].model.task]
    examples = later_examples(snapshot, task, max(one.learnt_to_s for one in entrants))
    log_odds = {one.version: score_examples(one.model, snapshot, examples) for one in entrants}
    person = persons_of(snapshot, task, examples)
    drawn = _drawn(examples, person, log_odds, draws)
    candidates = tuple(
        _candidate(one, snapshot, examples, person, log_odds[one.version], drawn[one.version]) for one in entrants
    )
    gains = {}
    for first in candidates:
        for second in candidates:
            difference = drawn[first.version][0] - drawn[second.version][0]
            gains[first.version, second.version] = interval_of(first.auc.value - second.auc.value, difference)
    return Comparison(task.name, snapshot.version, examples, log_odds, candidates, gains)


def later_examples(snapshot: Snapshot, task: Task, after_s: int) -> Examples:
    """Examples later than an instant, evenly thinned to `MOST_EXAMPLES`.

    Raises:
        NothingToCompare: there are none, or all ended the same way.
    """
    examples = build_examples(snapshot, task)
    examples = examples.take(np.flatnonzero(examples.as_of_s > after_s))
    examples = examples.thinned(MOST_EXAMPLES)
    bad = int(examples.label.sum())
    if not 0 < bad < len(examples):
        raise NothingToCompare(task.name, good=len(examples) - bad, bad=bad, after=datetime.fromtimestamp(after_s, UTC).date())
    return examples


def persons_of(snapshot: Snapshot, task: Task, examples: Examples) -> NDArray[np.int64]:
    """int64 [n], one number a person by all that the snapshot knows: nodes found to be one later on are drawn together."""
    return snapshot.standing(task.subject, examples.rows, np.full(len(examples), MAXIMUM_SECOND))


def _drawn(
    examples: Examples, person: NDArray[np.int64], log_odds: dict[str, Floats], draws: int
) -> dict[str, tuple[Floats, Floats]]:
    """AUC and Brier score float64 [draws] of each version, on the same draws."""
    found: dict[str, list[tuple[float, float]]] = {version: [] for version in log_odds}
    for places in resamples(person, draws=draws, seed=BOOTSTRAP_SEED):
        label = examples.label[places]
        for version, values in log_odds.items():
            found[version].append((auc(label, values[places]), brier(label, values[places])))
    return {version: (np.array(pairs)[:, 0], np.array(pairs)[:, 1]) for version, pairs in found.items()}


def _candidate(
    entrant: Entrant,
    snapshot: Snapshot,
    examples: Examples,
    person: NDArray[np.int64],
    log_odds: Floats,
    drawn: tuple[Floats, Floats],
) -> Candidate:
    label = examples.label
    return Candidate(
        version=entrant.version,
        has_network=entrant.model.combination.has_network,
        bad=int(label.sum()),
        auc=interval_of(auc(label, log_odds), drawn[0]),
        brier=interval_of(brier(label, log_odds), drawn[1]),
        slope=calibration_slope(label, log_odds),
        calibration_error=expected_calibration_error(label, log_odds),
        cost_ms=_cost_ms(entrant.model, snapshot, examples),
        worst_month_auc=min(month_aucs(examples, log_odds).values(), default=float("nan")),
        worst_month_high=_worst_month_high(examples, person, log_odds, draws=len(drawn[0])),
    )


def month_aucs(examples: Examples, log_odds: Floats) -> dict[str, float]:
    """AUC by UTC calendar month, of months with enough bad loans and a good one."""
    return {month: auc(examples.label[places], log_odds[places]) for month, places in _months(examples).items()}


def _worst_month_high(examples: Examples, person: NDArray[np.int64], log_odds: Floats, *, draws: int) -> float:
    """The lowest upper end of the months' intervals, each of persons resampled within the month; NaN without a month."""
    highs = []
    for places in _months(examples).values():
        label, values = examples.label[places], log_odds[places]
        drawn = [auc(label[at], values[at]) for at in resamples(person[places], draws=draws, seed=BOOTSTRAP_SEED)]
        highs.append(interval_of(auc(label, values), np.array(drawn)).high)
    return min(highs, default=float("nan"))


def _months(examples: Examples) -> dict[str, NDArray[np.int64]]:
    months = np.array([datetime.fromtimestamp(second, UTC).strftime("%Y-%m") for second in examples.as_of_s.tolist()])
    found = {str(month): np.flatnonzero(months == month) for month in np.unique(months)}
    return {
        month: places for month, places in found.items() if LEAST_BAD_OF_MONTH <= examples.label[places].sum() < len(places)
    }


def _cost_ms(model: ServedModel, snapshot: Snapshot, examples: Examples) -> float:
    """Median time of one score, the first one not counted."""
    taken = []
    for at in range(min(TIMED, len(examples)) + 1):
        one = slice(at % len(examples), at % len(examples) + 1)
        begun = time.perf_counter()
        model.log_odds(model.read(snapshot, examples.rows[one], examples.as_of_s[one]))
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken[1:])
