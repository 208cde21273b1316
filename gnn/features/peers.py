"""Whom a subject is tied to or meets as of its instant, and each one's latest application before that instant.

Peers bear the subject's label. They are told apart by how a path leads to them and by the signal family it crosses; nobody
is a peer for asking the same lender. Knows no score, no outcome and no model. Whoever is no example is no peer either, so
where a snapshot tells no outcome of a loan its borrower is not met by that loan.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gnn.examples import NO_LOAN, Examples
from gnn.features.bulk import AT_ONCE
from gnn.features.distinct import distinct
from gnn.features.paths import Path, is_meeting
from gnn.features.plan import FeaturePlan, Statistic
from gnn.features.walk import Walk
from graph.recent import last
from graph.snapshot import Snapshot
from graph.vocabulary import Family, NodeLabel

Ints = NDArray[np.int64]
MOST_RECENT = 128  # applications of one subject's peers in one group; of a crowd, more say as much


class Way(StrEnum):
    """How a path leads to a peer: straight, by a node where both belong, or by one that both have dealings with."""

    TIED = "tied"
    BELONGING = "belonging"
    DEALING = "dealing"


class PeerGroup(NamedTuple):
    """Peers reached in one way across relations of one family."""

    way: Way
    family: Family


@dataclass(frozen=True)
class PeerApplications:
    """Latest applications of peers, of n subjects in g groups.

    `counts` int64 [n, g] is how many each has, `MOST_RECENT` at most; `place` int32 [m] are their positions among the
    applications, in order of (subject, group, position).
    """

    groups: tuple[PeerGroup, ...]
    counts: Ints
    place: NDArray[np.int32]

    def take(self, index: Ints) -> "PeerApplications":
        """Those of the subjects at these positions, in the order given."""
        counts = self.counts[index]
        each = counts.ravel()
        begin = self._begin[index].ravel() - (np.cumsum(each) - each)
        return PeerApplications(self.groups, counts, self.place[np.repeat(begin, each) + np.arange(each.sum())])

    @cached_property
    def _begin(self) -> Ints:
        """Where those of each subject and group begin, int64 [n, g]."""
        return (np.cumsum(self.counts.ravel()) - self.counts.ravel()).reshape(self.counts.shape)


def find_peers(snapshot: Snapshot, plan: FeaturePlan, asked: Examples, applied: Examples) -> PeerApplications:
    """The latest application of each peer that was scored strictly before the subject asked and is of another loan.

    Everything is as of the subject's own instant: whom it is tied to, and who was known to be one person by then.

    Args:
        snapshot: Facts to read.
        plan: Peers are counted in its columns along the paths that are walked here; what is unseen there is unseen here.
        asked: Subjects, in any order.
        applied: Applications that count, in order of time.

    Returns:
        Positions in `applied` for each subject of `asked`.
    """
    paths = group_paths(plan)
    latest = _Latest(snapshot, plan.label, applied)
    before = applied.as_of_s.searchsorted(asked.as_of_s)  # so many were scored strictly earlier
    counts, places = np.zeros((len(asked), len(paths)), np.int64), [np.empty(0, np.int32)]
    asking = np.flatnonzero(before) if paths else before[:0]
    for begin in range(0, len(asking), AT_ONCE):
        piece = asking[begin : begin + AT_ONCE]
        walk = Walk(snapshot, asked.rows[piece], asked.as_of_s[piece], plan.label, unseen=frozenset(plan.unseen))
        found = []
        for number, some in enumerate(paths.values()):
            for path in some:
                owner, row = walk.nodes(path)
                owner, place = latest.find(owner, row, asked.as_of_s[piece], before[piece], asked.loan_rows[piece])
                found.append((owner * len(paths) + number) * len(applied) + place)
        cell, place = np.divmod(distinct(np.concatenate(found)), len(applied))
        kept = last(cell, MOST_RECENT)  # in order of (cell, time)
        counts[piece] = np.bincount(cell[kept], minlength=len(piece) * len(paths)).reshape(len(piece), len(paths))
        places.append(place[kept].astype(np.int32))
    return PeerApplications(tuple(paths), counts, np.concatenate(places))


def group_paths(plan: FeaturePlan) -> dict[PeerGroup, list[Path]]:
    """Paths to peers that a plan counts, none across a lender, by group in the order of the plan."""
    groups: dict[PeerGroup, list[Path]] = {}
    for column in plan.columns:
        if column.statistic is Statistic.PEERS and NodeLabel.LENDER not in {step.far for step in column.path}:
            groups.setdefault(PeerGroup(way_of(column.path), column.family), []).append(column.path)
    return groups


def way_of(path: Path) -> Way:
    """How a path leads to its end; one that nowhere turns back where it came from leads straight."""
    if is_meeting(path):
        return Way.BELONGING
    return Way.DEALING if any(after == step.back for step, after in pairwise(path)) else Way.TIED


class _Latest:
    """Looks up the latest application of a node."""

    def __init__(self, snapshot: Snapshot, label: NodeLabel, applied: Examples) -> None:
        self._merges, self._loans = snapshot.merges(label), applied.loan_rows
        self._size = len(applied)
        self._key = np.sort(applied.rows * self._size + np.arange(self._size))

    def find(self, owner: Ints, row: Ints, as_of_s: Ints, before: Ints, loan: Ints) -> tuple[Ints, Ints]:
        """Of nodes `row[i]` that subject `owner[i]` reaches, those that applied before it: whose each is, and the position.

        `as_of_s`, `before` (applications scored earlier) and `loan` are the subjects'.
        """
        members = self._merges.members(row, as_of_s[owner]) if self._merges is not None else None
        node, part = (np.arange(len(row)), row) if members is None else members  # of every name a peer had applied under
        place = self._before(part, before[owner[node]], loan[owner[node]])
        last = np.full(len(row), -1, np.int64)
        np.maximum.at(last, node, place)
        there = last >= 0
        return owner[there], last[there]

    def _before(self, row: Ints, before: Ints, loan: Ints) -> Ints:
        """The last position below `before` of a node's that is of another loan, -1 where there is none."""
        look = self._key.searchsorted(row * self._size + before) - 1
        while True:
            key = np.where(look >= 0, self._key[look], -1)
            place = np.where(key // self._size == row, key % self._size, -1)
            same = (place >= 0) & (loan != NO_LOAN) & (self._loans[place] == loan)
            if not same.any():
                return place
            look -= same
