"""What inner vectors are: exactly what the readouts read beside the table, network by network."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gnn.network.forest import TreeStore
from gnn.network.inner import inner_vectors
from gnn.network.layers import NetworkShape, TreeNetwork
from gnn.network.train import score_trees

TOWER = 8


def awake(shape: NetworkShape, seed: int) -> TreeNetwork:
    """A network whose every part speaks."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = TreeNetwork(shape)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return network


@pytest.mark.parametrize("tower", [0, TOWER])
def test_readouts_of_inner_vectors_and_the_table_give_the_score(
    planted_trees: TreeStore, planted_shape: NetworkShape, tower: int
) -> None:
    shape = replace(planted_shape, tower=tower)
    networks = [awake(shape, seed) for seed in (1, 2)]
    vectors = inner_vectors(SimpleNamespace(networks=networks), planted_trees)  # reads nothing else of a fitted network
    width = shape.hidden + tower
    assert vectors.shape == (len(planted_trees), 2 * width)
    own = torch.from_numpy(planted_trees.own)
    for number, network in enumerate(networks):
        state = torch.from_numpy(vectors[:, number * width : (number + 1) * width]).float()
        with torch.no_grad():
            logits = network.linear(own) + network.read(state[:, : shape.hidden])
            if network.read_tower is not None:
                logits = logits + network.read_tower(state[:, shape.hidden :])
        scored = score_trees(network, planted_trees, np.arange(len(planted_trees)))
        assert logits.mean(axis=1).numpy() == pytest.approx(scored, rel=1e-3, abs=1e-4)


def test_a_network_left_learning_drops_nothing_from_its_vectors(planted_trees: TreeStore, planted_shape: NetworkShape) -> None:
    network = awake(replace(planted_shape, dropout=0.9), 3).train()
    one, again = (inner_vectors(SimpleNamespace(networks=[network]), planted_trees) for _ in range(2))
    assert np.array_equal(one, again)
    assert not network.training
