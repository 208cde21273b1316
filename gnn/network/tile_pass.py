"""A network's evaluation: the facts of all steps of a depth at once, in tiles of fixed shape.

A tile holds rows of one step, filled up with zeros, and meets that step's weights; every sum follows the order of the
facts. So a tree's logit has the same bits alone or in any batch, and a tree costs few calls however many steps it has.
It computes what `TreeNetwork` computes in training, without dropout; it changes no weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from gnn.network.forest import Forest, Hop, Ints
from gnn.network.tiles import TILE_ROWS, run_in_tiles, widened


class StepWeights(Protocol):
    """The parts of one step's convolution."""

    of_fact: nn.Linear
    of_other: nn.Linear
    of_category: nn.ModuleList
    mix: nn.Linear
    aggr_module: nn.Module


class OwnWeights(NamedTuple):
    """What is not a step's: states of labels, and the parts that read the subject's own table."""

    label_state: nn.Embedding
    of_own: nn.Linear
    linear: nn.Linear
    read: nn.Linear
    tower: nn.Module | None
    read_tower: nn.Linear | None


@dataclass(frozen=True)
class _Tiled:
    """Rows of several hops in tiles: `place` int64 [rows] of each row, `step` int64 [tiles] of each tile."""

    place: Tensor
    step: Tensor

    @classmethod
    def of(cls, rows: Sequence[int], steps: Sequence[int]) -> "_Tiled":
        """Tiles for hops of so many rows, each hop beginning a tile."""
        tiles = [-(-count // TILE_ROWS) for count in rows]
        first = np.cumsum([0, *tiles])[:-1] * TILE_ROWS
        place = np.concatenate([np.arange(count) + start for count, start in zip(rows, first.tolist(), strict=True)])
        return cls(torch.from_numpy(place), torch.from_numpy(np.repeat(np.array(steps, np.int64), tiles)))

    def spread(self, rows: Tensor) -> Tensor:
        """Rows [n, k] as tiles [tiles, TILE_ROWS, k], zeros between."""
        tiles = self.step.numel()
        flat = rows.new_zeros(tiles * TILE_ROWS, rows.shape[1])
        return flat.index_copy_(0, self.place, rows).view(tiles, TILE_ROWS, rows.shape[1])

    def collect(self, tiles: Tensor) -> Tensor:
        """Inverse of `spread`."""
        return tiles.reshape(-1, tiles.shape[2]).index_select(0, self.place)


class TilePass:
    """Weights of all steps side by side, narrower ones filled up with zeros; fixed when it is made."""

    def __init__(self, convolutions: Mapping[int, StepWeights], own: OwnWeights) -> None:
        self._own, self._hidden, self._heads = own, own.label_state.embedding_dim, own.linear.out_features
        self._linear, self._read = widened(own.linear), widened(own.read)
        self._read_tower = widened(own.read_tower) if own.read_tower is not None else None
        parts = list(convolutions.values())
        self._number = {step: number for number, step in enumerate(convolutions)}
        self._numbers = max((c.of_fact.in_features for c in parts), default=0)
        self._columns = max((len(c.of_category) for c in parts), default=0)
        if not parts:
            return
        self._of_fact = torch.stack([_deepened(c.of_fact.weight, self._numbers) for c in parts])
        self._of_fact_bias = torch.stack([c.of_fact.bias.detach() for c in parts]).unsqueeze(1)
        self._of_other = torch.stack([c.of_other.weight.detach().T for c in parts])
        self._mix = torch.stack([c.mix.weight.detach().T for c in parts])
        self._mix_bias = torch.stack([c.mix.bias.detach() for c in parts]).unsqueeze(1)
        self._pool = parts[0].aggr_module.forward  # without the checks that a call makes: what it is given is sorted
        # All dictionaries in one table; its first row says nothing, for steps with fewer columns than others.
        tables = [table.weight.detach() for c in parts for table in c.of_category if isinstance(table, nn.Embedding)]
        self._categories = torch.cat([torch.zeros(1, 2 * self._hidden), *tables])
        starts = iter(np.cumsum([1, *(len(table) for table in tables)]).tolist())
        self._first_code = [np.array([next(starts) for _ in c.of_category], np.int64) for c in parts]

    def forward(self, forest: Forest) -> Tensor:
        """Logits float32 [trees, heads]; hops of steps without weights are passed over."""
        if forest.keep is not None:
            return self._forward_variants(forest, forest.keep)
        base = dict(zip(forest.inner, np.cumsum([0, *forest.inner.values()]).tolist(), strict=False))
        labels = np.repeat(np.array(list(forest.inner), np.int64), list(forest.inner.values()))
        inner = self._own.label_state.weight.detach()[torch.from_numpy(labels)]
        leaves = self._own.label_state.weight.detach()
        inner = self._receive(inner, base, forest.far, leaves, dict(enumerate(range(len(leaves)))))
        seeds = run_in_tiles(self._own.of_own, forest.own)
        state = self._receive(seeds, {forest.seed_label: 0}, forest.near, inner, base)
        return run_in_tiles(self._logits, forest.own, state)

    def _forward_variants(self, forest: Forest, keep: NDArray[np.bool_]) -> Tensor:
        """The same for variants of one tree, `keep` bool [variants, steps]: what several have in common is computed once.

        Removal takes whole steps, so what a node hears over a step is the same wherever it is kept. Near facts differ with
        the state of their other end alone, and that with which far steps of its label are kept.
        """
        near, far = self._known(forest.near), self._known(forest.far)
        label_state = self._own.label_state.weight.detach()
        heard = self._heard(far, label_state, dict(enumerate(range(len(label_state))))) if far else label_state[:0]
        updates = torch.split_with_sizes(heard, [hop.owners.numel() for hop in far])
        states, base, ways = [label_state[:0]], {}, {}
        for label, count in forest.inner.items():
            mine = [number for number, hop in enumerate(far) if hop.owner_label == label]
            kept, way = np.unique(keep[:, [far[number].step for number in mine]], axis=0, return_inverse=True)
            state = label_state[label].repeat(len(kept), count, 1)
            for column, number in enumerate(mine):
                there = torch.from_numpy(np.flatnonzero(kept[:, column]))
                state[there[:, None], far[number].owners] += updates[number]
            base[label], ways[label] = sum(len(rows) for rows in states), way.reshape(-1)
            states.append(torch.relu(state).view(-1, self._hidden))
        state = run_in_tiles(self._own.of_own, forest.own)
        if near:
            told = [int(ways[hop.other_label].max()) + 1 for hop in near]
            each = [_in_ways(hop, number, forest.inner[hop.other_label]) for hop, number in zip(near, told, strict=True)]
            for hop, update in zip(near, torch.split_with_sizes(self._heard(each, torch.cat(states), base), told), strict=True):
                takes = np.flatnonzero(keep[:, hop.step])
                state.index_add_(0, torch.from_numpy(takes), update[torch.from_numpy(ways[hop.other_label][takes])])
        return run_in_tiles(self._logits, forest.own, torch.relu(state))

    def _logits(self, own: Tensor, state: Tensor) -> Tensor:
        logits = functional.linear(own, *self._linear) + functional.linear(state, *self._read)
        if self._own.tower is not None and self._read_tower is not None:
            logits = logits + functional.linear(self._own.tower(own), *self._read_tower)
        return logits[:, : self._heads]

    def _receive(
        self, states: Tensor, base: Mapping[int, int], hops: Sequence[Hop], others: Tensor, other_base: Mapping[int, int]
    ) -> Tensor:
        """States [n, hidden] after the messages of `hops`; `base` and `other_base` say where a label's states begin."""
        known = self._known(hops)
        if known:
            owners = _shifted([hop.owners for hop in known], [base[hop.owner_label] for hop in known])
            states = states.index_add(0, owners, self._heard(known, others, other_base))
        return torch.relu(states)

    def _known(self, hops: Sequence[Hop]) -> list[Hop]:
        return [hop for hop in hops if hop.step in self._number]

    def _heard(self, hops: Sequence[Hop], others: Tensor, other_base: Mapping[int, int]) -> Tensor:
        """What the owners of each hop hear over it, [owners of all hops, hidden]."""
        other = _shifted([hop.other for hop in hops], [other_base[hop.other_label] for hop in hops])
        return self._updates(hops, self._messages(hops, others.index_select(0, other)))

    def _messages(self, hops: Sequence[Hop], other: Tensor) -> Tensor:
        tiled = _Tiled.of([hop.owner.numel() for hop in hops], [self._number[hop.step] for hop in hops])
        numbers, codes = self._facts(hops)
        joined = torch.bmm(tiled.spread(numbers), self._of_fact[tiled.step]) + self._of_fact_bias[tiled.step]
        joined = joined + torch.bmm(tiled.spread(other), self._of_other[tiled.step])
        codes = tiled.spread(codes)
        for column in range(self._columns):
            joined = joined + self._categories[codes[:, :, column]]
        return tiled.collect(torch.relu(joined[:, :, : self._hidden]) * torch.sigmoid(joined[:, :, self._hidden :]))

    def _facts(self, hops: Sequence[Hop]) -> tuple[Tensor, Tensor]:
        """What the facts of all hops carry, as wide as the widest: float32 [e, k], and rows of the table int64 [e, c]."""
        facts = sum(hop.owner.numel() for hop in hops)
        numbers: NDArray[np.float32] = np.zeros((facts, self._numbers), np.float32)
        codes: Ints = np.zeros((facts, self._columns), np.int64)
        at = 0
        for hop in hops:
            rows = slice(at, at + hop.owner.numel())
            numbers[rows, : hop.numbers.shape[1]] = hop.numbers.numpy()
            codes[rows, : hop.codes.shape[1]] = hop.codes.numpy() + self._first_code[self._number[hop.step]]
            at = rows.stop
        return torch.from_numpy(numbers), torch.from_numpy(codes)

    def _updates(self, hops: Sequence[Hop], messages: Tensor) -> Tensor:
        owners = [hop.owners.numel() for hop in hops]
        first = np.cumsum([0, *owners]).tolist()
        pooled = self._pool(messages, index=_shifted([hop.owner for hop in hops], first[:-1]), dim_size=first[-1])
        tiled = _Tiled.of(owners, [self._number[hop.step] for hop in hops])
        return tiled.collect(torch.bmm(tiled.spread(pooled), self._mix[tiled.step]) + self._mix_bias[tiled.step])


def _shifted(places: Sequence[Tensor], starts: Sequence[int]) -> Tensor:
    """Places int64 of several hops one after the other, those of each counted from its start."""
    return torch.cat(list(places)) + torch.from_numpy(np.repeat(np.array(starts, np.int64), [len(one) for one in places]))


def _in_ways(hop: Hop, ways: int, others: int) -> Hop:
    """A subject's own hop once for each way in which the `others` nodes of the label it leads to may stand."""
    way = torch.arange(ways)
    return hop._replace(
        owners=way,
        owner=way.repeat_interleave(hop.owner.numel()),
        other=(hop.other + way[:, None] * others).view(-1),
        numbers=hop.numbers.repeat(ways, 1),
        codes=hop.codes.repeat(ways, 1),
    )


def _deepened(weight: Tensor, inputs: int) -> Tensor:
    """The transpose [inputs, out] of a weight [out, fewer inputs]."""
    return functional.pad(weight.detach(), [0, inputs - weight.shape[1]]).T
