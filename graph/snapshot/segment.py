"""One segment in memory: node keys, fact columns and sorted runs, whether mapped from a file or built for a request.

Node rows and fact refs are global: a segment's own begin where the earlier segments' end. Knows no file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from graph.errors import KeySpaceExceeded
from graph.snapshot.columns import KEY_DTYPE, Column, CompositeKeys, Ints, Keys, composite_key
from graph.snapshot.format import NODE_BITS, SECOND_BITS
from graph.snapshot.merges import Merges
from graph.snapshot.node_index import NodeIndex, build_node_index
from graph.snapshot.versions import Versions
from graph.steps import Direction
from graph.vocabulary import EdgeType, NodeLabel

REF_BITS = 31  # a ref is an int32


@dataclass(frozen=True)
class Run:
    """Crossable facts of one edge type in one direction, sorted by (node, known_at_s, fact id); of consents, all facts.

    `key` uint64[n] is `node << 34 | known_at_s`, `index` every 64th key, `ref` int32[n] the fact, `other` int32[n] the
    node at its other end.
    """

    key: CompositeKeys
    index: CompositeKeys
    ref: NDArray[np.int32]
    other: NDArray[np.int32]

    @property
    def highest_row(self) -> int:
        """Row of the last node that has facts, 0 where none has any."""
        return int(self.key[-1]) >> SECOND_BITS if len(self.key) else 0

    @cached_property
    def nodes(self) -> NodeIndex:
        """Where each node's facts lie; made when first asked for, in one pass over the run."""
        return build_node_index(self.key)


@dataclass(frozen=True)
class FactTable:
    """Facts of one edge type in this segment, sorted by (known_at_s, fact id); the first has ref `start`.

    A table with versions of corrected facts holds all of them up to itself, in place of those below.
    """

    start: int
    columns: Mapping[str, Column]
    runs: Mapping[Direction, Run]
    categories: Mapping[str, list[str]]
    versions: Versions | None = None

    def __len__(self) -> int:
        return len(self.columns["known_at_s"])


@dataclass(frozen=True)
class NodeTable:
    """Keys of the nodes first named in this segment, sorted; the first has row `start`."""

    start: int
    keys: Keys

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True)
class Segment:
    """A base, a delta or an overlay; labels and edge types without entries are left out.

    A segment that holds `SAME_AS` facts holds the merges of everything up to itself, in place of those below.
    `of_request` marks facts that came with a request, which vouches for the consent they rest on.
    """

    nodes: Mapping[NodeLabel, NodeTable] = field(default_factory=dict)
    facts: Mapping[EdgeType, FactTable] = field(default_factory=dict)
    merges: Mapping[NodeLabel, Merges] = field(default_factory=dict)
    of_request: bool = False


class Published(Protocol):
    """What a new segment must know of the segments below it."""

    def num_nodes(self, label: NodeLabel) -> int:
        """Nodes of one label."""
        ...

    def num_facts(self, edge: EdgeType) -> int:
        """Facts of one edge type."""
        ...

    def rows_of(self, label: NodeLabel, keys: Keys) -> Ints:
        """int64[n] rows of raw keys, -1 where there is none."""
        ...

    def keys_of(self, label: NodeLabel, rows: Ints) -> Keys:
        """S16[n] raw keys of the nodes at `rows`."""
        ...

    def categories(self, edge: EdgeType, column: str) -> list[str]:
        """Texts of a coded column, by code."""
        ...

    def take(self, edge: EdgeType, column: str, refs: Ints) -> Column:
        """Values of one column for the facts `refs`."""
        ...

    def versions(self, edge: EdgeType) -> Versions | None:
        """The facts of an edge type that are versions; None where none is."""
        ...

    def ends_s(self, edge: EdgeType, refs: Ints) -> Ints:
        """int64[n] up to which second each fact counts."""
        ...


def check_rows(label: NodeLabel, count: int) -> None:
    """Refuse more nodes of one label than the key can number.

    Raises:
        KeySpaceExceeded: more than 2**30 nodes.
    """
    if count > 2**NODE_BITS:
        raise KeySpaceExceeded(f"the number of {label} nodes", count, 2**NODE_BITS)


def check_facts(edge: EdgeType, count: int) -> None:
    """Refuse more facts of one edge type than a ref can number.

    Raises:
        KeySpaceExceeded: more than 2**31 facts.
    """
    if count > 2**REF_BITS:
        raise KeySpaceExceeded(f"the number of {edge.rel} facts", count, 2**REF_BITS)


def pack_hex(texts: list[str]) -> Keys:
    """S16[n] from texts of 32 hexadecimal digits."""
    return np.frombuffer(bytes.fromhex("".join(texts)), dtype=KEY_DTYPE)


def unpack_hex(keys: Keys) -> list[str]:
    """Texts of 32 hexadecimal digits from S16[n]; NumPy's own scalars would lose trailing zero bytes."""
    text = np.ascontiguousarray(keys).tobytes().hex()
    return [text[i : i + 32] for i in range(0, len(text), 32)]


def find_keys(table: NodeTable, keys: Keys) -> Ints:
    """int64[n] global rows of `keys`, -1 where this segment does not hold them."""
    place = np.searchsorted(table.keys, keys)
    inside = np.minimum(place, len(table.keys) - 1)
    return np.where(table.keys[inside] == keys, inside + table.start, -1)


def outgoing_refs(run: Run, row: int) -> Ints:
    """int64[n] refs of all facts of one node in a run, known at any time."""
    low, high = run.key.searchsorted(composite_key(np.array([row, row + 1]), np.zeros(2, np.int64)))
    return run.ref[low:high].astype(np.int64)
