"""Numbers over what other nodes have, where several paths reach the same ones: each node is read once, as of each instant.

Integers alone, and no order: a number over a subject's facts is then the same number over its nodes' numbers, to the last
bit. Knows paths and columns, not what they are for.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.features.aggregates import OF_UNORDERED, Floats, Groups, NestedGroups
from gnn.features.paths import Path, is_owned
from gnn.features.plan import Column, Statistic
from gnn.features.stated import Stated
from gnn.features.walk import HUB_LIMIT, Reached, Walk
from graph.derived import properties
from graph.recent import recent_of
from graph.steps import Step
from graph.vocabulary import Kind, NodeLabel

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SharedBlock:
    """Columns of one statistic of one property: column `places[i]` of the plan is of path `before[i]`, int64 [k] both."""

    statistic: Statistic
    prop: str | None
    places: Ints
    before: Ints


@dataclass(frozen=True)
class SharedStep:
    """All such columns over the facts of one step, taken from the ends of the paths `before`."""

    step: Step
    before: tuple[Path, ...]
    blocks: tuple[SharedBlock, ...]


def is_shared(column: Column, unseen: Sequence[Step]) -> bool:
    """Whether a column is one over other nodes' facts in no order; not where those that lead to the subject are left out."""
    *before, step = column.path
    if all(is_owned(hop) for hop in before) or step.back in unseen or column.statistic not in (Statistic.COUNT, *OF_UNORDERED):
        return False
    if column.over is not None or column.category is not None or column.window_days is not None:
        return False
    return column.prop is None or any(p.name == column.prop and p.kind is not Kind.DECIMAL for p in properties(step.edge))


def build_shared(columns: Sequence[tuple[int, Column]]) -> tuple[SharedStep, ...]:
    """Sort shared columns, each given with its place in the plan."""
    of_step: defaultdict[Step, list[tuple[int, Column]]] = defaultdict(list)
    for place, column in columns:
        of_step[column.path[-1]].append((place, column))
    return tuple(_build_step(step, made) for step, made in of_step.items())


def _build_step(step: Step, columns: Sequence[tuple[int, Column]]) -> SharedStep:
    before = {path: number for number, path in enumerate(dict.fromkeys(column.path[:-1] for _, column in columns))}
    blocks: defaultdict[tuple[Statistic, str | None], list[tuple[int, int]]] = defaultdict(list)
    for place, column in columns:
        blocks[column.statistic, column.prop].append((place, before[column.path[:-1]]))
    return SharedStep(step, tuple(before), tuple(SharedBlock(*of, *np.array(p, np.int64).T) for of, p in blocks.items()))


class SharedReader:
    """Fills the shared columns for the subjects of one walk."""

    def __init__(self, walk: Walk, currency: str) -> None:
        self._walk, self._currency = walk, currency
        self._reached: dict[tuple[Path, ...], tuple[Ints, Reached]] = {}

    def fill(self, out: Floats, shared: SharedStep) -> None:
        """Put the columns of a step into `out` float64 [columns, subjects]."""
        n, snapshot = out.shape[1], self._walk.snapshot
        group, reached = self._reach(shared.before, shared.step.near)
        node = ref = np.empty(0, np.int64)
        if len(group) and self._walk.may_take(shared.step):
            node, ref, _ = recent_of(snapshot, shared.step, reached.question, HUB_LIMIT, ordered=False)
        facts = NestedGroups(Groups(node, reached.nodes), group, reached.place, len(shared.before) * n)
        stated = Stated(snapshot, shared.step.edge, ref, self._currency)
        for block in shared.blocks:
            if block.prop is None:
                number = facts.count()
            else:
                values, there = stated.number(block.prop)
                number = OF_UNORDERED[block.statistic](facts.kept(there), values[there])
            out[block.places] = number.reshape(-1, n)[block.before]

    def _reach(self, before: tuple[Path, ...], label: NodeLabel) -> tuple[Ints, Reached]:
        """Nodes at the ends of all paths, and int64 [m] `path * subjects + subject` of each, ascending."""
        if before not in self._reached:
            ends = [self._walk.nodes(path) for path in before]
            owner, row = (np.concatenate(column) for column in zip(*ends, strict=True))
            path = np.repeat(np.arange(len(before)), [len(owners) for owners, _ in ends])
            self._reached[before] = path * len(self._walk.rows) + owner, self._walk.reach_all(owner, row, label)
        return self._reached[before]
