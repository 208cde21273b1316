"""Writes to and reads from Neo4j, beside the plain ways, on one server in one run.

    python -m benchmarks.neo4j_store        reduced counts, printed and thrown away

Rivals: a loop of 1,000-row dictionary `UNWIND ... MERGE`, one transaction each, with the same constraints; and a read
record by record. Both sides start from, or end with, every column of the same facts. The database is emptied before
each write, the order alternates, and the ratio is that of the medians.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import neo4j
import polars as pl

from benchmarks.results import Figure
from benchmarks.scale import Scale
from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.neo4j.server import start_server, stop_server
from graph.neo4j.store import Neo4jStore
from graph.vocabulary import Attestation, Basis, EdgeType, NodeLabel, RelType

PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)
FACTS = {Scale.FULL: 100_000, Scale.REDUCED: 2_000}
ROUNDS = {Scale.FULL: 3, Scale.REDUCED: 1}
FACTS_A_NODE = 5
RIVAL_ROWS = 1_000
DELETE_ROWS = 20_000
SEED = 1
PEPPER = "benchmark-pepper"
BOLT_PORT, HTTP_PORT = 27687, 27474

_OWN = [name for name in fact_schema(PAID) if name not in ("id", "source_id", "target_id")]
RIVAL_WRITE = f"""
    UNWIND $rows AS row
    MERGE (s:BankAccount {{key: row.source_id}})
    MERGE (t:BankAccount {{key: row.target_id}})
    MERGE (s)-[r:PAID {{id: row.id}}]->(t)
    SET {", ".join(f"r.{name} = row.{name}" for name in [*_OWN, "seq"])}"""
RIVAL_READ = f"""
    MATCH (s:BankAccount)-[r:PAID]->(t:BankAccount)
    RETURN r.id, s.key, t.key, {", ".join(f"r.{name}" for name in [*_OWN, "seq"])}"""


def main(scale: Scale = Scale.FULL) -> list[Figure]:
    """Figures `neo4j.write.ratio_merge_loop` and `neo4j.read.ratio_rows`; above 1 means faster than the rival."""
    with tempfile.TemporaryDirectory() as folder:
        named = os.environ.get("NEO4J_URI")
        address = start_server(Path(folder), BOLT_PORT, HTTP_PORT, uri=named).bolt
        try:
            with neo4j.GraphDatabase.driver(address) as driver:
                refuse_data(driver)
                return _measure(address, driver, scale)
        finally:
            stop_server(Path(folder))


def payments(count: int) -> FactBatch:
    """`count` payments with every property filled, in random order of accounts."""
    draw = random.Random(SEED)
    accounts = [draw.randbytes(16).hex() for _ in range(max(2, count // FACTS_A_NODE))]
    rows = [
        {
            "id": draw.randbytes(16).hex(),
            "source_id": draw.choice(accounts),
            "target_id": draw.choice(accounts),
            "at_us": 1_500_000_000_000_000 + 1_000_000 * number,
            "known_at_s": 1_500_000_001 + number,
            "attested_by": Attestation.INSTITUTION.value,
            "basis": Basis.RESEARCH.value,
            "undated": False,
            "origin": "benchmark",
            "amount_minor": draw.randrange(10_000_000),
            "currency": "CZK",
            "channel": draw.choice(("cash", "transfer", "card")),
            "purpose": draw.choice(("rent", "food", "wage")),
            "source_balance_minor": draw.randrange(100_000_000),
            "target_balance_minor": draw.randrange(100_000_000),
        }
        for number in range(count)
    ]
    return FactBatch(PAID, pl.DataFrame(rows, schema=fact_schema(PAID)))


def _measure(address: str, driver: neo4j.Driver, scale: Scale) -> list[Figure]:
    batch = payments(FACTS[scale])
    warm = payments(FACTS[Scale.REDUCED])
    for write in (write_merge_loop, _write_ours):
        empty(driver)
        with Neo4jStore(address, PEPPER) as store:
            write(driver, store, warm)
            _read_rival(driver, store)
    with Neo4jStore(address, PEPPER) as store:
        _read_ours(driver, store)
    writes: dict[str, list[float]] = {"ours": [], "rival": []}
    reads: dict[str, list[float]] = {"ours": [], "rival": []}
    for turn in range(ROUNDS[scale]):
        sides = [("ours", _write_ours, _read_ours), ("rival", write_merge_loop, _read_rival)]
        for name, write, _ in sides if turn % 2 == 0 else reversed(sides):
            empty(driver)
            with Neo4jStore(address, PEPPER) as store:
                writes[name].append(seconds_of(write, driver, store, batch))
                check_count(driver, len(batch))
        empty(driver)
        with Neo4jStore(address, PEPPER) as store:
            store.write([batch])
            for name, _, read in sides if turn % 2 == 0 else reversed(sides):
                reads[name].append(seconds_of(read, driver, store))
    return [
        _figure("neo4j.write.ratio_merge_loop", writes, len(batch), "1,000-row dictionary MERGE loop", "written"),
        _figure("neo4j.read.ratio_rows", reads, len(batch), "record-by-record read", "read"),
    ]


def _figure(key: str, seconds: dict[str, list[float]], facts: int, rival_name: str, done: str) -> Figure:
    ours, rival = statistics.median(seconds["ours"]), statistics.median(seconds["rival"])
    pairs = [b / a for a, b in zip(seconds["ours"], seconds["rival"], strict=True)]
    return Figure(
        key=key,
        value=rival / ours,
        unit="times the rival's rate",
        low=min(pairs),
        high=max(pairs),
        rival=1.0,
        rival_name=rival_name,
        counts={"facts": facts, "rounds": len(pairs)},
        seed=SEED,
        note=f"{facts / ours:,.0f} facts {done} a second beside {facts / rival:,.0f}; the bounds are the worst and best round.",
    )


def _write_ours(_: neo4j.Driver, store: Neo4jStore, batch: FactBatch) -> None:
    store.write([batch])


def write_merge_loop(driver: neo4j.Driver, _: Neo4jStore, batch: FactBatch, rows: int = RIVAL_ROWS) -> None:
    """The rival: `rows` dictionaries a statement, each its own transaction."""
    numbered = batch.rows.with_columns(pl.int_range(1, pl.len() + 1).alias("seq"))
    with driver.session() as session:
        for piece in numbered.iter_slices(rows):
            session.run(RIVAL_WRITE, rows=piece.to_dicts()).consume()


def _read_ours(driver: neo4j.Driver, store: Neo4jStore) -> None:
    check_count(driver, sum(len(batch) for batch in store.export()))


def _read_rival(driver: neo4j.Driver, _: Neo4jStore) -> None:
    with driver.session() as session:
        rows = [tuple(record) for record in session.run(RIVAL_READ)]
    check_count(driver, len(rows))


def seconds_of(action: Callable[..., object], *arguments: object) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - start


def check_count(driver: neo4j.Driver, expected: int) -> None:
    """Refuse a measurement whose facts are not there."""
    stored = driver.execute_query("MATCH ()-[r:PAID]->() RETURN count(r)").records[0][0]
    if stored != expected:
        raise RuntimeError(f"the server holds {stored} facts, {expected} were written or read")


def empty(driver: neo4j.Driver) -> None:
    """Delete everything in the database, keeping its constraints."""
    for pattern in ("()-[x]->()", "(x)"):
        statement = f"MATCH {pattern} WITH x LIMIT {DELETE_ROWS} DELETE x RETURN count(*)"
        while driver.execute_query(statement).records[0][0]:
            pass


def refuse_data(driver: neo4j.Driver) -> None:
    if driver.execute_query("MATCH (n) RETURN count(n)").records[0][0]:
        raise SystemExit("the server named by NEO4J_URI holds data, which this benchmark would delete; unset it")


if __name__ == "__main__":
    for figure in main(Scale.REDUCED):
        print(figure)
