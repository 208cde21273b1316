"""Fits every model on a world in one of the divisions of its loans and keeps what came out, small enough to hand on.

Each function here is one piece of the run, meant for a process of its own: a data set of features takes gigabytes, what is
returned a few megabytes. It makes no figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sandbox.future import changed, pick_asked, scores_as_of
from benchmarks.sandbox.slices import build_slices
from benchmarks.sandbox.truth import SOURCE, Truth, join_truth, read_sealed
from benchmarks.sandbox.variants import entity_disjoint
from benchmarks.sandbox.worlds import PEPPER, World, Worlds, future_begins_s
from gnn.dataset import Dataset, Model, build_dataset
from gnn.evaluation.contenders import contenders
from gnn.evaluation.protocol_run import Predictions, run_protocol
from gnn.evaluation.protocols import out_of_time, split_training
from gnn.evaluation.slices import SliceRow, measure_slices
from gnn.tasks import TASKS

TRUTH = "truth"  # stands among the models by this name
FUTURE_MODELS = ("lightgbm_neighbours", "gnn")
FUTURE_LESSONS = 4_000  # examples those are fitted on: what a score may rest on does not turn on how good it is
FUTURE_ASKED = 1_000  # persons scored


@dataclass(frozen=True)
class Judgement:
    """One division of the loans of a world: `label` int8 [n] and `person` int64 [n] of all examples, and predictions.

    `predictions` are by model, the truth among them; `agreement` is the share of labels that the sealed files confirm.
    """

    name: str
    label: NDArray[np.int8]
    person: NDArray[np.int64]
    predictions: Mapping[str, Predictions]
    slices: Sequence[SliceRow]
    agreement: float


def judge_plain(
    worlds: Worlds, cache: Path, most: int, models: Sequence[str], models_disjoint: Sequence[str]
) -> list[Judgement]:
    """The world as delivered: out of time, and with persons kept apart."""
    data, truth = _read(worlds, World.PLAIN, most)
    divisions = {
        "oot": (out_of_time(data.examples), models),
        "disjoint": (entity_disjoint(data.examples, truth.person), models_disjoint),
    }
    found = []
    for name, (parts, chosen) in divisions.items():
        predictions = run_protocol(data, parts, [one for one in contenders() if one.name in chosen], cache, print)
        found.append(_judgement(name, data, truth, predictions))
    return found


def judge_shuffled(worlds: Worlds, cache: Path, most: int, models: Sequence[str]) -> list[Judgement]:
    """The world whose ties are left to chance, out of time."""
    data, truth = _read(worlds, World.SHUFFLED, most)
    chosen = [contender for contender in contenders() if contender.name in models]
    return [_judgement("shuffled", data, truth, run_protocol(data, out_of_time(data.examples), chosen, cache, print))]


@dataclass(frozen=True)
class FutureShift:
    """How many of `asked` scores as of T a model gives otherwise in a world whose facts from T on are altered."""

    world: World
    model: str
    changed: int
    asked: int


def shift_future(worlds: Worlds, most: int) -> list[FutureShift]:
    """Score the same persons as of T in the world as delivered and in those with another future."""
    data, _ = _read(worlds, World.PLAIN, min(most, 2 * FUTURE_LESSONS))
    as_of_s = future_begins_s(worlds)
    before = np.flatnonzero(data.examples.as_of_s < as_of_s)[-FUTURE_LESSONS:]
    split = split_training(before, before[:0])
    asked = pick_asked(data, as_of_s, FUTURE_ASKED)
    found = []
    for contender in contenders():
        if contender.name in FUTURE_MODELS:
            model = contender.fit(data, split, 0, _alone)
            here = scores_as_of(model, data, data.snapshot, asked)
            for world in (World.MOVED, World.DELETED):
                there = scores_as_of(model, data, worlds.open(world), asked)
                found.append(FutureShift(world, contender.name, changed(here, there), len(here)))
    return found


def _alone(name: str) -> Model:
    raise LookupError(f"a model asked for {name}: only models that build on no other are fitted here")


def _read(worlds: Worlds, world: World, most: int) -> tuple[Dataset, Truth]:
    data = build_dataset(worlds.open(world), TASKS[SOURCE], most=most)
    return data, join_truth(read_sealed(worlds.economy), data.snapshot, data.examples, PEPPER)


def _judgement(name: str, data: Dataset, truth: Truth, found: dict[str, Predictions]) -> Judgement:
    first = next(iter(found.values()))
    found[TRUTH] = Predictions(first.index, truth.log_odds[first.index], first.part)
    one = first.part == 0
    scores = {model: made.log_odds[one] for model, made in found.items()}
    rows = measure_slices(build_slices(data, truth), data.examples.label, scores, first.index[one])
    over = truth.defaulted >= 0
    agreement = float((truth.defaulted[over] == data.examples.label[over]).mean())
    return Judgement(name, data.examples.label, truth.person, found, rows, agreement)
