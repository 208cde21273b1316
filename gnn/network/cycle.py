"""One cycle of AdamW over mini-batches, and the loss by which outcome and milestones teach.

It knows neither trees nor sequences.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from gnn.examples import UNKNOWN
from gnn.network.forest import Ints

MAXIMUM_GRADIENT = 1.0  # norm


def run_cycle(
    network: nn.Module,
    drawn: Sequence[Ints],
    batches: int,
    groups: Sequence[dict[str, Any]],
    loss: Callable[[Ints], Tensor],
) -> Iterator[int]:
    """Train a network by AdamW on one cycle over all epochs; gives the number of each when it is over, from 1.

    Args:
        network: Changed in place; put into training mode at the start of each epoch.
        drawn: Positions int64 of each epoch, in the order to learn from.
        batches: Parts of an epoch.
        groups: AdamW's parameter groups, each with `lr`, its peak rate.
        loss: Of the positions of one part.
    """
    optimiser = torch.optim.AdamW(list(groups))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=[group["lr"] for group in groups], total_steps=batches * len(drawn), pct_start=0.2
    )
    for epoch, positions in enumerate(drawn, start=1):
        network.train()
        for part in np.array_split(positions, batches):
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss(part))
            for group in groups:
                torch.nn.utils.clip_grad_norm_(group["params"], MAXIMUM_GRADIENT)
            optimiser.step()
            schedule.step()
        yield epoch


def taught_loss(logits: Tensor, label: NDArray[np.int8], milestone_weight: float) -> Tensor:
    """Mean over n rows of the outcome's log loss and, at their weight, those of milestones; what is unknown adds none.

    Args:
        logits: float32 [n, heads], the outcome first.
        label: int8 [n, heads], `UNKNOWN` where nothing is known.
        milestone_weight: Of each milestone, the outcome's being 1.
    """
    target = torch.from_numpy(np.maximum(label, 0).astype(np.float32))
    known = torch.from_numpy((label != UNKNOWN).astype(np.float32))
    weight = torch.full((label.shape[1],), milestone_weight)
    weight[0] = 1.0
    loss = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (loss * known * weight).sum() / len(label)
