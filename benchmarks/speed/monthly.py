"""Monthly as-of graphs for stock PyG: the usual way to train a full-batch network without looking ahead.

The graph of a month holds the facts known before the month began, its nodes the numbers of their facts and their amounts up to
then; the loans asked for within the month are judged on it. Facts are sorted by time once, so a month's edges are the first so
many and cost no copy; counts go on from the month before. Persons found to be one at any time are one node from the start,
which is more than could be known. Knows no network.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmarks.speed.hetero_sage import Triple
from gnn.examples import Examples
from gnn.hetero import message_type, numeric_properties
from graph.snapshot import MISSING, Snapshot
from graph.snapshot.columns import Column, Ints
from graph.steps import Direction
from graph.vocabulary import SPECS, EdgeType, NodeLabel

Floats32 = NDArray[np.float32]


@dataclass(frozen=True)
class Facts:
    """Crossable facts of one edge type by time: int64 [m] ends, `known_at_s` and `numbers` float32 [m, p] of each.

    Numbers are arcsinh of what the fact states, 0 where it states nothing.
    """

    source: Ints
    target: Ints
    known_at_s: Ints
    numbers: Floats32


@dataclass(frozen=True)
class Month:
    """One graph: `x` float32 [n, width] by label, `edge_index` int64 [2, m] by edge type, and the loans judged on it.

    `places` int64 [k] are those of the loans among the examples, `nodes` int64 [k] their borrowers.
    """

    x: dict[str, Tensor]
    edge_index: dict[Triple, Tensor]
    places: Tensor
    nodes: Tensor


def build_months(snapshot: Snapshot, label: NodeLabel, examples: Examples) -> list[Month]:
    """The graph of each UTC month in which a loan of these examples, of subjects of one label, was asked for, in order."""
    begins_s = _begins_s(examples.as_of_s)
    until_s = int(begins_s.max())
    facts = {edge: found for edge in snapshot.edges() if len((found := _read(snapshot, edge, until_s)).known_at_s)}
    borrowers = snapshot.standing(label, examples.rows, np.full(len(examples), until_s))
    rows = _rows(facts, label, borrowers)
    placed = {
        edge: (rows[edge.source].searchsorted(f.source), rows[edge.target].searchsorted(f.target)) for edge, f in facts.items()
    }
    pairs = {edge: torch.from_numpy(np.stack(ends)) for edge, ends in placed.items()}
    turned = {edge: pair.flip(0) for edge, pair in pairs.items()}
    counts = _Counts(facts, {one: len(nodes) for one, nodes in rows.items()})
    months = []
    for begin_s in np.unique(begins_s).tolist():
        upto = {edge: int(one.known_at_s.searchsorted(begin_s)) for edge, one in facts.items()}
        counts.add(placed, upto)
        edges = {message_type(edge, Direction.IN): pair[:, : upto[edge]] for edge, pair in pairs.items()}
        edges |= {message_type(edge, Direction.OUT): pair[:, : upto[edge]] for edge, pair in turned.items()}
        places = np.flatnonzero(begins_s == begin_s)
        nodes = rows[label].searchsorted(borrowers[places])
        months.append(Month(counts.features(), edges, torch.from_numpy(places), torch.from_numpy(nodes)))
    return months


class _Counts:
    """Numbers and sums of the facts of each node so far: a column of ones, then those of each end of each edge type."""

    def __init__(self, facts: dict[EdgeType, Facts], nodes: dict[NodeLabel, int]) -> None:
        self._facts, self._done = facts, dict.fromkeys(facts, 0)
        self._column: dict[tuple[EdgeType, Direction], int] = {}
        width = dict.fromkeys(nodes, 1)
        for edge, one in facts.items():
            for direction, label in ((Direction.OUT, edge.source), (Direction.IN, edge.target)):
                self._column[edge, direction] = width[label]
                width[label] += 1 + one.numbers.shape[1]
        self._sums = {label: np.zeros((width[label], number), np.float32) for label, number in nodes.items()}
        for table in self._sums.values():
            table[0] = 1.0

    def add(self, placed: dict[EdgeType, tuple[Ints, Ints]], upto: dict[EdgeType, int]) -> None:
        """Count the facts between the last call and `upto`, whose ends are at the nodes `placed`."""
        for edge, one in self._facts.items():
            new = slice(self._done[edge], upto[edge])
            self._done[edge] = upto[edge]
            for direction, label, nodes in zip(Direction, (edge.source, edge.target), placed[edge], strict=True):
                table, column = self._sums[label], self._column[edge, direction]
                table[column] += np.bincount(nodes[new], minlength=table.shape[1]).astype(np.float32)
                for place in range(one.numbers.shape[1]):
                    summed = np.bincount(nodes[new], one.numbers[new, place], minlength=table.shape[1])
                    table[column + 1 + place] += summed.astype(np.float32)

    def features(self) -> dict[str, Tensor]:
        """What nodes carry now, float32 [n, width] by label, drawn in."""
        return {label.value: torch.from_numpy(np.ascontiguousarray(np.arcsinh(t).T)) for label, t in self._sums.items()}


def _read(snapshot: Snapshot, edge: EdgeType, until_s: int) -> Facts:
    refs = np.arange(snapshot.num_facts(edge))
    crossed = np.array([text in SPECS[edge].crossed_by for text in snapshot.categories(edge, "attested_by")], bool)
    known_at_s = snapshot.take(edge, "known_at_s", refs)
    refs = refs[crossed[snapshot.take(edge, "attested_by", refs)] & (known_at_s < until_s)]
    refs = refs[np.argsort(known_at_s[refs], kind="stable")]
    when = np.full(len(refs), until_s)
    source, target = (
        snapshot.standing(label, snapshot.take(edge, end, refs), when)
        for label, end in ((edge.source, "source_row"), (edge.target, "target_row"))
    )
    stated = [_drawn_in(snapshot.take(edge, name, refs)) for name in numeric_properties(edge)]
    numbers = np.stack(stated, axis=1) if stated else np.empty((len(refs), 0), np.float32)
    return Facts(source, target, known_at_s[refs], numbers)


def _rows(facts: dict[EdgeType, Facts], label: NodeLabel, borrowers: Ints) -> dict[NodeLabel, Ints]:
    """Rows of all nodes named, by label, ascending; their places are the graph's own numbers."""
    named: defaultdict[NodeLabel, list[Ints]] = defaultdict(list, {label: [borrowers]})
    for edge, one in facts.items():
        named[edge.source].append(one.source)
        named[edge.target].append(one.target)
    return {one: np.unique(np.concatenate(rows)) for one, rows in named.items()}


def _drawn_in(values: Column) -> Floats32:
    missing = values == MISSING if values.dtype == np.int64 else np.isnan(values)
    drawn: Floats32 = np.where(missing, 0.0, np.arcsinh(values.astype(np.float64))).astype(np.float32)
    return drawn


def _begins_s(as_of_s: Ints) -> Ints:
    """int64 [n] the second in which each instant's UTC month began."""
    begins = [datetime.fromtimestamp(second, UTC).replace(day=1, hour=0, minute=0, second=0) for second in as_of_s.tolist()]
    return np.array([int(begin.timestamp()) for begin in begins], np.int64)
