"""The graph as one PyG `HeteroData`, as it was known at one time, for stock PyG models.

Holds the nodes and crossable facts known before that time, and not corrected by then, and nothing of later ones: not their
number, not their order.
Which facts count for one seed at its own time is the sampler's matter.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch_geometric.data import HeteroData

from graph.derived import properties, reverse_edge
from graph.screening import Ends, is_consented
from graph.snapshot.columns import Ints
from graph.snapshot.format import MISSING
from graph.snapshot.reader import Snapshot
from graph.steps import Direction
from graph.vocabulary import SPECS, EdgeType, Kind, NodeLabel

KEY_BYTES = 16
Triple = tuple[str, str, str]


class KnownFacts(NamedTuple):
    """Facts of one edge type known before a time: `crossable` refs by (known_at_s, fact id), standing rows at the ends of all.

    `places` are those of the crossable facts among all.
    """

    crossable: Ints
    places: Ints
    source_rows: Ints
    target_rows: Ints


def to_hetero_data(snapshot: Snapshot, as_of_s: int) -> HeteroData:
    """All that was known strictly before a time, as tensors.

    Args:
        snapshot: Pinned version, with or without an overlay.
        as_of_s: UTC second, exclusive.

    Returns:
        Per label with nodes: `num_nodes`, `key` uint8[n, 16] sorted, `row` int64[n] in the snapshot. Per edge type with
        crossable facts, and once more under its reverse type with the ends swapped: `edge_index` int64[2, m],
        `edge_attr` float32[m, p] (integers, amounts in minor units and decimals in declared order; NaN = not stated),
        `time` int64[m] (known_at_s), `ref` int64[m]; edges follow (known_at_s, fact id). Persons who are one by then are
        one node, and what was between them is a loop, which the neighbourhood leaves out.
    """
    found = {edge: _known(snapshot, edge, as_of_s) for edge in snapshot.edges()}
    data = HeteroData()
    position = {label: _put_nodes(data, snapshot, label, found) for label in snapshot.labels()}
    for edge, facts in found.items():
        if len(facts.crossable):
            _put_edges(data, snapshot, edge, facts, position)
    return data


def numeric_properties(edge: EdgeType) -> tuple[str, ...]:
    """Names of the columns of `edge_attr`."""
    return tuple(p.name for p in properties(edge) if p.kind is not Kind.CATEGORY)


def _known(snapshot: Snapshot, edge: EdgeType, as_of_s: int) -> KnownFacts:
    refs = np.arange(snapshot.num_facts(edge))
    known_at = snapshot.take(edge, "known_at_s", refs)
    counts = (known_at < as_of_s) & (snapshot.ends_s(edge, refs) >= as_of_s)
    refs, known_at = refs[counts], known_at[counts]
    attested = snapshot.take(edge, "attested_by", refs)
    crossing = [text in SPECS[edge].crossed_by for text in snapshot.categories(edge, "attested_by")]
    time = np.full(len(refs), as_of_s)
    source_rows, target_rows = (
        snapshot.standing(label, snapshot.take(edge, end, refs), time)
        for label, end in ((edge.source, "source_row"), (edge.target, "target_row"))
    )
    crossable = np.array(crossing, bool)[attested] & is_consented(snapshot, edge, Ends(refs, source_rows, target_rows), time)
    order = np.lexsort((snapshot.take(edge, "id", refs), known_at))
    places = order[crossable[order]]
    return KnownFacts(refs[places], places, source_rows, target_rows)


def _put_nodes(data: HeteroData, snapshot: Snapshot, label: NodeLabel, found: dict[EdgeType, KnownFacts]) -> Ints:
    """Add the nodes of a label; returns int64[num_nodes] their position by snapshot row, -1 where not yet known."""
    named = [f.source_rows for e, f in found.items() if e.source is label]
    named += [f.target_rows for e, f in found.items() if e.target is label]
    rows = np.unique(np.concatenate(named))
    keys = snapshot.keys_of(label, rows)
    order = np.argsort(keys)
    position = np.full(snapshot.num_nodes(label), -1, np.int64)
    position[rows[order]] = np.arange(len(rows))
    if len(rows):
        raw = np.frombuffer(np.ascontiguousarray(keys[order]).tobytes(), np.uint8).reshape(-1, KEY_BYTES)
        data[label.value].num_nodes = len(rows)
        data[label.value].key = torch.from_numpy(raw.copy())
        data[label.value].row = torch.from_numpy(rows[order])
    return position


def _put_edges(
    data: HeteroData, snapshot: Snapshot, edge: EdgeType, facts: KnownFacts, position: dict[NodeLabel, Ints]
) -> None:
    refs = facts.crossable
    ends = np.stack(
        [position[edge.source][facts.source_rows[facts.places]], position[edge.target][facts.target_rows[facts.places]]]
    )
    numbers = [_numbers(snapshot, edge, name, refs) for name in numeric_properties(edge)]
    attributes = torch.from_numpy(np.stack(numbers, axis=1)) if numbers else torch.empty(len(refs), 0)
    time, ref = torch.from_numpy(snapshot.take(edge, "known_at_s", refs)), torch.from_numpy(refs)
    for direction, index in ((Direction.IN, ends), (Direction.OUT, ends[::-1].copy())):
        store = data[message_type(edge, direction)]
        store.edge_index = torch.from_numpy(index)
        store.edge_attr, store.time, store.ref = attributes, time, ref


def _numbers(snapshot: Snapshot, edge: EdgeType, name: str, refs: Ints) -> np.ndarray:
    values = snapshot.take(edge, name, refs)
    stated = values.astype(np.float32)
    if values.dtype == np.int64:
        stated[values == MISSING] = np.nan
    return stated


def message_type(edge: EdgeType, direction: Direction) -> Triple:
    """PyG edge type along which a child's message reaches its parent, when the parent stands at end `direction`."""
    source, rel, target = edge
    return reverse_edge(edge) if direction is Direction.OUT else (source.value, rel.value, target.value)
