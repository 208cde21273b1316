"""How far raw log-odds have risen of late, by the applicants of the last months; their outcomes are not asked for.

Histories grow, and scores with them: a model whose level is renewed keeps its probabilities without being trained anew.
"""

from dataclasses import dataclass, replace

import numpy as np

from gnn.examples import Examples, build_scored
from gnn.features.levels import latest_before, months_of
from gnn.models.calibrate import Calibrator, find_level
from gnn.serving.served_model import ServedModel
from gnn.tasks import TASKS
from graph.snapshot import Snapshot

AT_ONCE = 512
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
    pieces = (slice(begin, begin + AT_ONCE) for begin in range(0, len(asked), AT_ONCE))
    log_odds = [raw.log_odds(raw.read(snapshot, asked.rows[piece], asked.as_of_s[piece])) for piece in pieces]
    return Level(find_level(model.calibrator, np.concatenate(log_odds), rate), len(asked), int(asked.as_of_s.max()))


def _latest(asked: Examples) -> Examples:
    if not len(asked):
        return asked
    month = months_of(asked.as_of_s)
    places = latest_before(month, int(month.max()) + 1)
    if len(places) > MOST_ASKED:
        places = places[np.arange(MOST_ASKED) * len(places) // MOST_ASKED]
    return asked.take(places)
