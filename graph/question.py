"""Nodes asked about, each as of its own time, put into the keys by which a run is searched; and what is found for them.

A node that others were merged into is asked as each of its members. Knows no relation.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from graph.errors import KeySpaceExceeded
from graph.facts import MAXIMUM_SECOND
from graph.snapshot.columns import CompositeKeys, Ints, composite_key
from graph.snapshot.reader import Snapshot
from graph.vocabulary import NodeLabel


class Selection(NamedTuple):
    """Facts selected for query nodes, ordered by (owner, known_at_s, fact id).

    `owner` int64[n] is the position of the query node in the question, `ref` int64[n] the fact, `other` int64[n] the
    row of the node at the fact's other end, as of the owner's time.
    """

    owner: Ints
    ref: Ints
    other: Ints


@dataclass(frozen=True)
class Question:
    """Rows and their as-of times: a row's facts before T lie in a run from its `low` up to its `high`.

    `row` int64[m] is what is searched, `node` int64[m] the node it stands under as of `as_of_s` int64[m], `owner`
    int64[m] whose position in the question it is searched for, ascending; None where each is its own.
    """

    row: Ints
    node: Ints
    as_of_s: Ints
    owner: Ints | None

    @cached_property
    def low(self) -> CompositeKeys:
        """uint64[m] keys from which on the rows' facts lie."""
        return composite_key(self.row, np.zeros_like(self.row))

    @cached_property
    def high(self) -> CompositeKeys:
        """uint64[m] keys before which the rows' facts known in time lie."""
        return composite_key(self.row, self.as_of_s)

    @cached_property
    def bounds(self) -> CompositeKeys:
        """uint64[2 m] all of `low`, then all of `high`."""
        return np.concatenate([self.low, self.high])

    def take(self, index: Ints) -> "Question":
        """The rows at these positions, each for itself."""
        return Question(self.row[index], self.node[index], self.as_of_s[index], None)


def ask(snapshot: Snapshot, label: NodeLabel, nodes: Ints, as_of_s: Ints) -> Question:
    """The question about int64[m] standing rows at int64[m] UTC seconds, exclusive; it serves every step of these nodes."""
    merges = snapshot.merges(label)
    members = None if merges is None else merges.members(nodes, as_of_s)
    if members is None:
        return Question(nodes, nodes, as_of_s, None)
    owner, row = members
    return Question(row, nodes[owner], as_of_s[owner], owner)


def check_as_of(as_of_s: Ints) -> None:
    """Refuse as-of times that the key cannot hold.

    Raises:
        KeySpaceExceeded: below 0 or above 2**34 - 1.
    """
    if len(as_of_s) and not (as_of_s.min() >= 0 and as_of_s.max() <= MAXIMUM_SECOND):
        wrong = as_of_s[(as_of_s < 0) | (as_of_s > MAXIMUM_SECOND)]
        raise KeySpaceExceeded("the as-of second", int(wrong[0]), MAXIMUM_SECOND)
