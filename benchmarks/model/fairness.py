"""How the champion treats a protected group that it never sees, with and without social edges. The area `model-fairness`.

    python -m benchmarks.prove model-fairness

Who is of the group only the sealed files say; they are joined to scores after the fact. Asked: adverse impact at each
cut-off, how well the group is told from the network's inner vectors, and whether a model made to treat groups alike is as
accurate. Pieces of work are kept under `.prove/model-fairness`.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.model.economies import Economy, Making, Place, simulate_roughly
from benchmarks.model.fairness_figures import fairness_figures, write_frontier
from benchmarks.model.groups import describe, weigh
from benchmarks.model.sybil import QUICK_MONTHS, simulate_untold
from benchmarks.model.trial import QUICK, TASK, Trial, name_code, prepare, train_kept
from benchmarks.model.without import steps_of
from benchmarks.pieces import Result, here
from benchmarks.results import RESULTS, Figure
from benchmarks.sandbox.worlds import World
from benchmarks.scale import Scale
from graph.steps import Step
from graph.vocabulary import Family
from ingest.sandbox.knobs import SIZES, Knobs

ROOT = Path(".prove") / "model-fairness"
ECONOMY = Economy("default knobs", 203, Knobs())  # a seed of this trial alone
PICTURE = RESULTS.parent / "pictures" / "fairness-frontier.png"
CODE = tuple(f"benchmarks/model/{name}.py" for name in ("fairness", "groups", "without"))
UNSEEN: dict[str, frozenset[Step]] = {"with": frozenset(), "without": steps_of(Family.SOCIAL)}


@dataclass(frozen=True)
class Size:
    """How big the economy is and how it is made, the trial's settings, and where the frontier is drawn."""

    making: Making
    trial: Trial
    picture: Path


SIZES_OF = {
    Scale.FULL: Size(Making(SIZES["medium"], simulate_untold), Trial("model-fairness"), PICTURE),
    Scale.REDUCED: Size(
        Making(1_200, simulate_roughly, months=QUICK_MONTHS), Trial("model-fairness", QUICK, call=here), ROOT / PICTURE.name
    ),
}


def main(scale: Scale) -> list[Figure]:
    """Figures of `model.fairness`; draws the frontier."""
    size = SIZES_OF[scale]
    return prove(size.trial.begun(), size.making, ROOT, size.picture)


def prove(trial: Trial, making: Making, root: Path, picture: Path) -> list[Figure]:
    """Figures of a trial, whatever of it is kept already.

    Raises:
        Unfinished: its time is over; run it again.
    """
    place = Place(ECONOMY, making, root)
    prepare(trial, place)
    kept, code = place.folder / "pieces", name_code(*CODE)
    models = {name: place.folder / f"model-{name}-{name_code('benchmarks/model/without.py')}" for name in UNSEEN}
    trial.do(kept, {model.name: trial.piece(train, place, trial, name, model) for name, model in models.items()})
    described = {name: place.folder / f"described-{name}-{code}.npz" for name in UNSEEN}
    trial.do(
        kept,
        {file.stem: trial.piece(describe, place, models[name], file) for name, file in described.items()},
    )
    weighed = trial.do(kept, {f"weighed-{code}": trial.piece(weigh, described)})
    found = next(iter(weighed.values()))
    write_frontier(found, picture)
    return fairness_figures(found, picture, ECONOMY.seed)


def train(place: Place, trial: Trial, name: str, out: Path) -> Result:
    """Train the champion with all families, or as if the graph held no social edge."""
    task = replace(TASK, unseen=TASK.unseen | UNSEEN[name])
    return train_kept(place.open(World.PLAIN), task, trial.recipe, out)
