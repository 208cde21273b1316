"""Train, sign, register, and log what was done: one training gives the network, the trees and their average as versions.

The average becomes the challenger. Which of them is to serve is decided by comparison, elsewhere.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import gnn
import graph
from gnn.dataset import Split
from gnn.errors import NothingToCompare, SignatureRefused
from gnn.registry.card import write_cards
from gnn.registry.champion import Candidate
from gnn.registry.measure import Comparison, Entrant, compare
from gnn.registry.tracking import Alias, Registry, Run, Version
from gnn.serving.bundle import TEMPORARY_PREFIX, read_bundle
from gnn.serving.live import BUNDLES, bundle_place, read_signed_bundle, sign_bundle
from gnn.serving.served_model import Combination
from gnn.serving.signing import SigningKey
from gnn.tasks import Task
from gnn.training import Progress, Recipe, TrainedModels, train_models
from graph.derived import vocabulary_digest
from graph.errors import CreditGraphError
from graph.snapshot import Snapshot

PARTS = ("fit", "stop", "calibrate", "test")


@dataclass(frozen=True)
class Enrolled:
    """A training that is registered: its versions by how they combine, and how they measured, None where they could not be."""

    trained: TrainedModels
    versions: Mapping[Combination, Version]
    comparison: Comparison | None


def enrol_training(
    models: Path, snapshot: Snapshot, task: Task, recipe: Recipe, key: SigningKey, progress: Progress | None = None
) -> Enrolled:
    """Train and register.

    Args:
        models: Folder of models; made when lacking.
        snapshot: Facts to learn from.
        task: What to predict; the folder's own.
        recipe: Seed and settings.
        key: Signs the bundles.
        progress: Told of each stage.

    Raises:
        TasksMixed: the folder holds models of another task.
        EmptyTrainingSet: too few good or bad loans.
    """
    registry = Registry(models, task.name)
    trained = train_models(snapshot, task, recipe, progress)
    written = {combination: _write_signed(models, trained, combination, key) for combination in Combination}
    comparison = _measured(snapshot, trained, written)
    run_id = registry.log_run(_run(trained, written, comparison))
    versions = {
        combination: registry.add_version(name, combination, bundle_place(models, name), run_id)
        for combination, name in written.items()
    }
    registry.name(Alias.CHALLENGER, versions[Combination.AVERAGE].version)
    if comparison is not None:
        for name in written.values():
            write_cards(models, snapshot, name, comparison)
    if progress is not None:
        progress("done", 1, 1)
    return Enrolled(trained, versions, comparison)


def _write_signed(models: Path, trained: TrainedModels, combination: Combination, key: SigningKey) -> str:
    """Write a signed bundle and return its version; one of the same bytes that is there stays, since it may be live."""
    (models / BUNDLES).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX, dir=models / BUNDLES) as temporary:
        beside = Path(temporary) / "bundle"
        name = trained.write(beside, combination)
        sign_bundle(beside, key)
        put_signed_bundle(models, name, beside, key)
    return name


def put_signed_bundle(models: Path, name: str, beside: Path, key: SigningKey) -> None:
    """Let the signed bundle at `beside` be version `name`, unless a valid one is; only its signature may change then.

    Nobody who reads meanwhile finds a valid bundle gone: it is never moved, and a signature is replaced at once.
    """
    place = bundle_place(models, name)
    if place.exists():
        try:
            if read_bundle(place).version == name:
                _sign_where_needed(models, name, key)
                return
        except CreditGraphError:  # lacking or edited: what was written now takes its place
            pass
        place.rename(beside.with_name("replaced"))
    beside.rename(place)


def _sign_where_needed(models: Path, name: str, key: SigningKey) -> None:
    try:
        read_signed_bundle(models, name, key.trusted)
    except SignatureRefused:
        sign_bundle(bundle_place(models, name), key)


def _measured(snapshot: Snapshot, trained: TrainedModels, written: Mapping[Combination, str]) -> Comparison | None:
    entrants = [Entrant(name, trained.served(combination), trained.learnt_to_s) for combination, name in written.items()]
    try:
        return compare(snapshot, entrants)
    except NothingToCompare:  # its report says so: no later loans, or all ended the same way
        return None


def _run(trained: TrainedModels, written: Mapping[Combination, str], comparison: Comparison | None) -> Run:
    data, recipe = trained.data, trained.recipe
    parameters: dict[str, object] = {
        "task": data.task.name,
        "seed": recipe.seed,
        "camouflage": recipe.camouflage,
        "snapshot_digest": data.snapshot.digest,
        "snapshot_version": data.snapshot.version,
        "vocabulary_digest": vocabulary_digest(),
    }
    parameters |= _bounds(data.examples.as_of_s.tolist(), trained.split)
    parameters |= {f"{m}.{name}": value for m, part in recipe.settings.to_json().items() for name, value in part.items()}
    metrics: dict[str, float] = {f"{model}.{name}": v for model, found in trained.metrics.items() for name, v in found.items()}
    if comparison is not None:
        for combination, name in written.items():
            metrics |= measures(f"{combination}.out_of_time", comparison.candidate(name))
    return Run(f"{data.task.name} {written[Combination.AVERAGE]}", parameters, metrics, code_version())


def measures(prefix: str, one: Candidate) -> dict[str, float]:
    """What was measured of a candidate, by name, with the ends of intervals as figures of their own."""
    return {
        f"{prefix}.auc": one.auc.value,
        f"{prefix}.auc_low": one.auc.low,
        f"{prefix}.auc_high": one.auc.high,
        f"{prefix}.brier": one.brier.value,
        f"{prefix}.brier_low": one.brier.low,
        f"{prefix}.brier_high": one.brier.high,
        f"{prefix}.calibration_slope": one.slope,
        f"{prefix}.calibration_error": one.calibration_error,
        f"{prefix}.worst_month_auc": one.worst_month_auc,
        f"{prefix}.cost_ms": one.cost_ms,
    }


def _bounds(as_of_s: list[int], split: Split) -> dict[str, object]:
    """First and last instant of each part, UTC seconds, and how many examples it has."""
    found: dict[str, object] = {}
    for part in PARTS:
        times = [as_of_s[place] for place in getattr(split, part).tolist()]
        found |= {
            f"{part}.examples": len(times),
            f"{part}.from_s": min(times, default=0),
            f"{part}.to_s": max(times, default=0),
        }
    return found


def code_version() -> dict[str, str]:
    """The package's version, and a digest of the code that decides what a model is."""
    state = sha256()
    for package in (graph, gnn):
        root = Path(str(package.__file__)).parent
        for file in sorted(root.rglob("*.py")):
            state.update(f"{file.relative_to(root.parent)}\n".encode() + file.read_bytes())
    try:
        released = version("creditgraph")
    except PackageNotFoundError:
        released = "not installed"
    return {"code_version": released, "code_digest": state.hexdigest()}
