"""The heterogeneous temporal graph network: facts as messages, gated, pooled four ways, two hops, one logit a tree.

Every step (edge type and direction) at each depth has weights of its own. This is how it learns, from whole batches; in
evaluation mode `TilePass` computes the same with fixed bits. It knows tensors only: no snapshot, no names of relations.
"""

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing
from torch_geometric.nn.aggr import Aggregation

from gnn.network.forest import Forest, Hop
from gnn.network.tile_pass import OwnWeights, TilePass
from gnn.network.tower import Tower

CATEGORY_WIDTH_FACTOR = 2  # a message has a value and a gate, each as wide as the state
MAXIMUM_COUNT = 64  # counts above are pooled as this; far above any fan-out
SUM_SCALE = 0.25  # keeps the summed messages of a usual node near the size of their mean


@dataclass(frozen=True)
class ConvShape:
    """Sizes of one step's convolution: the step's position in the encoder's plan and the widths of what its facts carry.

    `categories[j]` is the number of codes of category column j, unknown and missing included.
    """

    step: int
    numbers: int
    categories: tuple[int, ...]


@dataclass(frozen=True)
class NetworkShape:
    """Everything that fixes the tensors of a network; `labels` counts node labels, `own` the columns of the seed's table.

    `heads` counts what is predicted: the outcome, and milestones after it. `tower` is the width of the part that reads the
    seed's table by itself, 0 for none, `pieces` counts the parts of columns' ranges that it reads, and `input_dropout` is how
    often it goes without one of its inputs while it learns. `unread` are columns that the network is never told of.
    """

    own: int
    labels: int
    hidden: int
    dropout: float
    convolutions: tuple[ConvShape, ...]
    heads: int = 1
    tower: int = 0
    input_dropout: float = 0.0
    pieces: int = 0
    unread: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values for a manifest."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "NetworkShape":
        """Inverse of `to_json`."""
        shapes = tuple(ConvShape(c["step"], c["numbers"], tuple(c["categories"])) for c in data["convolutions"])
        return NetworkShape(**{**data, "convolutions": shapes, "unread": tuple(data["unread"])})


class FourfoldPooling(Aggregation):  # type: ignore[misc] # torch_geometric ships no types for its modules
    """Mean, maximum, sum and logarithm of the count, side by side; each sum runs in the order of the messages.

    Messages [e, h] sorted by owner, every owner with at least one, give [owners, 3 h + 1]. Messages are never negative.
    """

    def __init__(self) -> None:
        super().__init__()
        counts = torch.arange(MAXIMUM_COUNT + 1, dtype=torch.float64)
        # A table, because a logarithm taken elementwise may differ in its last bit with the length of the tensor.
        self.register_buffer("log_count", torch.log1p(counts).float(), persistent=False)

    def forward(
        self,
        x: Tensor,
        index: Tensor | None = None,
        ptr: Tensor | None = None,
        dim_size: int | None = None,
        dim: int = -2,
        max_num_elements: int | None = None,
    ) -> Tensor:
        """Pool messages `x` [e, h] by their sorted owner `index` int64 [e]."""
        assert index is not None
        assert dim_size is not None
        counts = torch.bincount(index, minlength=dim_size)
        total = x.new_zeros(dim_size, x.shape[1]).index_add(0, index, x)
        mean = total / counts.unsqueeze(1)
        highest = torch.segment_reduce(x, "max", lengths=counts, axis=0, unsafe=True)
        log_count = self.log_count[counts.clamp(max=MAXIMUM_COUNT)].unsqueeze(1)
        return torch.cat([mean, highest, SUM_SCALE * total, log_count], dim=1)


class FactConv(MessagePassing):  # type: ignore[misc] # torch_geometric ships no types for its modules
    """Messages along one step: state of the other end and what the fact carries, through a gate, pooled, then mixed.

    Facts [e] become an update [owners, hidden] of the nodes that own at least one of them.
    """

    def __init__(self, shape: ConvShape, hidden: int) -> None:
        super().__init__(aggr=FourfoldPooling(), node_dim=0)
        self.hidden = hidden
        width = CATEGORY_WIDTH_FACTOR * hidden
        self.of_fact = nn.Linear(shape.numbers, width)
        self.of_other = nn.Linear(hidden, width, bias=False)
        # Starting from zero, a code never seen in training says nothing.
        self.of_category = nn.ModuleList(
            nn.Embedding(codes, width, _weight=torch.zeros(codes, width)) for codes in shape.categories
        )
        self.mix = nn.Linear(3 * hidden + 1, hidden)

    def forward(self, hop: Hop, other: Tensor) -> Tensor:
        """Update [owners, hidden] of the hop's owners, from the states `other` of the nodes at the far end."""
        sent = self.of_other(other)
        edge_index = torch.stack([hop.other, hop.owner])
        size = (other.shape[0], hop.owners.shape[0])
        pooled = self.propagate(edge_index, x=sent, numbers=hop.numbers, codes=hop.codes, size=size)
        mixed: Tensor = self.mix(pooled)
        return mixed

    def message(self, x_j: Tensor, numbers: Tensor, codes: Tensor) -> Tensor:
        """Messages [e, hidden], never negative."""
        joined = self.of_fact(numbers) + x_j
        for column, embedding in enumerate(self.of_category):
            joined = joined + embedding(codes[:, column])
        return torch.relu(joined[:, : self.hidden]) * torch.sigmoid(joined[:, self.hidden :])


class TreeNetwork(nn.Module):
    """Logits for each tree of a forest, one a head: a linear part on the seed's own table, plus what the facts around it say.

    With a tower, the seed's own table is read once more, not linearly; with a tower and no step, by nothing else.
    """

    def __init__(self, shape: NetworkShape) -> None:
        super().__init__()
        self.shape = shape
        self.label_state = nn.Embedding(shape.labels, shape.hidden)
        self.of_own = nn.Linear(shape.own, shape.hidden)
        self.linear = nn.Linear(shape.own, shape.heads)
        self.read = nn.Linear(shape.hidden, shape.heads, bias=False)
        self.drop = nn.Dropout(shape.dropout)
        self.convolutions = nn.ModuleDict({str(c.step): FactConv(c, shape.hidden) for c in shape.convolutions})
        nn.init.zeros_(self.read.weight)  # training starts from the linear part alone
        self.told: Tensor
        told = torch.ones(shape.own)
        told[list(shape.unread)] = 0.0
        self.register_buffer("told", told, persistent=False)
        self.tower: Tower | None = None
        self.read_tower: nn.Linear | None = None
        if shape.tower:
            self.tower = Tower(shape.own, shape.pieces, shape.tower, shape.input_dropout, shape.dropout)
            self.read_tower = nn.Linear(shape.tower, shape.heads, bias=False)
            nn.init.zeros_(self.linear.weight)

    def forward(self, forest: Forest) -> Tensor:
        """Logits float32 [trees, heads]; hops of steps the network has no weights for are passed over."""
        seen = self._seen(forest)
        return self._learn_from(seen) if self.training else self._tile_pass.forward(seen)

    def train(self, mode: bool = True) -> "TreeNetwork":
        """Switch to training, or to evaluation of the weights as they are now."""
        self.__dict__.pop("_tile_pass", None)
        super().train(mode)
        return self

    @cached_property
    def _tile_pass(self) -> TilePass:
        convolutions = {int(step): conv for step, conv in self.convolutions.items() if isinstance(conv, FactConv)}
        own = OwnWeights(self.label_state, self.of_own, self.linear, self.read, self.tower, self.read_tower)
        return TilePass(convolutions, own)

    def states(self, forest: Forest) -> Tensor:
        """What the readouts read beside the seed's table, float32 [trees, k]: the last state if facts change it, the tower's.

        Computed as in training; in evaluation mode nothing is dropped.
        """
        seen = self._seen(forest)
        parts = [] if self.tower is None else [self.tower(seen.own)]
        if self.convolutions or self.tower is None:
            parts.insert(0, self._last_state(seen))
        return torch.cat(parts, dim=1)

    def _seen(self, forest: Forest) -> Forest:
        """The forest without the columns that the network is never told of."""
        return replace(forest, own=forest.own * self.told) if self.shape.unread else forest

    def _learn_from(self, forest: Forest) -> Tensor:
        logits: Tensor = self.linear(forest.own)
        if self.convolutions or self.tower is None:
            logits = logits + self.read(self.drop(self._last_state(forest)))
        if self.tower is None or self.read_tower is None:
            return logits
        tall: Tensor = self.read_tower(self.tower(forest.own))
        return logits + tall

    def _last_state(self, forest: Forest) -> Tensor:
        """State of each seed after all messages, float32 [trees, hidden]."""
        leaves = {label: self.label_state.weight[label].unsqueeze(0) for label in range(self.shape.labels)}
        inner = {label: self._label_states(label, count) for label, count in forest.inner.items()}
        inner = self._receive(inner, forest.far, leaves)
        seeds = self.of_own(forest.own)
        return self._receive({forest.seed_label: seeds}, forest.near, inner)[forest.seed_label]

    def _label_states(self, label: int, count: int) -> Tensor:
        return self.label_state.weight[label].expand(count, -1)

    def _receive(self, states: dict[int, Tensor], hops: tuple[Hop, ...], others: dict[int, Tensor]) -> dict[int, Tensor]:
        received = dict(states)
        for hop in hops:
            name = str(hop.step)
            if name in self.convolutions:
                update = self.drop(self.convolutions[name](hop, others[hop.other_label]))
                received[hop.owner_label] = received[hop.owner_label].index_add(0, hop.owners, update)
        return {label: torch.relu(state) for label, state in received.items()}
