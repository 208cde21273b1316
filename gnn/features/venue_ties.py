"""Who is tied to which venue from when until when, over all times at once.

Who is one person by then is one member: a tie that one source tells of holds for the rows of other sources too, from the
second on at which they become one. A venue that was itself merged stays as the rows it is made of. Knows no fact but ties.
"""

from dataclasses import dataclass

import numpy as np

from gnn.features.paths import outcome_steps
from graph.lasting import ENDLESS, lasting
from graph.ranges import laid_out, parts_of
from graph.snapshot import Snapshot
from graph.snapshot.columns import Ints, split_key
from graph.snapshot.format import NODE_BITS
from graph.snapshot.merges import Merges
from graph.steps import Step
from graph.vocabulary import NodeLabel

_SPELL = ENDLESS + 1  # more than any second
_VENUE = (1 << NODE_BITS) - 1


@dataclass(frozen=True)
class Ties:
    """Spells, int64 [t] each, ascending by `pair` and begin: a tie holds as of T where begin < T <= end.

    `pair` is `member << 30 | venue`; the spells of one pair do not meet.
    """

    pair: Ints
    begin_s: Ints
    end_s: Ints

    @property
    def member(self) -> Ints:
        """int64 [t] rows of the members."""
        return self.pair >> NODE_BITS

    @property
    def venue(self) -> Ints:
        """int64 [t] rows of the venues."""
        return self.pair & _VENUE

    def take(self, index: Ints) -> "Ties":
        """The spells at these positions."""
        return Ties(self.pair[index], self.begin_s[index], self.end_s[index])

    def hold(self, member: Ints, venue: Ints, as_of_s: Ints) -> Ints:
        """Positions, ascending, at which the members int64 [m] are tied to the venues as of the seconds, exclusive."""
        pair = (member << NODE_BITS) | venue
        at, last = np.searchsorted(self.pair, pair), np.searchsorted(self.pair, pair, side="right")
        held, asking = np.zeros(len(pair), np.bool_), np.flatnonzero(at < last)
        while len(asking):
            spell = at[asking]
            held[asking] |= (self.begin_s[spell] < as_of_s[asking]) & (as_of_s[asking] <= self.end_s[spell])
            at[asking] += 1
            asking = asking[at[asking] < last[asking]]
        return np.flatnonzero(held)


def build_ties(snapshot: Snapshot, tie: Step) -> Ties:
    """The ties over one step of every row that has outcomes; `snapshot` without a request's facts."""
    facts, merges, bearing = lasting(snapshot, tie), snapshot.merges(tie.near), _bearing(snapshot, tie.near)
    row, begin_s = split_key(facts.begin)
    end_s = np.full(len(row), ENDLESS) if facts.end_s is None else facts.end_s
    told = _united(Ties((row << NODE_BITS) | facts.other, begin_s, end_s))
    if merges is not None:
        return _of_persons(told, bearing, merges)
    return told.take(np.flatnonzero(np.isin(told.member, bearing)))


def _bearing(snapshot: Snapshot, label: NodeLabel) -> Ints:
    """Rows that have outcomes, ascending."""
    bears = np.zeros(snapshot.num_nodes(label), np.bool_)
    for outcome in outcome_steps(snapshot, label):
        for run in snapshot.runs(outcome.edge, outcome.direction):
            bears[split_key(run.key)[0]] = True
    return np.flatnonzero(bears)


def _of_persons(told: Ties, bearing: Ints, merges: Merges) -> Ties:
    """The ties of the rows `bearing` that are told of any row which is, or becomes, one with them."""
    whose, person = (merges.standing(rows, np.full(len(rows), ENDLESS)) for rows in (told.member, bearing))
    order, of_person = np.argsort(whose, kind="stable"), np.argsort(person, kind="stable")
    told, whose, bearing, person = told.take(order), whose[order], bearing[of_person], person[of_person]
    first = np.searchsorted(person, whose)
    counts = np.searchsorted(person, whose, side="right") - first
    starts = np.flatnonzero(np.diff(whose, prepend=-1))
    bounds = np.append(starts, len(whose))
    parts = []
    # All ties of a person are in one part, so that no pair is in two.
    for part in parts_of(np.diff(np.append(0, np.cumsum(counts))[bounds])):
        near = np.arange(bounds[part.start], bounds[part.stop])
        at, place = laid_out(first[near], counts[near])
        ties = told.take(near[at])
        pair = (bearing[place] << NODE_BITS) | ties.venue
        parts.append(_united(Ties(pair, np.maximum(ties.begin_s, merges.joined_s(ties.member, bearing[place])), ties.end_s)))
    columns = ([getattr(part, name) for part in parts] for name in ("pair", "begin_s", "end_s"))
    ties = Ties(*(np.concatenate([np.empty(0, np.int64), *column]) for column in columns))
    return ties.take(np.argsort(ties.pair, kind="stable"))


def _united(ties: Ties) -> Ties:
    """The same spells in their order, without empty ones, those of one pair that meet made one."""
    ties = ties.take(np.flatnonzero(ties.begin_s < ties.end_s))
    if not len(ties.pair):
        return ties
    ties = ties.take(np.lexsort((ties.begin_s, ties.pair)))
    new = np.ones(len(ties.pair), np.bool_)
    new[1:] = ties.pair[1:] != ties.pair[:-1]
    number = np.cumsum(new) - 1
    until_s = np.maximum.accumulate(number * _SPELL + ties.end_s) - number * _SPELL
    new[1:] |= ties.begin_s[1:] > until_s[:-1]
    return Ties(ties.pair[new], ties.begin_s[new], until_s[np.append(new[1:], True)])
