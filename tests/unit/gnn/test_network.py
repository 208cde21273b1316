import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.forest import TreeStore, Variants
from gnn.network import FourfoldPooling, NetworkShape, TreeNetwork
from gnn.tasks import Examples
from gnn.train import LinearStart, TrainingSettings, fixed_threads, log_loss, score_trees, train_network


@pytest.fixture(scope="module")
def network(planted_shape: NetworkShape) -> TreeNetwork:
    return awake(planted_shape, seed=5)


def awake(shape: NetworkShape, seed: int) -> TreeNetwork:
    """A network whose every part speaks; a fresh one leaves the trees out of its logit."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = TreeNetwork(shape)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return network.eval()


def start(trees: TreeStore, examples: Examples) -> LinearStart:
    return LinearStart(trees.own[:100], examples.label[:100], np.ones(100))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 399), min_size=1, max_size=300))
def test_logit_has_the_same_bits_in_any_batch_and_order(
    planted_trees: TreeStore, network: TreeNetwork, trees: list[int]
) -> None:
    index = np.array(trees)
    everyone = score_trees(network, planted_trees, np.arange(len(planted_trees)))
    assert np.array_equal(score_trees(network, planted_trees, index), everyone[index])


def test_logit_has_the_same_bits_alone(planted_trees: TreeStore, network: TreeNetwork) -> None:
    everyone = score_trees(network, planted_trees, np.arange(len(planted_trees)))
    alone = [score_trees(network, planted_trees, np.array([tree]))[0] for tree in range(40)]
    assert np.array_equal(alone, everyone[:40])


def test_tree_without_facts_is_scored_by_its_own_table(planted_trees: TreeStore, network: TreeNetwork) -> None:
    steps = max(hop.step for hop in planted_trees.hops) + 1
    bare = Variants(planted_trees.own[:1], np.zeros((1, steps), dtype=bool))
    with torch.inference_mode():
        own = torch.from_numpy(planted_trees.own[:1])
        expected = network.linear(own) + network.read(torch.relu(network.of_own(own)))
    assert score_trees(network, planted_trees, np.array([0]), bare) == pytest.approx(expected.numpy()[0], abs=1e-5)


def test_every_weight_gets_a_gradient(planted_trees: TreeStore, planted_shape: NetworkShape) -> None:
    network = awake(planted_shape, seed=6).train()
    torch.autograd.backward(network(planted_trees.select(np.arange(200))).square().sum())
    without = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    labels = network.label_state.weight.grad
    assert [name for name in without if "of_category" not in name] == []
    assert labels is not None


def test_step_the_network_does_not_know_is_passed_over(planted_trees: TreeStore, planted_shape: NetworkShape) -> None:
    fewer = NetworkShape(**{**vars(planted_shape), "convolutions": planted_shape.convolutions[:1]})
    keep = np.zeros((3, len(planted_shape.convolutions)), dtype=bool)
    keep[:, planted_shape.convolutions[0].step] = True
    network, index = awake(fewer, seed=1), np.arange(3)
    only_known = score_trees(network, planted_trees, index, Variants(planted_trees.own[:3], keep))
    assert np.array_equal(score_trees(network, planted_trees, index), only_known)


def test_pooling_is_mean_maximum_scaled_sum_and_log_count() -> None:
    pooled = FourfoldPooling()(torch.tensor([[1.0], [3.0], [5.0]]), index=torch.tensor([0, 0, 1]), dim_size=2)
    expected = torch.tensor([[2.0, 3.0, 1.0, np.log(3)], [5.0, 5.0, 1.25, np.log(2)]], dtype=torch.float32)
    assert torch.allclose(pooled, expected)


def test_rule_that_only_the_graph_tells_is_learnt(
    planted_trees: TreeStore, planted_examples: Examples, planted_shape: NetworkShape
) -> None:
    fit, stop, test = np.arange(260), np.arange(260, 320), np.arange(320, 400)
    trained = train_network(
        planted_trees,
        planted_examples.label,
        fit,
        stop,
        planted_shape,
        TrainingSettings(epochs=12, peak_rate=1e-2),
        start(planted_trees, planted_examples),
        seed=1,
    )
    score, bad = score_trees(trained.network, planted_trees, test), planted_examples.label[test] == 1
    assert np.mean(score[bad][:, None] > score[~bad][None, :]) > 0.9


def test_same_seed_gives_the_same_weights_and_another_seed_others(
    planted_trees: TreeStore, planted_examples: Examples, planted_shape: NetworkShape
) -> None:
    fit, stop = np.arange(60), np.arange(60, 90)

    def weights(seed: int) -> bytes:
        torch.rand(seed + 1)  # what was drawn before must not matter
        trained = train_network(
            planted_trees,
            planted_examples.label,
            fit,
            stop,
            planted_shape,
            TrainingSettings(epochs=1),
            start(planted_trees, planted_examples),
            seed=seed,
        )
        return b"".join(value.numpy().tobytes() for value in trained.network.state_dict().values())

    assert weights(1) == weights(1)
    assert weights(1) != weights(2)


def test_log_loss_is_as_worked_out_by_hand() -> None:
    assert log_loss(np.log([3.0, 1.0]), np.array([1, 0], np.int8)) == pytest.approx((np.log(4 / 3) + np.log(2)) / 2)


def test_number_of_threads_is_restored() -> None:
    before = torch.get_num_threads()
    with fixed_threads():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
