"""What teaches a network: outcomes of the part it is fitted on, milestones of young loans, and the same kinds in both fits."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.dataset import Dataset, Split, build_dataset
from gnn.examples import UNKNOWN
from gnn.features.plan import Scope
from gnn.milestones import Milestones
from gnn.network.lessons import Taught, teach
from gnn.network.settings import TowerSettings
from gnn.tasks import TASKS
from graph.snapshot import Snapshot

BEGINS_S = 1_000
NOBODY = np.empty(0, np.int64)
SPLIT = Split(
    np.arange(60), np.arange(60, 80), np.arange(80, 100), np.arange(300, 400), np.arange(100, 300), taught_to_s=BEGINS_S
)


@pytest.fixture(scope="module")
def data(planted: Snapshot) -> Dataset:
    """One milestone that every second loan met, known in time of all."""
    plain = replace(build_dataset(planted, TASKS["superlender"]), earlier=None)
    met = (np.arange(400) % 2).astype(np.int8)[:, None]
    return replace(plain, milestones=Milestones(("early",), met, np.full((400, 1), BEGINS_S - 1), (0,)))


def first(data: Dataset, least: int) -> Taught:
    return teach(data, SPLIT, Scope.NEIGHBOURS, SPLIT.fit, SPLIT.stop, TowerSettings(least_lessons=least))


def last(data: Dataset, least: int) -> Taught:
    return teach(data, SPLIT, Scope.NEIGHBOURS, SPLIT.train, NOBODY, TowerSettings(least_lessons=least))


def test_both_fits_are_taught_the_same_things_however_many_lessons_there_are(data):
    for least, heads in ((290, 2), (300, 2), (301, 1)):
        assert [fit(data, least).label.shape[1] for fit in (first, last)] == [heads, heads]


def test_young_loans_teach_milestones_and_no_outcome(data):
    taught = last(data, 1)
    assert len(taught.teaching) == 300
    assert len(taught.later) == 0
    assert (taught.label[100:, 0] == UNKNOWN).all()
    assert taught.label[:100, 0].tolist() == data.examples.label[:100].tolist()
    assert taught.label[:, 1].tolist() == data.milestones.label[:300, 0].tolist()


def test_the_first_fit_is_taught_nothing_of_loans_that_calibrate_or_are_judged(data):
    rows = set(first(data, 1).rows.tolist())
    held = np.concatenate([SPLIT.calibrate, SPLIT.test])
    assert rows == set(data.examples.rows[np.setdiff1d(np.arange(400), held)].tolist())
    assert not rows & set(data.examples.rows[held].tolist())


def test_where_no_milestone_was_known_in_time_outcomes_alone_teach(data):
    signs = replace(data.milestones, known_s=np.full((400, 1), BEGINS_S))
    found = first(replace(data, milestones=signs), 1)
    assert found.label.shape[1] == 1
    assert UNKNOWN not in found.label
    assert found.as_of_s[found.later].tolist() == data.examples.as_of_s[SPLIT.stop].tolist()
