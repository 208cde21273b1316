"""A recurrent network over a subject's own events, oldest first: each event through its step's layer, then a GRU.

Its last state gives the logits, and nothing stands beside it. In evaluation a logit has the same bits in whatever company.
It knows tensors only: no snapshot, no names of relations.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gnn.network.cycle import run_cycle, taught_loss
from gnn.network.events import EventBatch, EventSequences
from gnn.network.forest import Ints
from gnn.network.layers import ConvShape
from gnn.network.lessons import Lessons
from gnn.network.settings import SequenceSettings
from gnn.network.tiles import run_in_tiles
from gnn.network.train import fixed_threads

SCORING_SEQUENCES = 256  # sequences a pass outside training; bounds memory, changes no bit


@dataclass(frozen=True)
class SequenceShape:
    """Everything that fixes the tensors of a network: what events of each step of the plan carry, and the sizes.

    `heads` counts what is predicted: the outcome, and milestones after it.
    """

    steps: tuple[ConvShape, ...]
    longest: int
    hidden: int
    dropout: float
    heads: int = 1


class EventLayer(nn.Module):
    """States [e, hidden] of events of one step, from what they carry."""

    def __init__(self, shape: ConvShape, hidden: int) -> None:
        super().__init__()
        self.of_event = nn.Linear(shape.numbers, hidden)
        # Starting from zero, a code never seen in training says nothing.
        self.of_category = nn.ModuleList(
            nn.Embedding(codes, hidden, _weight=torch.zeros(codes, hidden)) for codes in shape.categories
        )

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """One state an event; columns beyond the step's own are passed over."""
        joined: Tensor = self.of_event(numbers[:, : self.of_event.in_features])
        for column, embedding in enumerate(self.of_category):
            joined = joined + embedding(codes[:, column])
        return torch.relu(joined)


class SequenceNetwork(nn.Module):
    """Logits of sequences, one a head; of one without events they are the same for all."""

    def __init__(self, shape: SequenceShape) -> None:
        super().__init__()
        self.shape = shape
        self.layers = nn.ModuleDict({str(step.step): EventLayer(step, shape.hidden) for step in shape.steps})
        self.recurrent = nn.GRU(shape.hidden, shape.hidden, batch_first=True)
        self.drop = nn.Dropout(shape.dropout)
        self.read = nn.Linear(shape.hidden, shape.heads)

    def forward(self, batch: EventBatch) -> Tensor:
        """Logits float32 [n, heads]; events of steps that the network has no weights for say nothing."""
        longest, hidden = self.shape.longest, self.shape.hidden
        states = batch.numbers.new_zeros(len(batch.counts) * longest, hidden)
        places, told = [], []
        for name, layer in self.layers.items():
            at = torch.nonzero(batch.step == int(name)).squeeze(1)
            if len(at):
                numbers, codes = batch.numbers[at], batch.codes[at]
                places.append(batch.place[at])
                told.append(layer(numbers, codes) if self.training else run_in_tiles(layer, numbers, codes))
        if told:
            states = states.index_copy(0, torch.cat(places), torch.cat(told))
        sequence = states.view(len(batch.counts), longest, hidden)
        if self.training:
            return self._logits(sequence, batch.counts)
        return run_in_tiles(self._logits, sequence, batch.counts)

    def _logits(self, sequence: Tensor, count: Tensor) -> Tensor:
        every, _ = self.recurrent(sequence)  # what follows the last event comes after the state that is read
        last = every[torch.arange(len(count)), (count - 1).clamp(min=0)]
        logits: Tensor = self.read(self.drop(last * (count > 0).unsqueeze(1)))
        return logits


def train_sequences(
    events: EventSequences,
    label: NDArray[np.int8],
    lessons: Lessons,
    shape: SequenceShape,
    settings: SequenceSettings,
    *,
    seed: int,
) -> SequenceNetwork:
    """A network in evaluation mode, after all epochs of one cycle; the same arguments give the same weights.

    Args:
        events: All sequences.
        label: int8 [sequences, heads], 1 where the outcome was bad or a milestone met, `UNKNOWN` where that teaches nothing.
        lessons: Which of them to learn from.
        shape: Sizes of the network.
        settings: Schedule and regularisation.
        seed: Of weights, order and dropout.
    """
    with fixed_threads(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = SequenceNetwork(shape)
        order = torch.Generator().manual_seed(seed)
        drawn = [lessons.draw(order) for _ in range(settings.epochs)]
        batches = min(max(-(-len(drawn[0]) // settings.batch_sequences), settings.least_batches), len(drawn[0]))
        groups = [{"params": list(network.parameters()), "lr": settings.peak_rate, "weight_decay": settings.weight_decay}]

        def loss(part: Ints) -> Tensor:
            return taught_loss(network(events.select(part)), label[part], settings.milestone_weight)

        for _ in run_cycle(network, drawn, batches, groups, loss):
            pass
        return network.eval()


def score_sequences(network: SequenceNetwork, events: EventSequences) -> NDArray[np.float64]:
    """Log-odds float64 [n] of all sequences, the mean over the heads, each with the same bits in whatever company.

    Args:
        network: The network, in evaluation mode.
        events: What it reads.
    """
    parts = [np.empty(0)]
    with fixed_threads(), torch.inference_mode():
        for index in np.split(np.arange(len(events)), range(SCORING_SEQUENCES, len(events), SCORING_SEQUENCES)):
            parts.append(network(events.select(index)).numpy().astype(np.float64).mean(axis=1))
    return np.concatenate(parts)
