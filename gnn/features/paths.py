"""Paths from a subject through the graph: which the vocabulary allows, and what lies at their end as of an instant.

A path of the subject's own affairs crosses `owned` relations only (to an account held, a loan applied for). A path to
neighbours crosses one relation that is not owned, and comes back from a shared place or bank to who else is there. The
result of a walk depends on no row number: it is a set of facts, each owner's cut by (known_at_s, fact id).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from graph.derived import properties
from graph.neighbourhood import recent
from graph.question import ask
from graph.recent import recent_elsewhere
from graph.snapshot import Snapshot
from graph.steps import Direction, Step
from graph.vocabulary import SPECS, Family, NodeLabel, RelType

Path = tuple[Step, ...]
OWN_LIMIT = 512  # most recent facts of one node and step that count as its own history
HUB_LIMIT = 64  # of a place, a bank or another person fewer say as much
VENUE_LIMIT = 1024  # a shared place with more members than that is everybody's
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class Found:
    """Facts of the last step of a path: whose (`owner`, position in the question, ascending), which, and the far end."""

    owner: NDArray[np.int64]
    ref: NDArray[np.int64]
    other: NDArray[np.int64]


def is_owned(step: Step) -> bool:
    """Whether the far end of a step is part of the near end's own affairs."""
    return SPECS[step.edge].owned and step.direction is Direction.OUT


def is_meeting(path: Path) -> bool:
    """Whether a path comes back from a node over a relation that states nothing but that one belongs there.

    Its facts at that node are its members; those of a purchase or a visit would be its trade.
    """
    return len(path) > 1 and path[-1] == path[-2].back and not is_owned(path[-2]) and not properties(path[-1].edge)


def own_paths(snapshot: Snapshot, subject: NodeLabel) -> tuple[Path, ...]:
    """Paths to facts of the subject's own: at itself, and at what it owns where they do not lead back to a subject."""
    paths: list[Path] = [(step,) for step in snapshot.steps(subject)]
    for hop in snapshot.steps(subject):
        if is_owned(hop):
            paths.extend((hop, step) for step in snapshot.steps(hop.far) if step.far is not subject)
    return tuple(paths)


def peer_paths(snapshot: Snapshot, subject: NodeLabel) -> tuple[Path, ...]:
    """Paths that end at other nodes of the subject's label: tied to it directly, or met at a node that both share."""
    owned = tuple(step for step in snapshot.steps(subject) if is_owned(step))
    kept = frozenset(step.far for step in owned)
    paths: list[Path] = [path for path in _crossings((), subject, subject, snapshot) if path[-1].far not in kept]
    for hop in owned:
        paths.extend(_crossings((hop,), hop.far, subject, snapshot))
    return tuple(paths)


def venue_paths(snapshot: Snapshot, subject: NodeLabel) -> tuple[Path, ...]:
    """Paths that end in what is recorded of a node the subject, or what it owns, is tied to: a district, a branch."""
    bases: list[Path] = [(), *((step,) for step in snapshot.steps(subject) if is_owned(step))]
    paths: list[Path] = []
    for base in bases:
        label = base[-1].far if base else subject
        for step in snapshot.steps(label):
            if step.stays or is_owned(step) or step.far in (subject, label):
                continue
            paths.extend((*base, step, at) for at in snapshot.steps(step.far) if at.stays)
    return tuple(paths)


def _crossings(base: Path, label: NodeLabel, subject: NodeLabel, snapshot: Snapshot) -> list[Path]:
    found: list[Path] = []
    for step in snapshot.steps(label):
        if step.stays or is_owned(step):
            continue
        if step.far is subject:
            found.append((*base, step))
            continue
        met = (*base, step, step.back)
        found.append((*met, base[-1].back) if base else met)
        if base and step.far is label:  # another node of the kind that is owned: whose is it?
            found.append((*base, step, base[-1].back))
    return found


@dataclass
class Walk:
    """One question about many subjects, each as of its own instant; nodes reached on the way are kept for other paths.

    `without` leaves families and relations out wherever they are met; `unseen` are steps not taken from any node, whose
    facts are not met from the other end either where that leads back to the subject.
    """

    snapshot: Snapshot
    rows: NDArray[np.int64]
    as_of_s: NDArray[np.int64]
    subject: NodeLabel
    without: frozenset[Family | RelType] = frozenset()
    unseen: frozenset[Step] = frozenset()
    _nodes: dict[Path, tuple[NDArray[np.int64], NDArray[np.int64]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Ask about the nodes that the subjects are part of by then, so that none of them is taken for a stranger."""
        self.rows = self.snapshot.standing(self.subject, self.rows, self.as_of_s)

    def facts(self, path: Path) -> Found:
        """Facts of a path's last step, ascending by owner; within an owner in no promised order after several hops."""
        *before, step = path
        owner, rows = self.nodes(tuple(before))
        if not len(rows) or not self.may_take(step):
            return Found(_NONE, _NONE, _NONE)
        limit = OWN_LIMIT if all(is_owned(hop) for hop in before) else HUB_LIMIT
        when = self.as_of_s[owner]
        if step.back in self.unseen:
            found = recent_elsewhere(self.snapshot, step, ask(self.snapshot, step.near, rows, when), self.rows[owner], limit)
        else:
            found = recent(self.snapshot, step, rows, when, limit)
        return Found(owner[found.owner], found.ref, found.other)

    def sizes(self, path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Owners, ascending, and how many facts each node before a path's last step has over it, `VENUE_LIMIT` at most."""
        *before, step = path
        owner, rows = self.nodes(tuple(before))
        if not len(rows) or not self.may_take(step):
            return _NONE, _NONE
        found = recent(self.snapshot, step, rows, self.as_of_s[owner], VENUE_LIMIT)
        return owner, np.bincount(found.owner, minlength=len(rows))

    def may_take(self, step: Step) -> bool:
        """Whether a step is one to take, from whichever node."""
        left_out = step.edge.rel in self.without or SPECS[step.edge].family in self.without
        return not left_out and step not in self.unseen

    def ordered_facts(self, path: Path) -> Found:
        """The same facts, ordered by (owner, known_at_s, fact id)."""
        found, edge = self.facts(path), path[-1].edge
        if len(path) == 1 or not len(found.ref):
            return found
        known = self.snapshot.take(edge, "known_at_s", found.ref)
        order = np.lexsort((self.snapshot.take(edge, "id", found.ref), known, found.owner))
        return Found(found.owner[order], found.ref[order], found.other[order])

    def nodes(self, path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Distinct (owner, row) at the end of a path, ascending by owner, the subject itself left out."""
        if not path:
            return np.arange(len(self.rows)), self.rows
        if path not in self._nodes:
            found, far = self.facts(path), path[-1].far
            owner, other = found.owner, found.other
            if far is self.subject:
                stranger = other != self.rows[owner]
                owner, other = owner[stranger], other[stranger]
            size = max(self.snapshot.num_nodes(far), 1)
            pair = np.unique(owner * size + other)
            self._nodes[path] = (pair // size, pair % size)
        return self._nodes[path]
