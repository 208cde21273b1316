"""What an explanation may take away: a family, a relation everywhere, the subject's own facts of it, or what lies beyond.

Facts are the subject's own at the subject itself and at what it holds or applies for. A reason is told to the subject, so
it must rest on those alone: a neighbour's late payments are not the subject's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gnn.features.paths import is_owned
from graph.neighbourhood import Step, steps_at
from graph.vocabulary import SPECS, Family, NodeLabel, RelType


@dataclass(frozen=True)
class OwnFacts:
    """The subject's own facts of one relation."""

    relation: RelType


@dataclass(frozen=True)
class Beyond:
    """What is known of others that a relation of the subject's own leads to."""

    relation: RelType


Removable = Family | RelType | OwnFacts | Beyond
Without = frozenset[Removable]


def removable() -> tuple[Removable, ...]:
    """Everything that may be taken away, each once."""
    own, beyond = ([kind(relation) for relation in RelType] for kind in (OwnFacts, Beyond))
    return (*Family, *RelType, *own, *beyond)


class Touching:
    """Which of some parts of a model's input each set of removals takes away; `parts[i]` says what takes part i away."""

    def __init__(self, parts: Sequence[Without]) -> None:
        self._takes = _marked(parts).T

    def of(self, removed: Sequence[Without]) -> NDArray[np.bool_]:
        """Which parts go with each set, bool [len(removed), parts]."""
        touched: NDArray[np.bool_] = _marked(removed) @ self._takes > 0
        return touched


def _marked(sets: Sequence[Without]) -> NDArray[np.float32]:
    """One row a set, one column for everything that may be removed: 1 where it is in the set."""
    places, marked = _places(), np.zeros((len(sets), len(_places())), np.float32)
    for row, one in enumerate(sets):
        marked[row, [places[part] for part in one]] = 1
    return marked


@cache
def _places() -> dict[Removable, int]:
    return {part: place for place, part in enumerate(removable())}


def removed_by(step: Step, *, own: bool) -> Without:
    """What takes the facts of a step away, where they are the subject's own or where they are not."""
    anyone = frozenset[Removable]({step.edge.rel, SPECS[step.edge].family})
    return anyone | {OwnFacts(step.edge.rel)} if own else anyone


def removed_on(path: Sequence[Step]) -> Without:
    """What takes the facts at the end of a path away.

    They are the subject's own where every step before is within its own affairs; otherwise they lie beyond the first step
    that leaves these, and go neither with it nor with the own facts before it as facts of the subject's own.
    """
    leaves = next((place for place, step in enumerate(path[:-1]) if not is_owned(step)), None)
    parts = [removed_by(step, own=leaves is None) for step in path]
    if leaves is not None:
        parts.append(frozenset({Beyond(path[leaves].edge.rel)}))
    return frozenset[Removable]().union(*parts)


def held_by(subject: NodeLabel) -> frozenset[NodeLabel]:
    """Labels of what a subject holds or applies for."""
    return frozenset(step.far for step in steps_at(subject) if is_owned(step))
