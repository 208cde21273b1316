"""Renews the level that the champion's log-odds are read against, from the latest applicants; no outcome is needed.

The champion at another level is a version of its own: same weights, same ranks, signed and recorded as a promotion is.
"""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gnn.errors import LevelUnknown, NothingLive
from gnn.registry.enrol import put_signed_bundle
from gnn.registry.history import Change, add_change
from gnn.registry.models import Models
from gnn.registry.promotion import name_live
from gnn.serving.bundle import TEMPORARY_PREFIX, Bundle, write_bundle
from gnn.serving.level import Level, measure_level
from gnn.serving.live import BUNDLES, Live, bundle_place, sign_bundle
from gnn.serving.signing import SigningKey
from graph.snapshot import Snapshot

_ADDED = ("format", "vocabulary_digest", "files", "model_version")  # by whoever writes a bundle


@dataclass(frozen=True)
class Relevelled:
    """What is live now, the level before, and the level found; the same version where nothing has moved."""

    live: Live
    before: float
    level: Level


def relevel(models: Models, snapshot: Snapshot, key: SigningKey, at: datetime) -> Relevelled:
    """Make the champion at its present level live.

    Raises:
        NothingLive: there is no champion.
        LevelUnknown: the champion reads its log-odds as they stand, or nobody applied in the snapshot.
        PepperMismatch: it was made with other keys than the snapshot's.
        SignatureRefused, ModelNotFound, BundleCorrupt, BundleMismatch: of its bundle.
        HistoryBroken, HistoryMoved: of the record.
    """
    record = models.record()
    if not record.history:
        raise NothingLive(str(models.root))
    live = record.history[-1]
    (champion,) = models.entrants(snapshot, [live.champion])
    before = champion.model.calibrator.level
    if before is None:
        raise LevelUnknown(live.champion, "it was calibrated on log-odds as they stand", "train anew on more loans")
    level = measure_level(champion.model, snapshot)
    if level is None:
        raise LevelUnknown(live.champion, "nobody applied in the snapshot", "publish a snapshot with applications")
    if level.value == before:
        return Relevelled(live, before, level)
    bundle = models.bundle(live.champion)
    name = _write(models.root, bundle, level, key)
    known = models.registry.find(live.champion)
    models.registry.add_version(name, known.combination, bundle_place(models.root, name), known.run_id)
    reason = f"level {level.value:.4f} of {level.applicants} applicants, {before:.4f} before"
    change = Change("relevel", reason, name, live.shadow, bundle.manifest["task"])
    made = add_change(models.root, change, key, models.trusted, at, after=record.digest)
    name_live(models, made)
    return Relevelled(made, before, level)


def _write(root: Path, bundle: Bundle, level: Level, key: SigningKey) -> str:
    """Write the bundle at another level, signed, and return its version."""
    manifest = {name: value for name, value in bundle.manifest.items() if name not in _ADDED}
    manifest["calibrator"] = {**manifest["calibrator"], "level": level.value}
    with tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX, dir=root / BUNDLES) as temporary:
        beside = Path(temporary) / "bundle"
        name = write_bundle(beside, manifest, bundle.files)
        sign_bundle(beside, key)
        put_signed_bundle(root, name, beside, key)
    return name
