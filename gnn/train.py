"""Trains one graph network on encoded trees: mini-batches, AdamW on one cycle, stopped by a later period.

The linear part is a ridge regression's solution and stays; what the trees add is learnt beside it. The same trees, settings
and seed give the same weights. It knows no snapshot and no task.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn import functional

from gnn.forest import Ints, TreeStore, Variants
from gnn.network import NetworkShape, TreeNetwork

THREADS = 1  # fixed, so that no sum is ever split otherwise; more threads are slower at these sizes
SCORING_TREES = 256  # trees a pass outside training; bounds memory, changes no bit
MAXIMUM_GRADIENT = 1.0  # norm


@dataclass(frozen=True)
class TrainingSettings:
    """How a network is trained; an epoch has batches of `batch_trees`, or smaller ones to make `least_batches`."""

    hidden: int = 32
    dropout: float = 0.3
    weight_decay: float = 0.05
    peak_rate: float = 3e-3
    epochs: int = 5
    batch_trees: int = 128
    least_batches: int = 12
    ridge: float = 0.01


@dataclass(frozen=True)
class LinearStart:
    """Rows that the linear part is fitted on: `own` float32 [n, f], `label` int8 [n], `weight` float64 [n]."""

    own: NDArray[np.float32]
    label: NDArray[np.int8]
    weight: NDArray[np.float64]


@dataclass(frozen=True)
class TrainedNetwork:
    """A network in evaluation mode, the epoch its weights come from (from 1), and its log loss on the stop period."""

    network: TreeNetwork
    epoch: int
    stop_loss: float


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
    fit: Ints,
    stop: Ints,
    shape: NetworkShape,
    settings: TrainingSettings,
    start: LinearStart,
    *,
    seed: int,
    epochs: int | None = None,
) -> TrainedNetwork:
    """Train on the trees `fit`; keep the epoch with the lowest log loss on `stop`, or the epoch named.

    Args:
        trees: All trees.
        label: int8 [trees], 1 where the outcome was bad.
        fit: Positions to learn from.
        stop: Positions of a later period, read only where `epochs` is None.
        shape: Sizes of the network.
        settings: Schedule and regularisation.
        start: What the linear part is fitted on.
        seed: Of weights, order and dropout.
        epochs: Train as long as this within the same cycle, and keep the last weights.
    """
    with fixed_threads(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = TreeNetwork(shape)
        _start_linear(network, start, settings.ridge)
        order = torch.Generator().manual_seed(seed)
        best = TrainedNetwork(network, 0, np.inf)
        state = {name: value.clone() for name, value in network.state_dict().items()}
        for epoch in _epochs(network, trees, label, fit, settings, order):
            if epochs is None:
                loss = log_loss(score_trees(network, trees, stop), label[stop])
                if loss < best.stop_loss:
                    best = TrainedNetwork(network, epoch, loss)
                    state = {name: value.clone() for name, value in network.state_dict().items()}
            elif epoch == epochs:
                return TrainedNetwork(network.eval(), epoch, np.nan)
        network.load_state_dict(state)
        return TrainedNetwork(network.eval(), best.epoch, best.stop_loss)


def score_trees(network: TreeNetwork, trees: TreeStore, index: Ints, variants: Variants | None = None) -> NDArray[np.float64]:
    """Logits float64 [n] of the trees at `index`, each with the same bits in whatever company.

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
            parts.append(network(forest).numpy().astype(np.float64))
    return np.concatenate(parts) if parts else np.empty(0)


def log_loss(log_odds: NDArray[np.float64], label: NDArray[np.int8]) -> float:
    """Mean negative log likelihood, at least 0, lower is better."""
    return float(np.mean(np.logaddexp(0.0, np.where(label > 0, -log_odds, log_odds))))


def _start_linear(network: TreeNetwork, start: LinearStart, ridge: float) -> None:
    model = LogisticRegression(C=ridge, max_iter=500)
    solution = model.fit(start.own.astype(np.float64), start.label, sample_weight=start.weight)
    with torch.no_grad():
        network.linear.weight.copy_(torch.from_numpy(solution.coef_).float())
        network.linear.bias.copy_(torch.from_numpy(solution.intercept_).float())


def _epochs(
    network: TreeNetwork,
    trees: TreeStore,
    label: NDArray[np.int8],
    fit: Ints,
    settings: TrainingSettings,
    order: torch.Generator,
) -> Iterator[int]:
    batches = min(max(-(-len(fit) // settings.batch_trees), settings.least_batches), len(fit))
    # The linear part may rest on more rows than there are trees: trained further on the trees alone, it would forget them.
    learnt = [value for name, value in network.named_parameters() if not name.startswith("linear.")]
    optimiser = torch.optim.AdamW(learnt, lr=settings.peak_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=settings.peak_rate, total_steps=batches * settings.epochs, pct_start=0.2
    )
    for epoch in range(1, settings.epochs + 1):
        network.train()
        shuffled = fit[torch.randperm(len(fit), generator=order).numpy()]
        for part in np.array_split(shuffled, batches):
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(_loss(network, trees, label, part))
            torch.nn.utils.clip_grad_norm_(learnt, MAXIMUM_GRADIENT)
            optimiser.step()
            schedule.step()
        yield epoch


def _loss(network: TreeNetwork, trees: TreeStore, label: NDArray[np.int8], part: Ints) -> Tensor:
    target = torch.from_numpy(label[part].astype(np.float32))
    return functional.binary_cross_entropy_with_logits(network(trees.select(part)), target)
