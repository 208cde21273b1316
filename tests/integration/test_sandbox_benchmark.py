"""The whole measurement over a hand-made economy: every piece in its process, every promised figure, the page."""

import math
from pathlib import Path

import pytest

from benchmarks.sandbox import resimulation
from benchmarks.sandbox.run import QUICK, Size, measure
from benchmarks.sandbox.worlds import Worlds, write_worlds
from benchmarks.scale import Scale as Count
from ingest.sandbox.knobs import Scale
from tests.support.sandbox_economy import hand_made, write_sealed

PROMISED = {"sandbox.default_rate", "sandbox.auc.truth", "sandbox.auc.own_history", "sandbox.truth.calibration_error"}


@pytest.mark.slow
def test_measurement_gives_the_promised_figures_and_the_future_changes_no_score(tmp_path: Path):
    economy, worlds = hand_made(1_000), Worlds(tmp_path)
    write_sealed(worlds.economy, economy)
    write_worlds(worlds, economy.batches)
    figures = {figure.key: figure for figure in measure(worlds, Size(Scale(1_000), 1_200, QUICK))}
    assert PROMISED <= set(figures)
    for division in ("oot", "disjoint", "shuffled"):
        for name in ("auc", "ks", "brier", "ece", "slope"):
            assert math.isfinite(figures[f"sandbox.{division}.{name}.lightgbm_neighbours"].value)
    assert figures["sandbox.auc.truth"].value > figures["sandbox.auc.own_history"].value
    assert figures["sandbox.truth.agreement"].value == 1.0
    future = [figure.value for key, figure in figures.items() if key.startswith("sandbox.future.")]
    assert future == [0.0] * 4
    assert (tmp_path / "report" / "report.html").stat().st_size > 100_000


@pytest.mark.slow
def test_the_economy_lived_again_agrees_with_the_true_probabilities() -> None:
    figures = {figure.key: figure for figure in resimulation.main(Count.REDUCED)}
    difference = figures["sandbox.truth.resimulated.difference"]
    assert difference.low is not None
    assert difference.high is not None
    spread = (difference.high - difference.low) / 2
    assert abs(difference.value) < 2 * spread
    assert figures["sandbox.truth.resimulated.standard_errors"].value < 1.5
    assert figures["sandbox.truth.resimulated.correlation"].value > 0.6
