"""Takes out of a store the facts that may be kept no longer, by the retention that the vocabulary declares for each relation.

Counted from when a fact was known. Research data is kept: it was published to be studied, and no lender is served from it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from graph.identity import FactId
from graph.store import GraphStore
from graph.vocabulary import RELATIONS, Basis, EdgeType
from ingest.values import whole_seconds


def expire_facts(store: GraphStore, as_of: datetime) -> Mapping[EdgeType, int]:
    """Retire every fact whose retention has passed.

    Args:
        store: Written to, one edge type a transaction.
        as_of: With a zone; a fact known longer ago than its relation's retention goes.

    Returns:
        How many went, by edge type that lost any. The bytes leave the disk when the store is compacted.
    """
    gone: dict[EdgeType, int] = {}
    for spec in RELATIONS:
        oldest_s = whole_seconds(as_of - timedelta(days=spec.retention_days))
        expired: list[FactId] = []
        for batch in store.export(edges={spec.edge}):
            old = batch.rows.filter((pl.col("known_at_s") < oldest_s) & (pl.col("basis") != Basis.RESEARCH.value))
            expired += [FactId(fact) for fact in old["id"]]
        if expired:
            gone[spec.edge] = store.write([], retire={spec.edge: expired}).retired
    return gone
