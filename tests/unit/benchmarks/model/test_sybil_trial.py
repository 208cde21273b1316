"""Made-up persons on a hand-made economy: who is hidden, what is laid over, and what the figures count."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.model import sybil
from benchmarks.model.sybil import SHARES, SIZES_OF, evade, evasion_figures, find_billers, find_targets
from benchmarks.model.trial import TASK, Trial
from benchmarks.pieces import apart
from benchmarks.sandbox.worlds import PEPPER, World, Worlds
from benchmarks.scale import Scale
from gnn.camouflage import injected, plant
from gnn.examples import build_examples
from graph.vocabulary import NodeLabel

PERSONS = 400


def test_every_bad_borrower_is_hidden_before_their_first_loan_and_fewer_where_few_are_asked_for(worlds: Worlds) -> None:
    snapshot = worlds.open(World.PLAIN)
    examples = build_examples(snapshot, TASK)
    last = examples.take(np.arange(len(examples) // 2, len(examples)))
    targets = find_targets(snapshot, last, 1.0)
    bad = {snapshot.key_of(TASK.subject, row) for row in last.rows[last.label == 1].tolist()}
    assert {target.key for target in targets} == bad
    for target in targets:
        row = snapshot.row_of(TASK.subject, target.key)
        assert target.as_of_s == last.as_of_s[last.rows == row].min()
    assert len(find_targets(snapshot, last, 0.2)) == int(np.ceil(0.2 * len(bad)))


def test_facts_laid_over_leave_every_loan_where_it_is_and_add_the_made_up_persons(worlds: Worlds) -> None:
    snapshot = worlds.open(World.PLAIN)
    examples = build_examples(snapshot, TASK)
    made_up = injected(PERSONS)
    planted = plant(find_targets(snapshot, examples, 1.0), made_up, PEPPER, 0, billers=find_billers(snapshot))
    attacked = snapshot.with_overlay(planted.batches)
    assert attacked.num_nodes(TASK.subject) == snapshot.num_nodes(TASK.subject) + made_up
    same = build_examples(attacked, TASK)
    assert np.array_equal(same.rows, examples.rows)
    assert np.array_equal(same.label, examples.label)


def test_billers_are_companies_that_send_bills(worlds: Worlds) -> None:
    snapshot = worlds.open(World.PLAIN)
    billers = find_billers(snapshot)
    assert billers
    assert all(snapshot.row_of(NodeLabel.COMPANY, key) is not None for key in billers)


def test_figures_count_the_hidden_loans_that_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gnn.evaluation.sybil.BOOTSTRAP_DRAWS", 50)
    before = {
        "label": np.array([1, 1, 1, 1, 0, 0]),
        "person": np.arange(6),
        "log_odds": np.array([9.0, 8.0, 8.5, 1.0, 0.5, 7.5]),
        "validation": np.arange(10.0),  # 70 % of it is approved up to 6
    }
    after = {
        "targeted": np.array([True, True, True, True, False, False]),
        "log_odds": np.array([5.0, 8.0, 8.5, 1.0, 0.5, 7.5]),
    }
    attacked = {"made_up": 8, "hidden": 4, "scores_moved": 1}
    flips, drop = evasion_figures(".fifth", evade(before, after), attacked, 1)
    assert (flips.key, drop.key) == ("model.sybil.flips.fifth", "model.sybil.auc_drop.fifth")
    assert flips.value == pytest.approx(1 / 4)
    assert flips.counts["refused_before"] == 3
    assert drop.value == pytest.approx(7 / 8 - 6 / 8)
    assert flips.note is not None
    assert "2.0 made-up persons around each of 4" in flips.note


def test_the_full_count_hides_every_bad_borrower_of_a_medium_economy() -> None:
    full = SIZES_OF[Scale.FULL]
    assert (full.making.persons, full.trial.call, full.trial.champion) == (50_000, apart, "average")
    assert SHARES[""] == 1.0
    assert sybil.ECONOMY.seed == 202
    assert isinstance(sybil.ROOT, Path)


def test_time_begins_with_a_run_and_not_with_the_program() -> None:
    trial = Trial("model-sybil", began=-1e9)
    assert trial.begun().began > trial.began
