"""The contract of `graph/store.py` on a Neo4j server.

Decides how a write becomes one transaction and a read becomes pages. Statements are in `graph/neo4j/statements.py`,
the rule for versions in `graph/versions.py`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Self

import neo4j
import polars as pl

from graph.derived import edges_at, fact_schema, table_name, vocabulary_digest
from graph.facts import FactBatch, check_batch
from graph.identity import FactId, NodeKey
from graph.neo4j import statements
from graph.neo4j.erasing import erase
from graph.neo4j.failure import translated
from graph.neo4j.packing import packed_schema, unpack
from graph.neo4j.writing import Writing
from graph.store import NO_CHECKPOINTS, NOTHING, STORE_FORMAT, EraseReport, StoreIdentity, WriteReport, draw_generation
from graph.versions import order_losers
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel

PAGE_ROWS = 20_000
"""Facts of one page of a read; ids are hashes, so pages cut by id are of nearly equal size."""
BATCH_ROWS = 250_000
CONNECT_SECONDS = 5.0
_ID_PREFIX_BITS = 32


class Neo4jStore:
    """A graph in a Neo4j server. Made empty when the server's database holds none.

    Args:
        url: `bolt://host:port` or `neo4j://host:port`.
        pepper_fingerprint: Written into a new store; `graph.opening.open_store` compares it with an old one's.
        auth: User and password; None for a server without authentication.

    Raises:
        StoreUnavailable: nothing answers there, or it refuses the user.
    """

    def __init__(self, url: str, pepper_fingerprint: str, *, auth: tuple[str, str] | None = None) -> None:
        self._url = url
        with translated(url):
            self._driver = neo4j.GraphDatabase.driver(
                url,
                auth=auth,
                connection_timeout=CONNECT_SECONDS,
                connection_acquisition_timeout=CONNECT_SECONDS,  # also bounds a handshake that nobody answers
                max_transaction_retry_time=CONNECT_SECONDS,
                notifications_min_severity="OFF",
            )
            try:
                self._driver.verify_connectivity()  # at once, where a query would first try again and again
                if not self._driver.execute_query(statements.READ_IDENTITY).records:
                    self._create(pepper_fingerprint)
            except BaseException:
                self._driver.close()
                raise

    def identity(self) -> StoreIdentity:
        """Vocabulary, pepper, format, generation and watermark as stored."""
        with translated(self._url):
            [record] = self._driver.execute_query(statements.READ_IDENTITY).records
        return StoreIdentity(*record.values())

    def write(
        self,
        batches: Iterable[FactBatch],
        *,
        retire: Mapping[EdgeType, Sequence[FactId]] = NOTHING,
        checkpoints: Mapping[str, str | None] = NO_CHECKPOINTS,
    ) -> WriteReport:
        """Write all batches in one transaction, or none of them; see `graph.store.GraphStore.write`."""
        with translated(self._url), self._driver.session() as session, session.begin_transaction() as transaction:
            writing = Writing(transaction)
            report = writing.retire(retire)
            for batch in batches:
                check_batch(batch)
                report += writing.put(batch)
            writing.keep(checkpoints)
            writing.finish()
            transaction.commit()
        return report

    def checkpoints(self, prefix: str = "") -> dict[str, str]:
        """Texts kept by `write`, by key, of the keys that begin with `prefix`."""
        with translated(self._url):
            records = self._driver.execute_query(statements.READ_CHECKPOINTS, prefix=prefix).records
        return dict(sorted((key, text) for key, text in records))

    def export(self, since: int = 0, *, edges: Collection[EdgeType] | None = None) -> Iterator[FactBatch]:
        """Facts with `seq` > since; see `graph.store.GraphStore.export`.

        Nothing written after the first step is in it. A fact that a concurrent write replaces meanwhile is left
        out here, and its new version comes with the next export from this one's watermark.
        """
        with translated(self._url), self._driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
            [record] = session.run(statements.READ_LAST_SEQS)
            kept = record[0]
            for spec in RELATIONS:
                if (edges is None or spec.edge in edges) and kept.get(table_name(spec.edge), 0) > since:
                    rows = _read_pages(session, spec.edge, since=since, until=kept["seq"])
                    for piece in rows.sort("seq").iter_slices(BATCH_ROWS):
                        if piece.height:
                            yield FactBatch(spec.edge, piece)

    def conflicts(self) -> Iterator[FactBatch]:
        """Versions that lost, by edge type, ordered by id and digest."""
        for spec in RELATIONS:
            with translated(self._url), self._driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
                rows = _read_packed(session, fact_schema(spec.edge), statements.READ_LOSERS, {"edge": table_name(spec.edge)})
            if rows.height:
                yield order_losers(FactBatch(spec.edge, rows))

    def read_facts(self, label: NodeLabel, key: NodeKey, as_of_s: int) -> list[FactBatch]:
        """Every fact at either end of one node, known strictly before `as_of_s`, ordered by (known_at_s, id)."""
        found = []
        with translated(self._url), self._driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
            for edge in edges_at(label):
                rows = _read_packed(
                    session, packed_schema(edge), statements.read_at_node(edge, label), {"key": key, "as_of_s": as_of_s}
                )
                if rows.height:
                    found.append(FactBatch(edge, rows.drop("seq").sort("known_at_s", "id")))
        return found

    def erase(self, nodes: Mapping[NodeLabel, Collection[NodeKey]]) -> EraseReport:
        """Forget nodes in one transaction; see `graph.store.GraphStore.erase`."""
        with translated(self._url), self._driver.session() as session, session.begin_transaction() as transaction:
            writing = Writing(transaction)
            report = erase(writing, nodes)
            writing.finish()
            transaction.commit()
        return report

    def close(self) -> None:
        """Give the connections back."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _create(self, pepper_fingerprint: str) -> None:
        with self._driver.session() as session:
            for statement in statements.schema_statements():
                session.run(statement).consume()
            session.run(
                statements.CREATE_IDENTITY,
                vocabulary_digest=vocabulary_digest(),
                pepper_fingerprint=pepper_fingerprint,
                format=STORE_FORMAT,
                generation=draw_generation(),
            ).consume()


def _read_pages(session: neo4j.Session, edge: EdgeType, *, since: int, until: int) -> pl.DataFrame:
    [record] = session.run(statements.count_facts(edge))
    pages = max(1, record[0] // PAGE_ROWS)
    bounds = [format(i * 2**_ID_PREFIX_BITS // pages, "08x") for i in range(pages)] + ["g"]  # "g" follows every digit
    parameters: dict[str, object] = {"since": since, "until": until}
    return pl.concat(
        _read_packed(session, packed_schema(edge), statements.read_page(edge), parameters | {"low": low, "high": high})
        for low, high in pairwise(bounds)
    )


def _read_packed(
    session: neo4j.Session, schema: Mapping[str, pl.DataType], statement: str, parameters: dict[str, object]
) -> pl.DataFrame:
    [record] = session.run(statement, parameters)
    return unpack(record[0], schema)
