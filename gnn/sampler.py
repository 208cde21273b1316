"""The as-of neighbourhood as a PyG sampler, so that `NodeLoader` draws what serving draws.

A thin translation of `graph.neighbourhood` between the numbers of a `HeteroData` and those of its snapshot; it selects
nothing by itself.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.sampler import BaseSampler, EdgeSamplerInput, HeteroSamplerOutput, NodeSamplerInput

from gnn.hetero import Triple, message_type
from graph.neighbourhood import Neighbourhood, neighbourhood
from graph.snapshot.columns import Ints
from graph.snapshot.reader import Snapshot
from graph.steps import Direction
from graph.vocabulary import EdgeType, NodeLabel


class AsOfSampler(BaseSampler):  # type: ignore[misc] # torch_geometric ships no types
    """Draws disjoint trees, each as of its seed's `input_time`, strictly before it.

    Messages run from child to parent: a fact whose parent is its source comes under the reverse edge type. `batch` says
    which seed a node belongs to; the seeds come first among the nodes of their label.

    Args:
        snapshot: The version that `data` was made from.
        data: `to_hetero_data(snapshot, as_of_s)`, with `as_of_s` no earlier than any seed's time.
        fanouts: Most facts a node and step, one a hop.
    """

    def __init__(self, snapshot: Snapshot, data: HeteroData, fanouts: Sequence[int] = (12, 8)) -> None:
        self.snapshot, self.fanouts = snapshot, tuple(fanouts)
        self._rows = {label: data[label].row.numpy() for label in data.node_types}
        self._positions = {NodeLabel(t): _positions(snapshot, NodeLabel(t), r) for t, r in self._rows.items()}
        self._edges = {
            edge: _inverse(data[stored].ref.numpy(), snapshot.num_facts(edge))
            for edge in snapshot.edges()
            if (stored := message_type(edge, Direction.IN)) in data.edge_types
        }

    def sample_from_nodes(self, index: NodeSamplerInput, **kwargs: Any) -> HeteroSamplerOutput:
        """Trees of the seeds in `index`, each as of its own time.

        Raises:
            ValueError: no times, or one later than the data's own.
            KeySpaceExceeded: a time that the snapshot's key cannot hold.
        """
        if index.time is None:
            raise ValueError("the loader has no input_time; give each seed the UTC second as of which it is judged")
        label = NodeLabel(index.input_type)
        rows = self._rows[label][index.node.numpy()]
        found = neighbourhood(self.snapshot, label, rows, index.time.numpy().astype(np.int64), self.fanouts)
        return self._translate(found, metadata=(_input_id(index), index.time))

    def sample_from_edges(self, index: EdgeSamplerInput, neg_sampling: Any = None) -> NoReturn:
        """Not offered: loans and persons are scored, not links."""
        raise NotImplementedError("this sampler draws for nodes; use NodeLoader")

    @property
    def edge_permutation(self) -> None:
        """None: edge numbers are those of the data."""
        return None

    def _translate(self, found: Neighbourhood, metadata: tuple[Tensor, Tensor]) -> HeteroSamplerOutput:
        node: defaultdict[NodeLabel, list[Ints]] = defaultdict(list)
        batch: defaultdict[NodeLabel, list[Ints]] = defaultdict(list)
        offsets: list[dict[NodeLabel, int]] = []
        for level in found.levels:
            offsets.append({label: sum(map(len, node[label])) for label in NodeLabel})
            for label, rows in level.rows.items():
                node[label].append(self._positions[label][rows])
                batch[label].append(level.seed[label])
        links: defaultdict[Triple, list[tuple[Ints, Ints, Ints]]] = defaultdict(list)
        for upper, lower, hops in zip(offsets, offsets[1:], found.hops, strict=False):
            for hop in hops:
                edge, direction = hop.step
                place = self._place(edge, hop.ref)
                links[message_type(edge, direction)].append(
                    (hop.child + lower[hop.step.far], hop.parent + upper[hop.step.near], place)
                )
        row, col, edge_ids = ({t: _joined([p[i] for p in parts]) for t, parts in links.items()} for i in range(3))
        return HeteroSamplerOutput(
            node={label.value: _joined(parts) for label, parts in node.items() if parts},
            row=row,
            col=col,
            edge=edge_ids,
            batch={label.value: _joined(parts) for label, parts in batch.items() if parts},
            metadata=metadata,
        )

    def _place(self, edge: EdgeType, refs: Ints) -> Ints:
        places = self._edges[edge][refs] if edge in self._edges else np.full(len(refs), -1)
        if (places < 0).any():
            raise ValueError(
                "the data lack a fact of a tree: a seed's time is later than the data's own, or a consent was not in force "
                "then, or the fact was corrected by then; make the data as of the latest seed, or as of each"
            )
        return places


def _positions(snapshot: Snapshot, label: NodeLabel, rows: Ints) -> Ints:
    """int64[num_nodes] places in the data by row; a node that is part of another by the data's time has that one's."""
    places, merges = _inverse(rows, snapshot.num_nodes(label)), snapshot.merges(label)
    if merges is not None:
        above = np.arange(len(places))
        above[: len(merges.parent)] = merges.parent
        at = above
        while ((places < 0) & (at != above[at])).any():
            places, at = np.where(places < 0, places[at], places), above[at]
        places = np.where(places < 0, places[at], places)
    return places


def _inverse(numbers: Ints, size: int) -> Ints:
    places = np.full(size, -1, np.int64)
    places[numbers] = np.arange(len(numbers))
    return places


def _joined(parts: list[Ints]) -> Tensor:
    return torch.from_numpy(np.concatenate(parts))


def _input_id(index: NodeSamplerInput) -> Tensor:
    return torch.arange(len(index.node)) if index.input_id is None else index.input_id
