"""How many facts all who are tied to a venue have, as of any instant: sorted seconds in place of a walk over every member.

A fact of a member counts at a venue as of T where both the fact and the member's tie to the venue were known before T and
neither had ended. A venue that was itself merged is asked as each row it is made of, and counts who is tied to two of them
twice. Made once from a whole version and kept with it; of an overlay, what came with the request is not in it.
"""

from dataclasses import dataclass

import numpy as np

from gnn.features.venue_ties import Ties, build_ties
from graph.facts import MAXIMUM_SECOND
from graph.lasting import ENDLESS, Lasting, lasting
from graph.ranges import laid_out, parts_of
from graph.snapshot import Snapshot
from graph.snapshot.columns import CompositeKeys, Ints, composite_key, split_key
from graph.steps import Step


@dataclass(frozen=True)
class Timeline:
    """Facts by node: `begins` and `ends` uint64, sorted, are `node << 34 | second` of each fact's begin and, if any, end."""

    begins: CompositeKeys
    ends: CompositeKeys

    def count(self, low: CompositeKeys, high: CompositeKeys) -> Ints:
        """int64 [m] facts that count of nodes as of seconds: `low` is `node << 34`, `high` is `node << 34 | second`."""
        count = self.begins.searchsorted(high) - self.begins.searchsorted(low)
        return count - self.ends.searchsorted(high) + self.ends.searchsorted(low) if len(self.ends) else count


def venue_ties(snapshot: Snapshot, tie: Step) -> Ties:
    """The ties over one step; `snapshot` without a request's facts, here and below."""
    return snapshot.keep(("venue ties", tie), lambda: build_ties(snapshot, tie))


def venue_timeline(snapshot: Snapshot, tie: Step, outcome: Step) -> Timeline:
    """The facts of the step `outcome` by the venue, at the far end of the step `tie`, that whoever has them is tied to."""
    return snapshot.keep(
        ("venue timeline", tie, outcome), lambda: _at_venues(venue_ties(snapshot, tie), lasting(snapshot, outcome))
    )


def own_timeline(snapshot: Snapshot, outcome: Step) -> Timeline:
    """The facts of a step by the row that has them."""
    return snapshot.keep(("own timeline", outcome), lambda: _at_members(lasting(snapshot, outcome)))


def _at_members(facts: Lasting) -> Timeline:
    if facts.end_s is None:
        return Timeline(facts.begin, np.empty(0, np.uint64))
    return _timeline([facts.begin], [_ends(split_key(facts.begin)[0], facts.end_s)])


def _at_venues(ties: Ties, facts: Lasting) -> Timeline:
    first = facts.begin.searchsorted(composite_key(ties.member, np.zeros_like(ties.pair)))
    last = facts.begin.searchsorted(composite_key(ties.member, np.full_like(ties.pair, MAXIMUM_SECOND)), side="right")
    counts = last - first
    begins, ends = [], []
    for part in parts_of(counts):
        at, place = laid_out(first[part], counts[part])
        begin_s = np.maximum(ties.begin_s[part][at], split_key(facts.begin[place])[1])
        end_s = ties.end_s[part][at] if facts.end_s is None else np.minimum(ties.end_s[part][at], facts.end_s[place])
        counting = begin_s < end_s
        venue = ties.venue[part][at][counting]
        begins.append(composite_key(venue, begin_s[counting]))
        ends.append(_ends(venue, end_s[counting]))
    return _timeline(begins, ends)


def _ends(node: Ints, end_s: Ints) -> CompositeKeys:
    ended = end_s < ENDLESS
    return composite_key(node[ended], end_s[ended])


def _timeline(begins: list[CompositeKeys], ends: list[CompositeKeys]) -> Timeline:
    joined = [np.concatenate([np.empty(0, np.uint64), *parts]) for parts in (begins, ends)]
    for keys in joined:
        keys.sort()
    return Timeline(*joined)
