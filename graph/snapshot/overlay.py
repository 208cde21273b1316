"""Facts of one request on top of a published snapshot, as a segment of its own that ends with the request.

A fact already published stands as published: a caller can neither restate it nor have it counted twice. Writes nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.derived import properties
from graph.facts import FactBatch
from graph.snapshot.build import build_segment, merge_batches
from graph.snapshot.columns import Ints
from graph.snapshot.merges import Merges
from graph.snapshot.segment import Published, Segment, pack_hex
from graph.vocabulary import ON_INSTALMENT, EdgeType, NodeLabel, RelType

INSTALMENT = ON_INSTALMENT[0].name


class PublishedFacts(Published, Protocol):
    """A snapshot that can tell the facts at given source nodes, and which nodes are one."""

    def refs_at(self, edge: EdgeType, rows: Ints) -> Ints:
        """int64[n] refs of the crossable facts that leave the nodes at these rows."""
        ...

    def merges(self, label: NodeLabel) -> Merges | None:
        """Which nodes of a label are one as of when."""
        ...

    def standing(self, label: NodeLabel, rows: Ints, as_of_s: Ints) -> Ints:
        """int64[n] rows of the nodes that `rows` are part of, each as of its own second."""
        ...


def build_overlay(batches: Iterable[FactBatch], below: PublishedFacts, *, as_of_s: int | None = None) -> Segment:
    """A segment of the facts in `batches` that `below` does not hold already.

    Args:
        batches: Facts of one request.
        below: The published snapshot.
        as_of_s: UTC second as of which the request is answered. Given, a fact also counts as held where a published one,
            known before it and not corrected by then, tells of the same event under another id, as those of other origins
            do; and facts that rest on consent need none of their own, as long as it was not taken back.

    Raises:
        FactMalformed: a batch breaks the vocabulary.
        KeySpaceExceeded: a time or node that does not fit the key.
    """
    fresh = (_unpublished(batch, below, as_of_s) for batch in merge_batches(batches))
    segment = build_segment([batch for batch in fresh if len(batch)], below)
    return replace(segment, of_request=as_of_s is not None)


def _unpublished(batch: FactBatch, below: PublishedFacts, as_of_s: int | None) -> FactBatch:
    # An id is made from its own source node's fields, so only facts at the same sources can carry the same id.
    refs = below.refs_at(batch.edge, _sources(batch, below, as_of_s))
    if not len(refs):
        return batch
    repeated = np.isin(pack_hex(batch.rows["id"].to_list()), below.take(batch.edge, "id", refs))
    if as_of_s is not None:
        known = refs[(below.take(batch.edge, "known_at_s", refs) < as_of_s) & (below.ends_s(batch.edge, refs) >= as_of_s)]
        repeated |= _told_already(batch, below, known, as_of_s)
    return FactBatch(batch.edge, batch.rows.filter(pl.Series(~repeated)))


def _sources(batch: FactBatch, below: PublishedFacts, as_of_s: int | None) -> Ints:
    """Published rows of the nodes that the facts leave, with all that are one with them at the time of the request."""
    label = batch.edge.source
    rows = below.rows_of(label, np.unique(pack_hex(batch.rows["source_id"].to_list())))
    rows, merges = rows[rows >= 0], below.merges(label)
    if merges is None or as_of_s is None:
        return rows
    time = np.full(len(rows), as_of_s)
    standing = np.unique(merges.standing(rows, time))
    members = merges.members(standing, time[: len(standing)])
    return standing if members is None else members[1]


def _told_already(batch: FactBatch, below: PublishedFacts, refs: Ints, as_of_s: int) -> NDArray[np.bool_]:
    """Whether each fact of the batch is about the same event as one of the published facts `refs`."""
    edge, rows = batch.edge, batch.rows
    event = _event(edge)

    def standing(label: NodeLabel, ends: Ints) -> Ints:
        return below.standing(label, ends, np.full(len(ends), as_of_s))

    published = pl.DataFrame(
        {
            "source_row": standing(edge.source, below.take(edge, "source_row", refs)),
            "target_row": standing(edge.target, below.take(edge, "target_row", refs)),
            **{name: below.take(edge, name, refs) for name in event},
        }
    )
    told = pl.DataFrame(
        {
            "source_row": standing(edge.source, below.rows_of(edge.source, pack_hex(rows["source_id"].to_list()))),
            "target_row": standing(edge.target, below.rows_of(edge.target, pack_hex(rows["target_id"].to_list()))),
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
