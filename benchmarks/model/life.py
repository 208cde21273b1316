"""A model's life across a turn of the economy: learnt, watched month by month, trained anew, compared and taken back.

Uses the registry as an engineer does: versions are signed, promoted and rolled back for real. Makes no figure.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from api.cli import run
from benchmarks.model.anew import asked_about, train_on_all, until
from benchmarks.model.economies import Place, write_files
from benchmarks.model.trial import TASK, Ints, write_arrays
from benchmarks.model.turning import month_s
from benchmarks.pieces import Result
from benchmarks.sandbox.truth import join_truth, read_sealed
from benchmarks.sandbox.variants import delete_future
from benchmarks.sandbox.worlds import PEPPER, World, once, place_of, publish
from gnn.division import learnt_to_s
from gnn.evaluation.drift import SHIFTED_SHARE, Drift, measure_drift
from gnn.examples import UNKNOWN, Examples, build_scored
from gnn.registry.enrol import enrol_training
from gnn.registry.models import Models
from gnn.registry.promotion import Wish, promote
from gnn.serving.bulk import score_examples
from gnn.serving.served_model import Combination
from gnn.serving.signing import SigningKey, read_signing_key, write_new_key
from gnn.serving.stored_model import restore_model
from gnn.training import Recipe
from graph.snapshot import Snapshot

KEY = "signing.key"
REASON = "the trial goes back"
FILES = "economy"  # folder of raw and sealed files, while they are kept


@dataclass(frozen=True)
class Months:
    """Months of the economy, counted from 0, at whose beginning things happen.

    A model is trained at `learnt`; the economy turns at `turn`; every month's end is watched until `watched`; a second
    model is trained at `anew`, and applications from then on are scored by both.
    """

    learnt: int
    turn: int
    watched: int
    anew: int


def write_known(months: Months, place: Place) -> None:
    """Write the snapshot of an economy, and those of what was known when each model is trained, from files read once."""
    cuts: dict[Path, int | None] = {place_of(place.folder, World.PLAIN): None}
    cuts |= {known_at(place, month): month_s(month) for month in (months.learnt, months.anew)}
    lacking = {folder: second for folder, second in cuts.items() if not folder.exists()}
    if not lacking:
        return
    write_files(place)
    batches = place.making.read(place.folder / FILES)
    for folder, second in lacking.items():
        facts = batches if second is None else delete_future(batches, second)
        once(folder, partial(publish, facts))


def known_at(place: Place, month: int) -> Path:
    """Folder of the snapshot of what was known at the beginning of a month."""
    return place.folder / f"known-{month}"


def enrol(place: Place, models: Path, month: int, recipe: Recipe) -> Result:
    """Train on what was known at a month, sign and register; the champion's version and what it knew of."""
    snapshot = _known(place, month)
    enrolled = enrol_training(models, snapshot, TASK, recipe, _key(models))
    version = enrolled.versions[Combination.AVERAGE].version
    bundle = _models(models).bundle(version)
    return {
        "version": version,
        "learnt_to": datetime.fromtimestamp(learnt_to_s(bundle.manifest), UTC).date().isoformat(),
        **enrolled.trained.examples,
    }


def look_out(place: Place, models: Path, version: str, month: int) -> Result:
    """What the drift of a version is at the beginning of a month, knowing what was known then."""
    bundle = _models(models).bundle(version)
    told = bundle.manifest
    drift = measure_drift(
        restore_model(bundle),
        place.open(World.PLAIN),
        learnt=(told["trained_from_s"], told["trained_to_s"]),
        measured_to_s=told["measured_to_s"],
        as_of_s=month_s(month),
    )
    return {
        "month": month,
        "decisions": drift.decisions,
        "is_measured": drift.is_measured,
        "stability": None if np.isnan(drift.score_stability) else round(drift.score_stability, 4),
        "shifted": len(drift.shifted),
        "features": drift.features,
        "reasons": list(drift.reasons),
        "kinds": kinds_of(drift),
    }


def kinds_of(drift: Drift) -> list[str]:
    """What speaks for a new model, one word a reason."""
    kinds = []
    if len(drift.shifted) > SHIFTED_SHARE * drift.features:
        kinds.append("features")
    if drift.level is not None and drift.level.is_off:
        kinds.append("outcomes")
    if drift.arrears is not None and drift.arrears.is_off:
        kinds.append("instalments")
    return ["scores", *kinds] if len(drift.reasons) > len(kinds) else kinds


def score(place: Place, models: Path, versions: tuple[str, str], months: Months, out: Path) -> Result:
    """Score applications before the turn by the first version, and later ones by both; all with their truth."""
    snapshot = place.open(World.PLAIN)
    asked = build_scored(snapshot, until(TASK, month_s(place.making.months)))
    truth = join_truth(read_sealed(place.truth), snapshot, asked, PEPPER)
    calm = np.flatnonzero((asked.as_of_s >= month_s(months.learnt)) & (asked.as_of_s < month_s(months.turn)))
    later = _later(asked, months)
    old, new = (restore_model(_models(models).bundle(version)) for version in versions)
    found = {
        "calm_truth": truth.log_odds[calm],
        "calm_person": truth.person[calm],
        "calm_old": score_examples(old, snapshot, asked.take(calm)),
        "later_truth": truth.log_odds[later],
        "later_person": truth.person[later],
        "later_old": score_examples(old, snapshot, asked.take(later)),
        "later_new": score_examples(new, snapshot, asked.take(later)),
    }
    write_arrays(out, **found)
    return {"calm": len(calm), "later": len(later)}


def score_by_all(place: Place, months: Months, champion: str, out: Path) -> Result:
    """Train the champion on all that is known at the second training, and score the later applications."""
    model, data = train_on_all(_known(place, months.anew), TASK, month_s(months.anew), champion)
    snapshot = place.open(World.PLAIN)
    asked = build_scored(snapshot, until(TASK, month_s(place.making.months)))
    later = asked_about(data, snapshot, asked.take(_later(asked, months)))
    write_arrays(out, later_all=model.log_odds(later, np.arange(len(later.examples))))
    told = data.examples.label != UNKNOWN
    return {"told": int(told.sum()), "young": int((~told).sum())}


def go_back(place: Place, models: Path, versions: tuple[str, str], months: Months) -> Result:
    """Promote both versions, go back by the command line, and see which is live; counts the commands that took.

    Raises:
        RuntimeError: the first version is not live again after one command.
    """
    for version, month in zip(versions, (months.learnt, months.anew), strict=True):
        promote(
            _models(models), _known(place, month), Wish(version, despite="the trial needs it"), _key(models), datetime.now(UTC)
        )
    commands = [["rollback", "--reason", REASON, "--models", str(models), "--signing-key", str(models / KEY)]]
    ended = [run(command) for command in commands]
    live = _models(models).live
    assert live is not None
    if any(ended) or live.champion != versions[0] or live.action != "rollback":
        raise RuntimeError(f"after {commands} {live.champion} is live by {live.action}, not {versions[0]}")
    return {"commands": len(commands), "champion": live.champion, "changes": live.sequence}


def _later(asked: Examples, months: Months) -> Ints:
    """Applications that the second model had not seen, int64 positions."""
    return np.flatnonzero(asked.as_of_s >= month_s(months.anew))


def _known(place: Place, month: int) -> Snapshot:
    return Snapshot.open(known_at(place, month), PEPPER.fingerprint)


def _key(models: Path) -> SigningKey:
    file = models / KEY
    if not file.exists():
        models.mkdir(parents=True, exist_ok=True)
        return write_new_key(file)
    return read_signing_key(file)


def _models(models: Path) -> Models:
    return Models(models, _key(models).trusted)
