"""What a network learns from: trees with their labels, outcome first and milestones after it, and the rows of its linear part.

Loans whose outcome is not known yet are among them where milestones teach. Reads no test position and trains nothing.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from gnn.dataset import Dataset, Split
from gnn.examples import UNKNOWN
from gnn.features.plan import Scope
from gnn.models.baselines import table_of, training_table
from gnn.network.forest import Ints
from gnn.network.settings import TowerSettings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LinearStart:
    """Rows that the linear part is fitted on: `own` float32 [n, f], `label` int8 [n], `weight` float64 [n]."""

    own: NDArray[np.float32]
    label: NDArray[np.int8]
    weight: NDArray[np.float64]


@dataclass(frozen=True)
class Lessons:
    """Positions of the trees to learn from: `fit` int64 in every epoch, and of `past` int64 a new share each.

    Drawing a share of earlier loans stands for giving each that share as its weight, at a fraction of the time.
    """

    fit: Ints
    past: Ints
    past_share: float

    def draw(self, order: torch.Generator) -> Ints:
        """Positions of one epoch, in random order."""
        drawn = torch.randperm(len(self.past), generator=order).numpy()[: int(len(self.past) * self.past_share)]
        used = np.concatenate([self.fit, self.past[drawn]])
        shuffled: Ints = used[torch.randperm(len(used), generator=order).numpy()]
        return shuffled


@dataclass(frozen=True)
class Taught:
    """Subjects to encode: `rows`, `as_of_s` int64 [n] and tables `values` float64 [n, f]; then those of a later period.

    `label` int8 [n, heads] has the outcome first; `lessons` says which teach, `later` int64 which tell when to stop, and
    `weight` float64 is that of the teaching rows in a linear fit.
    """

    rows: Ints
    as_of_s: Ints
    values: Floats
    label: NDArray[np.int8]
    lessons: Lessons
    later: Ints
    weight: Floats

    @property
    def teaching(self) -> Ints:
        """Positions of all that teach, int64."""
        return np.concatenate([self.lessons.fit, self.lessons.past])


def teach(data: Dataset, split: Split, scope: Scope, fit: Ints, stop: Ints, tower: TowerSettings) -> Taught:
    """What teaches a network fitted on the examples at `fit`, with those at `stop` to tell when to stop.

    With milestones and enough lessons in the split, those at `stop` and `split.young` teach too and nobody tells when to
    stop; so it is for the first fit where it is for the last, or one would be calibrated by the other.

    Raises:
        EmptyTrainingSet: the examples know one outcome only.
    """
    table = training_table(data, scope, fit)
    if data.earlier is None and split.lessons >= tower.least_lessons:
        tall = np.concatenate([fit, stop, split.young])
        signs = data.milestones.taught(tall, split.taught_to_s)
        if signs.shape[1]:
            return _with_milestones(data, split, scope, tall, signs)
    past, examples = data.earlier, data.examples
    rows, as_of_s = examples.rows[fit], examples.as_of_s[fit]
    if past is not None:
        rows, as_of_s = np.append(rows, past.examples.rows), np.append(as_of_s, past.examples.as_of_s)
    learnt = np.arange(len(rows))
    return Taught(
        rows=np.append(rows, examples.rows[stop]),
        as_of_s=np.append(as_of_s, examples.as_of_s[stop]),
        values=np.concatenate([table.values, table_of(data, scope).values[stop]]),
        label=np.append(table.label, examples.label[stop])[:, None],
        lessons=Lessons(learnt[: len(fit)], learnt[len(fit) :], past.weight if past is not None else 0.0),
        later=np.arange(len(rows), len(rows) + len(stop)),
        weight=table.weight,
    )


def _with_milestones(data: Dataset, split: Split, scope: Scope, tall: Ints, signs: NDArray[np.int8]) -> Taught:
    outcome = np.where(np.isin(tall, split.young), UNKNOWN, data.examples.label[tall]).astype(np.int8)
    nobody = np.empty(0, np.int64)
    return Taught(
        rows=data.examples.rows[tall],
        as_of_s=data.examples.as_of_s[tall],
        values=table_of(data, scope).values[tall],
        label=np.column_stack([outcome, signs]),
        lessons=Lessons(np.arange(len(tall)), nobody, 0.0),
        later=nobody,
        weight=np.ones(len(tall)),
    )
