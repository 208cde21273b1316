"""Whether the graph depends on the order of rows, on how files are cut, on workers or on the store: area `ingest-order`.

    python -m benchmarks.prove ingest-order

Each variant shuffles the rows of every file, cuts them anywhere into files and deliveries, and loads those into an empty
graph; a replay makes the graph forget that it read a delivery and loads it again. The hash must be that of the plain load,
every row accounted for. Finished variants are kept under `.prove/ingest/order`.
"""

import random
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ingest.economy import CACHE, PEPPER, SMALL, SOURCE, load, load_all, look, prepare_economy
from benchmarks.ingest.records import Records, read_delivery, scatter
from benchmarks.pieces import Result, do_pieces
from benchmarks.results import Figure
from benchmarks.scale import Scale
from graph.neo4j.assembly import Memory
from graph.neo4j.server import start_server, stop_server
from graph.opening import open_store
from ingest.load import Intake, Pace, load_source
from ingest.sandbox.knobs import Scale as EconomyScale

BOLT_PORT, HTTP_PORT = 27697, 27484
MOST_DELIVERIES, MOST_PARTS = 3, 3
COMMITS = (3_000, 20_000, 250_000)


@dataclass(frozen=True)
class Size:
    """How much is tried, of which economy; at most `most` records of each file where it is given."""

    economy: EconomyScale
    shuffles: int
    replays: int
    on_neo4j: int
    most: int | None = None


RUNS = {
    Scale.FULL: Size(SMALL, 100, 10, 1),
    Scale.REDUCED: Size(EconomyScale(1_000, months=6), 3, 2, 0, most=200),
}


def main(scale: Scale) -> list[Figure]:
    """Figures `ingest.order.variants` and `ingest.order.mismatches`."""
    size = RUNS[scale]
    done = measure(prepare_economy(CACHE, size.economy), CACHE / f"order-{scale}", size)
    wrong = [name for name, result in done.items() if not result["same"]]
    counts = {"shuffled": size.shuffles, "replayed": size.replays, "on_neo4j": size.on_neo4j, "rows": done["plain"]["read"]}
    note = "A variant shuffles the rows of every file and cuts them anywhere into files and up to three deliveries."
    return [
        Figure("ingest.order.variants", len(done) - 1, "loads", counts=counts, seed=size.economy.seed, note=note),
        Figure("ingest.order.mismatches", len(wrong), "loads", counts=counts, seed=size.economy.seed),
    ]


def measure(raw: Path, kept: Path, size: Size) -> dict[str, Result]:
    """What came of the plain load and of each variant, by name; `same` says whether it is as it should be."""
    every = read_delivery(raw, SOURCE, size.most)
    plain = do_pieces("ingest-order", kept, ["plain"], lambda _: _with_hash(every))
    expected = plain["plain"]
    names = [f"shuffled-{number:03d}" for number in range(size.shuffles)] + ["replayed"] * bool(size.replays)
    done = plain | do_pieces("ingest-order", kept, names, lambda name: _try(every, name, size.replays, expected))
    on_neo4j = [f"neo4j-{number}" for number in range(size.on_neo4j)]
    return done | do_pieces("ingest-order", kept, on_neo4j, lambda name: _shuffled_on_neo4j(every, name, expected))


def _with_hash(every: list[Records]) -> Result:
    with tempfile.TemporaryDirectory() as scratch:
        folders = scatter(every, Path(scratch), 1, 1, seed=0)
        url = str(Path(scratch) / "graph.duckdb")
        reports = load_all(folders, url, Path(scratch) / "intake")
        outcome = look(url, Path(scratch) / "intake")
        return {
            "same": True,
            "hash": outcome.hash,
            "read": sum(report.read for report in reports),
            "facts": outcome.facts,
            "refused": len(outcome.refused),
        }


def _try(every: list[Records], name: str, replays: int, expected: Result) -> Result:
    return _replayed(every, replays, expected) if name == "replayed" else _shuffled(every, name, expected)


def _shuffled(every: list[Records], name: str, expected: Result, address: str | None = None) -> Result:
    draw = random.Random(name)
    deliveries, workers = draw.randint(1, MOST_DELIVERIES), draw.choice((1, 2))
    pace = Pace(workers, draw.choice(COMMITS))
    with tempfile.TemporaryDirectory() as scratch:
        folders = scatter(every, Path(scratch), deliveries, MOST_PARTS, seed=draw.randrange(2**32))
        url = address or str(Path(scratch) / "graph.duckdb")
        reports = load_all(folders, url, Path(scratch) / "intake", pace)
        outcome = look(url, Path(scratch) / "intake")
    read, accepted = sum(report.read for report in reports), sum(report.accepted for report in reports)
    found = {"hash": outcome.hash, "read": read, "facts": outcome.facts, "refused": len(outcome.refused)}
    same = all(found[field] == expected[field] for field in found) and read == accepted + found["refused"]
    return {"same": same, "deliveries": deliveries, "workers": workers, **found}


def _replayed(every: list[Records], replays: int, expected: Result) -> Result:
    with tempfile.TemporaryDirectory() as scratch:
        [folder] = scatter(every, Path(scratch), 1, MOST_PARTS, seed=1)
        url, intake = str(Path(scratch) / "graph.duckdb"), Path(scratch) / "intake"
        load(folder, url, intake)
        hashes = []
        for _ in range(replays):
            shutil.rmtree(intake)
            with open_store(url, PEPPER.fingerprint) as store:
                store.write([], checkpoints=dict.fromkeys(store.checkpoints("file:")))
                report = load_source(SOURCE, folder, store, PEPPER, Intake(intake))
            assert report.read == expected["read"], "a replay reads everything again"
            hashes.append(look(url, intake).hash)
    return {"same": set(hashes) == {expected["hash"]}, "replays": len(hashes)}


def _shuffled_on_neo4j(every: list[Records], name: str, expected: Result) -> Result:
    """On a server of its own: emptying one of a whole economy takes more memory than loading it."""
    with tempfile.TemporaryDirectory() as home:
        try:
            address = start_server(Path(home), BOLT_PORT, HTTP_PORT, memory=Memory(heap="1g")).bolt
            return _shuffled(every, name, expected, address)
        finally:
            stop_server(Path(home))
