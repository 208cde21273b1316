"""How much sooner the graph network is as good on validation as stock PyG gets, full batch over monthly as-of graphs.

    python -m benchmarks.prove model-time-to-auc

Both start from the same snapshot, kept under `.prove/speed`, with the same loans and the same two cores; preparation counts on
both sides. The rival runs until it gets no better or its time is over, and what it was best at is what ours must reach.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.aggregates import prepare_graph
from benchmarks.pieces import Result, apart, do_pieces, here
from benchmarks.results import Figure
from benchmarks.sandbox.truth import SOURCE
from benchmarks.sandbox.worlds import DIGITS
from benchmarks.scale import Scale
from benchmarks.speed import champion
from benchmarks.speed.race import Race, build_race, run_ours, run_stock
from gnn.evaluation.fit_digest import code_digest
from gnn.tasks import TASKS
from graph.snapshot import Snapshot
from ingest.sandbox.knobs import SIZES
from ingest.sandbox.knobs import Scale as EconomyScale

LEAST_RATIO = 5.0
RIVAL = "stock PyG: full-batch heterogeneous GraphSAGE over monthly as-of graphs"
BUDGET_S = 12 * 60.0  # the rival, begun last, still ends within half an hour
_CODE = ("gnn/**/*.py", "graph/**/*.py", "benchmarks/speed/*.py")


@dataclass(frozen=True)
class Size:
    """Which economy, how many loans are judged, for how long the rival may train, and how many loans ours tries one by one."""

    economy: EconomyScale
    judged: int
    cap_s: float
    attempts: tuple[int, ...]
    call: Callable[..., Result]


SIZES_OF = {
    Scale.FULL: Size(EconomyScale(SIZES["medium"], seed=302), 4_000, 12 * 60.0, (4_000, 12_000, 36_000, 1_000_000), apart),
    Scale.REDUCED: Size(champion.ECONOMIES[Scale.REDUCED], 150, 20.0, (300, 1_000_000), here),
}


def main(scale: Scale, root: Path = champion.CACHE) -> list[Figure]:
    """How many times longer the rival takes to its best.

    Raises:
        Unfinished: the time of one run is over; run it again.
    """
    size, code = SIZES_OF[scale], code_digest(_CODE)[:DIGITS]
    pieces = root / f"race-{size.economy.persons}-{size.economy.seed}"
    stock, ours = f"stock-{code}", f"ours-{code}"

    def do(name: str) -> Result:
        place = prepare_graph(size.economy, root)
        if name == stock:
            return size.call(race_stock, place, size.judged, size.cap_s)
        if name == ours:
            wanted = do_pieces("model-time-to-auc", pieces, [stock], do)[stock]["auc"]
            return size.call(race_ours, place, size.judged, wanted, size.attempts)
        return {"place": str(place)}

    done = do_pieces("model-time-to-auc", pieces, ["graph", stock, ours], do, BUDGET_S)
    race = build_race(Snapshot.open(prepare_graph(size.economy, root)), TASKS[SOURCE], size.judged)
    return [build_figure(done[stock], done[ours], race, size.economy.seed)]


def race_stock(place: Path, judged: int, cap_s: float) -> Result:
    """The rival's run."""
    return run_stock(build_race(Snapshot.open(place), TASKS[SOURCE], judged), cap_s)


def race_ours(place: Path, judged: int, wanted: float, attempts: tuple[int, ...]) -> Result:
    """Our run to the same AUC."""
    return run_ours(build_race(Snapshot.open(place), TASKS[SOURCE], judged), wanted, attempts)


def build_figure(stock: Result, ours: Result, race: Race, seed: int) -> Figure:
    """The ratio of both times; 0 where ours did not get as good."""
    ratio = stock["seconds"] / ours["seconds"] if ours["reached"] else 0.0
    verdict = "reaches" if ours["reached"] else "does not reach"
    ended = "stopped by the clock" if stock["stopped"] else "until it got no better"
    return Figure(
        "model.time_to_auc.ratio_full_batch",
        ratio,
        "times longer",
        rival_name=RIVAL,
        counts={
            "loans": race.learnt,
            "judged": len(race.validation),
            "facts": sum(race.snapshot.num_facts(edge) for edge in race.snapshot.edges()),
            "loans_ours": ours["loans"],
        },
        seed=seed,
        note=f"the rival's best AUC on validation is {stock['auc']:.4f} after {stock['seconds']:.0f} s, "
        f"{stock['prepared_s']:.0f} s of them preparation ({stock['looks']} looks, {stock['loans_seen']:,} loans seen, "
        f"{stock['threads']} threads, {ended}); the graph network {verdict} it after {ours['seconds']:.0f} s with features and "
        f"encoding, at {ours['auc']:.4f} from {ours['loans']:,} loans. At least {LEAST_RATIO:g} is wanted",
    )
