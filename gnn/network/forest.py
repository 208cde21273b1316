"""Encoded trees: one tree of facts for each subject, kept so that any subset of trees is cut out without sampling again.

`TreeStore` keeps every tree's parts together; `TreeStore.select` renumbers a choice of trees into a `Forest`, which is
what the network reads. Trees share nothing, and within an owner facts stay in the order of (known_at, fact id).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

NEAR, FAR = 0, 1
"""Depth of a hop: facts of the subject itself, and facts of the nodes those lead to."""

Ints = NDArray[np.int64]


class Hop(NamedTuple):
    """Facts of one step at one depth, ready for the network.

    `step` is the step's position in the encoder's plan, which tells depths apart as well.
    `owners` int64 [p]: nodes with at least one such fact, as positions among the states of `owner_label`, ascending;
    `owner` int64 [e]: for each fact its position in `owners`, ascending; `other` int64 [e]: the node at the far end, as a
    position among the states of `other_label`; `numbers` float32 [e, k]; `codes` int64 [e, c].
    """

    step: int
    owner_label: int
    other_label: int
    owners: Tensor
    owner: Tensor
    other: Tensor
    numbers: Tensor
    codes: Tensor


@dataclass(frozen=True)
class Forest:
    """Trees for one pass of the network: `own` float32 [trees, f], `inner` the number of nodes one hop out by label.

    With `keep` bool [variants, steps] it is one tree that is met in as many variants, each with its own row of `own` and
    without the steps where `keep` is False.
    """

    seed_label: int
    own: Tensor
    inner: Mapping[int, int]
    near: tuple[Hop, ...]
    far: tuple[Hop, ...]
    keep: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class StoredHop:
    """Facts of one step at one depth over all trees, sorted by (tree, owner, known_at, fact id).

    `start` int64 [trees + 1] bounds each tree's facts; `owner` and `other` int64 [e] count within the tree.
    `via` int64 [e] is the near step through which a fact was reached, its own step for near facts.
    """

    depth: int
    step: int
    owner_label: int
    other_label: int
    start: Ints
    owner: Ints
    other: Ints
    via: Ints
    numbers: NDArray[np.float32]
    codes: Ints


@dataclass(frozen=True)
class Variants:
    """Changes to n selected trees.

    `own` float32 [n, f] replaces their tables; `keep` bool [n, steps] is False where a tree goes without a step and all
    that is reached through it.
    """

    own: NDArray[np.float32]
    keep: NDArray[np.bool_]

    def take(self, part: slice) -> "Variants":
        """Those of some of the trees."""
        return Variants(self.own[part], self.keep[part])


@dataclass(frozen=True)
class TreeStore:
    """All trees of a set of subjects; `inner` int64 [trees] counts each tree's nodes one hop out, by label.

    `own` float32 [trees, f] is the subject's encoded table of features.
    """

    seed_label: int
    own: NDArray[np.float32]
    inner: Mapping[int, Ints]
    hops: tuple[StoredHop, ...]

    def __len__(self) -> int:
        return len(self.own)

    @property
    def bare(self) -> "TreeStore":
        """The subjects and their tables, without a fact."""
        return replace(self, inner={}, hops=())

    def select(self, trees: Ints, variants: "Variants | None" = None) -> Forest:
        """The forest of these trees, in the order given; a tree may recur.

        Args:
            trees: int64 [n], positions of trees.
            variants: How each of them differs from what is stored; None where none does. Several of one tree are
                told apart by the forest's `keep`, all others by what they lack.
        """
        if variants is not None and len(trees) > 1 and (trees == trees[0]).all():
            return replace(self.select(trees[:1]), own=torch.from_numpy(variants.own), keep=variants.keep)
        keep = None if variants is None else variants.keep
        own = self.own[trees] if variants is None else variants.own
        starts = {label: _starts(counts[trees]) for label, counts in self.inner.items()}
        near = (_cut(h, trees, keep, None, starts) for h in self.hops if h.depth == NEAR)
        far = (_cut(h, trees, keep, starts[h.owner_label], None) for h in self.hops if h.depth == FAR)
        return Forest(
            seed_label=self.seed_label,
            own=torch.from_numpy(own),
            inner={label: int(start[-1]) for label, start in starts.items()},
            near=tuple(hop for hop in near if hop is not None),
            far=tuple(hop for hop in far if hop is not None),
        )


def _cut(
    hop: StoredHop,
    trees: Ints,
    keep: NDArray[np.bool_] | None,
    owner_start: Ints | None,
    other_start: Mapping[int, Ints] | None,
) -> Hop | None:
    """The facts of one step for these trees, None where there are none."""
    if len(trees) == len(hop.start) - 1 == 1 and keep is None:  # one tree as it stands
        return _standing(hop) if len(hop.owner) else None
    begin, end = hop.start[trees], hop.start[trees + 1]
    counts = end - begin
    if not counts.any():
        return None
    tree = np.repeat(np.arange(len(trees)), counts)
    facts = (begin - _starts(counts)[:-1])[tree] + np.arange(len(tree))
    if keep is not None:
        kept = keep[tree, hop.step] & keep[tree, hop.via[facts]]
        tree, facts = tree[kept], facts[kept]
        if not len(facts):
            return None
    owner = tree if owner_start is None else owner_start[tree] + hop.owner[facts]
    # The far end of a far fact is a leaf, which has no state but its label's.
    other = np.zeros_like(facts) if other_start is None else other_start[hop.other_label][tree] + hop.other[facts]
    first = np.ones(len(owner), dtype=bool)
    first[1:] = owner[1:] != owner[:-1]
    return Hop(
        step=hop.step,
        owner_label=hop.owner_label,
        other_label=hop.other_label,
        owners=torch.from_numpy(owner[first]),
        owner=torch.from_numpy(np.cumsum(first) - 1),
        other=torch.from_numpy(other),
        numbers=torch.from_numpy(hop.numbers[facts]),
        codes=torch.from_numpy(hop.codes[facts]),
    )


def _standing(hop: StoredHop) -> Hop:
    """What `_cut` makes of the facts of a store's only tree."""
    first = np.ones(len(hop.owner), np.bool_)
    np.not_equal(hop.owner[1:], hop.owner[:-1], out=first[1:])
    return Hop(
        step=hop.step,
        owner_label=hop.owner_label,
        other_label=hop.other_label,
        owners=torch.from_numpy(hop.owner[first]),
        owner=torch.from_numpy(first.cumsum() - 1),
        other=torch.from_numpy(hop.other),
        numbers=torch.from_numpy(hop.numbers),
        codes=torch.from_numpy(hop.codes),
    )


def _starts(counts: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
