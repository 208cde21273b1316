"""Every model on the simulated economy, beside the true probability: the area `sandbox` of `benchmarks.prove`.

    python -m benchmarks.prove sandbox

Economy, worlds and finished parts are kept under `.prove/sandbox`, so that an interrupted run goes on; a page with plots is
written beside them. The reduced count takes the small economy, few loans and the quick models.
"""

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks.pieces import apart
from benchmarks.results import Figure
from benchmarks.sandbox.figures import future_figures, judgement_figures, truth_figures
from benchmarks.sandbox.judge import Judgement, judge_plain, judge_shuffled, shift_future
from benchmarks.sandbox.report import Chapter, write_report
from benchmarks.sandbox.truth import read_sealed
from benchmarks.sandbox.worlds import Worlds, prepare_worlds
from benchmarks.scale import Scale
from ingest.sandbox.generate import write_sandbox
from ingest.sandbox.knobs import SIZES
from ingest.sandbox.knobs import Scale as EconomyScale

CACHE = Path(".prove") / "sandbox"
PROCESSES = 2  # each holds a data set of features, below 8 GB
QUICK = ("lightgbm", "lightgbm_neighbours")
EVERY = ("scorecard", "logistic", "logistic_neighbours", "lightgbm", "lightgbm_neighbours", "gnn", "average")
TITLES = {
    "oot": "Out of time: the first 70 % of loans teach, the last 30 % are judged",
    "disjoint": "Out of time, and no person judged was a subject in training",
    "shuffled": "Out of time, with ties and shared identifiers left to chance",
}


@dataclass(frozen=True)
class Size:
    """How much of which economy: at most `most` loans, evenly in time.

    `models` are tried out of time in the world as delivered; in the other divisions the quick ones are.
    """

    economy: EconomyScale
    most: int
    models: tuple[str, ...]


RUNS = {
    Scale.FULL: Size(EconomyScale(SIZES["medium"]), 24_000, EVERY),
    Scale.REDUCED: Size(EconomyScale(SIZES["small"]), 600, QUICK),
}


def main(scale: Scale) -> list[Figure]:
    """Figures of the economy, of every model in each division, and of the shift of the future."""
    size = RUNS[scale]
    worlds: Worlds = apart(prepare_worlds, size.economy, CACHE, write_economy)
    return measure(worlds, size)


def write_economy(place: Path, scale: EconomyScale) -> None:
    """Run the generator on both cores."""
    write_sandbox(place, scale, workers=2)


def measure(worlds: Worlds, size: Size) -> list[Figure]:
    """All figures of worlds that are there, and the page beside them."""
    kept = worlds.folder / "parts"
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        plain = pool.submit(judge_plain, worlds, kept, size.most, size.models, QUICK)
        shuffled = pool.submit(judge_shuffled, worlds, kept, size.most, QUICK)
        shifted = pool.submit(shift_future, worlds, size.most)
        judged, shifts = plain.result() + shuffled.result(), shifted.result()
    figures = truth_figures(read_sealed(worlds.economy), size.economy.seed)
    for judgement in judged:
        figures += judgement_figures(judgement, size.economy.seed)
    figures += future_figures(shifts, size.economy.seed)
    page = write_report(worlds.folder / "report", "Simulated economy", _facts(size, judged), figures, _drawn(judged))
    print(f"sandbox: page with plots at {page}", file=sys.stderr)
    return figures


def _facts(size: Size, judged: Sequence[Judgement]) -> dict[str, str]:
    label = judged[0].label
    return {
        "persons": f"{size.economy.persons:,}",
        "months": str(size.economy.months),
        "seed": str(size.economy.seed),
        "loans": f"{len(label):,}, {int(label.sum()):,} of them defaulted within a year",
    }


def _drawn(judged: Sequence[Judgement]) -> list[Chapter]:
    drawn = []
    for judgement in judged:
        first = next(iter(judgement.predictions.values()))
        one = first.part == 0
        scores = {model: found.log_odds[one] for model, found in judgement.predictions.items()}
        label = judgement.label[first.index[one]]
        drawn.append(Chapter(judgement.name, TITLES[judgement.name], label, scores, judgement.slices))
    return drawn
