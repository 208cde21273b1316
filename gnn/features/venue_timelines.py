"""How many facts all who are tied to a venue have, as of any instant: sorted seconds in place of a walk over every member.

A fact of a member counts at a venue as of T where both the fact and the member's tie to the venue were known before T and
neither had ended. Who is one person by then is one member: a tie told of by one source counts for what another one tells.
A venue that was itself merged is asked as each row it is made of, and counts who is tied to two of them twice.

Made once from a whole published version and kept with it. Of an overlay, what came with the request is not in it.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from graph.facts import MAXIMUM_SECOND
from graph.lasting import ENDLESS, Lasting, lasting
from graph.snapshot import Snapshot
from graph.snapshot.columns import CompositeKeys, Ints, composite_key, split_key
from graph.snapshot.format import NODE_BITS
from graph.steps import Direction, Step
from graph.vocabulary import SPECS, Family, NodeLabel

AT_ONCE = 1 << 21  # facts of members spread over their venues together
_SPREAD = ENDLESS + 1  # more than any second


@dataclass(frozen=True)
class Timeline:
    """Facts by node: `begins` and `ends` uint64, sorted, are `node << 34 | second` of each fact's begin and, if any, end."""

    begins: CompositeKeys
    ends: CompositeKeys

    def count(self, low: CompositeKeys, high: CompositeKeys) -> Ints:
        """int64 [m] facts that count of nodes as of seconds: `low` is `node << 34`, `high` is `node << 34 | second`."""
        count = self.begins.searchsorted(high) - self.begins.searchsorted(low)
        return count - self.ends.searchsorted(high) + self.ends.searchsorted(low) if len(self.ends) else count


@dataclass(frozen=True)
class Ties:
    """Which member is tied to which venue from when until when, int64 [t] each, ascending by `pair` and begin.

    `pair` is `member << 30 | venue`; the spells of one pair do not meet.
    """

    pair: Ints
    begin_s: Ints
    end_s: Ints

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


def outcomes_of(snapshot: Snapshot, label: NodeLabel) -> tuple[Step, ...]:
    """Steps to what is known of the loans, and other credit, of subjects of a label."""
    steps = snapshot.steps(label)
    return tuple(step for step in steps if SPECS[step.edge].family is Family.CREDIT and step.direction is Direction.OUT)


def own_timeline(snapshot: Snapshot, outcome: Step) -> Timeline:
    """The facts of a step by the row that has them."""

    def build() -> Timeline:
        facts = lasting(snapshot, outcome)
        return _timeline([facts.begin], [] if facts.end_s is None else [_ends(split_key(facts.begin)[0], facts.end_s)])

    return snapshot.keep(("own timeline", outcome), build)


def venue_timeline(snapshot: Snapshot, tie: Step, outcome: Step) -> Timeline:
    """The facts of the step `outcome` by the venue, at the far end of the step `tie`, that whoever has them is tied to."""
    return snapshot.keep(
        ("venue timeline", tie, outcome), lambda: _build_timeline(venue_ties(snapshot, tie), lasting(snapshot, outcome))
    )


def venue_ties(snapshot: Snapshot, tie: Step) -> Ties:
    """The ties of every row that has outcomes, those told of a row it is one with included, each from that time on."""
    return snapshot.keep(("venue ties", tie), lambda: _build_ties(snapshot, tie))


def _build_ties(snapshot: Snapshot, tie: Step) -> Ties:
    facts, merges = lasting(snapshot, tie), snapshot.merges(tie.near)
    row, begin_s = split_key(facts.begin)
    end_s = np.full(len(row), ENDLESS) if facts.end_s is None else facts.end_s
    told = _united((row << NODE_BITS) | facts.other, begin_s, end_s)
    row, venue = told.pair >> NODE_BITS, told.pair & ((1 << NODE_BITS) - 1)
    bearing = _bearing(snapshot, tie.near)
    if merges is None:
        kept = np.isin(row, bearing)
        return Ties(told.pair[kept], told.begin_s[kept], told.end_s[kept])
    group = merges.standing(bearing, np.full(len(bearing), ENDLESS))
    order = np.argsort(group, kind="stable")
    group, bearing = group[order], bearing[order]
    whose = merges.standing(row, np.full(len(row), ENDLESS))
    first = np.searchsorted(group, whose)
    at, place = _spread(first, np.searchsorted(group, whose, side="right") - first)
    begin_s = np.maximum(told.begin_s[at], merges.joined_s(row[at], bearing[place]))
    counts = begin_s < told.end_s[at]
    at, place, begin_s = at[counts], place[counts], begin_s[counts]
    return _united((bearing[place] << NODE_BITS) | venue[at], begin_s, told.end_s[at])


def _bearing(snapshot: Snapshot, label: NodeLabel) -> Ints:
    """Rows that have outcomes, ascending."""
    bears = np.zeros(snapshot.num_nodes(label), np.bool_)
    for outcome in outcomes_of(snapshot, label):
        for run in snapshot.runs(outcome.edge, outcome.direction):
            bears[split_key(run.key)[0]] = True
    return np.flatnonzero(bears)


def _united(pair: Ints, begin_s: Ints, end_s: Ints) -> Ties:
    """The same spells, those of one pair that meet made one."""
    order = np.lexsort((begin_s, pair))
    pair, begin_s, end_s = pair[order], begin_s[order], end_s[order]
    if not len(pair):
        return Ties(pair, begin_s, end_s)
    new = np.ones(len(pair), np.bool_)
    new[1:] = pair[1:] != pair[:-1]
    number = np.cumsum(new) - 1
    until_s = np.maximum.accumulate(number * _SPREAD + end_s) - number * _SPREAD
    new[1:] |= begin_s[1:] > until_s[:-1]
    return Ties(pair[new], begin_s[new], until_s[np.append(new[1:], True)])


def _build_timeline(ties: Ties, facts: Lasting) -> Timeline:
    member, venue = ties.pair >> NODE_BITS, ties.pair & ((1 << NODE_BITS) - 1)
    first = facts.begin.searchsorted(composite_key(member, np.zeros_like(member)))
    highest = composite_key(member, np.full(len(member), MAXIMUM_SECOND))
    counts = facts.begin.searchsorted(highest, side="right") - first
    total = np.cumsum(counts)
    cuts = np.searchsorted(total, np.arange(0, total[-1] if len(total) else 0, AT_ONCE), side="right")
    begins, ends = [], []
    for part in (slice(*cut) for cut in pairwise((*np.unique(cuts), len(member)))):
        at, place = _spread(first[part], counts[part])
        begin_s = np.maximum(ties.begin_s[part][at], split_key(facts.begin[place])[1])
        end_s = ties.end_s[part][at] if facts.end_s is None else np.minimum(ties.end_s[part][at], facts.end_s[place])
        counting = begin_s < end_s
        whose = venue[part][at][counting]
        begins.append(composite_key(whose, begin_s[counting]))
        ends.append(_ends(whose, end_s[counting]))
    return _timeline(begins, ends)


def _ends(node: Ints, end_s: Ints) -> CompositeKeys:
    ended = end_s < ENDLESS
    return composite_key(node[ended], end_s[ended])


def _timeline(begins: list[CompositeKeys], ends: list[CompositeKeys]) -> Timeline:
    if len(begins) == 1 and not ends:
        return Timeline(begins[0], np.empty(0, np.uint64))
    joined = [np.concatenate([np.empty(0, np.uint64), *parts]) for parts in (begins, ends)]
    for keys in joined:
        keys.sort()
    return Timeline(*joined)


def _spread(first: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Of ranges that begin at `first`: for each place in one, the position of its range and the place."""
    at = np.repeat(np.arange(len(counts)), counts)
    return at, np.arange(len(at)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
