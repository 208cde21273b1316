"""An economy that turns: how soon the alarm comes, what training anew restores, and going back. The area `model-drift`.

    python -m benchmarks.prove model-drift

A model learns from what was known some months before the turn. From then on it is asked month by month, as a scheduler
would, whether the people scored lately still look like those it was made with. Later a second model learns from what is
known then, and both score the applications that follow. Pieces of work are kept under `.prove/model-drift`.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks.model.drift_figures import alarm_figure, find_alarm, read_scores, restored_figures, rollback_figure
from benchmarks.model.economies import Economy, Making, Place
from benchmarks.model.life import Months, enrol, go_back, look_out, score, score_by_all, write_known
from benchmarks.model.roster import QUICK as QUICK_ROSTER
from benchmarks.model.trial import QUICK, Trial, name_code, prepare
from benchmarks.model.turning import TURN, simulate_turning, simulate_turning_roughly
from benchmarks.pieces import here
from benchmarks.results import Figure
from benchmarks.sandbox.worlds import DIGITS
from benchmarks.scale import Scale
from gnn.evaluation.fit_digest import code_digest
from ingest.sandbox.knobs import SIZES, Knobs

ROOT = Path(".prove") / "model-drift"
SEED = 201  # of this trial alone
STRENGTH = 1.0  # of the drift from the turn on, as declared: log-odds to let an instalment pass rise by 0.32, layoffs by 40 %
MONTHS = Months(learnt=TURN - 4, turn=TURN, watched=TURN + 3, anew=TURN + 18)
SIMULATES = ("benchmarks/model/turning.py",)
LIVES = ("benchmarks/model/life.py", "benchmarks/model/anew.py")
QUICK_TRIAL = Trial("model-drift", QUICK, QUICK_ROSTER.champion, here)
QUICK_MONTHS = replace(MONTHS, learnt=TURN - 2, watched=TURN + 2, anew=TURN + 10)
ECONOMY = Economy("turns", SEED, Knobs(drift=STRENGTH))


@dataclass(frozen=True)
class Size:
    """How big the economy is and how it is made, when what happens, and the trial's settings."""

    making: Making
    trial: Trial
    months: Months = MONTHS


SIZES_OF = {
    Scale.FULL: Size(Making(SIZES["medium"], simulate_turning), Trial("model-drift")),
    Scale.REDUCED: Size(Making(1_200, simulate_turning_roughly, months=TURN + 16), QUICK_TRIAL, QUICK_MONTHS),
}


def main(scale: Scale) -> list[Figure]:
    """Figures of `model.drift`."""
    size = SIZES_OF[scale]
    return prove(size.trial.begun(), size, ROOT)


def prove(trial: Trial, size: Size, root: Path) -> list[Figure]:
    """Figures of a trial, whatever of it is kept already.

    Raises:
        Unfinished: its time is over; run it again.
    """
    place = Place(ECONOMY, size.making, root / code_digest(SIMULATES)[:DIGITS])
    months, code = size.months, name_code(*LIVES)
    prepare(trial, place, partial(write_known, months))
    models, kept = place.folder / f"models-{code}", place.folder / "pieces"
    old, new = (f"trained-{month}-{code}" for month in (months.learnt, months.anew))
    trained = trial.do(kept, {old: trial.piece(enrol, place, models, months.learnt, trial.recipe)})
    first = trained[old]["version"]
    looks = {
        f"month-{month}-{code}": trial.piece(look_out, place, models, first, month)
        for month in range(months.learnt + 1, months.watched + 1)
    }
    seen = list(trial.do(kept, looks).values())
    trained |= trial.do(kept, {new: trial.piece(enrol, place, models, months.anew, trial.recipe)})
    both = first, trained[new]["version"]
    scores, by_all = (place.folder / f"{name}-{code}.npz" for name in ("scores", "by-all"))
    back = f"back-{code}"
    rest = {
        f"scored-{code}": trial.piece(score, place, models, both, months, scores),
        back: trial.piece(go_back, place, models, both, months),
        f"all-{trial.champion}-{code}": trial.piece(score_by_all, place, months, trial.champion, by_all),
    }
    done = trial.do(kept, rest)
    found = read_scores(scores, by_all)
    return [
        alarm_figure(find_alarm(seen, months.turn), SEED),
        *restored_figures(found, months, trained[old], trained[new], SEED),
        rollback_figure(done[back], SEED),
    ]
