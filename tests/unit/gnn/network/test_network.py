from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gnn.examples import UNKNOWN, Examples
from gnn.network.forest import TreeStore, Variants
from gnn.network.layers import FourfoldPooling, NetworkShape, TreeNetwork
from gnn.network.lessons import Lessons, LinearStart
from gnn.network.settings import TowerSettings, TrainingSettings
from gnn.network.tower import cut_in_pieces
from gnn.network.train import TrainedNetwork, fixed_threads, log_loss, score_trees, train_network


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


def only(fit: NDArray[np.int64]) -> Lessons:
    return Lessons(fit, fit[:0], 0.0)


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
    fit, test = np.arange(260), np.arange(320, 400)
    network = train_network(
        planted_trees,
        planted_examples.label[:, None],
        only(fit),
        np.arange(260, 320),
        planted_shape,
        TrainingSettings(epochs=12, peak_rate=1e-2),
        start(planted_trees, planted_examples),
        seed=1,
    ).network
    score, bad = score_trees(network, planted_trees, test), planted_examples.label[test] == 1
    assert np.mean(score[bad][:, None] > score[~bad][None, :]) > 0.9


def test_same_seed_gives_the_same_weights_and_another_seed_others(
    planted_trees: TreeStore, planted_examples: Examples, planted_shape: NetworkShape
) -> None:
    def weights(seed: int) -> bytes:
        torch.rand(seed + 1)  # what was drawn before must not matter
        network = train_network(
            planted_trees,
            planted_examples.label[:, None],
            only(np.arange(60)),
            1,
            planted_shape,
            TrainingSettings(epochs=1),
            start(planted_trees, planted_examples),
            seed=seed,
        ).network
        return b"".join(value.numpy().tobytes() for value in network.state_dict().values())

    assert weights(1) == weights(1)
    assert weights(1) != weights(2)


def test_epoch_draws_a_new_share_of_past_trees_beside_all_others() -> None:
    lessons = Lessons(np.arange(4), np.arange(4, 104), 0.25)
    order = torch.Generator().manual_seed(1)
    first, second = lessons.draw(order), lessons.draw(order)
    for drawn in (first, second):
        assert len(np.unique(drawn)) == len(drawn) == 29
        assert set(drawn[drawn < 4]) == {0, 1, 2, 3}
    assert set(first) != set(second)


def test_past_tree_teaches(planted_trees: TreeStore, planted_examples: Examples, planted_shape: NetworkShape) -> None:
    def weights(past: int) -> bytes:
        lessons = Lessons(np.arange(60), np.arange(60, 60 + past), 1.0)
        settings, begin = TrainingSettings(epochs=1), start(planted_trees, planted_examples)
        trees, label = planted_trees, planted_examples.label[:, None]
        network = train_network(trees, label, lessons, 1, planted_shape, settings, begin, seed=1).network
        return network.read.weight.detach().numpy().tobytes()

    assert weights(0) != weights(1)


def test_epoch_kept_has_the_lowest_loss_on_the_stop_period_and_can_be_had_again(
    planted_trees: TreeStore, planted_examples: Examples, planted_shape: NetworkShape
) -> None:
    label, begin, later = planted_examples.label, start(planted_trees, planted_examples), np.arange(60, 120)

    def train(until: NDArray[np.int64] | int) -> TrainedNetwork:
        settings = TrainingSettings(epochs=3, peak_rate=1e-2)
        lessons = only(np.arange(60))
        return train_network(planted_trees, label[:, None], lessons, until, planted_shape, settings, begin, seed=1)

    def scores(trained: TrainedNetwork) -> NDArray[np.float64]:
        return score_trees(trained.network, planted_trees, later)

    kept, each = train(later), [scores(train(epoch)) for epoch in range(4)]
    losses = [log_loss(score, label[later]) for score in each]
    assert kept.epoch == int(np.argmin(losses))
    assert scores(kept).tobytes() == each[kept.epoch].tobytes()


def test_network_of_no_epoch_is_its_linear_part(
    planted_trees: TreeStore, planted_examples: Examples, planted_shape: NetworkShape
) -> None:
    begin = start(planted_trees, planted_examples)
    trained = train_network(
        planted_trees, planted_examples.label[:, None], only(np.arange(60)), 0, planted_shape, TrainingSettings(), begin, seed=1
    )
    with torch.inference_mode():
        linear = trained.network.linear(torch.from_numpy(planted_trees.own)).numpy()[:, 0]
    assert score_trees(trained.network, planted_trees, np.arange(400)) == pytest.approx(linear, abs=1e-5)


def test_tower_has_the_same_bits_alone_and_computes_what_it_learns(
    planted_trees: TreeStore, planted_shape: NetworkShape
) -> None:
    pieces = cut_in_pieces(planted_trees.own, 3)
    shape = replace(planted_shape, heads=3, tower=8, input_dropout=0.0, dropout=0.0, pieces=len(pieces))
    network, index = awake(shape, seed=3), np.arange(40)
    assert network.tower is not None
    network.tower.read_by(pieces)
    together = score_trees(network, planted_trees, index)
    assert [score_trees(network, planted_trees, index[[at]])[0] for at in index] == together.tolist()
    with torch.no_grad():
        learning = network.train()(planted_trees.select(index))
    assert learning.shape == (40, 3)
    assert learning.mean(dim=1).numpy() == pytest.approx(together, abs=1e-4)


@pytest.mark.parametrize("heads", [2, 5, 11])
@pytest.mark.parametrize("columns", [61, 62, 63])
def test_a_tall_network_of_few_heads_and_many_columns_has_the_same_bits_alone(
    planted_trees: TreeStore, planted_shape: NetworkShape, heads: int, columns: int
) -> None:
    table = np.random.default_rng(heads).normal(size=(len(planted_trees), columns))
    wide = replace(planted_trees, own=table.astype(np.float32))
    pieces = cut_in_pieces(wide.own, 2)
    shape = replace(planted_shape, own=columns, heads=heads, tower=16, pieces=len(pieces))
    network, index = awake(shape, seed=heads), np.arange(40)
    assert network.tower is not None
    network.tower.read_by(pieces)
    together = score_trees(network, wide, index)
    assert [score_trees(network, wide, index[[at]])[0] for at in index] == together.tolist()


def test_a_network_that_hears_nothing_is_its_tower_and_its_linear_part_alone(
    planted_trees: TreeStore, planted_examples: Examples, planted_shape: NetworkShape
) -> None:
    pieces = cut_in_pieces(planted_trees.own, 3)
    shape = replace(planted_shape, heads=2, tower=8, pieces=len(pieces), convolutions=())
    label, begin = planted_examples.label[:, None].repeat(2, axis=1), start(planted_trees, planted_examples)
    settings = TrainingSettings(tower=TowerSettings(epochs=2))
    trained = train_network(planted_trees.bare, label, only(np.arange(260)), 2, shape, settings, begin, seed=1, pieces=pieces)
    network, index = trained.network, np.arange(40)
    assert not network.read.weight.any()
    own = torch.from_numpy(planted_trees.own[:40])
    assert network.tower is not None
    assert network.read_tower is not None
    with torch.inference_mode():
        alone = (network.linear(own) + network.read_tower(network.tower(own))).mean(dim=1).numpy()
    assert np.ptp(alone) > 0.01
    for trees in (planted_trees, planted_trees.bare):
        assert score_trees(network, trees, index) == pytest.approx(alone, abs=1e-5)
    variants = Variants(planted_trees.own[:3], np.zeros((3, len(planted_shape.convolutions)), dtype=bool))
    one = score_trees(network, planted_trees.bare, np.zeros(3, np.int64), variants)
    assert one == pytest.approx(alone[:3], abs=1e-5)


def test_what_is_unknown_teaches_nothing_and_milestones_teach_in_its_place(
    planted_trees: TreeStore, planted_examples: Examples, planted_shape: NetworkShape
) -> None:
    """Half of the outcomes are hidden and two milestones tell the same; then what is hidden may be anything."""
    shape = replace(planted_shape, heads=3, tower=8)
    told, hidden = planted_examples.label[:, None].repeat(3, axis=1), np.arange(130, 260)
    told[hidden, 0] = UNKNOWN
    settings = TrainingSettings(tower=TowerSettings(epochs=12, peak_rate=1e-2), peak_rate=1e-2)
    begin, test = start(planted_trees, planted_examples), np.arange(320, 400)

    def scores(label: NDArray[np.int8]) -> NDArray[np.float64]:
        lessons = only(np.arange(260))
        trained = train_network(planted_trees, label, lessons, 12, shape, settings, begin, seed=1)
        return score_trees(trained.network, planted_trees, test)

    bad = planted_examples.label[test] == 1
    with_signs, silent = scores(told), told.copy()
    silent[hidden, 1:] = UNKNOWN
    assert np.mean(with_signs[bad][:, None] > with_signs[~bad][None, :]) > 0.85
    assert not np.array_equal(with_signs, scores(silent))


def test_log_loss_is_as_worked_out_by_hand() -> None:
    assert log_loss(np.log([3.0, 1.0]), np.array([1, 0], np.int8)) == pytest.approx((np.log(4 / 3) + np.log(2)) / 2)


def test_number_of_threads_is_restored() -> None:
    before = torch.get_num_threads()
    with fixed_threads():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
