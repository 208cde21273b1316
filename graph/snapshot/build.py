"""Turns batches of facts into one segment on top of what is already published.

Rows follow key order, facts follow (known_at_s, fact id), so the same set of facts gives the same arrays in whatever
order it came. Applies the rule for versions of one fact (graph/versions.py), since a reader's batches have not been
through a store. Knows no file.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.derived import FACT_COLUMNS, OPTIONAL_FACT_COLUMNS, properties
from graph.facts import FactBatch, check_batch
from graph.snapshot.columns import Column, Ints, Keys, column_type, composite_key
from graph.snapshot.consent import CONSENTED
from graph.snapshot.format import INDEX_STRIDE, MISSING, NO_CATEGORY
from graph.snapshot.merges import Merges, Sameness, build_merges
from graph.snapshot.segment import (
    FactTable,
    NodeTable,
    Published,
    Run,
    Segment,
    check_facts,
    check_rows,
    pack_hex,
)
from graph.snapshot.versions import Members, Versions, build_versions
from graph.steps import Direction
from graph.versions import Held, settle
from graph.vocabulary import SPECS, Attestation, EdgeType, Kind, NodeLabel, RelType

SAME_AS = EdgeType(NodeLabel.PERSON, RelType.SAME_AS, NodeLabel.PERSON)
CODED = ("attested_by", "basis", "origin")  # columns of every fact that are stored as codes
_ENDS = {Direction.OUT: ("source_row", "target_row"), Direction.IN: ("target_row", "source_row")}
_INTEGERS = (Kind.INTEGER, Kind.MONEY)


def merge_batches(batches: Iterable[FactBatch]) -> list[FactBatch]:
    """One checked batch per edge type, in order of the edge types, each fact once, without `seq`.

    Raises:
        FactMalformed: a batch breaks the vocabulary.
        KeySpaceExceeded: a `known_at_s` that does not fit the key.
    """
    parts: defaultdict[EdgeType, list[pl.DataFrame]] = defaultdict(list)
    for batch in batches:
        check_batch(batch)
        if len(batch):
            parts[batch.edge].append(batch.rows.drop("seq", strict=False))
    return [_standing(FactBatch(edge, pl.concat(parts[edge]))) for edge in sorted(parts)]


def _standing(batch: FactBatch) -> FactBatch:
    nothing = FactBatch(batch.edge, batch.rows.clear())
    return FactBatch(batch.edge, settle(batch, Held(nothing, nothing)).facts)


def build_segment(batches: Iterable[FactBatch], below: Published) -> Segment:
    """Nodes, columns and runs of `batches`, numbered on from `below`.

    Args:
        batches: As `merge_batches` returns them; none of their ids may be published below.
        below: The segments that this one goes on top of.

    Raises:
        KeySpaceExceeded: more nodes of one label than the key can number.
    """
    packed = [(b, pack_hex(b.rows["source_id"].to_list()), pack_hex(b.rows["target_id"].to_list())) for b in batches]
    ends: defaultdict[NodeLabel, list[Keys]] = defaultdict(list)
    for batch, sources, targets in packed:
        ends[batch.edge.source].append(sources)
        ends[batch.edge.target].append(targets)
    nodes = {label: _build_nodes(label, ends[label], below) for label in sorted(ends)}
    facts = {}
    for batch, sources, targets in packed:
        source_rows = _locate(batch.edge.source, sources, nodes, below)
        target_rows = _locate(batch.edge.target, targets, nodes, below)
        facts[batch.edge] = _build_facts(batch, source_rows, target_rows, below)
    merges = {SAME_AS.source: _build_merges(nodes[SAME_AS.source], facts[SAME_AS], below)} if SAME_AS in facts else {}
    return Segment({label: table for label, table in nodes.items() if len(table)}, facts, merges)


def _build_nodes(label: NodeLabel, parts: list[Keys], below: Published) -> NodeTable:
    keys = np.unique(np.concatenate(parts))
    start = below.num_nodes(label)
    new = keys[below.rows_of(label, keys) < 0] if start else keys
    check_rows(label, start + len(new))
    return NodeTable(start, new)


def _locate(label: NodeLabel, keys: Keys, nodes: dict[NodeLabel, NodeTable], below: Published) -> Ints:
    own = nodes[label]
    rows = np.searchsorted(own.keys, keys) + own.start
    if not own.start:
        return rows
    known = below.rows_of(label, keys)
    return np.where(known >= 0, known, rows)


def _build_facts(batch: FactBatch, source_rows: Ints, target_rows: Ints, below: Published) -> FactTable:
    edge, start, rows = batch.edge, below.num_facts(batch.edge), batch.rows
    check_facts(edge, start + rows.height)
    columns: dict[str, Column] = {"id": pack_hex(rows["id"].to_list()), "source_row": source_rows, "target_row": target_rows}
    columns |= {name: rows[name].to_numpy() for name in ("at_us", "known_at_s", "undated")}
    categories: dict[str, list[str]] = {}
    for name, kind in (dict.fromkeys(CODED, Kind.CATEGORY) | {p.name: p.kind for p in properties(edge)}).items():
        if kind is Kind.CATEGORY:
            columns[name], categories[name] = _encode(rows[name].to_list(), below.categories(edge, name))
        else:
            columns[name] = _numbers(rows[name], MISSING if kind in _INTEGERS else math.nan)
    order = np.lexsort((columns["id"], columns["known_at_s"]))
    marks = rows.select("series", "withdrawn")[order]
    columns = {name: values[order].astype(column_type(edge, name), copy=False) for name, values in columns.items()}
    attestations = below.categories(edge, "attested_by") + categories["attested_by"]
    crossed = np.array([text in SPECS[edge].crossed_by for text in attestations])[columns["attested_by"]]
    crossed &= marks["withdrawn"].is_null().to_numpy()  # it would only ever be passed over
    runs = {d: _build_run(columns, _ENDS[d], crossed, start) for d in Direction} if crossed.any() else {}
    if edge == CONSENTED:  # never crossed, yet looked up by person; whoever says it
        runs = {Direction.OUT: _build_run(columns, _ENDS[Direction.OUT], np.ones_like(crossed), start)}
    return FactTable(start, columns, runs, categories, _build_versions(edge, marks, columns, start, below))


def _build_versions(
    edge: EdgeType, marks: pl.DataFrame, columns: dict[str, Column], start: int, below: Published
) -> Versions | None:
    """The versions of all that is published below together with this segment's own; None where it has none itself."""
    at = np.flatnonzero(marks["series"].is_not_null().to_numpy())
    if not len(at):
        return None
    known_at_s, ids = columns["known_at_s"][at], columns["id"][at]
    withdrawn = marks["withdrawn"].is_not_null().to_numpy()[at]
    own = Members(at + start, pack_hex(marks["series"].drop_nulls().to_list()), known_at_s, ids, withdrawn)
    published = below.versions(edge)
    if published is None:
        return build_versions(own)
    refs = published.ref.astype(np.int64)
    known_at_s, ids = below.take(edge, "known_at_s", refs), below.take(edge, "id", refs)
    earlier = Members(refs, published.series, known_at_s, ids, published.ends_s(refs) == known_at_s)
    return build_versions(Members(*(np.concatenate(parts) for parts in zip(_parts(earlier), _parts(own), strict=True))))


def _parts(members: Members) -> tuple[NDArray[Any], ...]:
    return members.ref, members.series, members.known_at_s, members.ids, members.never


def _build_merges(nodes: NodeTable, facts: FactTable, below: Published) -> Merges:
    """The merges of all that is published below together with this segment's own."""
    earlier = np.arange(facts.start)
    left, right, known_at_s, ids, attested = (
        np.concatenate([below.take(SAME_AS, name, earlier), facts.columns[name]])
        for name in ("source_row", "target_row", "known_at_s", "id", "attested_by")
    )
    # What only the subject says carries no weight.
    texts = below.categories(SAME_AS, "attested_by") + facts.categories["attested_by"]
    told = np.array([text != Attestation.SUBJECT for text in texts])[attested]
    same = Sameness(left[told].astype(np.int64), right[told].astype(np.int64), known_at_s[told], ids[told])
    rows = np.unique(np.concatenate([same.left, same.right]))
    published, new = rows[rows < nodes.start], rows[rows >= nodes.start]
    keys = np.concatenate([below.keys_of(SAME_AS.source, published), nodes.keys[new - nodes.start]])
    return build_merges(same, rows, keys, nodes.start + len(nodes))


def _encode(values: list[str | None], known: list[str]) -> tuple[NDArray[np.int32], list[str]]:
    new = sorted({value for value in values if value is not None}.difference(known))
    codes: dict[str | None, int] = {value: code for code, value in enumerate(known + new)}
    codes[None] = NO_CATEGORY
    return np.fromiter(map(codes.__getitem__, values), np.int32, len(values)), new


def _numbers(values: pl.Series, missing: float) -> Column:
    return (values.fill_null(missing) if values.null_count() else values).to_numpy()


def _build_run(columns: dict[str, Column], ends: tuple[str, str], crossable: NDArray[np.bool_], start: int) -> Run:
    at = np.flatnonzero(crossable)
    nodes = columns[ends[0]][at]
    # Facts already follow (known_at_s, fact id): a stable sort by node keeps that order within each node.
    at = at[np.argsort(nodes, kind="stable")]
    key = composite_key(columns[ends[0]][at].astype(np.int64), columns["known_at_s"][at])
    return Run(key, key[::INDEX_STRIDE].copy(), (at + start).astype(np.int32), columns[ends[1]][at])


assert set(FACT_COLUMNS) - OPTIONAL_FACT_COLUMNS == {"id", "source_id", "target_id", "at_us", "known_at_s", "undated", *CODED}
