"""A subject's own facts as one sequence: those of all steps merged, the oldest first, no more than the most recent kept.

Facts come encoded, as trees. Their order is that of the day they were known, facts without a date before all others; those
of one day stand in the order of the plan's steps and, within a step, of the tree. It knows no label and no weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gnn.features.removal import held_by
from gnn.network.encoder_plan import AGE_COLUMNS, EncoderPlan
from gnn.network.forest import Ints, TreeStore
from graph.recent import last
from graph.snapshot import Snapshot
from graph.steps import Step
from graph.vocabulary import BORROWER, NodeLabel

KNOWN_AGE = AGE_COLUMNS // 2  # column of the logarithm of the days since a fact was known, after the six of when it happened
UNDATED = AGE_COLUMNS  # column of the flag


class EventBatch(NamedTuple):
    """Sequences [n] for one pass, their events side by side.

    `counts` int64 [n] is how many events each has; `place` int64 [e] is an event's sequence times the greatest length plus its
    position, 0 the oldest; `step` int64 [e] its step in the plan, which says how much of `numbers` float32 [e, k] and `codes`
    int64 [e, c] is its own.
    """

    counts: Tensor
    place: Tensor
    step: Tensor
    numbers: Tensor
    codes: Tensor


@dataclass(frozen=True)
class EventSequences:
    """Sequences of n subjects, none longer than `longest`; `start` int64 [n + 1] bounds the events of each, oldest first.

    `step` int64 [e] is an event's step in the plan; `numbers` float32 [e, k] and `codes` int64 [e, c] are as wide as the
    widest step's, filled up with zeros.
    """

    longest: int
    start: Ints
    step: Ints
    numbers: NDArray[np.float32]
    codes: Ints

    def __len__(self) -> int:
        return len(self.start) - 1

    def select(self, index: Ints) -> EventBatch:
        """The sequences at these positions int64 [n], in the order given; one may recur."""
        counts = np.diff(self.start)[index]
        row = np.repeat(np.arange(len(index)), counts)
        position = np.arange(len(row)) - (np.cumsum(counts) - counts)[row]
        events = self.start[index][row] + position
        parts = (counts, row * self.longest + position, self.step[events], self.numbers[events], self.codes[events])
        return EventBatch(*(torch.from_numpy(part) for part in parts))


def own_steps(snapshot: Snapshot, subject: NodeLabel) -> tuple[set[Step], set[Step]]:
    """The steps to a subject's own facts: at itself, and at a loan or an account where they lead to no borrower."""
    held = (step for label in held_by(subject) for step in snapshot.steps(label))
    return set(snapshot.steps(subject)), {step for step in held if step.far not in BORROWER}


def order_events(trees: TreeStore, plan: EncoderPlan, longest: int) -> EventSequences:
    """The sequences of encoded trees, each cut to its `longest` most recent events.

    Args:
        trees: Facts around subjects, encoded by `plan`.
        plan: Whose steps number the events.
        longest: Most events of a sequence.
    """
    hops = sorted(trees.hops, key=lambda hop: hop.step)
    widest = max((step.width for step in plan.steps), default=0)
    columns = max((len(step.categories) for step in plan.steps), default=0)
    nothing: Ints = np.empty(0, np.int64)
    tree = np.concatenate([nothing, *(np.repeat(np.arange(len(trees)), np.diff(hop.start)) for hop in hops)])
    step = np.concatenate([nothing, *(np.full(len(hop.numbers), hop.step) for hop in hops)])
    numbers, codes = np.zeros((len(tree), widest), np.float32), np.zeros((len(tree), columns), np.int64)
    at = 0
    for hop in hops:
        rows = slice(at, at + len(hop.numbers))
        numbers[rows, : hop.numbers.shape[1]], codes[rows, : hop.codes.shape[1]] = hop.numbers, hop.codes
        at = rows.stop
    if len(tree):
        order = np.lexsort((-numbers[:, KNOWN_AGE], -numbers[:, UNDATED], tree))  # stable: else as the steps stand
    else:
        order = nothing
    counts = np.bincount(tree, minlength=len(trees))
    kept = order[last(tree[order], longest)]
    return EventSequences(longest, _bounds(np.minimum(counts, longest)), step[kept], numbers[kept], codes[kept])


def join_events(parts: Sequence[EventSequences]) -> EventSequences:
    """Sequences of one plan side by side, in the order given; at least one part."""
    counts = np.concatenate([np.diff(part.start) for part in parts])
    step, numbers, codes = (np.concatenate([getattr(part, name) for part in parts]) for name in ("step", "numbers", "codes"))
    return EventSequences(parts[0].longest, _bounds(counts), step, numbers, codes)


def _bounds(counts: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
