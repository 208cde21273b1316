"""Drift is asked as of a month as if the snapshot ended there, and what was known is cut from files read once."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.model.economies import Economy, Making, Place
from benchmarks.model.life import Months, known_at, write_known
from benchmarks.model.trial import QUICK, TASK, read_kept, train_kept
from benchmarks.model.turning import month_s
from benchmarks.sandbox.worlds import PEPPER, World
from gnn.evaluation import drift as drift_module
from gnn.evaluation.drift import measure_drift
from gnn.examples import build_examples
from graph.snapshot import Snapshot
from ingest.sandbox.knobs import Knobs, Scale
from tests.support.sandbox_economy import HandMade, write_sealed

MONTHS = Months(learnt=22, turn=24, watched=28, anew=30)


@pytest.fixture(scope="module")
def place(economy: HandMade, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A hand-made economy with what was known at two months."""

    def simulate(folder: Path, scale: Scale) -> None:
        write_sealed(folder, economy)

    made = Making(1_000, simulate, lambda _: economy.batches)
    found = Place(Economy("hand-made", 5, Knobs()), made, tmp_path_factory.mktemp("life"))
    write_known(MONTHS, found)
    return found


def test_what_was_known_holds_no_later_fact(place: Place) -> None:
    whole = place.open(World.PLAIN)
    for month in (MONTHS.learnt, MONTHS.anew):
        cut = Snapshot.open(known_at(place, month), PEPPER.fingerprint)
        seconds = [np.concatenate([t.columns["known_at_s"] for t in cut.facts(edge)]) for edge in cut.edges()]
        assert max(int(part.max()) for part in seconds) < month_s(month)
        assert sum(map(len, seconds)) == sum(
            int((t.columns["known_at_s"] < month_s(month)).sum()) for edge in whole.edges() for t in whole.facts(edge)
        )


def test_drift_as_of_a_month_is_that_of_a_snapshot_that_ends_there(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gnn.answer_scales.MOST_SUBJECTS", 3)
    monkeypatch.setattr(drift_module, "LEAST_COMPARED", 10)
    cut = Snapshot.open(known_at(place, MONTHS.anew), PEPPER.fingerprint)
    train_kept(cut, TASK, QUICK, tmp_path / "model")
    model = read_kept(tmp_path / "model").model
    times = build_examples(cut, TASK).as_of_s
    learnt, measured_to_s = (int(times[0]), int(times[len(times) // 2])), int(times[len(times) * 3 // 4])
    ended = measure_drift(model, cut, learnt=learnt, measured_to_s=measured_to_s)
    asked = measure_drift(
        model, place.open(World.PLAIN), learnt=learnt, measured_to_s=measured_to_s, as_of_s=month_s(MONTHS.anew)
    )
    later = measure_drift(model, place.open(World.PLAIN), learnt=learnt, measured_to_s=measured_to_s)
    assert ended.is_measured
    assert ended.level is not None
    assert asked == ended
    assert later != ended
