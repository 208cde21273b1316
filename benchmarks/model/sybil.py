"""Made-up persons around bad borrowers: how many of these a model then lets through. The area `model-sybil`.

    python -m benchmarks.prove model-sybil

One in twenty persons is made up and tied to bad borrowers of the period that the model has not learnt from, by ties that both
sides or an institution attest. The same model scores the same loans with and without them. The attack is spread over every
bad borrower, and brought to bear on few. Pieces of work are kept under `.prove/model-sybil`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.model.economies import ROUGH_PATHS, Economy, Making, Place, simulate_roughly
from benchmarks.model.trial import QUICK, TASK, Floats, Ints, Trial, name_code, prepare, read_kept, train_kept, write_arrays
from benchmarks.pieces import Result, here
from benchmarks.results import Figure
from benchmarks.sandbox.worlds import PEPPER, World
from benchmarks.scale import Scale
from gnn.camouflage import BILLED, Target, injected, pick_targets, plant
from gnn.evaluation.sybil import Evasion, measure_evasion
from gnn.examples import Examples, build_examples
from gnn.registry.measure import persons_of
from gnn.serving.bulk import score_examples
from graph.identity import NodeKey
from graph.snapshot import Snapshot
from graph.vocabulary import NodeLabel
from ingest.sandbox.generate import write_sandbox
from ingest.sandbox.knobs import SIZES, Knobs
from ingest.sandbox.knobs import Scale as EconomyScale

AREA = "model.sybil"
ROOT = Path(".prove") / "model-sybil"
ECONOMY = Economy("default knobs", 202, Knobs())  # a seed of this trial alone
SHARES = {"": 1.0, ".fifth": 0.2, ".twentieth": 0.05}  # of the bad borrowers that are hidden, by how the key ends
EVERYBODY = {"": SHARES[""]}
CAMOUFLAGE = 0.25  # made-up persons for each borrower that teaches, in what the hardened model learns from
MODELS = (("", 0.0, SHARES), (".hardened", CAMOUFLAGE, EVERYBODY))
"""How a key ends, the camouflage that the model was trained with, and the attacks on it."""
MOST_TURNED, MOST_DROP = 0.01, 0.02
MOST_BILLERS = 50
QUICK_MONTHS = 30  # of the reduced count: fewer to simulate, and loans enough whose outcome is known
ATTACK_SEED = 0
CODE = ("benchmarks/model/sybil.py",)


@dataclass(frozen=True)
class Size:
    """How big the economy is and how it is made, and the trial's settings."""

    making: Making
    trial: Trial


def simulate_untold(place: Path, scale: EconomyScale) -> None:
    """Run the generator on both cores with few imagined futures: nobody asks for the truth."""
    write_sandbox(place, scale, workers=2, paths=ROUGH_PATHS)


SIZES_OF = {
    Scale.FULL: Size(Making(SIZES["medium"], simulate_untold), Trial("model-sybil")),
    Scale.REDUCED: Size(Making(1_200, simulate_roughly, months=QUICK_MONTHS), Trial("model-sybil", QUICK, call=here)),
}


def main(scale: Scale) -> list[Figure]:
    """Figures of `model.sybil`."""
    size = SIZES_OF[scale]
    return prove(size.trial.begun(), size.making, ROOT)


def prove(trial: Trial, making: Making, root: Path) -> list[Figure]:
    """Figures of a trial, whatever of it is kept already.

    Raises:
        Unfinished: its time is over; run it again.
    """
    place, code = Place(ECONOMY, making, root), name_code(*CODE)
    prepare(trial, place)
    figures = []
    for model, camouflage, shares in MODELS:
        hardened = replace(trial, recipe=replace(trial.recipe, camouflage=camouflage))
        figures += _attacked(hardened, place, model, shares, code)
    return figures


def _attacked(trial: Trial, place: Place, ending: str, shares: Mapping[str, float], code: str) -> list[Figure]:
    """Figures of one model, under an attack for each share of the bad borrowers that is hidden."""
    model, kept = place.folder / f"model{ending}-{name_code()}", place.folder / "pieces"
    trial.do(kept, {model.name: trial.piece(train, place, trial, model)})
    judged = _file(place, f"judged{ending}", code)
    trial.do(kept, {judged.stem: trial.piece(judge, place, model, judged)})
    files = {name: _file(place, f"attack{ending}{name}", code) for name in shares}
    attacks = {
        files[name].stem: trial.piece(attack, place, model, share, judged, files[name]) for name, share in shares.items()
    }
    done = trial.do(kept, attacks)
    before, figures = _read(judged), []
    for name, file in files.items():
        figures += evasion_figures(f"{ending}{name}", evade(before, _read(file)), done[file.stem], ECONOMY.seed)
    return figures


def train(place: Place, trial: Trial, out: Path) -> Result:
    """Train the model that is attacked."""
    return train_kept(place.open(World.PLAIN), TASK, trial.recipe, out)


def judge(place: Place, model: Path, out: Path) -> Result:
    """Score the loans kept from training, as nobody is hidden."""
    snapshot, kept = place.open(World.PLAIN), read_kept(model)
    examples = build_examples(snapshot, TASK).take(kept.test)
    write_arrays(
        out,
        label=examples.label,
        person=persons_of(snapshot, TASK, examples),
        log_odds=score_examples(kept.model, snapshot, examples),
        validation=kept.validation,
    )
    return {"judged": len(examples), "bad": int(examples.label.sum())}


def attack(place: Place, model: Path, share: float, judged: Path, out: Path) -> Result:
    """Hide a share of the bad borrowers behind made-up persons and score the same loans."""
    snapshot, kept = place.open(World.PLAIN), read_kept(model)
    examples = build_examples(snapshot, TASK).take(kept.test)
    made_up = injected(place.making.persons)
    targets = find_targets(snapshot, examples, share)
    planted = plant(targets, made_up, PEPPER, ATTACK_SEED, billers=find_billers(snapshot))
    attacked = snapshot.with_overlay(planted.batches)
    hidden = {target.key for target in targets}
    write_arrays(
        out,
        targeted=np.array([key in hidden for key in _keys(snapshot, examples.rows)], np.bool_),
        log_odds=score_examples(kept.model, attacked, examples),
    )
    facts = sum(len(batch) for batch in planted.batches)
    moved = _read(out)["log_odds"] != _read(judged)["log_odds"]
    return {"hidden": len(targets), "made_up": len(planted.made_up), "facts": facts, "scores_moved": int(moved.sum())}


def find_targets(snapshot: Snapshot, examples: Examples, share: float) -> list[Target]:
    """Bad borrowers to hide, each before the first of these loans."""
    return pick_targets(_keys(snapshot, examples.rows), examples.label, examples.as_of_s, share, ATTACK_SEED)


def find_billers(snapshot: Snapshot) -> list[NodeKey]:
    """Companies that send bills, the first by their keys."""
    refs = np.arange(snapshot.num_facts(BILLED))
    rows = np.unique(snapshot.take(BILLED, "target_row", refs))
    return sorted(_keys_of(snapshot, BILLED.target, rows))[:MOST_BILLERS]


def evade(before: Mapping[str, Floats], after: Mapping[str, Floats]) -> Evasion:
    """What an attack achieved, from what `judge` and `attack` wrote."""
    return measure_evasion(
        before["label"].astype(np.int8),
        before["person"].astype(np.int64),
        after["targeted"].astype(np.bool_),
        before["log_odds"],
        after["log_odds"],
        before["validation"],
    )


def evasion_figures(name: str, found: Evasion, attacked: Mapping[str, int], seed: int) -> list[Figure]:
    """Share of hidden bad loans that turn to approval, and what AUC loses over all loans."""
    counts = {
        "made_up": attacked["made_up"],
        "borrowers_hidden": attacked["hidden"],
        "bad_loans_hidden": found.targeted,
        "refused_before": found.refused,
        "scores_moved": attacked["scores_moved"],
    }
    each = attacked["made_up"] / max(attacked["hidden"], 1)
    note = (
        f"{each:.1f} made-up persons around each of {attacked['hidden']} bad borrowers; of the loans refused before, "
        f"{found.turned_of_refused:.2%} turn; the cut-off approves 70 % of the calibration period, which no fit had seen that "
        f"scored it; AUC without the attack {found.auc_before:.4f}"
    )
    turned, drop = found.turned, found.auc_drop
    return [
        Figure(
            *(f"{AREA}.flips{name}", turned.value, "share of hidden bad loans", turned.low, turned.high),
            *(MOST_TURNED, "most allowed", counts, seed, note),
        ),
        Figure(
            *(f"{AREA}.auc_drop{name}", drop.value, "difference in AUC", drop.low, drop.high),
            *(MOST_DROP, "most allowed", counts, seed, note),
        ),
    ]


def _keys(snapshot: Snapshot, rows: Ints) -> list[NodeKey]:
    return _keys_of(snapshot, TASK.subject, rows)


def _keys_of(snapshot: Snapshot, label: NodeLabel, rows: Ints) -> list[NodeKey]:
    return [snapshot.key_of(label, row) for row in rows.tolist()]


def _file(place: Place, name: str, code: str) -> Path:
    return place.folder / f"{name}-{code}.npz"


def _read(file: Path) -> dict[str, Floats]:
    with np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
