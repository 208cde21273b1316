"""A graph network's inner vectors: what its readouts read, for whoever asks what these tell beside the score.

No score rests on this. It knows no group and measures nothing.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from gnn.network.forest import TreeStore
from gnn.network.model import FittedGraph

AT_ONCE = 512  # trees; bounds memory


def inner_vectors(fitted: FittedGraph, trees: TreeStore) -> NDArray[np.float64]:
    """Last states of the subjects of all trees, of each network in turn, float64 [trees, k].

    Of each `hidden` where it hears of others and `tower` where it has one. The subject's table, which the linear part reads as
    well, is not among them.
    """
    for network in fitted.networks:
        if network.training:
            network.eval()
    parts = []
    with torch.inference_mode():
        for at in range(0, len(trees), AT_ONCE):
            forest = trees.select(np.arange(at, min(at + AT_ONCE, len(trees))))
            parts.append(np.concatenate([network.states(forest).numpy() for network in fitted.networks], axis=1))
    return np.concatenate(parts).astype(np.float64) if parts else np.empty((0, 0))
