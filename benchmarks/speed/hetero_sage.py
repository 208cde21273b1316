"""Stock PyG: a linear layer a node type, two layers of GraphSAGE convolutions, one for each edge type, and a logit a node.

What a team would put together from PyG's own examples; knows no snapshot and trains nothing.
"""

import warnings
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch_geometric.nn import HeteroConv, SAGEConv

Triple = tuple[str, str, str]


class HeteroSage(torch.nn.Module):
    """`x` float32 [n, width] by node type and `edge_index` int64 [2, m] by edge type give logits float32 [n] of one type.

    Args:
        edges: Edge types.
        widths: Number of features by node type.
        hidden: Units of each layer.
        judged: Node type whose nodes get a logit; some edge type must lead to it.
    """

    def __init__(self, edges: Sequence[Triple], widths: Mapping[str, int], hidden: int, judged: str) -> None:
        super().__init__()
        self._judged = judged
        # Drawn into few units first, as PyG's own examples have it: messages as wide as the features would take far longer.
        self._drawn = torch.nn.ModuleDict({label: torch.nn.Linear(width, hidden) for label, width in widths.items()})
        self._first = HeteroConv({edge: SAGEConv((hidden, hidden), hidden) for edge in edges}, aggr="sum")
        # Of the second layer only what reaches the nodes judged has any effect.
        fed = {edge[2] for edge in edges}
        last = {edge: SAGEConv((hidden, hidden), hidden) for edge in edges if edge[2] == judged and edge[0] in fed}
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "There exist node types", UserWarning)  # of no further use, which is the point
            self._last = HeteroConv(last, aggr="sum")
        self._head = torch.nn.Linear(hidden, 1)

    def forward(self, x: Mapping[str, Tensor], edge_index: Mapping[Triple, Tensor]) -> Tensor:
        """Logits of the nodes judged."""
        drawn = {label: self._drawn[label](features).relu() for label, features in x.items()}
        near = {label: states.relu() for label, states in self._first(drawn, edge_index).items()}
        states = self._last(near, edge_index)[self._judged].relu()
        logits: Tensor = self._head(states)[:, 0]
        return logits
