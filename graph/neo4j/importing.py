"""The first load of an empty Neo4j database, through the importer's files instead of transactions.

Decides the order of the steps: settle, write files, import into a fresh data folder, put it in place, start the server,
make the constraints, declare the store finished. What comes before the last step is refused by every reader.
"""

import errno
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import neo4j
import polars as pl

from graph.derived import fact_schema, table_name, vocabulary_digest
from graph.errors import ImportFailed, StoreFull, StoreNotEmpty
from graph.facts import FactBatch
from graph.neo4j import statements
from graph.neo4j.assembly import Memory, default_cache, ensure_jars
from graph.neo4j.failure import translated
from graph.neo4j.import_files import ImportFiles
from graph.neo4j.packing import ROW_SEPARATOR, pack
from graph.neo4j.server import LocalServer, ServerAddress, stop_server
from graph.neo4j.spill import Spill
from graph.neo4j.staging import DATA, SERVER, staged, take_place
from graph.store import NO_CHECKPOINTS, STORE_FORMAT, StoreIdentity, WriteReport, draw_generation
from graph.vocabulary import EdgeType

UNFINISHED = 0
"""Format of a store whose load has not come to its end; no code reads it, so every opening refuses it."""
INDEX_WAIT_SECONDS = 24 * 3600
LOG = "import.log"
STORE_NODE, LOSING_NODE, CHECKPOINT_NODE = "CreditGraph", "LosingVersion", "Checkpoint"

COUNT_OTHERS = f"MATCH (n) WHERE NOT n:{STORE_NODE} RETURN count(n)"
COUNT_FACTS = "MATCH ()-[r]->() RETURN count(r)"
AWAIT_INDEXES = "CALL db.awaitIndexes($seconds)"
SET_FORMAT = f"MATCH (g:{STORE_NODE} {{name: 'store'}}) SET g.format = $format"


def import_graph(
    server: LocalServer,
    batches: Iterable[FactBatch],
    pepper_fingerprint: str,
    *,
    checkpoints: Mapping[str, str | None] = NO_CHECKPOINTS,
) -> WriteReport:
    """Make a store of these facts, the same that `Neo4jStore.write` makes of them, in a fraction of the time.

    Memory does not grow with the number of facts; the folder needs room for them twice. A load that is broken off leaves
    the database empty or, in its last seconds, unfinished; either way the next load begins anew.

    Args:
        server: Its database is empty or not there. Running or not, it runs afterwards.
        batches: Facts in any order, an id any number of times.
        pepper_fingerprint: Written into the store.
        checkpoints: Texts that the store keeps under their keys.

    Returns:
        The report of one write of all the facts.

    Raises:
        StoreNotEmpty: the database holds something.
        StoreInUse: another process imports here, or compacts.
        FactMalformed: a batch breaks the vocabulary; nothing was loaded.
        StoreFull: the disk has no room.
        ImportFailed: the importer did not take the files.
        ServerNotStarted: Java or the jars are missing, or the server does not come up.
    """
    _refuse_contents(server)
    server.stop()
    with staged(server.home, stop_server) as folder, room(server.home):
        files = ImportFiles(folder / "files")
        report = _write_facts(folder, files, batches)
        kept = {"key": list(checkpoints), "text": list(checkpoints.values())}
        files.add_nodes(CHECKPOINT_NODE, pl.DataFrame(kept, schema={"key": pl.String, "text": pl.String}).drop_nulls())
        identity = StoreIdentity(
            vocabulary_digest(), pepper_fingerprint, UNFINISHED, draw_generation(), seq=files.facts, retired_seq=0
        )
        files.add_nodes(STORE_NODE, pl.DataFrame([{"name": "store"} | asdict(identity) | files.last_seq_by_edge]))
        fresh = replace(server, home=folder / SERVER)
        run_importer(fresh, files.finish(), log=server.home / LOG)
        take_place(server.home, fresh.home)
    finish_load(server.start(), files.facts, STORE_FORMAT)
    return report


def run_importer(server: LocalServer, arguments: list[str], *, log: Path) -> None:
    """Import files into the data folder of a server that does not run and has none yet.

    Raises:
        ImportFailed: with the place of its log.
        ServerNotStarted: Java or the jars are missing.
    """
    configuration = server.home / "conf"
    configuration.mkdir(parents=True, exist_ok=True)
    command = import_command(ensure_jars(default_cache()), server.memory or Memory(), arguments)
    places = {"NEO4J_HOME": str(server.home), "NEO4J_CONF": str(configuration)}
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=os.environ | places, check=False)
    if done.returncode != 0:
        raise ImportFailed(f"exit status {done.returncode}, see {log}")


def import_command(jars: Path, memory: Memory, arguments: list[str]) -> list[str]:
    """Command of the importer, which is `neo4j-admin database import full` without its script."""
    tool = ["java", f"-Xmx{memory.heap}", "-cp", f"{jars}/*", "org.neo4j.cli.AdminTool", "database", "import", "full"]
    return [*tool, *arguments, "--report-file=/dev/null", "neo4j"]


def finish_load(address: ServerAddress, facts: int, store_format: int) -> None:
    """Make constraints and indexes, and declare the store finished.

    Raises:
        ImportFailed: another number of facts is there than was handed to the importer.
    """
    with translated(address.bolt), neo4j.GraphDatabase.driver(address.bolt, notifications_min_severity="OFF") as driver:
        stored = driver.execute_query(COUNT_FACTS).records[0][0]
        if stored != facts:
            raise ImportFailed(f"{stored} facts are there, {facts} were handed over")
        for statement in statements.schema_statements():  # one by one: side by side they deadlock
            driver.execute_query(statement)
        driver.execute_query(AWAIT_INDEXES, seconds=INDEX_WAIT_SECONDS)
        driver.execute_query(SET_FORMAT, format=store_format)


@contextmanager
def room(home: Path) -> Iterator[None]:
    """Re-raise a full disk.

    Raises:
        StoreFull: in its place.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno == errno.ENOSPC:
            raise StoreFull(str(home), "its disk is full") from exc
        raise


def _refuse_contents(server: LocalServer) -> None:
    """An unfinished load may be replaced, anything else in the database may not."""
    if not (server.home / DATA / "databases" / "neo4j").exists():
        return
    address = server.start()
    with translated(address.bolt), neo4j.GraphDatabase.driver(address.bolt) as driver:
        identity = driver.execute_query(statements.READ_IDENTITY).records
        if identity and StoreIdentity(*identity[0].values()).format == UNFINISHED:
            return
        if driver.execute_query(COUNT_OTHERS).records[0][0]:
            raise StoreNotEmpty(address.bolt)


def _write_facts(folder: Path, files: ImportFiles, batches: Iterable[FactBatch]) -> WriteReport:
    spill = Spill(folder / "spill")
    for batch in batches:
        spill.add(batch)
    report = WriteReport()
    for edge, settlement in spill.settled():
        first = files.facts + 1
        files.add(edge, settlement.facts.with_columns(pl.int_range(first, first + settlement.facts.height).alias("seq")))
        files.add_nodes(LOSING_NODE, _losing_nodes(edge, settlement.losers))
        report += settlement.report
    return report


def _losing_nodes(edge: EdgeType, losers: pl.DataFrame) -> pl.DataFrame:
    """As `statements.CREATE_LOSERS` makes them."""
    rows = pack(losers, fact_schema(edge)).split(ROW_SEPARATOR) if losers.height else []
    columns = {"edge": [table_name(edge)] * losers.height, "id": losers["id"], "row": rows}
    return pl.DataFrame(columns, schema={"edge": pl.String, "id": pl.String, "row": pl.String})
