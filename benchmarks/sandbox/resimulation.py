"""Do the true probabilities hold when the whole economy is lived again? The area `sandbox-truth` of `benchmarks.prove`.

    python -m benchmarks.prove sandbox-truth

From the state at the end of a month, everyone's next eleven months are lived again and again with other luck; how often
each loan of that month defaults is held against its true probability, which imagines the applicant's future alone.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import Figure
from benchmarks.scale import Scale
from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.applicants import freeze_applicants
from ingest.sandbox.economy.economy import found_economy
from ingest.sandbox.economy.futures import MONTHS_LIVED, probability_of_default
from ingest.sandbox.economy.month import live_month
from ingest.sandbox.founding import build_society
from ingest.sandbox.knobs import SIZES
from ingest.sandbox.knobs import Scale as EconomyScale

ECONOMY = EconomyScale(SIZES["small"])
PATHS = 2_000  # imagined futures of each applicant, so that their noise hardly counts
OTHER_LUCK = 10_000  # seeds of the economies lived again begin here
PROCESSES = 2
LEAST = 1e-3  # a probability below this counts as this where its spread is asked for


@dataclass(frozen=True)
class Plan:
    """Months whose loans are asked about, and how often the economy is lived again from each."""

    months: tuple[int, ...]
    runs: int


PLANS = {Scale.FULL: Plan((10, 14, 18, 22, 26, 30), 200), Scale.REDUCED: Plan((8,), 12)}


@dataclass(frozen=True)
class Compared:
    """Loans granted in a month, one a row: the true probability, and the share of economies lived again that saw default."""

    chance: NDArray[np.float64]
    seen: NDArray[np.float64]


def main(scale: Scale) -> list[Figure]:
    """How the two agree: mean difference, its size in standard errors loan by loan, and their correlation."""
    plan = PLANS[scale]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        parts = list(pool.map(live_again, plan.months, [plan.runs] * len(plan.months)))
    chance, seen = (np.concatenate([getattr(part, name) for part in parts]) for name in ("chance", "seen"))
    return figures_of(Compared(chance, seen), plan.runs)


def figures_of(compared: Compared, runs: int) -> list[Figure]:
    """Figures of loans compared over so many runs."""
    chance, seen = compared.chance, compared.seen
    usual = np.clip((chance + seen) / 2, LEAST, 1 - LEAST)
    error = np.sqrt(usual * (1 - usual) * (1 / runs + 1 / PATHS))
    gap = seen - chance
    spread = float(1.96 * np.std(gap) / np.sqrt(len(gap)))
    counts = {"applications": len(chance), "runs": runs, "paths": PATHS}
    name, seed = "sandbox.truth.resimulated", ECONOMY.seed
    mean = float(gap.mean())
    return [
        Figure(
            f"{name}.difference",
            mean,
            "probability, seen minus true",
            mean - spread,
            mean + spread,
            counts=counts,
            seed=seed,
            note="loans granted in six months of the small economy, each month lived again by everyone with other luck",
        ),
        Figure(
            f"{name}.standard_errors",
            float(np.sqrt(np.mean((gap / error) ** 2))),
            "root mean square of the difference in standard errors; 1 where nothing but chance is left",
            counts=counts,
            seed=seed,
        ),
        Figure(f"{name}.correlation", float(np.corrcoef(chance, seen)[0, 1]), "correlation", counts=counts, seed=seed),
    ]


def live_again(month: int, runs: int) -> Compared:
    """Compare the loans granted in one month.

    Args:
        month: Whose loans.
        runs: How often the eleven months after it are lived again.
    """
    society = build_society(ECONOMY)
    economy = found_economy(ECONOMY, society)
    while economy.month < month:
        live_month(economy, None)
    lived = live_month(economy, None)
    number, approved, applicants = freeze_applicants(economy, lived.lent.people)
    generator = np.random.Generator(np.random.SFC64(Draws(ECONOMY.seed).words("resimulation", month)))
    chance = probability_of_default(applicants, society.lenders, ECONOMY.knobs, PATHS, generator)
    seen = np.zeros(economy.loans)
    for run in range(runs):
        future = economy.imagine(OTHER_LUCK + run)
        for _ in range(MONTHS_LIVED):
            defaulted = live_month(future, None).defaulted
            seen[defaulted[defaulted < len(seen)]] += 1
    return Compared(chance[approved], seen[number[approved]] / runs)
