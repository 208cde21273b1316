"""Ways to bring the same facts into Neo4j, ours beside the plain ones, in one run.

    python -m benchmarks.ingest.neo4j_speed        reduced counts, printed and thrown away

Transactions: `Neo4jStore.write` beside one-row transactions and beside a loop of 1,000-row dictionary `UNWIND ... MERGE`,
all with the same constraints on one server, emptied before each. First load: `import_graph` from facts in memory to a
server that answers with its constraints made, beside the importer alone on the same files.
"""

import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import neo4j
import polars as pl

from benchmarks.neo4j_store import PAID, PEPPER, SEED, check_count, empty, payments, seconds_of, write_merge_loop
from benchmarks.results import Figure
from benchmarks.scale import Scale
from graph.facts import FactBatch
from graph.neo4j.import_files import ImportFiles
from graph.neo4j.importing import import_graph, run_importer
from graph.neo4j.server import LocalServer
from graph.neo4j.store import Neo4jStore

IMPORTED = {Scale.FULL: 1_000_000, Scale.REDUCED: 2_000}
WRITTEN = {Scale.FULL: 100_000, Scale.REDUCED: 1_000}
SINGLE = {Scale.FULL: 2_000, Scale.REDUCED: 100}
"""The three take the first of the same facts; what takes longer gets fewer, and rates are compared."""
ROUNDS = {Scale.FULL: 3, Scale.REDUCED: 1}
IMPORT_ROUNDS = {Scale.FULL: 2, Scale.REDUCED: 1}
BATCH_ROWS = 100_000
BOLT_PORT, HTTP_PORT = 27688, 27475
RATE = "relationships a second"
TIMES = "times the rival's rate"


@dataclass(frozen=True)
class Rates:
    """Relationships a second of ours and its rivals, one number a round."""

    ours: list[float] = field(default_factory=list)
    single: list[float] = field(default_factory=list)
    merge_loop: list[float] = field(default_factory=list)
    imported: list[float] = field(default_factory=list)
    importer: list[float] = field(default_factory=list)


def main(scale: Scale = Scale.FULL) -> list[Figure]:
    """Figures `ingest.neo4j.*`; a ratio above 1 means faster than the rival."""
    facts = payments(IMPORTED[scale])
    rates = Rates()
    with tempfile.TemporaryDirectory() as folder:
        _measure_transactions(Path(folder), facts, scale, rates)
        _measure_first_load(Path(folder), facts, scale, rates)
    counts = {"facts": WRITTEN[scale], "rounds": ROUNDS[scale]}
    single = {"facts": WRITTEN[scale], "rival facts": SINGLE[scale], "rounds": ROUNDS[scale]}
    first_load = {"facts": len(facts), "rounds": IMPORT_ROUNDS[scale]}
    return [
        Figure(
            key="ingest.neo4j.rels_per_s",
            value=statistics.median(rates.ours),
            unit=RATE,
            low=min(rates.ours),
            high=max(rates.ours),
            counts=counts,
            seed=SEED,
            note=f"One transaction of {WRITTEN[scale]:,} facts; a first load runs at {statistics.median(rates.imported):,.0f}.",
        ),
        _ratio("ingest.neo4j.ratio_single", rates.ours, rates.single, 20.0, "20 x one-row transactions", single),
        _ratio("ingest.neo4j.ratio_merge_loop", rates.ours, rates.merge_loop, 1.3, "1.3 x 1,000-row MERGE loop", counts),
        _ratio("ingest.neo4j.ratio_importer", rates.imported, rates.importer, 0.25, "0.25 x importer alone", first_load),
    ]


def _measure_transactions(folder: Path, facts: FactBatch, scale: Scale, rates: Rates) -> None:
    server = LocalServer(folder / "transactions", BOLT_PORT, HTTP_PORT)
    address = server.start().bolt
    written, single = (FactBatch(PAID, facts.rows.head(counts[scale])) for counts in (WRITTEN, SINGLE))
    try:
        with neo4j.GraphDatabase.driver(address) as driver, Neo4jStore(address, PEPPER):
            ways = [
                (rates.ours, written, lambda store, batch: store.write([batch])),
                (rates.merge_loop, written, lambda store, batch: write_merge_loop(driver, store, batch)),
                (rates.single, single, lambda store, batch: write_merge_loop(driver, store, batch, 1)),
            ]
            for turn in range(-1, ROUNDS[scale]):  # the first warms the server up and does not count
                for kept, batch, write in ways if turn % 2 == 0 else reversed(ways):
                    used = FactBatch(PAID, batch.rows.head(SINGLE[scale])) if turn < 0 else batch
                    empty(driver)
                    with Neo4jStore(address, PEPPER) as store:
                        seconds = seconds_of(write, store, used)
                    check_count(driver, len(used))
                    if turn >= 0:
                        kept.append(len(used) / seconds)
    finally:
        server.stop()


def _measure_first_load(folder: Path, facts: FactBatch, scale: Scale, rates: Rates) -> None:
    files = ImportFiles(folder / "files")
    files.add(PAID, facts.rows.with_columns(pl.int_range(1, pl.len() + 1).alias("seq")))
    arguments = files.finish()
    batches = [FactBatch(PAID, rows) for rows in facts.rows.iter_slices(BATCH_ROWS)]
    for turn in range(IMPORT_ROUNDS[scale]):
        server = LocalServer(folder / f"import{turn}", BOLT_PORT, HTTP_PORT)
        try:
            rates.imported.append(len(facts) / seconds_of(import_graph, server, batches, PEPPER))
            with neo4j.GraphDatabase.driver(server.start().bolt) as driver:
                check_count(driver, len(facts))
        finally:
            server.stop()
        alone = LocalServer(folder / f"alone{turn}")
        alone.home.mkdir()
        rates.importer.append(len(facts) / seconds_of(_run_alone, alone, arguments))


def _run_alone(server: LocalServer, arguments: list[str]) -> None:
    run_importer(server, arguments, log=server.home / "import.log")


def _ratio(key: str, ours: list[float], rival: list[float], bar: float, bar_name: str, counts: dict[str, int]) -> Figure:
    pairs = [a / b for a, b in zip(ours, rival, strict=True)]
    a, b = statistics.median(ours), statistics.median(rival)
    note = f"{a:,.0f} {RATE} beside {b:,.0f}; the bounds are the worst and best round."
    return Figure(key, a / b, TIMES, min(pairs), max(pairs), bar, bar_name, counts, SEED, note)


if __name__ == "__main__":
    for figure in main(Scale.REDUCED):
        print(figure)
