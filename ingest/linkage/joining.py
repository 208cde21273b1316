"""Which persons become one, in the order in which it could be said: a forest of joins.

Links are taken by the second they could be made. A join is refused where the two groups contradict each other: other birth
dates, or other documents, count against it as they would between two records, so that a weak link never chains two people
together. Nothing known later undoes a join made before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Link:
    """Two nodes (places in a list of keys) that are held to be one person from a second on, if nothing contradicts."""

    second: int
    bits: float
    left: int
    right: int
    place: int
    birth_heard: bool
    document_heard: bool


@dataclass(frozen=True)
class Traits:
    """What tells persons apart: by node, the birth date and the document, each with the second from which it was known."""

    births: Sequence[tuple[int, int] | None]
    documents: Sequence[tuple[int, int] | None]


@dataclass(frozen=True)
class Contradiction:
    """How many bits (below zero) another birth date and another document speak for, and what a join needs."""

    birth_bits: float
    document_bits: float
    link_bits: float


@dataclass
class Forest:
    """Groups of nodes, and since when any two of a group are in it together."""

    count: int
    _parent: list[int] = field(init=False)
    _since: list[int] = field(init=False)
    _members: list[list[int] | None] = field(init=False)

    def __post_init__(self) -> None:
        self._parent = list(range(self.count))
        self._since = [0] * self.count
        self._members = [None] * self.count

    def root(self, node: int) -> int:
        """The node that stands for the group of a node."""
        while self._parent[node] != node:
            node = self._parent[node]
        return node

    def members(self, root: int) -> list[int]:
        """The nodes of a root's group."""
        return self._members[root] or [root]

    def join(self, left: int, right: int, second: int) -> None:
        """Make one group of those of two roots; seconds never go back."""
        mine, other = self.members(left), self.members(right)
        if len(mine) < len(other):
            left, right, mine, other = right, left, other, mine
        self._parent[right], self._since[right] = left, second
        mine.extend(other)
        self._members[left], self._members[right] = mine, None

    def together_since(self, left: int, right: int) -> int | None:
        """The second from which two nodes are in one group; 0 for a node and itself, None if they never are."""
        since = 0
        while left != right:
            # roots have no second; the side that was joined earlier climbs first
            left_up, right_up = self._climb(left), self._climb(right)
            if left_up is None and right_up is None:
                return None
            if right_up is None or (left_up is not None and left_up <= right_up):
                since, left = max(since, left_up or 0), self._parent[left]
            else:
                since, right = max(since, right_up), self._parent[right]
        return since

    def _climb(self, node: int) -> int | None:
        return None if self._parent[node] == node else self._since[node]


def join_links(forest: Forest, links: Sequence[Link], traits: Traits, against: Contradiction) -> tuple[list[Link], list[Link]]:
    """Take links in their order; give those that joined two groups, and those refused.

    Args:
        forest: Filled by this call.
        links: Ordered by second, and then by what does not depend on the order of facts.
        traits: Of all nodes.
        against: What contradictions weigh.
    """
    joined, refused = [], []
    for link in links:
        left, right = forest.root(link.left), forest.root(link.right)
        if left == right:
            continue
        bits = link.bits
        mine, other = forest.members(left), forest.members(right)
        if not link.birth_heard and _differ(traits.births, mine, other, link.second):
            bits += against.birth_bits
        if not link.document_heard and _differ(traits.documents, mine, other, link.second):
            bits += against.document_bits
        if bits < min(against.link_bits, link.bits):
            refused.append(link)
        else:
            forest.join(left, right, link.second)
            joined.append(link)
    return joined, refused


def _differ(trait: Sequence[tuple[int, int] | None], mine: Sequence[int], other: Sequence[int], by: int) -> bool:
    """Whether two groups both have a value by a second, and none in common."""
    left, right = _values(trait, mine, by), _values(trait, other, by)
    return bool(left and right and left.isdisjoint(right))


def _values(trait: Sequence[tuple[int, int] | None], nodes: Sequence[int], by: int) -> set[int]:
    return {known[1] for node in nodes if (known := trait[node]) is not None and known[0] <= by}
