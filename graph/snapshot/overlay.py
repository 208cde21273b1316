"""Facts of one request on top of a published snapshot, as a segment of its own that ends with the request.

A fact already published stands as published: a caller cannot restate it. Writes nothing.
"""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import polars as pl

from graph.facts import FactBatch
from graph.snapshot.build import build_segment, merge_batches
from graph.snapshot.columns import Keys
from graph.snapshot.segment import Published, Segment, pack_hex
from graph.vocabulary import EdgeType


class PublishedFacts(Published, Protocol):
    """A snapshot that can tell the ids of the facts at given source nodes."""

    def ids_at(self, edge: EdgeType, sources: Keys) -> Keys:
        """S16[n] ids of the crossable facts that leave the nodes with these keys."""
        ...


def build_overlay(batches: Iterable[FactBatch], below: PublishedFacts) -> Segment:
    """A segment of the facts in `batches` that `below` does not hold already.

    Raises:
        FactMalformed: a batch breaks the vocabulary.
        KeySpaceExceeded: a time or node that does not fit the key.
    """
    fresh = (_unpublished(batch, below) for batch in merge_batches(batches))
    return build_segment([batch for batch in fresh if len(batch)], below)


def _unpublished(batch: FactBatch, below: PublishedFacts) -> FactBatch:
    # An id is made from its own source node's fields, so only facts at the same sources can carry the same id.
    published = below.ids_at(batch.edge, np.unique(pack_hex(batch.rows["source_id"].to_list())))
    if not len(published):
        return batch
    repeated = np.isin(pack_hex(batch.rows["id"].to_list()), published)
    return FactBatch(batch.edge, batch.rows.filter(pl.Series(~repeated)))
