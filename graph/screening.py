"""Which of the facts found for a node count as of its time, and who stands at their other end by then.

Drops what has become a relation of a person to itself, since both its ends are that person by then, what rests on a
consent that one of the persons it touches does not give, and what was corrected or withdrawn by then. A step whose facts
need no look has no screen. Knows no search.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.question import Question, Selection
from graph.snapshot.columns import Ints
from graph.snapshot.consent import UNSAID, YES
from graph.snapshot.merges import Merges
from graph.snapshot.reader import Snapshot
from graph.steps import Direction, Step
from graph.vocabulary import SPECS, Basis, EdgeType, NodeLabel

PERSON = NodeLabel.PERSON


@dataclass(frozen=True)
class Screen:
    """What to look at in the facts of one step: who their other ends are part of, and who consents to them."""

    snapshot: Snapshot
    step: Step
    merges: Merges | None

    def look(self, question: Question, found: Selection) -> tuple[Selection, NDArray[np.bool_]]:
        """The facts with their other ends as of their owners' times, and bool[n] which of them count."""
        near, as_of_s = question.node[found.owner], question.as_of_s[found.owner]
        other = found.other
        counts = np.ones(len(found.ref), np.bool_)
        if self.merges is not None:
            other = self.merges.standing(other, as_of_s)
            if self.step.near is self.step.far and not self.step.stays:
                # A fact that names one row twice was so stated: it stays.
                counts = (other != near) | (found.other == question.row[found.owner])
        if self.snapshot.corrects(self.step.edge):
            counts &= as_of_s <= self.snapshot.ends_s(self.step.edge, found.ref)
        if self.snapshot.consents(self.step.edge) is not None:
            source, target = (near, other) if self.step.direction is Direction.OUT else (other, near)
            counts &= is_consented(self.snapshot, self.step.edge, Ends(found.ref, source, target), as_of_s)
        return Selection(found.owner, found.ref, other), counts


class Ends(NamedTuple):
    """Facts of one edge type, int64[n], and the standing rows at both their ends."""

    ref: Ints
    source: Ints
    target: Ints


def is_consented(snapshot: Snapshot, edge: EdgeType, facts: Ends, as_of_s: Ints) -> NDArray[np.bool_]:
    """bool[n] whether facts may be used, each as of its own second: all but those that rest on a consent not in force.

    A fact that came with a request needs no consent but what its sender vouches for, as long as none was taken back.
    """
    allowed, consents = np.ones(len(facts.ref), np.bool_), snapshot.consents(edge)
    if consents is None:
        return allowed
    basis = snapshot.categories(edge, "basis").index(Basis.CONSENT)
    asking = np.flatnonzero(snapshot.take(edge, "basis", facts.ref) == basis)
    vouched = snapshot.came_with_request(edge, facts.ref[asking])
    for label, rows in ((edge.source, facts.source), (edge.target, facts.target)):
        if label is PERSON:
            said = consents.decided(SPECS[edge].family, rows[asking], as_of_s[asking])
            allowed[asking] &= (said == YES) | (vouched & (said == UNSAID))
    return allowed


def screen_of(snapshot: Snapshot, step: Step) -> Screen | None:
    """The screen of a step; None where every fact counts and no other end is part of another node."""
    merges = snapshot.merges(step.far)
    plain = merges is None and snapshot.consents(step.edge) is None and not snapshot.corrects(step.edge)
    return None if plain else Screen(snapshot, step, merges)
