"""How long a book of a million persons takes to score as of one instant, and in how much memory.

    python -m benchmarks.prove model-score-all

The book lies in twenty simulated economies of 50,000 persons, as many facts in all as in the size `large`, each with a
snapshot of its own: `large` as one graph does not fit this machine's memory while its snapshot is built. Ties therefore end at
50,000 persons. Each snapshot is a piece kept under `.prove/speed/book`; raw files are removed. A person is whoever some source
names. Some are scored one by one in the same run, and must get the same bits.
"""

import os
import resource
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.aggregates import ask_everyone
from benchmarks.pieces import Result, apart, do_pieces
from benchmarks.results import Figure
from benchmarks.sandbox.truth import SOURCE
from benchmarks.sandbox.worlds import DIGITS, once, publish, read_economy
from benchmarks.scale import Scale
from benchmarks.speed.champion import CACHE, prepare_champion
from benchmarks.speed.passes import timed
from gnn.evaluation.fit_digest import code_digest
from gnn.serving.bulk import score_in_bulk
from gnn.serving.bundle import read_bundle
from gnn.serving.stored_model import restore_model
from gnn.tasks import TASKS
from graph.snapshot import Snapshot
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.sandbox.generate import write_sandbox
from ingest.sandbox.knobs import Scale as EconomyScale

BOOKS = {
    Scale.FULL: tuple(EconomyScale(50_000, seed=seed) for seed in range(401, 421)),
    Scale.REDUCED: tuple(EconomyScale(1_000, months=12, seed=seed) for seed in (401, 402)),
}
ALONE = {Scale.FULL: 20, Scale.REDUCED: 3}  # persons of each economy who are scored one by one as well
TOGETHER = 4  # economies scored in one piece
PROCESSES = 2
PATHS = 10  # imagined futures: nobody reads the true probabilities
MOST_MINUTES, MOST_GIB = 10.0, 8.0
KIB_A_GIB = 2**20
BUDGET_S = 15 * 60.0  # the longest piece, begun last, still ends within half an hour
KNOWN_AS = EdgeType(NodeLabel.PERSON, RelType.KNOWN_AS, NodeLabel.PERSON)
_CODE = ("graph/**/*.py", "ingest/**/*.py")


@dataclass(frozen=True)
class Scored:
    """What came of one economy: how many were scored, `alone` of them again one by one, and the most memory of its process."""

    persons: int
    scorable: int
    facts: int
    alone: int
    alone_s: float
    process: int
    peak_kib: int


def main(scale: Scale, root: Path = CACHE) -> list[Figure]:
    """Minutes for the whole book.

    Raises:
        Unfinished: the time of one run is over; run it again.
        AssertionError: someone scored alone has other bits.
    """
    bundle = prepare_champion(scale, root).bundle
    folder = root / "book"
    code = code_digest(_CODE)[:DIGITS]
    places = {f"{size.persons}-{size.months}-{size.seed}-{code}": size for size in BOOKS[scale]}
    work: dict[str, Callable[[], Result]] = {
        name: partial(apart, keep_snapshot, size, folder / name) for name, size in places.items()
    }
    names, version = list(places), bundle.parent.name[-DIGITS:]
    parts = [names[begin : begin + TOGETHER] for begin in range(0, len(names), TOGETHER)]
    scoring = {
        f"scored-{version}-{number}": partial(score_part, [folder / name for name in part], bundle, ALONE[scale])
        for number, part in enumerate(parts)
    }
    work |= scoring
    done = do_pieces("model-score-all", folder / "pieces", work, lambda name: work[name](), BUDGET_S)
    return [build_figure([done[name] for name in scoring])]


def keep_snapshot(size: EconomyScale, place: Path) -> Result:
    """Write an economy, keep its snapshot and nothing else of it."""

    def make(folder: Path) -> None:
        economy = folder / "economy"
        write_sandbox(economy, size, workers=PROCESSES, paths=PATHS)
        publish(read_economy(economy), folder / "snapshots")
        shutil.rmtree(economy)

    once(place, make)
    return {"place": str(place)}


def score_part(places: Sequence[Path], bundle: Path, alone: int) -> Result:
    """Score everyone of some economies, one economy after the other in each of two processes, whose start is timed too."""

    def work() -> list[Scored]:
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            return [*pool.map(_score, places, [bundle] * len(places), [alone] * len(places))]

    scored, seconds = timed(work)
    together = {name: sum(getattr(one, name) for one in scored) for name in ("persons", "scorable", "facts", "alone")}
    peaks = [max(one.peak_kib for one in scored if one.process == each) for each in {one.process for one in scored}]
    alone_s = sum(one.alone_s for one in scored)
    # Those scored alone are shared out among the processes as everyone is.
    return together | {"economies": len(scored), "s": seconds - alone_s / len(peaks), "alone_s": alone_s, "kib": sum(peaks)}


def build_figure(parts: Sequence[Result]) -> Figure:
    """Minutes for all parts, one after the other."""
    names = ("persons", "scorable", "facts", "economies")
    counts = {name: sum(part[name] for part in parts) for name in names} | {"processes": PROCESSES}
    alone, alone_s = (sum(part[name] for part in parts) for name in ("alone", "alone_s"))
    return Figure(
        "model.score_all.minutes",
        sum(part["s"] for part in parts) / 60,
        "minutes",
        rival=alone_s / alone * counts["persons"] / PROCESSES / 60,
        rival_name="the same model asked about one person at a time, two processes",
        counts=counts,
        seed=BOOKS[Scale.FULL][0].seed,
        note=f"economies of {counts['persons'] // counts['economies']:,} persons, each a snapshot of its own and not one graph "
        f"as `large`; as of the second after the last fact, {len(parts)} starts of two processes among it. Most memory of both "
        f"together {max(part['kib'] for part in parts) / KIB_A_GIB:.2f} GiB, mapped files among it. At most {MOST_MINUTES:g} "
        f"minutes and {MOST_GIB:g} GiB are wanted. The rival's time is that of {alone:,} persons, who got the same bits",
    )


def named_persons(snapshot: Snapshot, rows: NDArray[np.int64], as_of_s: int) -> NDArray[np.int64]:
    """Of standing persons at `rows`, those whom a source names by then, int64 [k]."""
    refs = np.arange(snapshot.num_facts(KNOWN_AS))
    named = snapshot.take(KNOWN_AS, "source_row", refs)
    return np.intersect1d(rows, snapshot.standing(KNOWN_AS.source, named, np.full(len(named), as_of_s)))


def _score(place: Path, bundle: Path, alone: int) -> Scored:
    snapshot, read = Snapshot.open(place / "snapshots"), read_bundle(bundle)
    asked = ask_everyone(snapshot, TASKS[SOURCE])
    rows = named_persons(snapshot, asked.rows, asked.as_of_s)
    found = score_in_bulk(read, snapshot, rows, asked.as_of_s, processes=1)
    model, chosen = restore_model(read), np.arange(alone) * len(rows) // alone
    when = np.array([asked.as_of_s])

    def one_by_one() -> list[float]:
        return [float(model.log_odds(model.read(snapshot, rows[[at]], when))[0]) for at in chosen]

    values, seconds = timed(one_by_one)
    assert values == found.log_odds[chosen].tolist(), f"scored alone, persons of {place.name} get other bits"
    usage = resource.getrusage(resource.RUSAGE_SELF)
    facts = sum(snapshot.num_facts(edge) for edge in snapshot.edges())
    return Scored(len(rows), int(found.scorable.sum()), facts, alone, seconds, os.getpid(), usage.ru_maxrss)
