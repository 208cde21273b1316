"""What lies at the end of a path as of an instant, for many subjects at once.

The result of a walk depends on no row number: it is a set of facts, each owner's cut by (known_at_s, fact id).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gnn.features.distinct import distinct, numbered
from gnn.features.paths import Path, is_owned
from graph.question import Question, Selection, ask, check_as_of
from graph.recent import order_of_knowing, recent_elsewhere, recent_of
from graph.recent_together import recent_over
from graph.snapshot import Snapshot
from graph.steps import Step
from graph.vocabulary import SPECS, Family, NodeLabel, RelType

Ints = NDArray[np.int64]
OWN_LIMIT = 512  # most recent facts of one node and step that count as its own history
HUB_LIMIT = 64  # of a place, a bank or another person fewer say as much
VENUE_LIMIT = 1024  # a shared place with more members than that is everybody's
_NONE = np.empty(0, np.int64)


class Found(NamedTuple):
    """Facts of the last step of a path: whose (`owner`, position in the question, ascending), which, and the far end."""

    owner: Ints
    ref: Ints
    other: Ints


@dataclass(frozen=True)
class Reached:
    """Nodes that subjects reach, int64 [m] each: node `place[i]` of the question is one of subject `owner[i]`, ascending.

    A node that several subjects ask about as of one instant is asked about once. `is_plain` tells that no two do, and that
    the question asks about the nodes in the order given here.
    """

    owner: Ints
    place: Ints
    question: Question
    nodes: int
    is_plain: bool

    def spread(self, found: Selection) -> "Found":
        """The facts found for the question, once for each subject that reaches their node; owners ascend."""
        if self.is_plain:
            return Found(self.owner[found.owner], found.ref, found.other)
        counts = np.bincount(found.owner, minlength=self.nodes)
        each = counts[self.place]
        begin = (np.cumsum(counts) - counts)[self.place]
        at = np.arange(each.sum()) + np.repeat(begin - (np.cumsum(each) - each), each)
        return Found(np.repeat(self.owner, each), found.ref[at], found.other[at])


@dataclass
class Walk:
    """One question about many subjects, each as of its own instant; nodes reached on the way are kept for other paths.

    `without` leaves families and relations out wherever they are met; `unseen` are steps not taken from any node, whose
    facts are not met from the other end either where that leads back to the subject.

    Raises:
        KeySpaceExceeded: an instant that no fact's could be compared with.
    """

    snapshot: Snapshot
    rows: Ints
    as_of_s: Ints
    subject: NodeLabel
    without: frozenset[Family | RelType] = frozenset()
    unseen: frozenset[Step] = frozenset()
    _looked: dict[Path, tuple[Selection, Reached]] = field(default_factory=dict)
    _nodes: dict[Path, tuple[Ints, Ints]] = field(default_factory=dict)
    _reached: dict[Path, Reached] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Ask about the nodes that the subjects are part of by then, so that none of them is taken for a stranger."""
        check_as_of(self.as_of_s)
        self.rows = self.snapshot.standing(self.subject, self.rows, self.as_of_s)
        self._instants, self._instant = np.unique(self.as_of_s, return_inverse=True)

    def facts(self, path: Path) -> Found:
        """Facts of a path's last step, ascending by owner; within an owner in no promised order after several hops."""
        found, reached = self._look(path)
        return reached.spread(found) if len(found.ref) else Found(_NONE, _NONE, _NONE)

    def look_ahead(self, steps: Iterable[Step]) -> None:
        """Look up the subjects' facts over these steps together, since they will be asked for."""
        asked = [step for step in steps if (step,) not in self._looked and self.may_take(step) and step.back not in self.unseen]
        reached = self.reach(())
        for step, found in recent_over(self.snapshot, [(step, reached.question) for step in asked], OWN_LIMIT).items():
            self._looked[step,] = found, reached

    def sizes(self, path: Path) -> tuple[Ints, Ints]:
        """Owners, ascending, and how many facts each node before a path's last step has over it, `VENUE_LIMIT` at most."""
        reached, step = self.reach(path[:-1]), path[-1]
        if not len(reached.owner) or not self.may_take(step):
            return _NONE, _NONE
        found = recent_of(self.snapshot, step, reached.question, VENUE_LIMIT, ordered=False)
        return reached.owner, np.bincount(found.owner, minlength=reached.nodes)[reached.place]

    def ordered_facts(self, path: Path) -> Found:
        """The same facts, ordered by (owner, known_at_s, fact id)."""
        found = self.facts(path)
        if len(path) == 1 or not len(found.ref):
            return found
        order = order_of_knowing(self.snapshot, path[-1].edge, found.owner, found.ref)
        return Found(found.owner[order], found.ref[order], found.other[order])

    def nodes(self, path: Path) -> tuple[Ints, Ints]:
        """Distinct (owner, row) at the end of a path, ascending by owner, the subject itself left out."""
        if not path:
            return np.arange(len(self.rows)), self.rows
        if path not in self._nodes:
            self._nodes[path] = self._ends(path)
        return self._nodes[path]

    def reach(self, path: Path) -> Reached:
        """The nodes at the end of a path, ready to be asked about."""
        if path not in self._reached:
            self._reached[path] = self.reach_all(*self.nodes(path), path[-1].far if path else self.subject)
        return self._reached[path]

    def reach_all(self, owner: Ints, row: Ints, label: NodeLabel) -> Reached:
        """The same of any nodes: whose each is, and its row."""
        when, size = len(self._instants), max(self.snapshot.num_nodes(label), 1)
        # In order of rows, so that runs are searched from end to end.
        pair = row * when + self._instant[owner]
        if (pair[1:] > pair[:-1]).all():
            return self._reach_plainly(owner, row, label)
        pair, place = numbered(pair, size * when)
        asked = ask(self.snapshot, label, pair // when, self._instants[pair % when])
        return Reached(owner, place, asked, len(pair), is_plain=False)

    def may_take(self, step: Step) -> bool:
        """Whether a step is one to take, from whichever node."""
        left_out = step.edge.rel in self.without or SPECS[step.edge].family in self.without
        return not left_out and step not in self.unseen

    def _look(self, path: Path) -> tuple[Selection, Reached]:
        """Facts of a path's last step by node reached; those of the subject's own affairs are kept for who else asks."""
        own = all(is_owned(hop) for hop in path[:-1])
        if not own:
            return self._search(path, HUB_LIMIT)
        if path not in self._looked:
            self._looked[path] = self._search(path, OWN_LIMIT)
        return self._looked[path]

    def _search(self, path: Path, limit: int) -> tuple[Selection, Reached]:
        reached, step = self.reach(path[:-1]), path[-1]
        if not len(reached.owner) or not self.may_take(step):
            return Selection(_NONE, _NONE, _NONE), reached
        if step.back not in self.unseen:
            return recent_of(self.snapshot, step, reached.question, limit, ordered=len(path) == 1), reached
        # What leads back to the subject is another fact for each subject: none of it is shared.
        alone = self._reach_plainly(*self.nodes(path[:-1]), step.near)
        return recent_elsewhere(self.snapshot, step, alone.question, self.rows[alone.owner], limit), alone

    def _reach_plainly(self, owner: Ints, row: Ints, label: NodeLabel) -> Reached:
        question = ask(self.snapshot, label, row, self.as_of_s[owner])
        return Reached(owner, np.arange(len(row)), question, len(row), is_plain=True)

    def _ends(self, path: Path) -> tuple[Ints, Ints]:
        found, reached = self._look(path)
        if not len(found.ref):
            return _NONE, _NONE
        size = max(self.snapshot.num_nodes(path[-1].far), 1)
        if not reached.is_plain:  # the fewer ends a node has, the less there is to spread
            pair = distinct(found.owner * size + found.other)
            found = Selection(pair // size, pair, pair % size)
        owner, _, row = reached.spread(found)
        if path[-1].far is self.subject:
            stranger = row != self.rows[owner]
            owner, row = owner[stranger], row[stranger]
        pair = distinct(owner * size + row)
        return pair // size, pair % size
