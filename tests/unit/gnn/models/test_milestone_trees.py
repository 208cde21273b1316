"""Trees that milestones teach: what young loans showed early counts, their outcomes and all that was known later do not."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.cohorts import EVER
from gnn.dataset import Dataset, Split, build_dataset
from gnn.evaluation.metrics import auc
from gnn.evaluation.protocols import out_of_time
from gnn.features.plan import Scope
from gnn.milestones import Milestones
from gnn.models.baselines import Trees, TreeSettings
from gnn.tasks import TASKS
from graph.snapshot import Snapshot

BEGINS_S = 1_000


@pytest.fixture(scope="module")
def data(planted: Snapshot) -> Dataset:
    """One milestone that tells the outcome, known in time of every loan."""
    plain = replace(build_dataset(planted, TASKS["superlender"]), earlier=None)
    label = plain.examples.label
    return replace(
        plain, milestones=Milestones(("early",), label[:, None].copy(), np.full((len(label), 1), BEGINS_S - 1), (0,))
    )


@pytest.fixture(scope="module")
def split(data: Dataset) -> Split:
    """Few loans have told how they end; most are young."""
    plain = out_of_time(data.examples)[0].split
    told = replace(plain, fit=plain.fit[:20], stop=plain.stop[:10], calibrate=plain.calibrate[:20])
    return replace(told, young=np.setdiff1d(plain.train, told.train), taught_to_s=BEGINS_S)


def trees(data: Dataset, split: Split, *, milestones: bool = True) -> Trees:
    model = Trees("trees", Scope.NEIGHBOURS, TreeSettings(rounds=60), milestones=milestones)
    model.fit(data, split, 0)
    return model


def test_young_loans_teach_by_what_they_showed(data, split):
    """What is known of outcomes is left to chance, so that milestones alone tell."""
    label = data.examples.label.copy()
    label[split.train] = np.random.default_rng(1).permutation(label[split.train])
    lost, judged = replace(data, examples=replace(data.examples, label=label)), label[split.test]
    assert auc(judged, trees(lost, split).raw_log_odds(data, split.test)) > 0.8
    assert auc(judged, trees(lost, split, milestones=False).raw_log_odds(data, split.test)) < 0.7


def test_how_young_loans_end_changes_nothing(data, split):
    label = data.examples.label.copy()
    label[split.young] = 1 - label[split.young]
    blind = replace(data, examples=replace(data.examples, label=label))
    one, other = (trees(known, split).log_odds(data, split.test) for known in (data, blind))
    assert one.tobytes() == other.tobytes()


def test_a_milestone_known_from_the_first_test_instant_on_changes_nothing(data, split):
    late = data.milestones.known_s.copy()
    late[split.young] = BEGINS_S
    told = replace(data, milestones=replace(data.milestones, known_s=late))
    never = replace(data, milestones=replace(data.milestones, known_s=np.where(late < BEGINS_S, late, EVER)))
    one, other = (trees(known, split).log_odds(data, split.test) for known in (told, never))
    assert one.tobytes() == other.tobytes()
    assert one.tobytes() != trees(data, split).log_odds(data, split.test).tobytes()


def test_without_milestones_they_are_the_plain_trees(data, split):
    nothing = replace(
        data, milestones=Milestones((), np.empty((len(data.examples), 0), np.int8), np.empty((len(data.examples), 0), np.int64))
    )
    assert len(trees(nothing, split).boosters) == len(trees(data, split, milestones=False).boosters)
