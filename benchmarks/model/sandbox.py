"""Every contender on five economies, and the champion where ties say nothing: the area `model-sandbox`.

    python -m benchmarks.prove model-sandbox

Pieces of work are kept under `.prove/model`, one economy at a time; a run whose time is over says so and goes on when run
again. The reduced count takes small economies, few loans and the quick models.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.model.economies import ECONOMIES, NULL_ECONOMY, Economy, Making, Place, simulate, simulate_roughly
from benchmarks.model.family_gains import gains_of, prove_gains
from benchmarks.model.figures import auc_figures, sandbox_figures
from benchmarks.model.gain_figures import none_figure
from benchmarks.model.look import Run, forget_tables, look, measured, prepare
from benchmarks.model.measured import Measured
from benchmarks.model.report import write_page
from benchmarks.model.roster import EVERY, QUICK, Roster
from benchmarks.model.view import Seen
from benchmarks.pieces import Result, apart, here
from benchmarks.results import Figure
from benchmarks.sandbox.worlds import World
from benchmarks.scale import Scale
from gnn.evaluation.gains import File
from graph.vocabulary import Family
from ingest.sandbox.knobs import SIZES

ROOT = Path(".prove") / "model"
LEAST_TESTED = 25_000
SHUFFLED_NOTE = "ties between persons and the identifiers they share left to chance"


@dataclass(frozen=True)
class Size:
    """How much is measured: which economies and how big, by whom, and how many applications are tested at least."""

    economies: tuple[Economy, ...]
    null: Economy
    making: Making
    roster: Roster
    least_tested: int
    draws: int
    call: Callable[..., Any] = apart


SIZES_OF = {
    Scale.FULL: Size(ECONOMIES, NULL_ECONOMY, Making(SIZES["medium"], simulate), EVERY, LEAST_TESTED, 1_000),
    Scale.REDUCED: Size(ECONOMIES[:1], NULL_ECONOMY, Making(1_000, simulate_roughly), QUICK, 300, 100, here),
}


def main(scale: Scale) -> list[Figure]:
    """All figures of `model.sandbox` but those of the families."""
    size = SIZES_OF[scale]
    return prove(run_of("model-sandbox", size), size, ROOT)


def main_gains(scale: Scale) -> list[Figure]:
    """What each family adds on the first economy: the area `model-gains`."""
    size = SIZES_OF[scale]
    return prove_gains(run_of("model-gains", size), Place(size.economies[0], size.making, ROOT))


def run_of(area: str, size: Size) -> Run:
    """A run of an area, begun now."""
    return Run(area, size.roster, size.least_tested, size.draws, size.call)


def prove(run: Run, size: Size, root: Path) -> list[Figure]:
    """Figures of a run, whatever of it is kept already.

    Raises:
        Unfinished: its time is over; run it again.
        TooFewTested: an economy has too few applications.
        ContenderMissing: a model of the roster is none.
    """
    run.roster.look_up()
    found: dict[int, Measured] = {}
    none: list[Figure] = []
    for economy in size.economies:
        place = Place(economy, size.making, root)
        prepare(run, place)
        seen = look(run, place, World.PLAIN, run.roster.groups)
        found[economy.seed] = measured(run, place, World.PLAIN, seen)
        _tell(run, economy, found[economy.seed])
        if economy is not size.economies[0]:  # whose features `model-gains` reads too
            forget_tables(place, World.PLAIN, run.least_tested)
        if World.SHUFFLED in economy.worlds:
            none.append(_social_gain(run, place, World.SHUFFLED, "gain_edges_shuffled", SHUFFLED_NOTE))
        page = partial(_write_page, run, place, seen, found[economy.seed])
        run.do(place.folder / "pieces", {f"page-{run.roster.champion}-{run.draws}-{seen.state}": page})
    null = Place(size.null, size.making, root)
    prepare(run, null)
    none.append(_social_gain(run, null, World.PLAIN, "null_economy_gain", size.null.name))
    return [*sandbox_figures(found, run.roster), *none]


def _social_gain(run: Run, place: Place, world: World, key: str, what: str) -> Figure:
    """What social relations add to the champion where they ought to add nothing."""
    seen = look(run, place, world, ((run.roster.champion,),), (Family.SOCIAL,), run.roster.fits_for_none)
    forget_tables(place, world, run.least_tested)
    [gain] = (one for one in gains_of(seen, run.roster.champion) if one.file is File.ALL)
    return none_figure(key, gain, seen.counts, place.economy.seed, f"{what}; means over {run.roster.fits_for_none} fits")


def _write_page(run: Run, place: Place, seen: Seen, one: Measured) -> Result:
    figures = auc_figures(place.economy.seed, one)
    return {"page": str(write_page(place, run.least_tested, seen, one, figures, run.roster))}


def _tell(run: Run, economy: Economy, one: Measured) -> None:
    told = f"{one.judged:,} applications tested, {one.bad:,} bad, {one.learnt:,} learnt from"
    print(f"{run.area}: economy {economy.seed} ({economy.name}): {told}", file=sys.stderr)
