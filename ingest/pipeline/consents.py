"""Whom a grant is known of, as the store has it. Whether a consent is in force at a time is the snapshot's matter."""

import polars as pl

from graph.store import GraphStore
from graph.vocabulary import ConsentAction, EdgeType, NodeLabel, RelType
from ingest.pipeline.turning import Consents

CONSENTED = EdgeType(NodeLabel.PERSON, RelType.CONSENTED, NodeLabel.PERSON)


def read_consents(store: GraphStore) -> Consents:
    """Every person and family that was ever granted, for whatever purpose."""
    parts = [pl.DataFrame(schema={"person": pl.String(), "family": pl.String()})]
    for batch in store.export(edges={CONSENTED}):
        granted = batch.rows.filter(pl.col("action") == ConsentAction.GRANTED.value)
        parts.append(granted.select(pl.col("source_id").alias("person"), "family"))
    return Consents(pl.concat(parts).unique())
