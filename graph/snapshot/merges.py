"""Which nodes of a label are one node as of a time: a forest in which each merged row points to the row it stands under.

Built from `SAME_AS` facts in order of (known_at_s, fact id), so the forest as of T is a function of the facts known before
T. Of two groups the larger takes in the smaller, of equal ones that of the lower key, so trees stay shallow and no row
number decides. Facts stay where they are: a reader asks for the members of a node. Knows no file.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.facts import MAXIMUM_SECOND
from graph.snapshot.columns import CompositeKeys, Ints, Keys, composite_key

NEVER = MAXIMUM_SECOND + 1  # stands as `merged_s` of a row that merged into no other
Members = tuple[Ints, Ints]


@dataclass(frozen=True)
class Merges:
    """Rows of one label that merged into others.

    `parent` int32[n] and `merged_s` int64[n] by row: into which row, as of the second after which; never earlier than
    what merged into the row itself. `key` uint64[m], sorted, is `node << 34 | second` and `member` int32[m] the row that
    stands under the node once that second has passed, at any depth. Rows from n on have merged into none.
    """

    parent: NDArray[np.int32]
    merged_s: Ints
    key: CompositeKeys
    member: NDArray[np.int32]

    def standing(self, rows: Ints, as_of_s: Ints) -> Ints:
        """int64[n] rows that stand for `rows`, each as of its own second, exclusive; -1, which is no row, stays."""
        found = np.array(rows, np.int64)
        climbing = np.flatnonzero((found >= 0) & (found < len(self.parent)))
        while len(climbing):
            climbing = climbing[self.merged_s[found[climbing]] < as_of_s[climbing]]
            found[climbing] = self.parent[found[climbing]]
        return found

    def members(self, rows: Ints, as_of_s: Ints) -> Members | None:
        """Rows that standing `rows` are made of as of their seconds, exclusive, themselves included.

        Returns:
            (owner, row) int64, `owner` the position in `rows`, ascending; None where each stands for itself alone.
        """
        first = self.key.searchsorted(composite_key(rows, np.zeros_like(rows)))
        counts = self.key.searchsorted(composite_key(rows, as_of_s)) - first
        if not counts.any():
            return None
        owner = np.arange(len(rows)).repeat(counts + 1)
        # Each owner's block is itself, then its members: the place within the block, less one, counts them.
        place = np.arange(len(owner)) - ((counts + 1).cumsum() - counts).repeat(counts + 1)
        joined = self.member.take(np.maximum(place + first[owner], 0), mode="clip").astype(np.int64)
        return owner, np.where(place < 0, rows[owner], joined)

    def merges_s(self, rows: Ints) -> Ints:
        """int64[...] seconds after which rows, also those from n on, stand under another; NEVER where they never do."""
        found = np.full(rows.shape, NEVER, np.int64)
        known = rows < len(self.merged_s)
        found[known] = self.merged_s[rows[known]]
        return found

    def joined_s(self, left: Ints, right: Ints) -> Ints:
        """int64[n] seconds after which the rows at both ends are one: -1 of a row and itself, NEVER where they never are."""
        ends, found = np.stack([left, right]), np.full(len(left), -1, np.int64)
        climbing = np.flatnonzero(left != right)
        while len(climbing):
            # Seconds never fall on the way up: who leaves first climbs, and nobody passes the row at which both meet.
            merges_s = self.merges_s(ends[:, climbing])
            first = merges_s.argmin(axis=0)
            found[climbing] = np.maximum(found[climbing], merges_s.min(axis=0))
            onward = found[climbing] < NEVER
            climbing, first = climbing[onward], first[onward]
            ends[first, climbing] = self.parent[ends[first, climbing]]
            climbing = climbing[ends[0, climbing] != ends[1, climbing]]
        return found


@dataclass(frozen=True)
class Sameness:
    """Statements that two rows are one, in any order: int64[n] rows at both ends, seconds known, fact ids S16[n]."""

    left: Ints
    right: Ints
    known_at_s: Ints
    ids: Keys


def build_merges(same: Sameness, rows: Ints, keys: Keys, size: int) -> Merges:
    """The forest of all statements.

    Args:
        same: What is held to be the same; an end may repeat, or be its own other end.
        rows: int64[k] distinct rows named in `same`, ascending.
        keys: S16[k] their keys.
        size: Rows of the label.
    """
    by_key = rows[np.argsort(keys)]
    number = np.empty(len(rows), np.int64)  # of a row, by its place in `rows`: its place among the keys
    number[np.argsort(keys)] = np.arange(len(rows))
    order = np.lexsort((same.ids, same.known_at_s))
    left, right = (number[np.searchsorted(rows, end[order])].tolist() for end in (same.left, same.right))
    into, seconds = _unite(len(rows), left, right, same.known_at_s[order].tolist())
    merged = np.flatnonzero(into >= 0)
    parent = np.arange(size, dtype=np.int32)
    parent[by_key[merged]] = by_key[into[merged]]
    merged_s = np.full(size, NEVER, np.int64)
    merged_s[by_key[merged]] = seconds[merged]
    return Merges(parent, merged_s, *_members(parent, merged_s))


def _unite(count: int, left: Sequence[int], right: Sequence[int], seconds: Sequence[int]) -> tuple[Ints, Ints]:
    """Into which other number each of `count` merged, -1 for none, and when: Kruskal's algorithm, in the order given."""
    into, merged_s, size, leader = [-1] * count, [NEVER] * count, [1] * count, list(range(count))

    def lead(one: int) -> int:
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for one, other, second in zip(left, right, seconds, strict=True):
        high, low = lead(one), lead(other)
        if high == low:
            continue
        if (size[low], -low) > (size[high], -high):
            high, low = low, high
        into[low] = leader[low] = high
        merged_s[low] = second
        size[high] += size[low]
    return np.array(into, np.int64), np.array(merged_s, np.int64)


def _members(parent: NDArray[np.int32], merged_s: Ints) -> tuple[CompositeKeys, NDArray[np.int32]]:
    """Each merged row once under every row above it, from the second at which it came to stand there."""
    row = at = np.flatnonzero(merged_s < NEVER)
    keys, members = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    while len(at):
        # Seconds never fall on the way up, so the last one on the way is when the row came here.
        above = parent[at].astype(np.int64)
        keys.append(composite_key(above, merged_s[at]))
        members.append(row)
        onward = merged_s[above] < NEVER
        row, at = row[onward], above[onward]
    key, member = np.concatenate(keys), np.concatenate(members)
    order = np.lexsort((member, key))
    return key[order], member[order].astype(np.int32)
