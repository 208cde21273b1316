"""One write transaction on Neo4j: takes away what is retired, settles what is handed in, sends the difference in pages.

Knows statements and their order. Opens and commits nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import neo4j
import polars as pl

from graph.derived import fact_schema, table_name
from graph.facts import FactBatch
from graph.identity import FactId
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
        self._retired_seq: int = record[1]
        self._last_seq_by_edge: dict[str, int] = {}
        self._present: dict[NodeLabel, set[str]] = {}

    def retire(self, retire: Mapping[EdgeType, Sequence[FactId]]) -> WriteReport:
        """Take facts away, with the versions that lost to them; before anything is put."""
        retired = 0
        for edge, ids in retire.items():
            taken = self.take_away(edge, ids)
            self.drop_losers(edge, taken["id"])
            self.drop_bare_nodes(edge, taken)
            retired += taken.height
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
        if settlement.replaced.len():
            # A node exists because a fact names it: one that only the replaced version named goes with it.
            self.drop_bare_nodes(batch.edge, self.take_away(batch.edge, settlement.replaced))
        if settlement.facts.height:
            self._create_facts(batch.edge, settlement.facts)
        if settlement.contested.len():
            self._keep_aside(batch.edge, settlement)
        return settlement.report

    def finish(self) -> None:
        """Store the watermarks, of the whole and of each edge type written."""
        self.run(statements.SET_SEQ, seq=self._seq, retired_seq=self._retired_seq, last_seq_by_edge=self._last_seq_by_edge)

    def keep(self, checkpoints: Mapping[str, str | None]) -> None:
        """Keep texts under their keys; None removes a key."""
        kept = [[key, text] for key, text in checkpoints.items() if text is not None]
        removed = [key for key, text in checkpoints.items() if text is None]
        if kept:
            self.run(statements.KEEP_CHECKPOINTS, kept=kept)
        if removed:
            self.run(statements.DELETE_CHECKPOINTS, keys=removed)

    def take_away(self, edge: EdgeType, ids: Iterable[str]) -> pl.DataFrame:
        """Delete the facts with these ids, as far as there are any; what was deleted."""
        taken = [pl.DataFrame(schema=packed_schema(edge))]
        for piece in pieces(ids):
            taken.append(unpack(self.read(statements.read_held(edge), ids=piece), packed_schema(edge)))
            self.run(statements.delete_facts(edge), ids=piece)
        return pl.concat(taken).unique("id")

    def drop_losers(self, edge: EdgeType, ids: Iterable[str]) -> None:
        """Delete all versions that lost to the facts with these ids."""
        for piece in pieces(ids):
            self.run(statements.DELETE_LOSERS, ids=piece, edge=table_name(edge))

    def drop_bare_nodes(self, edge: EdgeType, facts: pl.DataFrame) -> int:
        """Delete those ends of facts taken away that no fact names any more; their number."""
        dropped = 0
        for label, end in ((edge.source, "source_id"), (edge.target, "target_id")):
            for piece in pieces(facts[end].unique()):
                dropped += self.run(statements.delete_bare_nodes(label), keys=piece).nodes_deleted
            if facts.height:
                self._present.pop(label, None)
        return dropped

    def _read_held(self, batch: FactBatch) -> Held:
        edge, ids = batch.edge, batch.rows["id"].unique(maintain_order=True)
        facts: list[str] = []
        losers: list[str] = []
        for piece in pieces(ids):
            facts += self.read(statements.read_held(edge), ids=piece)
        if facts:  # an id without a standing fact has no losing version either
            for piece in pieces(ids):
                losers += self.read(statements.READ_LOSERS_OF, ids=piece, edge=table_name(edge))
        return Held(FactBatch(edge, unpack(facts, packed_schema(edge))), FactBatch(edge, unpack(losers, fact_schema(edge))))

    def _create_facts(self, edge: EdgeType, facts: pl.DataFrame) -> None:
        self._ensure_nodes(edge.source, facts["source_id"])
        self._ensure_nodes(edge.target, facts["target_id"])
        numbered = facts.with_columns(pl.int_range(self._seq + 1, self._seq + 1 + facts.height).alias("seq"))
        for piece in numbered.iter_slices(SEND_ROWS):
            self.run(statements.create_facts(edge), rows=pack(piece, packed_schema(edge)))
        self._seq += facts.height
        self._last_seq_by_edge[table_name(edge)] = self._seq

    def _ensure_nodes(self, label: NodeLabel, keys: pl.Series) -> None:
        present = self._present.setdefault(label, set())
        absent = [key for key in keys.unique(maintain_order=True) if key not in present]
        for piece in pieces(absent):
            self.run(statements.merge_nodes(label), keys=piece)
        present.update(absent)

    def _keep_aside(self, edge: EdgeType, settlement: Settlement) -> None:
        self.drop_losers(edge, settlement.contested)
        schema = fact_schema(edge)
        for rows in settlement.losers.iter_slices(SEND_ROWS):
            self.run(
                statements.CREATE_LOSERS,
                rows=pack(rows, schema),
                row_separator=ROW_SEPARATOR,
                ids=FIELD_SEPARATOR.join(rows["id"]),
                edge=table_name(edge),
            )

    def run(self, statement: str, **parameters: object) -> neo4j.SummaryCounters:
        """Run a statement that changes the graph; what it changed."""
        return self._transaction.run(statement, parameters | {"separator": FIELD_SEPARATOR}).consume().counters

    def read(self, statement: str, **parameters: object) -> list[str]:
        """Run a statement that gives one list of texts."""
        [record] = self._transaction.run(statement, parameters | {"separator": FIELD_SEPARATOR})
        found: list[str] = record[0]
        return found


def pieces(texts: Iterable[str]) -> Iterator[str]:
    """The texts joined, at most `SEND_ROWS` in each."""
    listed = list(texts)
    for start in range(0, len(listed), SEND_ROWS):
        yield FIELD_SEPARATOR.join(listed[start : start + SEND_ROWS])
