"""Rewrites a Neo4j database into fresh files, so that nothing that was erased is left in any file of the server.

Decides what is carried over: every fact with its `seq`, and every node of the store's own bookkeeping, as they are. The
old data folder stands until the new one is complete; then it goes, with its transaction logs and the server's logs.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import groupby

import neo4j
import polars as pl
from neo4j.exceptions import DriverError, Neo4jError

from graph.errors import StoreEmpty
from graph.neo4j import statements
from graph.neo4j.failure import translated
from graph.neo4j.import_files import ImportFiles
from graph.neo4j.importing import LOG, STORE_NODE, UNFINISHED, finish_load, room, run_importer
from graph.neo4j.server import LocalServer, ServerAddress, stop_server
from graph.neo4j.staging import SERVER, staged, take_place
from graph.neo4j.store import Neo4jStore
from graph.vocabulary import NodeLabel

READ_ROWS = 50_000
READ_OTHERS = f"""
    MATCH (n) WHERE NOT n:{STORE_NODE} AND none(label IN labels(n) WHERE label IN $labels)
    RETURN labels(n)[0] AS label, properties(n) AS properties ORDER BY label"""


def compact(server: LocalServer) -> None:
    """Rewrite the database of a server of this machine; the server runs afterwards, whether it ran before or not.

    Writers wait and are then refused, nothing they were told is lost. A process that ends midway leaves the old database
    or the new one, and the next start clears away the rest.

    Args:
        server: The disk needs room for its database a second time, and for its facts as text.

    Raises:
        StoreEmpty: there is no store in it.
        StoreInUse: another process compacts it.
        StoreFull: the disk has no room.
        ImportFailed: the importer did not take the files; the old database stands.
        ServerNotStarted: Java or the jars are missing, or the server does not come up.
    """
    address = server.start()
    with staged(server.home, stop_server) as folder, room(server.home):
        files = ImportFiles(folder / "files")
        store_format = _write_all(address, files, server)
        fresh = replace(server, home=folder / SERVER)
        run_importer(fresh, files.finish(), log=folder / LOG)
        finish_load(fresh.start(), files.facts, store_format)
        fresh.stop()
        take_place(server.home, fresh.home)
    server.start()


def _write_all(address: ServerAddress, files: ImportFiles, server: LocalServer) -> int:
    """Write everything into files and stop the server, all while no other writer gets a turn; the store's format."""
    with neo4j.GraphDatabase.driver(address.bolt, notifications_min_severity="OFF") as driver, driver.session() as session:
        with translated(address.bolt):
            transaction = session.begin_transaction()
            if not list(transaction.run(statements.LOCK_SEQ)):
                raise StoreEmpty(address.bolt)
            [identity] = transaction.run(statements.READ_LAST_SEQS).value()
        files.add_nodes(STORE_NODE, pl.DataFrame([{**identity, "format": UNFINISHED}]))
        for label, rows in _read_others(address, transaction):
            files.add_nodes(label, rows)
        with Neo4jStore(address.bolt, identity["pepper_fingerprint"]) as store:
            for batch in store.export():
                files.add(batch.edge, batch.rows)
        server.stop()  # holding the lock: a writer that waits is refused, not overtaken
        with suppress(DriverError, Neo4jError):
            transaction.close()
    return int(identity["format"])


def _read_others(address: ServerAddress, transaction: neo4j.Transaction) -> Iterator[tuple[str, pl.DataFrame]]:
    """Nodes of no label of the vocabulary, by label, in pieces."""
    with translated(address.bolt):
        found = transaction.run(READ_OTHERS, labels=list(NodeLabel))
        while records := found.fetch(READ_ROWS):
            for label, nodes in groupby(records, key=lambda record: str(record["label"])):
                yield label, pl.DataFrame(_properties(nodes), infer_schema_length=None)


def _properties(nodes: Iterator[neo4j.Record]) -> list[Mapping[str, object]]:
    return [record["properties"] for record in nodes]
