"""Whether to train anew, and with what: the settings of the last training, on a newer snapshot, when age or drift ask for it.

Meant to be called by a scheduler: where nothing asks for it, nothing is done and the reason is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gnn.errors import BundleMismatch, ModelError, VersionUnknown
from gnn.evaluation.drift import Drift, measure_drift
from gnn.registry.models import Models
from gnn.registry.tracking import Version
from gnn.serving.live import read_signed_manifest
from gnn.serving.stored_model import restore_model
from gnn.tasks import TASKS, Task
from gnn.training import ModelSettings, Recipe
from graph.snapshot import Snapshot

DAY_S = 86_400


@dataclass(frozen=True)
class Conditions:
    """When to train anew; with none of them, whenever the snapshot is newer. One that holds is enough."""

    older_than_days: float | None = None
    drift: bool = False


@dataclass(frozen=True)
class Decision:
    """Whether to train, the task and recipe of the last training, why or why not, and the drift where it was asked for."""

    train: bool
    why: str
    task: Task
    recipe: Recipe
    drift: Drift | None

    @property
    def is_measured(self) -> bool:
        """False where nothing asked for a training only because too few newer decisions were there to measure drift on."""
        return self.train or self.drift is None or self.drift.is_measured


def decide_retraining(models: Models, snapshot: Snapshot, conditions: Conditions, now: datetime) -> Decision:
    """Decide whether to train anew; writes nothing.

    Drift is that of the champion, or of the last training before anything was promoted. A model that can be used no longer
    asks for a new one; task and settings are then those of the last training whose signed manifest can be read.

    Raises:
        VersionUnknown: nothing was trained here yet.
        SignatureRefused, ModelNotFound, BundleCorrupt: no manifest of any training can be read; this is why the last cannot.
    """
    versions = models.registry.trained()
    if not versions:
        raise VersionUnknown("to start from", str(models.root))
    last, unusable = _last_manifest(models, versions)
    recipe = Recipe(last["seed"], ModelSettings.from_json(last["settings"]), last.get("camouflage", 0.0))

    def no(why: str, drift: Drift | None = None) -> Decision:
        return Decision(False, why, TASKS[last["task"]], recipe, drift)

    def yes(why: str, drift: Drift | None = None) -> Decision:
        return replace(no(why, drift), train=True)

    if last["snapshot_digest"] == snapshot.digest and unusable is None:
        return no("the snapshot is the one that the last training learnt from")
    if unusable is not None:
        return yes(unusable)
    if conditions.older_than_days is None and not conditions.drift:
        return yes("the snapshot is newer than the last training")
    age_days = (now.timestamp() - versions[-1].registered_at_s) / DAY_S
    if conditions.older_than_days is not None and age_days > conditions.older_than_days:
        return yes(f"the last training is {age_days:.1f} days old, over {conditions.older_than_days:g}")
    reasons = [] if conditions.older_than_days is None else [f"the last training is {age_days:.1f} days old"]
    try:
        drift = _drift(models, snapshot, versions[-1].version) if conditions.drift else None
    except ModelError as exc:
        return yes(f"the champion cannot be measured: {_brief(exc)}")
    if drift is not None and drift.reasons:
        return yes("; ".join(drift.reasons), drift)
    if drift is not None:
        found = "no drift in" if drift.is_measured else "drift not measured, of too few,"
        reasons.append(f"{found} {drift.decisions} newer decisions")
    return no(" and ".join(reasons), drift)


def _last_manifest(models: Models, versions: Sequence[Version]) -> tuple[Mapping[str, Any], str | None]:
    """The last signed manifest that can be read, and why the last version cannot be used, None where it can."""
    why: ModelError | None = None
    for one in reversed(versions):
        try:
            manifest = read_signed_manifest(models.root, one.version, models.trusted)
            if why is None:
                models.bundle(one.version)
        except BundleMismatch as exc:
            return manifest, f"the last training cannot be used: {_brief(exc)}"
        except ModelError as exc:
            why = why or exc
            continue
        return manifest, None if why is None else f"the last training cannot be used: {_brief(why)}"
    assert why is not None  # there is at least one version
    raise why


def _brief(exc: ModelError) -> str:
    """An error's sentence without its remedy."""
    return str(exc).partition(";")[0]


def _drift(models: Models, snapshot: Snapshot, last: str) -> Drift:
    live = models.live
    bundle = models.bundle(last if live is None else live.champion)
    learnt = bundle.manifest["trained_from_s"], bundle.manifest["trained_to_s"]
    return measure_drift(restore_model(bundle), snapshot, learnt=learnt, measured_to_s=bundle.manifest["measured_to_s"])
