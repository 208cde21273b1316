"""The contract of `graph/store.py` on one DuckDB file, owned by one process while it is open.

Decides how facts lie in tables and how a write becomes one transaction. The rule for versions is `graph/versions.py`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import duckdb
import polars as pl

from graph.derived import edges_at, table_name, vocabulary_digest
from graph.duckdb import schema
from graph.duckdb.arrow import SETTINGS, from_arrow
from graph.duckdb.erasing import erase
from graph.duckdb.failure import translated
from graph.duckdb.writing import Writing, as_batch
from graph.facts import FactBatch, check_batch
from graph.identity import FactId, NodeKey
from graph.store import NO_CHECKPOINTS, NOTHING, STORE_FORMAT, EraseReport, StoreIdentity, WriteReport, draw_generation
from graph.versions import order_losers
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel

EXPORT_ROWS = 250_000
"""Rows of one exported batch; about 50 MB."""
MEMORY = "1GB"
"""What DuckDB may keep of the file in memory; more gained nothing, and what does not fit it spills beside the file."""
_SETTINGS = SETTINGS | {"memory_limit": MEMORY}


class DuckDBStore:
    """A graph in one file. Made empty when the file is not there.

    Args:
        path: The file; its folder must exist.
        pepper_fingerprint: Written into a new store; `graph.opening.open_store` compares it with an old one's.

    Raises:
        StoreInUse: another process has the file open.
        StoreUnavailable: the file cannot be opened, or is no DuckDB database.
    """

    def __init__(self, path: Path, pepper_fingerprint: str) -> None:
        self._path = path
        with translated(path):
            self._connection = duckdb.connect(str(path), config=_SETTINGS)
            if not self._has_tables():
                self._create(pepper_fingerprint)

    def identity(self) -> StoreIdentity:
        """Vocabulary, pepper, format, generation and watermarks as stored."""
        with translated(self._path):
            [row] = self._connection.sql(f"FROM {schema.META_TABLE}").to_arrow_table().to_pylist()
        # A store of format 1 has no `retired_seq`; it must be read as far as telling that it is of another format.
        return StoreIdentity(**{"retired_seq": 0} | row)

    def write(
        self,
        batches: Iterable[FactBatch],
        *,
        retire: Mapping[EdgeType, Sequence[FactId]] = NOTHING,
        checkpoints: Mapping[str, str | None] = NO_CHECKPOINTS,
    ) -> WriteReport:
        """Write all batches in one transaction, or none of them; see `graph.store.GraphStore.write`."""
        with translated(self._path), self._transaction():
            writing = Writing(self._connection)
            report = writing.retire(retire)
            for batch in batches:
                check_batch(batch)
                report += writing.put(batch)
            writing.keep(checkpoints)
            writing.finish()
        return report

    def checkpoints(self, prefix: str = "") -> dict[str, str]:
        """Texts kept by `write`, by key, of the keys that begin with `prefix`."""
        statement = f"SELECT key, text FROM {schema.CHECKPOINTS_TABLE} WHERE starts_with(key, ?) ORDER BY key"
        with translated(self._path):
            return dict(self._connection.execute(statement, [prefix]).fetchall())

    def export(self, since: int = 0, *, edges: Collection[EdgeType] | None = None) -> Iterator[FactBatch]:
        """Facts with `seq` > since, all as of the call's first step; see `graph.store.GraphStore.export`."""
        with translated(self._path), self._connection.cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")  # one state for all tables
            for spec in RELATIONS:
                if edges is not None and spec.edge not in edges:
                    continue
                columns = schema.select_columns(spec.edge, seq=True)
                statement = f'SELECT {columns} FROM "{table_name(spec.edge)}" WHERE seq > ?'  # rows lie as they came in
                for piece in cursor.sql(statement, params=[since]).to_arrow_reader(EXPORT_ROWS):
                    if piece.num_rows:
                        batch = as_batch(spec.edge, from_arrow(piece), seq=True)
                        yield FactBatch(spec.edge, batch.rows.sort("seq"))

    def conflicts(self) -> Iterator[FactBatch]:
        """Versions that lost, by edge type, ordered by id and digest."""
        for spec in RELATIONS:
            with translated(self._path):
                columns = schema.select_columns(spec.edge)
                rows = self._read(f'SELECT {columns} FROM "{schema.losers_table(spec.edge)}"')
            if rows.height:
                yield order_losers(as_batch(spec.edge, rows))

    def read_facts(self, label: NodeLabel, key: NodeKey, as_of_s: int) -> list[FactBatch]:
        """Every fact at either end of one node, known strictly before `as_of_s`, ordered by (known_at_s, id)."""
        found = []
        for edge in edges_at(label):
            ends = [
                f"{end} = $key::UUID" for end, at in (("source_id", edge.source), ("target_id", edge.target)) if at is label
            ]
            statement = (
                f'SELECT {schema.select_columns(edge)} FROM "{table_name(edge)}"'
                f" WHERE ({' OR '.join(ends)}) AND known_at_s < $as_of_s ORDER BY known_at_s, {table_name(edge)}.id"
            )
            with translated(self._path):
                rows = self._read(statement, {"key": key, "as_of_s": as_of_s})
            if rows.height:
                found.append(as_batch(edge, rows))
        return found

    def erase(self, nodes: Mapping[NodeLabel, Collection[NodeKey]]) -> EraseReport:
        """Forget nodes in one transaction; see `graph.store.GraphStore.erase`."""
        with translated(self._path), self._transaction():
            writing = Writing(self._connection)
            report = erase(writing, nodes)
            writing.finish()
            self._connection.execute(f"UPDATE {schema.META_TABLE} SET generation = ?", [draw_generation()])
        return report

    def close(self) -> None:
        """Give the file back."""
        with translated(self._path):
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _has_tables(self) -> bool:
        return bool(
            self._connection.execute("FROM information_schema.tables WHERE table_name = ?", [schema.META_TABLE]).fetchall()
        )

    def _create(self, pepper_fingerprint: str) -> None:
        with self._transaction():
            for statement in schema.create_statements():
                self._connection.execute(statement)
            self._connection.execute(
                f"INSERT INTO {schema.META_TABLE} VALUES (?, ?, ?, ?, 0, 0)",
                [vocabulary_digest(), pepper_fingerprint, STORE_FORMAT, draw_generation()],
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN TRANSACTION")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        try:
            self._connection.execute("ROLLBACK")
        except duckdb.Error:
            # A failed commit has rolled back by itself, and after a full disk DuckDB refuses every statement
            # until the file is opened anew.
            self._connection.close()
            self._connection = duckdb.connect(str(self._path), config=_SETTINGS)

    def _read(self, statement: str, parameters: dict[str, object] | None = None) -> pl.DataFrame:
        return from_arrow(self._connection.sql(statement, params=parameters).to_arrow_table())
