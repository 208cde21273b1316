"""Scores as of T do not move with the future, and a model that looks ahead is found out."""

import numpy as np
import pytest

from benchmarks.sandbox.future import changed, pick_asked, scores_as_of
from benchmarks.sandbox.worlds import World, future_begins_s
from gnn.evaluation.protocols import split_training
from gnn.models.baselines import lightgbm_neighbours
from graph.vocabulary import NodeLabel
from tests.support.sandbox_economy import CALLED


class Ahead:
    """Scores by how many calls there are at all, known or not."""

    name = "ahead"

    def fit(self, data, split, seed):
        pass

    def log_odds(self, data, index):
        every = np.arange(data.snapshot.num_facts(CALLED))
        calls = np.bincount(
            data.snapshot.take(CALLED, "source_row", every), minlength=data.snapshot.num_nodes(NodeLabel.PERSON)
        )
        known = data.snapshot.take(CALLED, "known_at_s", every).sum()
        return calls[data.examples.rows[index]] + known * 1e-12


@pytest.fixture(scope="module")
def as_of_s(worlds) -> int:
    return future_begins_s(worlds)


@pytest.fixture(scope="module")
def fitted(data, as_of_s):
    before = np.flatnonzero(data.examples.as_of_s < as_of_s)
    model = lightgbm_neighbours()
    model.fit(data, split_training(before, before[:0]), 0)
    return model


@pytest.mark.parametrize("world", [World.MOVED, World.DELETED])
def test_another_future_changes_no_bit_of_a_score(worlds, data, as_of_s, fitted, world):
    asked = pick_asked(data, as_of_s, 100)
    here, there = (scores_as_of(fitted, data, snapshot, asked) for snapshot in (data.snapshot, worlds.open(world)))
    assert len(np.unique(here)) > 50
    assert changed(here, there) == 0


@pytest.mark.parametrize("world", [World.MOVED, World.DELETED])
def test_model_that_looks_ahead_is_found_out(worlds, data, as_of_s, world):
    asked = pick_asked(data, as_of_s, 100)
    here, there = (scores_as_of(Ahead(), data, snapshot, asked) for snapshot in (data.snapshot, worlds.open(world)))
    assert changed(here, there) > 50


def test_shifted_worlds_do_differ_from_t_on(worlds, data, as_of_s):
    for world in (World.MOVED, World.DELETED):
        known = worlds.open(world).take(CALLED, "known_at_s", np.arange(worlds.open(world).num_facts(CALLED)))
        plain = data.snapshot.take(CALLED, "known_at_s", np.arange(data.snapshot.num_facts(CALLED)))
        assert (known < as_of_s).sum() == (plain < as_of_s).sum()
        assert np.sort(known).tolist() != np.sort(plain).tolist()


def test_persons_asked_about_are_distinct_and_had_a_loan_before_t(data, as_of_s):
    asked = pick_asked(data, as_of_s, 50)
    rows = data.snapshot.rows_of(NodeLabel.PERSON, asked.keys)
    assert len(set(rows.tolist())) == 50
    earlier = set(data.examples.rows[data.examples.as_of_s < as_of_s].tolist())
    assert set(rows.tolist()) <= earlier


def test_change_of_the_last_bit_counts():
    before = np.array([1.0, 2.0, 3.0])
    after = before.copy()
    after[1] = np.nextafter(after[1], 9.0)
    assert changed(before, after) == 1
    assert changed(before, before.copy()) == 0
