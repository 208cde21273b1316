"""The order of events alone is learnt from, and a sequence has the same bits whoever it is scored beside."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gnn.evaluation.metrics import auc
from gnn.examples import UNKNOWN
from gnn.network.events import EventSequences
from gnn.network.layers import ConvShape
from gnn.network.lessons import Lessons
from gnn.network.sequence_network import SequenceNetwork, SequenceShape, score_sequences, train_sequences
from gnn.network.settings import SequenceSettings

LONGEST = 12
SHAPE = SequenceShape((ConvShape(0, 2, (4,)), ConvShape(1, 3, ())), LONGEST, hidden=12, dropout=0.0)
SETTINGS = SequenceSettings(longest=LONGEST, epochs=10, peak_rate=1e-2, batch_sequences=32)


def sequences(count: int = 300, seed: int = 1) -> tuple[EventSequences, NDArray[np.int8]]:
    """Ten events each, five of either step, carrying noise; bad is whose last event is of step 1."""
    draws = np.random.default_rng(seed)
    step = np.stack([draws.permutation(np.repeat([0, 1], 5)) for _ in range(count)])
    numbers = draws.normal(size=(step.size, 3)).astype(np.float32)
    numbers[step.reshape(-1) == 0, 2] = 0
    codes = np.where(step.reshape(-1) == 0, draws.integers(0, 4, step.size), 0)[:, None]
    return EventSequences(LONGEST, np.arange(count + 1) * 10, step.reshape(-1), numbers, codes), step[:, -1].astype(np.int8)


def part(events: EventSequences, index: NDArray[np.int64]) -> EventSequences:
    """Some of ten-event sequences, in the order given."""
    at = (index[:, None] * 10 + np.arange(10)).reshape(-1)
    return EventSequences(LONGEST, np.arange(len(index) + 1) * 10, events.step[at], events.numbers[at], events.codes[at])


def only(fit: NDArray[np.int64]) -> Lessons:
    return Lessons(fit, fit[:0], 0.0)


def awake(shape: SequenceShape = SHAPE, seed: int = 5) -> SequenceNetwork:
    """A network whose every part speaks."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = SequenceNetwork(shape)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.5)
    return network.eval()


def test_rule_that_only_the_order_of_events_tells_is_learnt() -> None:
    events, label = sequences()
    network = train_sequences(events, label[:, None], only(np.arange(220)), SHAPE, SETTINGS, seed=1)
    assert auc(label[220:], score_sequences(network, events)[220:]) > 0.95


def test_score_follows_the_order_of_the_same_events() -> None:
    events, _ = sequences(40)
    turned = (np.arange(40)[:, None] * 10 + np.arange(9, -1, -1)).reshape(-1)
    reversed_ = replace(events, step=events.step[turned], numbers=events.numbers[turned], codes=events.codes[turned])
    one, other = (score_sequences(awake(), known) for known in (events, reversed_))
    assert (one != other).all()


@pytest.mark.parametrize("count", [1, 7, 16, 17, 299])
def test_sequence_has_the_same_bits_in_any_company_and_order(count: int) -> None:
    events, _ = sequences()
    network = awake()
    everyone = score_sequences(network, events)
    index = np.random.default_rng(count).integers(0, 300, count)
    assert score_sequences(network, part(events, index)).tobytes() == everyone[index].tobytes()


def test_sequences_of_any_length_have_the_same_bits_alone_and_compute_what_is_learnt() -> None:
    draws = np.random.default_rng(2)
    counts = draws.integers(0, LONGEST + 1, 40)
    counts[0] = 0
    start = np.concatenate([[0], np.cumsum(counts)])
    step = draws.integers(0, 2, start[-1])
    events = EventSequences(
        LONGEST, start, step, draws.normal(size=(len(step), 3)).astype(np.float32), draws.integers(0, 4, (len(step), 1))
    )
    network = awake(replace(SHAPE, heads=3))
    together = score_sequences(network, events)
    for at, (begin, end) in enumerate(pairwise(start)):
        rows = slice(begin, end)
        alone = EventSequences(LONGEST, np.array([0, end - begin]), events.step[rows], events.numbers[rows], events.codes[rows])
        assert score_sequences(network, alone).tolist() == [together[at]]
    with torch.no_grad():
        learning = network.train()(events.select(np.arange(40)))
    assert learning.shape == (40, 3)
    assert learning.mean(dim=1).numpy() == pytest.approx(together, abs=1e-5)


def test_without_events_the_readouts_own_bias_is_left() -> None:
    events = EventSequences(
        LONGEST, np.zeros(3, np.int64), *(np.empty(0, np.int64), np.empty((0, 3), np.float32)), np.empty((0, 1), np.int64)
    )
    network = awake()
    assert score_sequences(network, events).tolist() == [float(network.read.bias.detach()[0])] * 2


def test_event_of_a_step_without_weights_says_nothing() -> None:
    events, _ = sequences(20)
    known = awake(SequenceShape(SHAPE.steps[:1], LONGEST, 12, 0.0))
    louder = replace(events, numbers=np.where(events.step[:, None] == 1, 9.0, events.numbers).astype(np.float32))
    assert score_sequences(known, louder).tobytes() == score_sequences(known, events).tobytes()


def test_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    events, label = sequences(60)

    def weights(seed: int) -> bytes:
        torch.rand(seed + 1)  # what was drawn before must not matter
        network = train_sequences(
            events, label[:, None], only(np.arange(60)), replace(SHAPE, dropout=0.3), replace(SETTINGS, epochs=1), seed=seed
        )
        return b"".join(value.numpy().tobytes() for value in network.state_dict().values())

    assert weights(1) == weights(1)
    assert weights(1) != weights(2)


def test_every_weight_gets_a_gradient() -> None:
    events, _ = sequences(60)
    network = awake().train()
    torch.autograd.backward(network(events.select(np.arange(60))).square().sum())
    assert [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []


def test_what_is_unknown_teaches_nothing_and_milestones_teach_in_its_place() -> None:
    events, label = sequences()
    shape, lessons = replace(SHAPE, heads=2), only(np.arange(220))
    settings = replace(SETTINGS, epochs=6)
    told = np.column_stack([np.full(300, UNKNOWN, np.int8), label])
    network = train_sequences(events, told, lessons, shape, settings, seed=1)
    assert auc(label[220:], score_sequences(network, events)[220:]) > 0.9
    untaught = [
        train_sequences(
            part(events, index), np.full((220, 2), UNKNOWN, np.int8), lessons, shape, replace(settings, epochs=1), seed=1
        )
        for index in (np.arange(220), np.arange(80, 300))
    ]
    one, other = (each.read.weight.detach().numpy().tobytes() for each in untaught)
    assert one == other
