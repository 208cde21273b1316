from dataclasses import replace

import numpy as np
import pytest
import torch

from gnn.network.forest import TreeStore, Variants
from gnn.network.layers import NetworkShape, TreeNetwork
from gnn.network.train import score_trees


def still(shape: NetworkShape) -> TreeNetwork:
    """A network whose every part speaks, and that drops nothing while it learns."""
    with torch.random.fork_rng():
        torch.manual_seed(11)
        network = TreeNetwork(NetworkShape(**{**vars(shape), "dropout": 0.0}))
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return network


def test_evaluation_computes_what_training_computes(planted_trees: TreeStore, planted_shape: NetworkShape) -> None:
    network, index = still(planted_shape), np.arange(150)
    with torch.no_grad():
        learning = network.train()(planted_trees.select(index)).numpy()[:, 0]
    assert score_trees(network, planted_trees, index) == pytest.approx(learning, rel=1e-4, abs=1e-4)


def test_evaluation_follows_weights_changed_in_training(planted_trees: TreeStore, planted_shape: NetworkShape) -> None:
    network, index = still(planted_shape), np.arange(5)
    before = score_trees(network, planted_trees, index)
    network.train()
    with torch.no_grad():
        network.convolutions[str(planted_shape.convolutions[0].step)].mix.bias.add_(1.0)
    assert not np.array_equal(score_trees(network, planted_trees, index), before)


def test_network_without_steps_reads_the_subjects_table_alone(planted_trees: TreeStore, planted_shape: NetworkShape) -> None:
    network = still(NetworkShape(**{**vars(planted_shape), "convolutions": ()}))
    with torch.no_grad():
        own = torch.from_numpy(planted_trees.own[:3])
        expected = network.linear(own) + network.read(torch.relu(network.of_own(own)))
    assert score_trees(network, planted_trees, np.arange(3)) == pytest.approx(expected.numpy()[:, 0], rel=1e-4, abs=1e-5)


def test_columns_that_a_network_is_not_told_of_move_nothing(planted_trees: TreeStore, planted_shape: NetworkShape) -> None:
    unread, index = (0, 2), np.arange(30)
    network = still(NetworkShape(**{**vars(planted_shape), "unread": unread}))
    other = planted_trees.own.copy()
    other[:, list(unread)] += 1.0
    others = replace(planted_trees, own=other)
    assert np.array_equal(score_trees(network, planted_trees, index), score_trees(network, others, index))
    with torch.no_grad():
        learning = [network.train()(trees.select(index)) for trees in (planted_trees, others)]
    assert torch.equal(*learning)
    assert score_trees(network, planted_trees, index) == pytest.approx(learning[0].numpy()[:, 0], rel=1e-4, abs=1e-4)
    told = still(planted_shape)
    assert not np.array_equal(score_trees(told, planted_trees, index), score_trees(told, others, index))


def test_variants_of_one_tree_have_the_same_bits_together_and_alone(
    planted_trees: TreeStore, planted_shape: NetworkShape
) -> None:
    network, draw, count = still(planted_shape), np.random.default_rng(5), 40
    keep = draw.random((count, len(planted_shape.convolutions))) < 0.6
    keep[0], keep[1] = True, False
    variants = Variants(draw.normal(size=(count, planted_trees.own.shape[1])).astype(np.float32), keep)
    for tree in range(12):
        together = score_trees(network, planted_trees, np.full(count, tree), variants)
        alone = [score_trees(network, planted_trees, np.array([tree]), variants.take(slice(i, i + 1)))[0] for i in range(count)]
        assert np.array_equal(together, alone)
