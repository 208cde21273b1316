"""Turns what was judged on the simulated economy into figures of the results page, each with what a reader must know.

Measures and compares; it fits nothing and reads no file.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import Figure
from benchmarks.sandbox.judge import TRUTH, FutureShift, Judgement
from benchmarks.sandbox.truth import Sealed, calibration_error, default_rate
from gnn.evaluation.evaluate import BOOTSTRAP_DRAWS, BOOTSTRAP_SEED, COMPARED, Question, sum_up
from gnn.evaluation.evaluate import Figure as Measured
from gnn.evaluation.metrics import auc, bootstrap_interval
from gnn.evaluation.slices import SLICE_MEASURES

OWN = "lightgbm"
LEAK_GAIN = 0.10  # a lift of AUC above it is held to be a leak until the shuffled and the shifted world say otherwise
PAIRS = (("gnn", OWN), ("average", OWN), (TRUTH, OWN))
LEAK = "A lift above 0.10 AUC is treated as a leak until disproved; see the shuffled division and the shift of the future."
GAP_NOTE = "share of the gap in AUC between own history and the true probability that the model closes"


def truth_figures(sealed: Sealed, seed: int) -> list[Figure]:
    """How often loans default, and how far the true probabilities are from what came of them."""
    error, loans = calibration_error(sealed)
    counts = {"loans": loans}
    return [
        Figure("sandbox.default_rate", default_rate(sealed), "share of loans within 12 months", counts=counts, seed=seed),
        Figure("sandbox.truth.calibration_error", error, "probability", counts=counts, seed=seed),
    ]


def judgement_figures(judgement: Judgement, seed: int) -> list[Figure]:
    """Every measure of every model, differences and shares of the gap; for out of time also under the short names."""
    name = f"sandbox.{judgement.name}"
    question = Question(name, judgement.label, judgement.person, SLICE_MEASURES, (*COMPARED, *PAIRS))
    measured = sum_up(question, judgement.predictions)
    figures = [_figure(found, seed) for found in measured if not math.isnan(found.value)]
    figures += [gap_share(judgement, model, seed) for model in judgement.predictions if model not in (OWN, TRUTH, "logistic")]
    if judgement.name == "oot":
        short = {f"{name}.auc.{TRUTH}": "sandbox.auc.truth", f"{name}.auc.{OWN}": "sandbox.auc.own_history"}
        figures += [_renamed(figure, short[figure.key]) for figure in figures if figure.key in short]
        counts = {"examples": len(judgement.label)}
        figures.append(Figure("sandbox.truth.agreement", judgement.agreement, "share of labels", counts=counts, seed=seed))
    return figures


def gap_share(judgement: Judgement, model: str, seed: int) -> Figure:
    """(AUC of the model - AUC of own history) / (AUC of the truth - AUC of own history), over the first part."""
    ours, own, truth = (judgement.predictions[name] for name in (model, OWN, TRUTH))
    one = ours.part == 0
    label, person = judgement.label[ours.index[one]], judgement.person[ours.index[one]]

    def share(places: NDArray[np.int64]) -> float:
        reached, start, end = (auc(label[places], found.log_odds[one][places]) for found in (ours, own, truth))
        return (reached - start) / (end - start) if end > start else float("nan")

    interval = bootstrap_interval(share, person, draws=BOOTSTRAP_DRAWS, seed=BOOTSTRAP_SEED)
    return Figure(
        f"sandbox.{judgement.name}.gap_share.{model}",
        interval.value,
        "share of the gap",
        interval.low,
        interval.high,
        counts={"examples": len(label), "bad": int(label.sum())},
        seed=seed,
        note=GAP_NOTE,
    )


def future_figures(shifts: Sequence[FutureShift], seed: int) -> list[Figure]:
    """Scores that the future changed; anything but none is a leak."""
    note = "scores as of T that differ in any bit when every fact from T on is moved by 200 days, or deleted"
    return [
        Figure(
            f"sandbox.future.{shift.world}.{shift.model}",
            float(shift.changed),
            "scores changed",
            counts={"scores": shift.asked},
            seed=seed,
            note=note,
        )
        for shift in shifts
    ]


def _figure(found: Measured, seed: int) -> Figure:
    is_gain = ".gain." in found.key
    leaking = is_gain and found.value > LEAK_GAIN and not found.key.split(".gain.")[1].startswith(TRUTH)
    return Figure(
        found.key,
        found.value,
        "difference in AUC" if is_gain else found.key.split(".")[2],
        found.low,
        found.high,
        counts={"examples": found.examples, "bad": found.bad, "parts": found.parts},
        seed=seed,
        note=LEAK if leaking else None,
    )


def _renamed(figure: Figure, key: str) -> Figure:
    return Figure(key, figure.value, figure.unit, figure.low, figure.high, counts=figure.counts, seed=figure.seed)
