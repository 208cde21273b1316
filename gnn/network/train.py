"""Trains one graph network on encoded trees: mini-batches, AdamW on one cycle, stopped by a later period.

The linear part is a ridge regression's solution and stays; what the trees add is learnt beside it. The same trees, settings
and seed give the same weights. It knows no snapshot and no task.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
from torch import Tensor

from gnn.network.cycle import run_cycle, taught_loss
from gnn.network.forest import Ints, TreeStore, Variants
from gnn.network.layers import NetworkShape, TreeNetwork
from gnn.network.lessons import Lessons, LinearStart
from gnn.network.settings import TrainingSettings
from gnn.network.tower import NO_PIECES, Pieces

THREADS = 1  # fixed, so that no sum is ever split otherwise; more threads are slower at these sizes
SCORING_TREES = 256  # trees a pass outside training; bounds memory, changes no bit


@dataclass(frozen=True)
class TrainedNetwork:
    """A network in evaluation mode and the epoch its weights come from; 0 is the linear part alone."""

    network: TreeNetwork
    epoch: int


@contextmanager
def fixed_threads() -> Iterator[None]:
    """Run torch on `THREADS` threads, then restore what was set."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train_network(
    trees: TreeStore,
    label: NDArray[np.int8],
    lessons: Lessons,
    until: Ints | int,
    shape: NetworkShape,
    settings: TrainingSettings,
    start: LinearStart,
    *,
    seed: int,
    pieces: Pieces = NO_PIECES,
) -> TrainedNetwork:
    """Train for one cycle and keep the epoch that did best later, or train as long as is told.

    Args:
        trees: All trees.
        label: int8 [trees, heads], 1 where the outcome was bad or a milestone met, `UNKNOWN` where that teaches nothing.
        lessons: Which of them to learn from.
        until: Positions int64 of a later period, whose log loss picks the epoch; or the number of epochs.
        shape: Sizes of the network.
        settings: Schedule and regularisation.
        start: What the linear part is fitted on.
        seed: Of weights, order and dropout.
        pieces: As many as the shape says, for a network with a tower.
    """
    with fixed_threads(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = TreeNetwork(shape)
        if network.tower is None:
            _start_linear(network, start, settings.ridge)
        else:
            network.tower.read_by(pieces)
        epochs = _epochs(network, trees, label, lessons, settings, torch.Generator().manual_seed(seed))
        if isinstance(until, int):
            last = next(epoch for epoch in epochs if epoch == until)
            return TrainedNetwork(network.eval(), last)
        return _best(network, epochs, lambda: log_loss(score_trees(network, trees, until), label[until, 0]))


def _best(network: TreeNetwork, epochs: Iterator[int], loss_later: Callable[[], float]) -> TrainedNetwork:
    """Run all epochs, then go back to the one with the lowest loss; of equal ones to the first."""
    lowest, best, state = np.inf, 0, network.state_dict()
    for epoch in epochs:
        loss = loss_later()
        if loss < lowest:
            lowest, best = loss, epoch
            state = {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(state)
    return TrainedNetwork(network.eval(), best)


def score_trees(network: TreeNetwork, trees: TreeStore, index: Ints, variants: Variants | None = None) -> NDArray[np.float64]:
    """Logits float64 [n] of the trees at `index`, the mean over the heads, each with the same bits in whatever company.

    Args:
        network: The network; left in evaluation mode.
        trees: All trees.
        index: int64 [n], a tree may recur.
        variants: As `TreeStore.select` takes them.
    """
    if network.training:
        network.eval()
    parts = []
    with fixed_threads(), torch.inference_mode():
        for at in range(0, len(index), SCORING_TREES):
            chunk = slice(at, at + SCORING_TREES)
            forest = trees.select(index[chunk], None if variants is None else variants.take(chunk))
            parts.append(network(forest).numpy().astype(np.float64).mean(axis=1))
    return np.concatenate(parts) if parts else np.empty(0)


def log_loss(log_odds: NDArray[np.float64], label: NDArray[np.int8]) -> float:
    """Mean negative log likelihood, at least 0, lower is better."""
    return float(np.mean(np.logaddexp(0.0, np.where(label > 0, -log_odds, log_odds))))


def _start_linear(network: TreeNetwork, start: LinearStart, ridge: float) -> None:
    model = LogisticRegression(C=ridge, max_iter=500)
    with threadpool_limits(limits=THREADS, user_api="blas"):
        solution = model.fit(start.own.astype(np.float64), start.label, sample_weight=start.weight)
    with torch.no_grad():
        network.linear.weight.copy_(torch.from_numpy(solution.coef_).float())
        network.linear.bias.copy_(torch.from_numpy(solution.intercept_).float())


def _epochs(
    network: TreeNetwork,
    trees: TreeStore,
    label: NDArray[np.int8],
    lessons: Lessons,
    settings: TrainingSettings,
    order: torch.Generator,
) -> Iterator[int]:
    """Number of epochs behind the network's weights, from 0; each is trained when the next number is asked for."""
    yield 0
    tower = settings.tower
    number, size = (settings.epochs, settings.batch_trees) if network.tower is None else (tower.epochs, tower.batch_trees)
    drawn = [lessons.draw(order) for _ in range(number)]
    batches = min(max(-(-len(drawn[0]) // size), settings.least_batches), len(drawn[0]))

    def loss(part: Ints) -> Tensor:
        return taught_loss(network(trees.select(part)), label[part], tower.milestone_weight)

    yield from run_cycle(network, drawn, batches, _groups(network, settings), loss)


def _groups(network: TreeNetwork, settings: TrainingSettings) -> list[dict[str, Any]]:
    """What is learnt, and how fast; without a tower all but the linear part.

    A ridge regression found that on more rows than are drawn: trained further on those alone, it would forget the others.
    """
    named = list(network.named_parameters())
    table = [value for name, value in named if name.startswith(("linear.", "tower.", "read_tower."))]
    facts = [value for name, value in named if not name.startswith(("linear.", "tower.", "read_tower."))]
    groups = [{"params": facts, "lr": settings.peak_rate, "weight_decay": settings.weight_decay}]
    if network.tower is not None:
        groups.append({"params": table, "lr": settings.tower.peak_rate, "weight_decay": settings.tower.weight_decay})
    return groups
