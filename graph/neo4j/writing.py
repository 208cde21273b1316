"""One write transaction on Neo4j: finds what is held, settles it, and sends the difference in packed pages.

Knows statements and their order. Opens and commits nothing.
"""

from collections.abc import Iterable, Iterator

import neo4j
import polars as pl

from graph.derived import fact_schema, table_name
from graph.facts import FactBatch
from graph.neo4j import statements
from graph.neo4j.packing import FIELD_SEPARATOR, ROW_SEPARATOR, pack, packed_schema, unpack
from graph.store import WriteReport
from graph.versions import Held, Settlement, settle
from graph.vocabulary import EdgeType, NodeLabel

SEND_ROWS = 10_000
"""Rows of one statement; more gained nothing, fewer cost round trips."""


class Writing:
    """The state of one write: the lock on the counter, and the nodes known to be there.

    Args:
        transaction: Open, for writing; other writers wait until it ends.
    """

    def __init__(self, transaction: neo4j.Transaction) -> None:
        self._transaction = transaction
        [record] = transaction.run(statements.LOCK_SEQ)
        self._seq: int = record[0]
        self._last_seq_by_edge: dict[str, int] = {}
        self._present: dict[NodeLabel, set[str]] = {}

    def put(self, batch: FactBatch) -> WriteReport:
        """Bring the batch's facts into the graph, by the rule for versions."""
        settlement = settle(batch, self._read_held(batch))
        if settlement.replaced.len():
            self._take_away(batch.edge, settlement.replaced)
        if settlement.facts.height:
            self._create_facts(batch.edge, settlement.facts)
        if settlement.contested.len():
            self._keep_aside(batch.edge, settlement)
        return settlement.report

    def finish(self) -> None:
        """Store the watermark, of the whole and of each edge type written."""
        self._run(statements.SET_SEQ, seq=self._seq, last_seq_by_edge=self._last_seq_by_edge)

    def _read_held(self, batch: FactBatch) -> Held:
        edge, ids = batch.edge, batch.rows["id"].unique(maintain_order=True)
        facts: list[str] = []
        losers: list[str] = []
        for piece in _pieces(ids):
            facts += self._read(statements.read_held(edge), ids=piece)
        if facts:  # an id without a standing fact has no losing version either
            for piece in _pieces(ids):
                losers += self._read(statements.READ_LOSERS_OF, ids=piece, edge=table_name(edge))
        return Held(FactBatch(edge, unpack(facts, packed_schema(edge))), FactBatch(edge, unpack(losers, fact_schema(edge))))

    def _create_facts(self, edge: EdgeType, facts: pl.DataFrame) -> None:
        self._ensure_nodes(edge.source, facts["source_id"])
        self._ensure_nodes(edge.target, facts["target_id"])
        numbered = facts.with_columns(pl.int_range(self._seq + 1, self._seq + 1 + facts.height).alias("seq"))
        for piece in numbered.iter_slices(SEND_ROWS):
            self._run(statements.create_facts(edge), rows=pack(piece, packed_schema(edge)))
        self._seq += facts.height
        self._last_seq_by_edge[table_name(edge)] = self._seq

    def _ensure_nodes(self, label: NodeLabel, keys: pl.Series) -> None:
        present = self._present.setdefault(label, set())
        absent = [key for key in keys.unique(maintain_order=True) if key not in present]
        for piece in _pieces(absent):
            self._run(statements.merge_nodes(label), keys=piece)
        present.update(absent)

    def _take_away(self, edge: EdgeType, ids: pl.Series) -> None:
        for piece in _pieces(ids):
            facts = unpack(self._read(statements.read_held(edge), ids=piece), packed_schema(edge))
            self._run(statements.delete_facts(edge), ids=piece)
            # A node exists because a fact names it: one that only the replaced version named goes with it.
            for label, end in ((edge.source, "source_id"), (edge.target, "target_id")):
                self._run(statements.delete_bare_nodes(label), keys=FIELD_SEPARATOR.join(facts[end].unique()))
                self._present.pop(label, None)

    def _keep_aside(self, edge: EdgeType, settlement: Settlement) -> None:
        for piece in _pieces(settlement.contested):
            self._run(statements.DELETE_LOSERS, ids=piece, edge=table_name(edge))
        schema = fact_schema(edge)
        for rows in settlement.losers.iter_slices(SEND_ROWS):
            self._run(
                statements.CREATE_LOSERS,
                rows=pack(rows, schema),
                row_separator=ROW_SEPARATOR,
                ids=FIELD_SEPARATOR.join(rows["id"]),
                edge=table_name(edge),
            )

    def _run(self, statement: str, **parameters: object) -> None:
        self._transaction.run(statement, parameters | {"separator": FIELD_SEPARATOR}).consume()

    def _read(self, statement: str, **parameters: object) -> list[str]:
        [record] = self._transaction.run(statement, parameters | {"separator": FIELD_SEPARATOR})
        found: list[str] = record[0]
        return found


def _pieces(texts: Iterable[str]) -> Iterator[str]:
    """The texts joined, at most `SEND_ROWS` in each."""
    listed = list(texts)
    for start in range(0, len(listed), SEND_ROWS):
        yield FIELD_SEPARATOR.join(listed[start : start + SEND_ROWS])
