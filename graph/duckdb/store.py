"""The contract of `graph/store.py` on one DuckDB file, owned by one process while it is open.

Decides how facts lie in tables and how a write becomes one transaction. The rule for versions is `graph/versions.py`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import duckdb
import polars as pl

from graph.derived import edges_at, fact_schema, table_name, vocabulary_digest
from graph.duckdb import schema
from graph.duckdb.failure import translated
from graph.facts import FactBatch, check_batch
from graph.identity import NodeKey
from graph.store import STORE_FORMAT, StoreIdentity, WriteReport, draw_generation
from graph.versions import Held, Settlement, order_losers, settle
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel

EXPORT_ROWS = 250_000
"""Rows of one exported batch; about 50 MB."""


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
            self._connection = duckdb.connect(str(path))
            if not self._has_tables():
                self._create(pepper_fingerprint)

    def identity(self) -> StoreIdentity:
        """Vocabulary, pepper, format, generation and watermark as stored."""
        with translated(self._path):
            [row] = self._connection.execute(
                f"SELECT vocabulary_digest, pepper_fingerprint, format, generation, seq FROM {schema.META_TABLE}"
            ).fetchall()
        return StoreIdentity(*row)

    def write(self, batches: Iterable[FactBatch]) -> WriteReport:
        """Write all batches in one transaction, or none of them; see `graph.store.GraphStore.write`."""
        report = WriteReport()
        with translated(self._path), self._transaction():
            seq = self.identity().seq
            for batch in batches:
                check_batch(batch)
                settlement = settle(batch, self._read_held(batch))
                self._apply(batch.edge, settlement, seq)
                seq += settlement.facts.height
                report += settlement.report
            self._connection.execute(f"UPDATE {schema.META_TABLE} SET seq = ?", [seq])
        return report

    def export(self, since: int = 0) -> Iterator[FactBatch]:
        """Facts with `seq` > since, all as of the call's first step; see `graph.store.GraphStore.export`."""
        with translated(self._path), self._connection.cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")  # one state for all tables
            for spec in RELATIONS:
                columns = schema.select_columns(spec.edge, seq=True)
                statement = f'SELECT {columns} FROM "{table_name(spec.edge)}" WHERE seq > ? ORDER BY seq'
                for piece in cursor.sql(statement, params=[since]).to_arrow_reader(EXPORT_ROWS):
                    if piece.num_rows:
                        yield _batch(spec.edge, pl.DataFrame(piece), seq=True)

    def conflicts(self) -> Iterator[FactBatch]:
        """Versions that lost, by edge type, ordered by id and digest."""
        for spec in RELATIONS:
            with translated(self._path):
                columns = schema.select_columns(spec.edge)
                rows = self._read(f'SELECT {columns} FROM "{schema.losers_table(spec.edge)}"')
            if rows.height:
                batch = _batch(spec.edge, rows)
                yield order_losers(batch)

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
                found.append(_batch(edge, rows))
        return found

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
                f"INSERT INTO {schema.META_TABLE} VALUES (?, ?, ?, ?, 0)",
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
            self._connection = duckdb.connect(str(self._path))

    def _read_held(self, batch: FactBatch) -> Held:
        incoming = batch.rows.select(pl.col("id").unique())
        return Held(
            *(
                _batch(batch.edge, self._read_with(schema.held_statement(batch.edge, table), incoming))
                for table in (table_name(batch.edge), schema.losers_table(batch.edge))
            )
        )

    def _apply(self, edge: EdgeType, settlement: Settlement, seq: int) -> None:
        facts, losers = table_name(edge), schema.losers_table(edge)
        if settlement.replaced.len():
            self._run_with(schema.delete_statement(facts), settlement.replaced.to_frame())
        if settlement.facts.height:
            numbered = settlement.facts.with_row_index("seq", offset=seq + 1)
            self._run_with(schema.insert_statement(edge, facts, seq=True), numbered)
        if settlement.contested.len():
            self._run_with(schema.delete_statement(losers), settlement.contested.to_frame())
            self._run_with(schema.insert_statement(edge, losers), settlement.losers)

    def _run_with(self, statement: str, rows: pl.DataFrame) -> None:
        with self._incoming(rows):
            self._connection.execute(statement).fetchall()

    def _read_with(self, statement: str, rows: pl.DataFrame) -> pl.DataFrame:
        with self._incoming(rows):
            return self._read(statement)

    def _read(self, statement: str, parameters: dict[str, object] | None = None) -> pl.DataFrame:
        return pl.DataFrame(self._connection.sql(statement, params=parameters).to_arrow_table())

    @contextmanager
    def _incoming(self, rows: pl.DataFrame) -> Iterator[None]:
        self._connection.register(schema.INCOMING, rows.to_arrow())
        yield
        self._connection.unregister(schema.INCOMING)  # not after a failure: an aborted transaction refuses it


def _batch(edge: EdgeType, rows: pl.DataFrame, *, seq: bool = False) -> FactBatch:
    wanted = fact_schema(edge) | ({"seq": pl.Int64()} if seq else {})
    return FactBatch(edge, rows.select(pl.col(name).cast(dtype) for name, dtype in wanted.items()))
