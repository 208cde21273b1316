"""The one as-of neighbourhood query, for training and serving alike: which facts a node could be judged by at T.

Takes the most recent crossable facts with `known_at_s` < T, ordered by (known_at_s, fact id). Nothing here depends on
row numbers or on later facts. Knows no feature and no model.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from graph.question import Question, Selection, ask, check_as_of
from graph.recent import most_recent, recent, recent_elsewhere
from graph.recent_together import recent_over
from graph.snapshot.columns import Ints
from graph.snapshot.reader import Snapshot
from graph.steps import Direction, Step, steps_at
from graph.vocabulary import SPECS, Family, NodeLabel, RelType

__all__ = ["Direction", "Hop", "Level", "Neighbourhood", "Selection", "Step", "neighbourhood", "recent", "steps_at"]


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

    Rows are those that stand for their nodes as of the seed's time: persons who are one by then are one node.

    A node reached twice stands there twice. A child reached over a self relation is the node itself, and a leaf.
    """

    levels: tuple[Level, ...]
    hops: tuple[tuple[Hop, ...], ...]


def neighbourhood(
    snapshot: Snapshot,
    label: NodeLabel,
    rows: Ints,
    as_of_s: Ints,
    fanouts: Sequence[int] = (12, 8),
    without: frozenset[Family | RelType] = frozenset(),
    unseen: frozenset[Step] = frozenset(),
    steps: Sequence[Collection[Step]] | None = None,
    near: Mapping[Step, Selection] | None = None,
) -> Neighbourhood:
    """Subgraph by which each seed may be judged at its own time.

    Args:
        snapshot: Pinned version, with or without an overlay.
        label: Label of the seeds.
        rows: int64[m] rows of the seeds.
        as_of_s: int64[m] UTC seconds, exclusive, one a seed; holds at every distance from it.
        fanouts: Most facts a node and step, one a hop.
        without: Families or relations to leave out, as if the graph had none of their facts.
        unseen: Steps that are not taken from any node; nor are their facts met from the other end where that leads back
            to the seed.
        steps: The only ones to take, one collection a hop; all there are when None.
        near: Facts of the seeds themselves, where they were looked up before: of each seed as many as the first hop takes,
            or all there are, of the same instant and met in the same way.

    Returns:
        One tree a seed; a seed's tree is the same alone or among others. The fact that led to a node is met again from
        its other end, where it is recent enough.

    Raises:
        KeySpaceExceeded: an as-of time that the key cannot hold.
    """
    rows, as_of_s = np.asarray(rows, np.int64), np.asarray(as_of_s, np.int64)
    check_as_of(as_of_s)
    rows = snapshot.standing(label, rows, as_of_s)
    walk = _Walk(snapshot, rows, as_of_s, without, unseen, near or {})
    levels = [Level({label: rows}, {label: np.arange(len(rows))})]
    hops: list[tuple[Hop, ...]] = [()]
    for depth, limit in enumerate(fanouts):
        taken, level = walk.onward(levels[-1], hops[-1], limit, None if steps is None else steps[depth])
        hops.append(taken)
        levels.append(level)
    return Neighbourhood(tuple(levels), tuple(hops[1:]))


@dataclass(frozen=True)
class _Walk:
    """What stays the same over all hops of one question."""

    snapshot: Snapshot
    seeds: Ints
    as_of_s: Ints
    without: frozenset[Family | RelType]
    unseen: frozenset[Step]
    near: Mapping[Step, Selection]

    def onward(
        self, level: Level, arrived: tuple[Hop, ...], limit: int, only: Collection[Step] | None
    ) -> tuple[tuple[Hop, ...], Level]:
        """Hops from `level`, which was reached by `arrived`, and the level they reach."""
        # Labels in declared order: the order of reaching them would differ between a seed alone and among others.
        labels = [(label, self._steps(label, only)) for label in NodeLabel if label in level.rows]
        asking = [self._ask(label, steps, level, arrived) for label, steps in labels if steps]
        looked = self.near if not arrived else {}
        together = [
            (step, one.question) for one in asking for step in one.steps if step.back not in self.unseen and step not in looked
        ]
        found = recent_over(self.snapshot, together, limit)
        found |= {step: most_recent(looked[step], limit) for one in asking for step in one.steps if step in looked}
        hops: list[Hop] = []
        rows: defaultdict[NodeLabel, list[Ints]] = defaultdict(list)
        seeds: defaultdict[NodeLabel, list[Ints]] = defaultdict(list)
        filled: defaultdict[NodeLabel, int] = defaultdict(int)
        for one in asking:
            for step in one.steps:
                if step in found:
                    owner, ref, other = found[step]
                else:
                    owner, ref, other = recent_elsewhere(self.snapshot, step, one.question, self.seeds[one.seed], limit)
                if not len(ref):
                    continue
                begin = filled[step.far]
                filled[step.far] += len(ref)
                hops.append(Hop(step, one.place[owner], np.arange(begin, begin + len(ref)), ref))
                rows[step.far].append(other)
                seeds[step.far].append(one.seed[owner])
        return tuple(hops), Level(_joined(rows), _joined(seeds))

    def _ask(self, label: NodeLabel, steps: tuple[Step, ...], level: Level, arrived: tuple[Hop, ...]) -> "_Asking":
        place = _asking(label, level, arrived)
        seed = level.seed[label][place]
        return _Asking(steps, place, seed, ask(self.snapshot, label, level.rows[label][place], self.as_of_s[seed]))

    def _steps(self, label: NodeLabel, only: Collection[Step] | None) -> tuple[Step, ...]:
        steps = self.snapshot.steps(label)
        if not self.without and not self.unseen and only is None:
            return steps
        return tuple(
            step
            for step in steps
            if (only is None or step in only)
            and step not in self.unseen
            and step.edge.rel not in self.without
            and SPECS[step.edge].family not in self.without
        )


class _Asking(NamedTuple):
    """Nodes of one label that are walked on from, as positions in their level, with their seeds, and the steps to take."""

    steps: tuple[Step, ...]
    place: Ints
    seed: Ints
    question: Question


def _asking(label: NodeLabel, level: Level, arrived: tuple[Hop, ...]) -> Ints:
    """Positions in a level that are walked on from: all but the children of self relations, which are leaves."""
    leaves = [hop.child for hop in arrived if hop.step.stays and hop.step.far is label]
    everyone = np.arange(len(level.rows[label]))
    return np.delete(everyone, np.concatenate(leaves)) if leaves else everyone


def _joined(parts: defaultdict[NodeLabel, list[Ints]]) -> dict[NodeLabel, Ints]:
    return {label: np.concatenate(found) for label, found in parts.items()}
