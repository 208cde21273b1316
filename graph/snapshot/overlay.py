"""Facts of one request on top of a published snapshot, as a segment of its own that ends with the request.

A fact already published stands as published: a caller can neither restate it nor have it counted twice. Writes nothing.
"""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.derived import properties
from graph.facts import FactBatch
from graph.snapshot.build import build_segment, merge_batches
from graph.snapshot.columns import Column, Ints, Keys
from graph.snapshot.segment import Published, Segment, pack_hex
from graph.vocabulary import ON_INSTALMENT, EdgeType, RelType

INSTALMENT = ON_INSTALMENT[0].name


class PublishedFacts(Published, Protocol):
    """A snapshot that can tell the facts at given source nodes."""

    def refs_at(self, edge: EdgeType, sources: Keys) -> Ints:
        """int64[n] refs of the crossable facts that leave the nodes with these keys."""
        ...

    def take(self, edge: EdgeType, column: str, refs: Ints) -> Column:
        """Values of one column for the facts `refs`."""
        ...


def build_overlay(batches: Iterable[FactBatch], below: PublishedFacts, *, as_of_s: int | None = None) -> Segment:
    """A segment of the facts in `batches` that `below` does not hold already.

    Args:
        batches: Facts of one request.
        below: The published snapshot.
        as_of_s: UTC second as of which the request is answered. Given, a fact also counts as held where a published one,
            known before it, tells of the same event under another id, as those of other origins do.

    Raises:
        FactMalformed: a batch breaks the vocabulary.
        KeySpaceExceeded: a time or node that does not fit the key.
    """
    fresh = (_unpublished(batch, below, as_of_s) for batch in merge_batches(batches))
    return build_segment([batch for batch in fresh if len(batch)], below)


def _unpublished(batch: FactBatch, below: PublishedFacts, as_of_s: int | None) -> FactBatch:
    # An id is made from its own source node's fields, so only facts at the same sources can carry the same id.
    refs = below.refs_at(batch.edge, np.unique(pack_hex(batch.rows["source_id"].to_list())))
    if not len(refs):
        return batch
    repeated = np.isin(pack_hex(batch.rows["id"].to_list()), below.take(batch.edge, "id", refs))
    if as_of_s is not None:
        known = refs[below.take(batch.edge, "known_at_s", refs) < as_of_s]
        repeated |= _told_already(batch, below, known)
    return FactBatch(batch.edge, batch.rows.filter(pl.Series(~repeated)))


def _told_already(batch: FactBatch, below: PublishedFacts, refs: Ints) -> NDArray[np.bool_]:
    """Whether each fact of the batch is about the same event as one of the published facts `refs`."""
    edge, rows = batch.edge, batch.rows
    event = _event(edge)
    published = pl.DataFrame({name: below.take(edge, name, refs) for name in ("source_row", "target_row", *event)})
    told = pl.DataFrame(
        {
            "source_row": below.rows_of(edge.source, pack_hex(rows["source_id"].to_list())),
            "target_row": below.rows_of(edge.target, pack_hex(rows["target_id"].to_list())),
            **{name: rows[name] for name in event},
            "place": np.arange(rows.height),
        }
    )
    found = told.join(published, on=["source_row", "target_row", *event], how="semi")["place"].to_numpy()
    return np.isin(np.arange(rows.height), found)


def _event(edge: EdgeType) -> tuple[str, ...]:
    """Columns that, with both ends, tell one event from another: a loan is applied for once, an instalment told of once."""
    if INSTALMENT in {spec.name for spec in properties(edge)}:
        return (INSTALMENT,)
    return () if edge.rel is RelType.APPLIED_FOR else ("at_us",)
