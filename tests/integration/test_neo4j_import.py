"""A first load through the importer, and compaction, on a real server of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import neo4j
import polars as pl
import pytest

from graph.canonical import canonical_hash
from graph.errors import FactMalformed, FormatMismatch, StoreEmpty, StoreNotEmpty
from graph.facts import FactBatch
from graph.neo4j.assembly import Memory
from graph.neo4j.compact import compact
from graph.neo4j.importing import UNFINISHED, import_graph
from graph.neo4j.server import LocalServer
from graph.neo4j.store import Neo4jStore
from graph.opening import open_store
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel, RelType
from tests.conftest import free_port
from tests.support.facts import example_batch

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

PEPPER = "0123456789abcdef"
PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)
DESCRIBED = EdgeType(NodeLabel.PERSON, RelType.DESCRIBED_AS, NodeLabel.PERSON)
FEW = (PAID, DESCRIBED)
CHECKPOINTS = {"file:a": '{"rows": 3}', "derived": 'x"y\n,\r\nz', "long": "m" * 5_000_000}
ODD_TEXTS = ("", None, 'a,"b"\nc', "\r\n", "\r", " ", "\\", '"', "'", "\ufeffü€😀", "null", "\u2028", "=1+1", "\x01\x1a")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    made = LocalServer(tmp_path / "neo4j", free_port(), free_port(), Memory(heap="1g", page_cache="64m"))
    yield made
    made.stop()


def awkward_batches(edges: Sequence[EdgeType]) -> list[FactBatch]:
    """Facts of these edge types, with ids that come again: the same, at another time, with other content; and odd texts."""
    batches = [example_batch(edge, 20) for edge in edges]
    paid = example_batch(PAID, 20).rows
    again = [
        paid.head(4),
        paid.slice(2, 6).with_columns(pl.col("known_at_s") - 5),
        paid.slice(6, 6).with_columns(pl.lit("elsewhere").alias("origin"), pl.col("known_at_s") + 1),
        paid.slice(10, 6).with_columns(pl.lit(",\n").alias("origin"), pl.col("known_at_s") - 1),
    ]
    odd = example_batch(PAID, len(ODD_TEXTS), seed=7).rows.with_columns(pl.Series("purpose", ODD_TEXTS, dtype=pl.String))
    versions = example_batch(PAID, 4, seed=8).rows.with_columns(
        pl.lit("e" * 32).alias("series"), pl.Series("withdrawn", [None, None, None, True])
    )
    return [*batches, *(FactBatch(PAID, rows) for rows in (*again, odd, versions))]


def described(address: str) -> dict[str, object]:
    """Everything a store keeps, apart from the numbers it gives."""
    with Neo4jStore(address, PEPPER) as store, neo4j.GraphDatabase.driver(address) as driver:
        nodes = driver.execute_query("MATCH (n) RETURN labels(n)[0] AS label, count(*) AS n ORDER BY label").records
        schema = driver.execute_query("SHOW INDEXES YIELD name, state RETURN name, state ORDER BY name").records
        return {
            "hash": canonical_hash(store),
            "conflicts": [batch.rows.to_dicts() for batch in store.conflicts()],
            "checkpoints": store.checkpoints(),
            "nodes": [tuple(record.values()) for record in nodes],
            "schema": {tuple(record.values()) for record in schema if not record["name"].startswith("index_")},
        }


def found_in(folder: Path, keys: Sequence[str]) -> set[str]:
    """Those of the keys that stand in any file."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {key for key in keys if any(key.encode() in raw for raw in files)}


def test_an_import_gives_the_store_that_writing_gives(server: LocalServer, neo4j_address: str) -> None:
    batches = awkward_batches([spec.edge for spec in RELATIONS])
    report = import_graph(server, iter(batches), PEPPER, checkpoints=CHECKPOINTS)
    with Neo4jStore(neo4j_address, PEPPER) as store:
        written = store.write([FactBatch(e.edge, pl.concat(b.rows for b in batches if b.edge == e.edge)) for e in RELATIONS])
        store.write([], checkpoints=CHECKPOINTS)
    address = server.start().bolt
    assert report == written
    assert described(address) == described(neo4j_address)
    with open_store(address, PEPPER) as store:
        assert store.identity().seq == report.written == sum(map(len, store.export()))
        more = example_batch(PAID, 5, seed=9)
        assert store.write([*awkward_batches(FEW), more]).written == 5
        assert [b.rows["id"].sort().to_list() for b in store.export(since=report.written)] == [more.rows["id"].sort().to_list()]


def test_a_database_with_facts_is_not_imported_into(server: LocalServer) -> None:
    with open_store(server.start().bolt, PEPPER) as store:
        store.write([example_batch(PAID, 3)])
        before = canonical_hash(store)
        with pytest.raises(StoreNotEmpty, match="usual way"):
            import_graph(server, [example_batch(PAID, 3, seed=2)], PEPPER)
        assert canonical_hash(store) == before


def test_an_unfinished_load_is_refused_by_readers_and_replaced_by_the_next(server: LocalServer) -> None:
    import_graph(server, [example_batch(PAID, 3)], PEPPER)
    address = server.start().bolt
    with neo4j.GraphDatabase.driver(address) as driver:
        driver.execute_query("MATCH (g:CreditGraph) SET g.format = $format", format=UNFINISHED)
    with pytest.raises(FormatMismatch):
        open_store(address, PEPPER)
    assert import_graph(server, [example_batch(PAID, 7, seed=2)], PEPPER).written == 7
    with open_store(address, PEPPER) as store:
        assert sum(map(len, store.export())) == 7


def test_a_malformed_batch_loads_nothing_and_leaves_no_files(server: LocalServer) -> None:
    wrong = FactBatch(PAID, example_batch(PAID, 3).rows.with_columns(pl.lit("rumour").alias("attested_by")))
    with pytest.raises(FactMalformed):
        import_graph(server, [example_batch(PAID, 3), wrong], PEPPER)
    assert {path.name for path in server.home.iterdir()} <= {"staging.lock"}


def test_an_id_of_one_relation_between_other_labels_is_malformed(server: LocalServer) -> None:
    holds = [spec.edge for spec in RELATIONS if spec.edge.rel is RelType.HOLDS][:2]
    one, other = (example_batch(edge, 3) for edge in holds)
    clash = FactBatch(other.edge, other.rows.with_columns(one.rows["id"]))
    with pytest.raises(FactMalformed, match="other labels"):
        import_graph(server, [one, clash], PEPPER)


def test_compaction_keeps_the_store_and_drops_every_byte_of_what_was_erased(server: LocalServer) -> None:
    batches = awkward_batches(FEW)
    import_graph(server, batches, PEPPER, checkpoints=CHECKPOINTS)
    address = server.start().bolt
    extra = example_batch(DESCRIBED, 3, seed=5, nodes=100_000)
    losing = FactBatch(DESCRIBED, extra.rows.with_columns(pl.lit("elsewhere").alias("origin"), pl.col("known_at_s") + 1))
    keys = extra.rows["source_id"].unique().to_list()
    with Neo4jStore(address, PEPPER) as store:
        store.write([extra, losing])
        store.erase({NodeLabel.PERSON: keys})
        kept, identity = described(address), store.identity()
        exported = [batch.rows.to_dicts() for batch in store.export()]
    server.stop()
    assert found_in(server.home, keys) == set(keys)
    compact(server)
    assert described(address) == kept
    with open_store(address, PEPPER) as store:
        assert store.identity() == identity
        assert [batch.rows.to_dicts() for batch in store.export()] == exported
    server.stop()
    assert found_in(server.home, keys) == set()
    assert not (server.home / "staging").exists()


def test_a_server_without_a_store_is_not_compacted(server: LocalServer) -> None:
    with pytest.raises(StoreEmpty):
        compact(server)


COMPACT = """
import sys
from pathlib import Path
from graph.neo4j.assembly import Memory
from graph.neo4j.compact import compact
from graph.neo4j.server import LocalServer
home, bolt, http = sys.argv[1:]
compact(LocalServer(Path(home), int(bolt), int(http), Memory(heap="1g", page_cache="64m")))
"""


@pytest.mark.parametrize("seconds", [1.0, 9.0, 16.0, 22.0])
def test_a_compaction_that_is_killed_leaves_a_complete_store(server: LocalServer, seconds: float) -> None:
    import_graph(server, awkward_batches(FEW), PEPPER)
    address = server.start().bolt
    before = described(address)
    arguments = [sys.executable, "-c", COMPACT, str(server.home), str(server.bolt_port), str(server.http_port)]
    with subprocess.Popen(arguments, cwd=Path(__file__).parents[2], start_new_session=True) as compacting:
        time.sleep(seconds)
        os.killpg(compacting.pid, signal.SIGKILL)
    server.start()
    server.stop()
    server.start()
    assert described(address) == before
    assert not (server.home / "staging").exists()


def test_a_server_whose_stop_was_interrupted_is_stopped_and_started_anew(server: LocalServer) -> None:
    import_graph(server, awkward_batches(FEW), PEPPER)
    address = server.start().bolt
    before, process = described(address), (server.home / "server.pid").read_text()
    (server.home / "server.stopping").touch()
    server.start()
    assert (server.home / "server.pid").read_text() != process
    assert not (server.home / "server.stopping").exists()
    assert described(address) == before
