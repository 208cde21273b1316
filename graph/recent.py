"""The most recent facts of many nodes, each as of its own time, over one step: the search under the neighbourhood.

A run is sorted by (node, known_at_s, fact id), so the facts of a node before T end where `node << 34 | T` would stand.
Knows runs and their order; which steps to walk is neighbourhood.py's matter.
"""

import numpy as np
from numpy.typing import NDArray

from graph.question import Question, Selection, ask, check_as_of
from graph.screening import Screen, screen_of
from graph.snapshot.columns import CompositeKeys, Ints, composite_key
from graph.snapshot.format import INDEX_STRIDE
from graph.snapshot.reader import Snapshot
from graph.snapshot.segment import Run
from graph.steps import Step
from graph.vocabulary import EdgeType

PLAIN_SEARCH_LIMIT = 128  # below this many nodes one binary search each costs less than the calls of the block search
WORTH_AN_INDEX = 64  # a search costs as much as to index so many facts and nodes; an overlay's few are not worth it
WIDER = 4  # how many times as far back to look for a node of whose facts too many did not count
_NOTHING: Ints = np.empty(0, np.int64)


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

    Raises:
        KeySpaceExceeded: an as-of time that the key cannot hold.
    """
    check_as_of(as_of_s)
    nodes = snapshot.standing(step.near, nodes, as_of_s)
    return recent_of(snapshot, step, ask(snapshot, step.near, nodes, as_of_s), limit)


def recent_of(snapshot: Snapshot, step: Step, question: Question, limit: int, *, ordered: bool = True) -> Selection:
    """`recent` for a question already put into keys; where it need not be `ordered`, each owner's facts are in any order."""
    parts = parts_of(snapshot, step, question, limit)
    if len(parts) == 1 and question.owner is not None and not ordered:
        found = Selection(question.owner[parts[0].owner], parts[0].ref, parts[0].other)
        return found if np.bincount(found.owner).max() <= limit else _merge(snapshot, step.edge, question, parts, limit)
    if parts and (len(parts) > 1 or question.owner is not None):
        return _merge(snapshot, step.edge, question, parts, limit)
    return parts[0] if parts else Selection(_NOTHING, _NOTHING, _NOTHING)


def parts_of(snapshot: Snapshot, step: Step, question: Question, limit: int) -> list[Selection]:
    """The most recent facts of each row, apart for each run that has any: nobody's are put together, nor more left out."""
    runs, screen = snapshot.runs(step.edge, step.direction), screen_of(snapshot, step)
    each = (_select(run, question, limit) if screen is None else _screened(run, question, limit, screen) for run in runs)
    return [part for part in each if len(part.ref)]


def recent_elsewhere(snapshot: Snapshot, step: Step, question: Question, home: Ints, limit: int) -> Selection:
    """`recent_of` among the facts that do not lead to the node at `home` int64[m], one for each node asked about.

    Facts are dropped before the most recent are taken: their number would tell of those dropped.
    """
    owner, ref, other = recent_of(snapshot, step, question, snapshot.num_facts(step.edge))
    kept = other != home[owner]
    return most_recent(Selection(owner[kept], ref[kept], other[kept]), limit)


def _screened(run: Run, question: Question, limit: int, screen: Screen) -> Selection:
    """The most recent facts that count: looks further back for a row as long as it lacks some and has more."""
    parts: list[Selection] = []
    asking, narrowed, width = np.arange(len(question.row)), question, limit
    while len(asking):
        found = _select(run, narrowed, width)
        if not len(found.ref):
            break
        found, counts = screen.look(narrowed, found)
        if width == limit and counts.all():
            return found
        counted = np.bincount(found.owner[counts], minlength=len(asking))
        lacking = (counted < limit) & (np.bincount(found.owner, minlength=len(asking)) == width)
        kept = np.flatnonzero(counts & ~lacking[found.owner])
        part = Selection(asking[found.owner[kept]], found.ref[kept], found.other[kept])
        parts.append(part if width == limit else most_recent(part, limit))
        asking, width = asking[lacking], width * WIDER
        narrowed = question.take(asking)
    if len(parts) < 2:
        return parts[0] if parts else Selection(_NOTHING, _NOTHING, _NOTHING)
    together = Selection(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    order = np.argsort(together.owner, kind="stable")  # each row's facts come from one round, in their order
    return Selection(*(column[order] for column in together))


def _select(run: Run, question: Question, limit: int) -> Selection:
    asked, start, end = _spans(run, question, limit)
    counts = end - start
    if not counts.any():
        return Selection(_NOTHING, _NOTHING, _NOTHING)
    owner = asked.repeat(counts)
    at = np.arange(len(owner)) + (start - (counts.cumsum() - counts)).repeat(counts)
    return Selection(owner, run.ref[at].astype(np.int64), run.other[at].astype(np.int64))


def _spans(run: Run, question: Question, limit: int) -> tuple[Ints, Ints, Ints]:
    """Places in the question, ascending, and from where to where the facts wanted of each lie; others have none."""
    if len(question.row) < PLAIN_SEARCH_LIMIT:
        places, nodes = run.key.searchsorted(question.bounds), len(question.row)
        end = places[nodes:]
        return np.arange(nodes), np.maximum(places[:nodes], end - limit), end
    if len(question.row) * WORTH_AN_INDEX >= len(run.key) + run.highest_row:
        asked, start, stop = run.nodes.find(question.row)
        high = composite_key(question.row[asked], question.as_of_s[asked])
        end = _lower_bound(run.key, start, high, int((stop - start).max(initial=0)))
        return asked, np.maximum(start, end - limit), end
    low, high = question.low, question.high
    # Many nodes: find the block in the small index, which stays in the processor's cache, then look inside the block.
    block = run.index.searchsorted(high) - 1
    end = _lower_bound(run.key, block * INDEX_STRIDE + 1, high, INDEX_STRIDE - 1)
    # A node's facts before T end there, so its oldest fact wanted is at most `limit` places earlier.
    return np.arange(len(low)), _lower_bound(run.key, end - limit, low, limit), end


def _lower_bound(keys: CompositeKeys, base: Ints, sought: CompositeKeys, span: int) -> Ints:
    """First place in `base` .. `base + span` whose key is not below `sought`, given that the answer lies there."""
    place = np.maximum(base, 0)
    for bit in reversed(range(span.bit_length())):
        jump = place + ((1 << bit) - 1)
        place += (keys.take(jump, mode="clip") < sought) * np.int64(1 << bit)
    return np.minimum(place, len(keys))


def _merge(snapshot: Snapshot, edge: EdgeType, question: Question, parts: list[Selection], limit: int) -> Selection:
    owner, ref, other = (np.concatenate(column) for column in zip(*parts, strict=True))
    if question.owner is not None:
        owner = question.owner[owner]
    order = order_of_knowing(snapshot, edge, owner, ref)
    return most_recent(Selection(owner[order], ref[order], other[order]), limit)


def order_of_knowing(snapshot: Snapshot, edge: EdgeType, owner: Ints, ref: Ints) -> Ints:
    """int64[n] what sorts facts by (owner, known_at_s, fact id), given whose each is and its ref."""
    key = composite_key(owner, snapshot.take(edge, "known_at_s", ref))
    order = np.argsort(key, kind="stable")  # the parts lie in order by themselves, which this sort makes use of
    open_places = tied(key[order])
    if len(open_places):  # ids are slow to compare: only where the second leaves it open
        open_ = order[open_places]
        order[open_places] = open_[np.lexsort((snapshot.take(edge, "id", ref[open_]), key[open_]))]
    return order


def tied(keys: CompositeKeys) -> Ints:
    """Places in a sorted list whose key a neighbour has too."""
    same = np.zeros(len(keys) + 1, np.bool_)
    same[1:-1] = keys[1:] == keys[:-1]
    return np.flatnonzero(same[1:] | same[:-1])


def most_recent(found: Selection, limit: int) -> Selection:
    """The last `limit` facts of each owner; those found are ordered by (owner, known_at_s, fact id)."""
    kept = last(found.owner, limit)
    return Selection(found.owner[kept], found.ref[kept], found.other[kept])


def last(owner: Ints, limit: int) -> NDArray[np.bool_]:
    """bool[n] which are among the last `limit` places of their owner; owners int64[n] ascend."""
    # Position counted from the end of each owner's facts: the last `limit` are the most recent.
    kept: NDArray[np.bool_] = np.bincount(owner).cumsum()[owner] - np.arange(len(owner)) <= limit
    return kept
