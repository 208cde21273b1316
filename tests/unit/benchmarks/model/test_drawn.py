"""Differences, shares and means are taken draw by draw."""

import math

import numpy as np
import pytest

from benchmarks.model.drawn import Drawn, draw_measure, mean_of
from gnn.evaluation.evaluate import BOOTSTRAP_SEED
from gnn.evaluation.metrics import auc, bootstrap_interval


def drawn(value: float, *draws: float) -> Drawn:
    return Drawn(value, np.array(draws))


def test_the_share_of_the_gap_is_paired_and_undefined_without_a_gap() -> None:
    own, truth = drawn(0.70, 0.70, 0.72, 0.90), drawn(0.90, 0.90, 0.92, 0.90)
    share = drawn(0.75, 0.80, 0.72, 0.95).share_of_gap(own, truth)
    assert share.value == pytest.approx(0.25)
    assert share.draws[:2] == pytest.approx([0.5, 0.0])
    assert math.isnan(share.draws[2])
    assert math.isnan(drawn(0.75, 0.8).share_of_gap(drawn(0.9, 0.9), drawn(0.8, 0.8)).value)


def test_the_truth_closes_the_whole_gap_and_own_history_none_of_it() -> None:
    own, truth = drawn(0.70, 0.69, 0.71), drawn(0.90, 0.88, 0.91)
    assert truth.share_of_gap(own, truth).draws == pytest.approx([1.0, 1.0])
    assert own.share_of_gap(own, truth).draws == pytest.approx([0.0, 0.0])


def test_a_mean_of_economies_is_narrower_than_each() -> None:
    generator = np.random.default_rng(0)
    parts = [Drawn(0.7, 0.7 + generator.normal(0, 0.01, 2_000)) for _ in range(4)]
    one, all_of_them = parts[0].interval, mean_of(parts).interval
    assert all_of_them.high - all_of_them.low == pytest.approx((one.high - one.low) / 2, rel=0.1)


def test_draws_bring_all_loans_of_a_person_and_give_the_usual_interval() -> None:
    generator = np.random.default_rng(1)
    person = np.repeat(np.arange(60), 3)
    label = (generator.random(180) < 0.3).astype(np.int8)
    scores = {"good": label + generator.normal(0, 1, 180), "chance": generator.normal(0, 1, 180)}
    found = draw_measure(auc, label, scores, person, seed=7, draws=200)

    def gain(places: np.ndarray) -> float:
        return auc(label[places], scores["good"][places]) - auc(label[places], scores["chance"][places])

    usual = bootstrap_interval(gain, person, draws=200, seed=BOOTSTRAP_SEED + 7)
    assert found["good"].minus(found["chance"]).interval == pytest.approx(usual)


def test_measures_are_the_same_after_they_were_kept() -> None:
    one = drawn(0.1, 0.2, math.nan)
    again = Drawn.from_json(one.to_json())
    assert again.value == one.value
    assert np.array_equal(again.draws, one.draws, equal_nan=True)
