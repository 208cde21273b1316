"""What each signal family adds to the champion on the first economy: the area `model-gains`.

    python -m benchmarks.prove model-gains

The champion is fitted anew without each family, every part of it, and both are judged on the same applications; thin files
and thick ones apart. It goes on from what `model-sandbox` kept, or makes it.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.model.economies import Place
from benchmarks.model.gain_figures import family_figures
from benchmarks.model.look import Run, forget_tables, look, prepare
from benchmarks.model.view import Seen
from benchmarks.results import Figure
from benchmarks.sandbox.worlds import World
from gnn.evaluation.gains import Files, Gain, Part, Way, measure_gains
from gnn.evaluation.protocol_run import Predictions
from graph.vocabulary import Family

FAMILIES = (Family.DATA, Family.LIFE, Family.SOCIAL, Family.COMMUNITY, Family.IDENTITY)
"""What may be added to credit facts, which no lender goes without."""


def prove_gains(run: Run, place: Place, families: tuple[Family, ...] = FAMILIES) -> list[Figure]:
    """Figures of the families on one economy.

    Raises:
        Unfinished: the time of the run is over; run it again.
    """
    run.roster.look_up()
    prepare(run, place)
    seen = look(run, place, World.PLAIN, (run.roster.group_of(run.roster.champion),), families)
    forget_tables(place, World.PLAIN, run.least_tested)
    return family_figures(gains_of(seen, run.roster.champion), {"learnt": seen.learnt}, place.economy.seed)


def gains_of(seen: Seen, champion: str) -> list[Gain]:
    """What each family left out adds to the champion, in all files, thin ones and thick ones."""
    judged = seen.judged
    without: dict[Part, Predictions] = {family: _predictions(scores[champion]) for family, scores in seen.without.items()}
    files = Files(judged.label, judged.person, judged.thin)
    return measure_gains(files, _predictions(seen.scores[champion]), without, Way.REFITTED)


def _predictions(log_odds: NDArray[np.float64]) -> Predictions:
    return Predictions(np.arange(len(log_odds)), log_odds, np.zeros(len(log_odds), np.int64))
