"""Figures have the promised keys, and the share of the gap is what the three AUCs say."""

from dataclasses import replace

import numpy as np
import pytest

import benchmarks.sandbox.figures
from benchmarks.sandbox.figures import LEAK, future_figures, gap_share, judgement_figures, truth_figures
from benchmarks.sandbox.judge import FutureShift, Judgement
from benchmarks.sandbox.truth import read_sealed
from benchmarks.sandbox.worlds import World
from gnn.evaluation.protocol_run import Predictions

LABEL = np.array([1, 1, 0, 0, 0, 0, 1, 0] * 10, np.int8)


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch):
    monkeypatch.setattr(benchmarks.sandbox.figures, "BOOTSTRAP_DRAWS", 20)
    monkeypatch.setattr("gnn.evaluation.evaluate.BOOTSTRAP_DRAWS", 20)


def _judgement(**spread: float) -> Judgement:
    noise = np.random.default_rng(4).normal(size=len(LABEL))
    index, part = np.arange(len(LABEL)), np.zeros(len(LABEL), np.int64)
    predictions = {name: Predictions(index, LABEL + size * noise, part) for name, size in spread.items()}
    return Judgement("oot", LABEL, np.arange(len(LABEL)) // 2, predictions, [], 1.0)


def test_share_of_the_gap_is_measured_from_own_history_to_the_truth():
    judgement = _judgement(lightgbm=3.0, gnn=1.0, truth=0.5)
    figures = {figure.key: figure.value for figure in judgement_figures(judgement, 7)}
    own, ours, truth = (figures[f"sandbox.oot.auc.{name}"] for name in ("lightgbm", "gnn", "truth"))
    assert figures["sandbox.oot.gap_share.gnn"] == pytest.approx((ours - own) / (truth - own))
    assert 0 < figures["sandbox.oot.gap_share.gnn"] < 1


def test_model_equal_to_either_end_closes_none_or_all_of_the_gap():
    judgement = _judgement(lightgbm=3.0, gnn=3.0, average=0.5, truth=0.5)
    assert gap_share(judgement, "gnn", 7).value == 0.0
    whole = gap_share(judgement, "average", 7)
    assert (whole.value, whole.low, whole.high) == (1.0, 1.0, 1.0)


def test_keys_named_by_the_results_are_there():
    keys = {figure.key for figure in judgement_figures(_judgement(lightgbm=3.0, gnn=1.0, truth=0.5), 7)}
    assert {
        "sandbox.auc.truth",
        "sandbox.auc.own_history",
        "sandbox.oot.slope.gnn",
        "sandbox.oot.gain.gnn_over_lightgbm",
    } <= keys
    other = replace(_judgement(lightgbm=3.0, truth=0.5), name="shuffled")
    assert not {"sandbox.auc.truth", "sandbox.auc.own_history"} & {figure.key for figure in judgement_figures(other, 7)}


def test_lift_beyond_belief_is_called_a_leak_and_that_of_the_truth_is_not():
    figures = {figure.key: figure for figure in judgement_figures(_judgement(lightgbm=9.0, gnn=0.3, truth=0.2), 7)}
    assert figures["sandbox.oot.gain.gnn_over_lightgbm"].note == LEAK
    assert figures["sandbox.oot.gain.truth_over_lightgbm"].note is None


def test_small_lift_is_not_called_a_leak():
    figures = {figure.key: figure for figure in judgement_figures(_judgement(lightgbm=1.0, gnn=0.99, truth=0.2), 7)}
    assert figures["sandbox.oot.gain.gnn_over_lightgbm"].note is None


def test_economy_itself_is_described(worlds):
    figures = {figure.key: figure for figure in truth_figures(read_sealed(worlds.economy), 7)}
    assert 0 < figures["sandbox.default_rate"].value < 0.5
    assert figures["sandbox.truth.calibration_error"].value < 0.05
    assert figures["sandbox.default_rate"].counts["loans"] > 500


def test_scores_that_the_future_changed_are_counted_by_world_and_model():
    (figure,) = future_figures([FutureShift(World.MOVED, "gnn", 3, 100)], 7)
    assert (figure.key, figure.value, figure.counts) == ("sandbox.future.moved.gnn", 3.0, {"scores": 100})


def test_measure_that_the_data_leave_open_is_no_figure():
    judgement = _judgement(lightgbm=3.0, gnn=0.0, truth=0.5)  # gnn parts the outcomes: no slope is best
    figures = judgement_figures(judgement, 7)
    assert "sandbox.oot.slope.gnn" not in {figure.key for figure in figures}
    assert not any(np.isnan(figure.value) for figure in figures)
