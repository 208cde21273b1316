"""Whether to train anew, and with what: the settings of the last training, on a newer snapshot, when age or drift ask for it.

Meant to be called by a scheduler: where nothing asks for it, nothing is done and the reason is told.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from gnn.errors import VersionUnknown
from gnn.evaluation.drift import Drift, measure_drift
from gnn.registry.models import Models
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


def decide_retraining(models: Models, snapshot: Snapshot, conditions: Conditions, now: datetime) -> Decision:
    """Decide whether to train anew; writes nothing.

    Drift is that of the champion, or of the last training before anything was promoted.

    Raises:
        VersionUnknown: nothing was trained here yet.
        SignatureRefused, ModelNotFound, BundleCorrupt, BundleMismatch: of a bundle.
    """
    versions = models.registry.versions()
    if not versions:
        raise VersionUnknown("to start from", str(models.root))
    last = models.bundle(versions[-1].version).manifest
    recipe = Recipe(last["seed"], ModelSettings.from_json(last["settings"]))

    def no(why: str, drift: Drift | None = None) -> Decision:
        return Decision(False, why, TASKS[last["task"]], recipe, drift)

    def yes(why: str, drift: Drift | None = None) -> Decision:
        return replace(no(why, drift), train=True)

    if last["snapshot_digest"] == snapshot.digest:
        return no("the snapshot is the one that the last training learnt from")
    if conditions.older_than_days is None and not conditions.drift:
        return yes("the snapshot is newer than the last training")
    age_days = (now.timestamp() - versions[-1].registered_at_s) / DAY_S
    if conditions.older_than_days is not None and age_days > conditions.older_than_days:
        return yes(f"the last training is {age_days:.1f} days old, over {conditions.older_than_days:g}")
    reasons = [] if conditions.older_than_days is None else [f"the last training is {age_days:.1f} days old"]
    drift = _drift(models, snapshot, versions[-1].version) if conditions.drift else None
    if drift is not None and drift.reasons:
        return yes("; ".join(drift.reasons), drift)
    reasons += [] if drift is None else [f"no drift in {drift.decisions} newer decisions"]
    return no(" and ".join(reasons), drift)


def _drift(models: Models, snapshot: Snapshot, last: str) -> Drift:
    live = models.live
    bundle = models.bundle(last if live is None else live.champion)
    learnt = bundle.manifest["trained_from_s"], bundle.manifest["trained_to_s"]
    return measure_drift(restore_model(bundle), snapshot, learnt=learnt, measured_to_s=bundle.manifest["measured_to_s"])
