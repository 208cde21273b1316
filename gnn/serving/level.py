"""How far raw log-odds have risen of late, by the applicants of the last months; their outcomes are not asked for.

Histories grow, and scores with them: a model whose level is renewed keeps its probabilities without being trained anew.
"""

from dataclasses import dataclass, replace

from gnn.examples import Examples, build_scored
from gnn.features.levels import latest_before, months_of
from gnn.models.calibrate import Calibrator, find_level
from gnn.serving.bulk import score_examples
from gnn.serving.served_model import ServedModel
from gnn.tasks import TASKS
from graph.snapshot import Snapshot

MOST_ASKED = 4_000  # applicants, evenly in order of time


@dataclass(frozen=True)
class Level:
    """The level at which so many applicants, the last of them at `to_s` (UTC seconds), have the calibrator's rate."""

    value: float
    applicants: int
    to_s: int


def at_level(model: ServedModel, snapshot: Snapshot) -> ServedModel:
    """The model calibrated at the level of a snapshot's latest applicants, of whom there must be some."""
    found = measure_level(model, snapshot)
    assert found is not None, f"nobody applied in the snapshot that {model.task} was learnt from"
    return replace(model, calibrator=replace(model.calibrator, level=found.value))


def measure_level(model: ServedModel, snapshot: Snapshot) -> Level | None:
    """The level of whoever applied in the latest months; None where nobody did, or the calibrator has no rate."""
    asked = _latest(build_scored(snapshot, TASKS[model.task]))
    rate = model.calibrator.rate
    if not len(asked) or rate is None:
        return None
    raw = replace(model, calibrator=Calibrator(1.0, 0.0))
    log_odds = score_examples(raw, snapshot, asked)
    return Level(find_level(model.calibrator, log_odds, rate), len(asked), int(asked.as_of_s.max()))


def _latest(asked: Examples) -> Examples:
    if not len(asked):
        return asked
    month = months_of(asked.as_of_s)
    return asked.take(latest_before(month, int(month.max()) + 1)).thinned(MOST_ASKED)
