"""A trial of the served model on an economy of its own: pieces kept, the model trained once and kept as a bundle.

What drift, made-up persons and protected groups are tried on. Trains as `creditgraph train` does; measures nothing.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.model.economies import Place, keep_truth, write_files, write_worlds
from benchmarks.model.roster import EVERY
from benchmarks.pieces import BUDGET_S, Result, apart, do_pieces
from benchmarks.sandbox.truth import SOURCE
from benchmarks.sandbox.worlds import DIGITS, once
from gnn.evaluation.fit_digest import code_digest, library_versions
from gnn.models.baselines import TreeSettings
from gnn.network.settings import TrainingSettings
from gnn.serving.bundle import read_bundle
from gnn.serving.served_model import Combination, ServedModel
from gnn.serving.stored_model import restore_model
from gnn.tasks import TASKS, Task
from gnn.training import ModelSettings, Recipe, TrainedModels, train_models
from graph.snapshot import Snapshot

TASK = TASKS[SOURCE]
USUAL = Recipe(seed=0)
QUICK = Recipe(0, ModelSettings(TreeSettings(rounds=30), TrainingSettings(hidden=8, epochs=1, least_batches=12)))
CODE = ("gnn/**/*.py", "benchmarks/model/trial.py")
BUNDLE, PARTS = "bundle", "parts.npz"
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Trial:
    """One run of a trial: its area, how models are trained, which contender is champion, and when it began.

    `call` does a piece; without processes of their own in tests.
    """

    area: str
    recipe: Recipe = USUAL
    champion: str = EVERY.champion
    call: Callable[..., Any] = apart
    budget_s: float = BUDGET_S
    began: float = field(default_factory=time.monotonic)

    def begun(self) -> "Trial":
        """The same, whose time begins now."""
        return replace(self, began=time.monotonic())

    def do(self, folder: Path, pieces: Mapping[str, Callable[[], Result]]) -> dict[str, Result]:
        """Do pieces by name that are not done, while there is time."""
        left_s = self.budget_s - (time.monotonic() - self.began)
        return do_pieces(self.area, folder, pieces, lambda name: pieces[name](), left_s)

    def piece(self, work: Callable[..., Result | None], *arguments: object) -> Callable[[], Result]:
        """A piece that is done by `work`, timed."""
        return partial(self.call, timed, work, *arguments)


def prepare(trial: Trial, place: Place, write: Callable[[Place], None] = write_worlds) -> None:
    """Simulate an economy and keep its snapshots, by `write`, and its truth, nothing else."""
    steps = {"files": write_files, "worlds": write, "truth": keep_truth}
    trial.do(place.folder / "pieces", {name: trial.piece(work, place) for name, work in steps.items()})


def name_code(*patterns: str) -> str:
    """Short digest of the code of all trials, of these files besides and of the libraries, to name what they decide."""
    told = f"{code_digest((*CODE, *patterns))} {library_versions()}"
    return sha256(told.encode()).hexdigest()[:DIGITS]


@dataclass(frozen=True)
class Kept:
    """The champion as trained on one snapshot.

    `validation` are calibrated log-odds float64 of the calibration period by a fit that saw nothing of it: what a lender
    sets a cut-off by. `test` int64 are positions of the loans kept from training, `calibrate` of those that calibrate, in
    the examples of the snapshot.
    """

    model: ServedModel
    validation: Floats
    calibrate: Ints
    test: Ints


def train_kept(snapshot: Snapshot, task: Task, recipe: Recipe, place: Path) -> Result:
    """Train as is served and keep the champion and its parts in a folder, unless they are there."""
    found: Result = {}

    def make(folder: Path) -> None:
        trained = train_models(snapshot, task, recipe)
        trained.write(folder / BUNDLE, Combination.AVERAGE)
        keep_parts(trained, folder / PARTS)
        found.update(trained.examples)

    once(place, make)
    return found


def keep_parts(trained: TrainedModels, file: Path) -> None:
    """Keep what a bundle does not tell: the parts, and what the first fit said of those that calibrate."""
    split, average = trained.split, trained.calibrated[Combination.AVERAGE]
    validation = average.calibrator.apply(average.first_log_odds)
    np.savez(file, validation=validation, calibrate=split.calibrate, test=split.test)


def read_kept(place: Path) -> Kept:
    """What `train_kept` kept."""
    with np.load(place / PARTS, allow_pickle=False) as parts:
        stored = {name: parts[name] for name in parts.files}
    return Kept(restore_model(read_bundle(place / BUNDLE)), **stored)


def write_arrays(out: Path, **arrays: Any) -> None:
    """Keep arrays in a file, all of them or none."""
    beside = out.with_suffix(".part.npz")
    np.savez(beside, **arrays)
    beside.replace(out)


def timed(work: Callable[..., Result | None], *arguments: object) -> Result:
    """What a piece gives, with the seconds it took."""
    begun = time.monotonic()
    found = work(*arguments) or {}
    return {**found, "seconds": round(time.monotonic() - begun, 1)}
