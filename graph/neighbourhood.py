"""The one as-of neighbourhood query, for training and serving alike: which facts a node could be judged by at T.

Takes the most recent crossable facts with `known_at_s` < T, ordered by (known_at_s, fact id). Nothing here depends on
row numbers or on later facts. Knows no feature and no model.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.derived import edges_at
from graph.snapshot.format import Direction
from graph.snapshot.reader import Snapshot
from graph.snapshot.segment import Ints, Run, composite_key
from graph.vocabulary import SPECS, EdgeType, Family, NodeLabel, RelType

__all__ = ["Direction", "Hop", "Level", "Neighbourhood", "Selection", "Step", "neighbourhood", "recent", "steps_at"]

_NO_ROWS: Ints = np.empty(0, np.int64)


class Step(NamedTuple):
    """One way to walk: along an edge type, from the end that `direction` says the query node is."""

    edge: EdgeType
    direction: Direction

    @property
    def near(self) -> NodeLabel:
        """Label of the node that is asked."""
        return self.edge.source if self.direction is Direction.OUT else self.edge.target

    @property
    def far(self) -> NodeLabel:
        """Label of the node that is reached."""
        return self.edge.target if self.direction is Direction.OUT else self.edge.source

    @property
    def stays(self) -> bool:
        """Whether the fact describes the node itself, so that nothing new is reached."""
        return self.edge.rel is RelType.DESCRIBED_AS


class Selection(NamedTuple):
    """Facts selected for query nodes, ordered by (owner, known_at_s, fact id).

    `owner` int64[n] is the position of the query node in the question, `ref` int64[n] the fact, `other` int64[n] the
    row of the node at the fact's other end.
    """

    owner: Ints
    ref: Ints
    other: Ints


@dataclass(frozen=True)
class Hop:
    """Facts taken over one step between two levels.

    `parent` int64[n] points into the upper level's rows of the label `step.near`, `child` int64[n] into the lower
    level's rows of `step.far`, `ref` int64[n] is the fact.
    """

    step: Step
    parent: Ints
    child: Ints
    ref: Ints


@dataclass(frozen=True)
class Level:
    """Nodes at one distance: per label their `rows` int64[n] and the `seed` int64[n] whose tree they stand in."""

    rows: dict[NodeLabel, Ints]
    seed: dict[NodeLabel, Ints]


@dataclass(frozen=True)
class Neighbourhood:
    """A forest, one tree a seed: `levels[0]` are the seeds, `hops[i]` leads from `levels[i]` to `levels[i + 1]`.

    A node reached twice stands there twice. A child reached over a self relation is the node itself, and a leaf.
    """

    levels: tuple[Level, ...]
    hops: tuple[tuple[Hop, ...], ...]


@cache
def steps_at(label: NodeLabel) -> tuple[Step, ...]:
    """All steps from a node of this label: edge types in declared order, OUT before IN, self relations only OUT."""
    steps = []
    for edge in edges_at(label):
        if edge.source is label:
            steps.append(Step(edge, Direction.OUT))
        if edge.target is label and edge.rel is not RelType.DESCRIBED_AS:
            steps.append(Step(edge, Direction.IN))
    return tuple(steps)


def recent(snapshot: Snapshot, step: Step, nodes: Ints, as_of_s: Ints, limit: int) -> Selection:
    """The most recent `limit` crossable facts of each node over one step, known strictly before its own as-of time.

    Args:
        snapshot: Pinned version, with or without an overlay.
        step: Edge type and the end at which `nodes` stand.
        nodes: int64[m] rows of the label `step.near`; repeats are separate questions.
        as_of_s: int64[m] UTC seconds, exclusive, from 0 to 2**34 - 1.
        limit: Most facts a node.

    Returns:
        Facts ordered by (owner, known_at_s, fact id).
    """
    runs = snapshot.runs(*step)
    if not runs or not len(nodes):
        return Selection(_NO_ROWS, _NO_ROWS, _NO_ROWS)
    if len(runs) == 1:
        return _select(runs[0], nodes, as_of_s, limit)
    return _merge(snapshot, step.edge, [_select(run, nodes, as_of_s, limit) for run in runs], limit)


def neighbourhood(
    snapshot: Snapshot,
    label: NodeLabel,
    rows: Ints,
    as_of_s: Ints,
    fanouts: Sequence[int] = (12, 8),
    without: frozenset[Family | RelType] = frozenset(),
) -> Neighbourhood:
    """Subgraph by which each seed may be judged at its own time.

    Args:
        snapshot: Pinned version, with or without an overlay.
        label: Label of the seeds.
        rows: int64[m] rows of the seeds.
        as_of_s: int64[m] UTC seconds, exclusive, one a seed; holds at every distance from it.
        fanouts: Most facts a node and step, one a hop.
        without: Families or relations to leave out, as if the graph had none of their facts.

    Returns:
        One tree a seed; a seed's tree is the same alone or among others.
    """
    seeds = np.arange(len(rows), dtype=np.int64)
    levels = [Level({label: np.asarray(rows, np.int64)}, {label: seeds})]
    hops: list[tuple[Hop, ...]] = []
    leaves: dict[NodeLabel, NDArray[np.bool_]] = {}
    for limit in fanouts:
        taken, level, leaves = _expand(snapshot, levels[-1], leaves, as_of_s, limit, without)
        hops.append(taken)
        levels.append(level)
    return Neighbourhood(tuple(levels), tuple(hops))


def _expand(
    snapshot: Snapshot,
    level: Level,
    leaves: dict[NodeLabel, NDArray[np.bool_]],
    as_of_s: Ints,
    limit: int,
    without: frozenset[Family | RelType],
) -> tuple[tuple[Hop, ...], Level, dict[NodeLabel, NDArray[np.bool_]]]:
    hops: list[Hop] = []
    reached: defaultdict[NodeLabel, list[Ints]] = defaultdict(list)
    seeds: defaultdict[NodeLabel, list[Ints]] = defaultdict(list)
    stays: defaultdict[NodeLabel, list[NDArray[np.bool_]]] = defaultdict(list)
    counts: defaultdict[NodeLabel, int] = defaultdict(int)
    # Labels in declared order: the order of reaching them would differ between a seed alone and among others.
    for label in (known for known in NodeLabel if known in level.rows):
        rows, seed = level.rows[label], level.seed[label]
        active = np.flatnonzero(~leaves[label]) if label in leaves and leaves[label].any() else None
        asked, seed_asked = (rows, seed) if active is None else (rows[active], seed[active])
        times = as_of_s[seed_asked]
        for step in _open_steps(snapshot, label, without):
            found = recent(snapshot, step, asked, times, limit)
            if not len(found.ref):
                continue
            far, size = step.far, len(found.ref)
            parent = found.owner if active is None else active[found.owner]
            hops.append(Hop(step, parent, np.arange(counts[far], counts[far] + size), found.ref))
            counts[far] += size
            reached[far].append(found.other)
            seeds[far].append(seed_asked[found.owner])
            stays[far].append(np.full(size, step.stays))
    next_level = Level({k: np.concatenate(v) for k, v in reached.items()}, {k: np.concatenate(v) for k, v in seeds.items()})
    return tuple(hops), next_level, {k: np.concatenate(v) for k, v in stays.items()}


def _open_steps(snapshot: Snapshot, label: NodeLabel, without: frozenset[Family | RelType]) -> list[Step]:
    return [
        step
        for step in steps_at(label)
        if snapshot.runs(*step) and step.edge.rel not in without and SPECS[step.edge].family not in without
    ]


def _select(run: Run, nodes: Ints, as_of_s: Ints, limit: int) -> Selection:
    end = np.searchsorted(run.key, composite_key(nodes, as_of_s))
    first = np.searchsorted(run.key, composite_key(nodes, np.zeros_like(nodes)))
    start = np.maximum(first, end - limit)
    counts = end - start
    owner = np.repeat(np.arange(len(nodes)), counts)
    before = np.cumsum(counts) - counts
    at = np.arange(len(owner)) + np.repeat(start - before, counts)
    return Selection(owner, run.ref[at].astype(np.int64), run.other[at].astype(np.int64))


def _merge(snapshot: Snapshot, edge: EdgeType, parts: list[Selection], limit: int) -> Selection:
    owner, ref, other = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((snapshot.take(edge, "id", ref), snapshot.take(edge, "known_at_s", ref), owner))
    owner, ref, other = owner[order], ref[order], other[order]
    # Position counted from the end of each owner's facts: the last `limit` are the most recent.
    ends = np.searchsorted(owner, owner, side="right")
    kept = ends - np.arange(len(owner)) <= limit
    return Selection(owner[kept], ref[kept], other[kept])
