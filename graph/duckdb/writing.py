"""One write transaction on a DuckDB file: takes away what is retired, settles what is handed in, keeps checkpoints.

Knows statements and their order. Opens and commits nothing; the rule for versions is `graph/versions.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb
import polars as pl

from graph.derived import fact_schema, table_name
from graph.duckdb import schema
from graph.duckdb.arrow import from_arrow, to_arrow
from graph.facts import FactBatch
from graph.identity import FactId
from graph.store import WriteReport
from graph.versions import Held, Settlement, settle
from graph.vocabulary import EdgeType


class Writing:
    """The state of one write.

    Args:
        connection: With a transaction begun; nobody else writes until it ends.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        [(self._seq, self._retired_seq)] = connection.execute(f"SELECT seq, retired_seq FROM {schema.META_TABLE}").fetchall()

    def retire(self, retire: Mapping[EdgeType, Sequence[FactId]]) -> WriteReport:
        """Take facts away, with the versions that lost to them; before anything is put."""
        retired = sum(self._take_away(edge, ids) for edge, ids in retire.items() if len(ids))
        if retired:
            self.mark_retired()
        return WriteReport(retired=retired)

    def mark_retired(self) -> None:
        """Raise the watermark, so that what was made before it is known to hold facts that are gone."""
        self._seq += 1
        self._retired_seq = self._seq

    def put(self, batch: FactBatch) -> WriteReport:
        """Bring the batch's facts into the graph, by the rule for versions."""
        if not len(batch):
            return WriteReport()
        settlement = settle(batch, self._read_held(batch))
        self._apply(batch.edge, settlement)
        self._seq += settlement.facts.height
        return settlement.report

    def keep(self, checkpoints: Mapping[str, str | None]) -> None:
        """Keep texts under their keys; None removes a key."""
        if not checkpoints:
            return
        rows = pl.DataFrame(
            {"key": list(checkpoints), "text": list(checkpoints.values())}, {"key": pl.String, "text": pl.String}
        )
        self.run_with(f"DELETE FROM {schema.CHECKPOINTS_TABLE} WHERE key IN (SELECT key FROM {schema.INCOMING})", rows)
        self.run_with(
            f"INSERT INTO {schema.CHECKPOINTS_TABLE} SELECT key, text FROM {schema.INCOMING}", rows.drop_nulls("text")
        )

    def finish(self) -> None:
        """Store the watermarks."""
        self._connection.execute(f"UPDATE {schema.META_TABLE} SET seq = ?, retired_seq = ?", [self._seq, self._retired_seq])

    def _take_away(self, edge: EdgeType, ids: Sequence[FactId]) -> int:
        named = pl.DataFrame({"id": ids}, {"id": pl.String})
        retired = self.run_with(schema.delete_statement(table_name(edge)), named)
        if retired:
            self.run_with(schema.delete_statement(schema.losers_table(edge)), named)
        return retired

    def _read_held(self, batch: FactBatch) -> Held:
        edge, ids = batch.edge, batch.rows.select("id")
        facts = as_batch(edge, self.read_with(schema.held_statement(edge, table_name(edge)), ids))
        losers = FactBatch(edge, facts.rows.clear())
        if len(facts):  # an id without a standing fact has no losing version either
            losers = as_batch(edge, self.read_with(schema.held_statement(edge, schema.losers_table(edge)), ids))
        return Held(facts, losers)

    def _apply(self, edge: EdgeType, settlement: Settlement) -> None:
        facts, losers = table_name(edge), schema.losers_table(edge)
        if settlement.replaced.len():
            self.run_with(schema.delete_statement(facts), settlement.replaced.to_frame())
        if settlement.facts.height:
            numbered = settlement.facts.with_row_index("seq", offset=self._seq + 1)
            self.run_with(schema.insert_statement(edge, facts, seq=True), numbered)
        if settlement.contested.len():
            self.run_with(schema.delete_statement(losers), settlement.contested.to_frame())
            self.run_with(schema.insert_statement(edge, losers), settlement.losers)

    def run_with(self, statement: str, rows: pl.DataFrame) -> int:
        """Run a statement that changes rows; how many it changed."""
        with self._incoming(rows):
            [(changed,)] = self._connection.execute(statement).fetchall()
        return int(changed)

    def read_with(self, statement: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Run a statement that gives rows."""
        with self._incoming(rows):
            return from_arrow(self._connection.sql(statement).to_arrow_table())

    @contextmanager
    def _incoming(self, rows: pl.DataFrame) -> Iterator[None]:
        self._connection.register(schema.INCOMING, to_arrow(rows))
        yield
        self._connection.unregister(schema.INCOMING)  # not after a failure: an aborted transaction refuses it


def as_batch(edge: EdgeType, rows: pl.DataFrame, *, seq: bool = False) -> FactBatch:
    """Rows as DuckDB gives them, in the types of a fact."""
    wanted = fact_schema(edge) | ({"seq": pl.Int64()} if seq else {})
    return FactBatch(edge, rows.select(pl.col(name).cast(dtype) for name, dtype in wanted.items()))
