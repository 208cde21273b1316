"""Who teaches a model that is trained on all that is known: told outcomes by themselves, younger loans by early signs alone."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.model.anew import asked_about, everyone_known, train_on_all, until
from benchmarks.model.trial import TASK
from benchmarks.model.turning import month_s
from benchmarks.sandbox.variants import delete_future
from benchmarks.sandbox.worlds import PEPPER, World, Worlds, publish
from gnn.dataset import Dataset, Split
from gnn.evaluation.protocol_run import Contender
from gnn.examples import UNKNOWN, build_examples, build_scored
from graph.snapshot import Snapshot
from tests.support.sandbox_economy import HandMade

CUT = 30  # month


@pytest.fixture(scope="module")
def known(economy: HandMade, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """What was known at the cut."""
    place: Path = tmp_path_factory.mktemp("known")
    publish(delete_future(economy.batches, month_s(CUT)), place)
    return Snapshot.open(place, PEPPER.fingerprint)


class Watcher:
    """Learns nothing and keeps what it was given; scores by position."""

    name = "watcher"

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        self.data, self.split = data, split

    def log_odds(self, data: Dataset, index: np.ndarray) -> np.ndarray:
        return index.astype(np.float64)


def watching() -> Sequence[Contender]:
    def fit(data: Dataset, split: Split, seed: int, _: object) -> Watcher:
        model = Watcher()
        model.fit(data, split, seed)
        return model

    return (Contender("watcher", partial(fit), 1),)


def test_a_cohort_can_be_asked_about_beyond_its_own_end(worlds: Worlds) -> None:
    snapshot = worlds.open(World.PLAIN)
    usual, longer = build_scored(snapshot, TASK), build_scored(snapshot, until(TASK, month_s(47)))
    assert len(longer) > len(usual)
    assert int(longer.as_of_s.max()) > int(usual.as_of_s.max())


def test_outcomes_stand_at_their_own_loans_and_the_rest_is_unknown(known: Snapshot) -> None:
    examples, told = everyone_known(known, TASK), build_examples(known, TASK)
    label = dict(zip(examples.loan_rows.tolist(), examples.label.tolist(), strict=True))
    assert {loan: label[loan] for loan in told.loan_rows.tolist()} == dict(
        zip(told.loan_rows.tolist(), told.label.tolist(), strict=True)
    )
    assert (examples.label == UNKNOWN).sum() == len(examples) - len(told) > 0


def test_told_outcomes_teach_and_young_loans_teach_by_what_was_known_at_the_training(known: Snapshot) -> None:
    model, data = train_on_all(known, TASK, month_s(CUT), "watcher", watching)
    assert isinstance(model, Watcher)
    split, label = model.split, data.examples.label
    assert (label[split.train] != UNKNOWN).all()
    assert (label[split.young] == UNKNOWN).all()
    assert len(split.train) + len(split.young) == len(data.examples)
    assert (len(split.test), split.taught_to_s) == (0, month_s(CUT))
    assert int(data.examples.known_s[split.train].max()) < month_s(CUT)


def test_later_loans_are_scored_by_the_columns_that_were_learnt(known: Snapshot, worlds: Worlds) -> None:
    _, data = train_on_all(known, TASK, month_s(CUT), "watcher", watching)
    snapshot = worlds.open(World.PLAIN)
    asked = build_scored(snapshot, TASK)
    later = asked.take(np.flatnonzero(asked.as_of_s >= month_s(CUT)))
    seen = asked_about(data, snapshot, later)
    assert seen.neighbours.values.shape == (len(later), len(data.neighbours_plan.columns))
    assert seen.own.names == data.own.names
