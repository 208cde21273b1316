"""The baselines learn what is there, give the same numbers each time, and read no test example."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.dataset import Dataset, EarlierLoans, Split, build_dataset
from gnn.errors import EmptyTrainingSet
from gnn.evaluation.metrics import auc
from gnn.evaluation.protocols import out_of_time
from gnn.features.plan import Scope
from gnn.models.baselines import TrainingTable, lightgbm_neighbours, lightgbm_own, logistic, training_table
from gnn.models.forest import LEAVES, RandomForest, choose_leaf, distinct_columns
from gnn.tasks import TASKS
from graph.snapshot import Snapshot

MODELS = [logistic, lightgbm_own, lightgbm_neighbours, RandomForest]


@pytest.fixture(scope="module")
def data(planted: Snapshot) -> Dataset:
    return replace(build_dataset(planted, TASKS["superlender"]), earlier=None)


@pytest.fixture(scope="module")
def split(data: Dataset) -> Split:
    return out_of_time(data.examples)[0].split


def test_trees_find_in_the_neighbours_what_own_history_does_not_tell(data, split):
    found = {}
    for make in (lightgbm_own, lightgbm_neighbours, RandomForest):
        model = make()
        model.fit(data, split, 0)
        found[model.name] = auc(data.examples.label[split.test], model.log_odds(data, split.test))
    assert found["lightgbm_neighbours"] > 0.8
    assert found["forest"] > 0.8
    assert found["lightgbm"] < 0.65


@pytest.mark.parametrize("make", MODELS)
def test_same_seed_gives_the_same_bits_and_a_row_alone_its_own(make, data, split):
    first, again = make(), make()
    for model in (first, again):
        model.fit(data, split, 3)
    together = first.log_odds(data, split.test)
    assert again.log_odds(data, split.test).tobytes() == together.tobytes()
    alone = [first.log_odds(data, split.test[i : i + 1])[0] for i in range(10)]
    assert alone == together[:10].tolist()


@pytest.mark.parametrize("make", MODELS)
def test_labels_of_test_examples_change_nothing(make, data, split):
    label = data.examples.label.copy()
    label[split.test] = 1 - label[split.test]
    blind = replace(data, examples=replace(data.examples, label=label))
    models = []
    for known in (data, blind):
        model = make()
        model.fit(known, split, 0)
        models.append(model.log_odds(data, split.test))
    assert models[0].tobytes() == models[1].tobytes()


def test_one_outcome_only_is_refused_by_name(data):
    good = np.flatnonzero(data.examples.label == 0)
    with pytest.raises(EmptyTrainingSet, match="0 bad"):
        training_table(data, Scope.OWN, good)


def test_earlier_loans_weigh_what_their_rule_says(data, split):
    past = EarlierLoans(data.examples.take(np.arange(7)), data.own.take(np.arange(7)), data.neighbours.take(np.arange(7)), 0.25)
    rows = training_table(replace(data, earlier=past), Scope.OWN, split.fit)
    assert rows.weight.tolist() == [1.0] * len(split.fit) + [0.25] * 7
    assert rows.values.shape == (len(split.fit) + 7, len(data.own.names))


def test_columns_that_say_the_same_are_drawn_from_as_one():
    values = np.array([[1.0, 1.0, np.nan, 2.0, np.nan], [3.0, 3.0, 4.0, 5.0, 4.0]])
    assert distinct_columns(values).tolist() == [0, 2, 3]


def test_leaves_are_small_where_rows_tell_and_large_where_they_do_not():
    draws = np.random.default_rng(0)
    values = draws.normal(size=(300, 4))
    chance = draws.random(300)
    chosen = {
        told: choose_leaf(TrainingTable(values, label.astype(np.int8), np.ones(300)), 0)
        for told, label in (("all", values[:, 0] > 0), ("nothing", chance > 0.5))
    }
    assert chosen["all"] == LEAVES[0]
    assert chosen["nothing"] == LEAVES[-1]
