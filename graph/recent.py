"""The most recent facts of many nodes, each as of its own time, over one step: the search under the neighbourhood.

A run is sorted by (node, known_at_s, fact id), so the facts of a node before T end where `node << 34 | T` would stand.
Knows runs and their order; which steps to walk is neighbourhood.py's matter.
"""

from typing import NamedTuple

import numpy as np

from graph.errors import KeySpaceExceeded
from graph.facts import MAXIMUM_SECOND
from graph.snapshot.columns import CompositeKeys, Ints
from graph.snapshot.format import INDEX_STRIDE
from graph.snapshot.reader import Snapshot
from graph.snapshot.segment import Run, composite_key
from graph.steps import Step
from graph.vocabulary import EdgeType

PLAIN_SEARCH_LIMIT = 128  # below this many nodes one binary search each costs less than the calls of the block search
_NOTHING: Ints = np.empty(0, np.int64)


class Selection(NamedTuple):
    """Facts selected for query nodes, ordered by (owner, known_at_s, fact id).

    `owner` int64[n] is the position of the query node in the question, `ref` int64[n] the fact, `other` int64[n] the
    row of the node at the fact's other end.
    """

    owner: Ints
    ref: Ints
    other: Ints


class Question(NamedTuple):
    """Nodes and their as-of times as keys: a node's facts before T lie in a run from its `low` up to its `high`."""

    low: CompositeKeys
    high: CompositeKeys


def ask(nodes: Ints, as_of_s: Ints) -> Question:
    """Keys of int64[m] node rows at int64[m] UTC seconds, exclusive; one question serves every step of these nodes."""
    return Question(composite_key(nodes, np.zeros_like(nodes)), composite_key(nodes, as_of_s))


def check_as_of(as_of_s: Ints) -> None:
    """Refuse as-of times that the key cannot hold.

    Raises:
        KeySpaceExceeded: below 0 or above 2**34 - 1.
    """
    if len(as_of_s) and not (as_of_s.min() >= 0 and as_of_s.max() <= MAXIMUM_SECOND):
        wrong = as_of_s[(as_of_s < 0) | (as_of_s > MAXIMUM_SECOND)]
        raise KeySpaceExceeded("the as-of second", int(wrong[0]), MAXIMUM_SECOND)


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
    return recent_of(snapshot, step, ask(nodes, as_of_s), limit)


def recent_of(snapshot: Snapshot, step: Step, question: Question, limit: int) -> Selection:
    """`recent` for a question already put into keys."""
    runs = snapshot.runs(step.edge, step.direction)
    if len(runs) == 1:
        return _select(runs[0], question, limit)
    parts = [part for run in runs if len((part := _select(run, question, limit)).ref)]
    if len(parts) > 1:
        return _merge(snapshot, step.edge, parts, limit)
    return parts[0] if parts else Selection(_NOTHING, _NOTHING, _NOTHING)


def _select(run: Run, question: Question, limit: int) -> Selection:
    start, end = _bounds(run, question, limit)
    counts = end - start
    if not counts.any():
        return Selection(_NOTHING, _NOTHING, _NOTHING)
    owner = np.repeat(np.arange(len(counts)), counts)
    at = np.arange(len(owner)) + np.repeat(start - (np.cumsum(counts) - counts), counts)
    return Selection(owner, run.ref[at].astype(np.int64), run.other[at].astype(np.int64))


def _bounds(run: Run, question: Question, limit: int) -> tuple[Ints, Ints]:
    low, high = question
    if len(low) < PLAIN_SEARCH_LIMIT:
        end = run.key.searchsorted(high)
        return np.maximum(run.key.searchsorted(low), end - limit), end
    # Many nodes: find the block in the small index, which stays in the processor's cache, then look inside the block.
    block = run.index.searchsorted(high) - 1
    end = _lower_bound(run.key, block * INDEX_STRIDE + 1, high, INDEX_STRIDE - 1)
    # A node's facts before T end there, so its oldest fact wanted is at most `limit` places earlier.
    return _lower_bound(run.key, end - limit, low, limit), end


def _lower_bound(keys: CompositeKeys, base: Ints, sought: CompositeKeys, span: int) -> Ints:
    """First place in `base` .. `base + span` whose key is not below `sought`, given that the answer lies there."""
    place = np.maximum(base, 0)
    for bit in reversed(range(span.bit_length())):
        jump = place + ((1 << bit) - 1)
        place += (keys.take(jump, mode="clip") < sought) * np.int64(1 << bit)
    return np.minimum(place, len(keys))


def _merge(snapshot: Snapshot, edge: EdgeType, parts: list[Selection], limit: int) -> Selection:
    owner, ref, other = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((snapshot.take(edge, "id", ref), snapshot.take(edge, "known_at_s", ref), owner))
    owner, ref, other = owner[order], ref[order], other[order]
    # Position counted from the end of each owner's facts: the last `limit` are the most recent.
    kept = owner.searchsorted(owner, side="right") - np.arange(len(owner)) <= limit
    return Selection(owner[kept], ref[kept], other[kept])
