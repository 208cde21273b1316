"""What a model is given to learn from: examples with both tables of features, the parts of a split, and what a model is.

Holds data side by side; it fits nothing and measures nothing.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gnn.cohorts import EVER
from gnn.errors import EmptyTrainingSet
from gnn.examples import Examples, StatedLabels, build_earlier_examples, build_examples
from gnn.features.bulk import build_in_bulk
from gnn.features.fact_counts import FactCounts, count_in_bulk
from gnn.features.peers import PeerApplications, find_peers
from gnn.features.plan import FeaturePlan, Scope
from gnn.features.planning import plan_features
from gnn.features.table import FeatureTable
from gnn.milestones import Milestones, read_milestones
from gnn.tasks import Task
from graph.snapshot import Snapshot

TRAIN_SHARE = 0.70  # of the examples in order of time: what the out-of-time protocol learns from
MANY_LESSONS = 10_000  # to learn from: paths are chosen among; where there are milestones, no period says when to stop


@dataclass(frozen=True)
class Dataset:
    """Examples of one task with their features as of their own instants; row i of each table is example i.

    `milestones`, row i of example i too, are for learning, beside the label.
    """

    snapshot: Snapshot
    task: Task
    examples: Examples
    own: FeatureTable
    neighbours: FeatureTable
    own_plan: FeaturePlan
    neighbours_plan: FeaturePlan
    milestones: Milestones
    earlier: "EarlierLoans | None" = None

    @cached_property
    def facts(self) -> FactCounts:
        """How many facts speak of each example, counted as serving counts them."""
        unseen = frozenset(self.neighbours_plan.unseen)
        return count_in_bulk(self.snapshot, self.task.subject, self.examples.rows, self.examples.as_of_s, unseen)

    @cached_property
    def peers(self) -> PeerApplications:
        """Of each example, the examples that are its peers' latest applications before it."""
        return find_peers(self.snapshot, self.neighbours_plan, self.examples, self.examples)


@dataclass(frozen=True)
class EarlierLoans:
    """Loans decided before the cohort, with their features as of their own instants; they teach, and are never judged."""

    examples: Examples
    own: FeatureTable
    neighbours: FeatureTable
    weight: float


@dataclass(frozen=True)
class Split:
    """Positions in the examples, int64: a model fits on `fit`, stops by `stop`, calibrates on `calibrate`, is judged on `test`.

    Inside the training part every instant of `fit` comes no later than any of `stop`, and of `stop` than of `calibrate`.
    `young` were scored before the test part began and had no known outcome by then: they may teach by such milestones as
    were known before `taught_to_s`, and by nothing else. Those of them that are `held` back do not teach.
    """

    fit: NDArray[np.int64]
    stop: NDArray[np.int64]
    calibrate: NDArray[np.int64]
    test: NDArray[np.int64]
    young: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    taught_to_s: int = EVER
    held: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def first(self) -> "Split":
        """What the first of two fits is given: every other young loan is held back, to tell how it does on those."""
        return replace(self, young=self.young[::2], held=self.young[1::2])

    @property
    def lessons(self) -> int:
        """How many examples there are to learn from, in the last fit."""
        return len(self.train) + len(self.young) + len(self.held)

    @property
    def train(self) -> NDArray[np.int64]:
        """All positions of the training part, in order of time."""
        return np.concatenate([self.fit, self.stop, self.calibrate])


class Model(Protocol):
    """One way to predict; fitted once, then asked for calibrated log-odds."""

    name: str

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Learn from the training part of a split; `split.test` must not be read."""
        ...

    def log_odds(self, data: Dataset, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """Calibrated log-odds of going bad, float64 [k], for examples at these positions."""
        ...


def training_end(examples: Examples) -> int:
    """How many examples, in order of time, the out-of-time protocol learns from."""
    return int(len(examples) * TRAIN_SHARE)


def build_dataset(
    snapshot: Snapshot,
    task: Task,
    *,
    planned_as_of_s: int | None = None,
    most: int | None = None,
    stated: StatedLabels | None = None,
    processes: int | None = None,
) -> Dataset:
    """Examples of a task and their features.

    Args:
        snapshot: Facts to read.
        task: What to predict.
        planned_as_of_s: Relations and categories known before this second get columns; without it, those known before
            the last instant that the out-of-time protocol learns from.
        most: Where there are more examples, so many of them, evenly in order of time.
        stated: The list of outcomes, for a task that needs one.
        processes: How many read features at once, as `build_in_bulk` has it; changes no bit.

    Raises:
        EmptyTrainingSet: the snapshot holds no example of the task.
    """
    examples = build_examples(snapshot, task, stated)
    if not len(examples):
        raise EmptyTrainingSet(task.name, "whole", good=0, bad=0, needed=1)
    if most is not None:
        examples = examples.thinned(most)
    if planned_as_of_s is None:
        planned_as_of_s = int(examples.as_of_s[max(training_end(examples) - 1, 0)])
    own_plan, neighbours_plan = (
        plan_features(snapshot, task.subject, planned_as_of_s, scope, currency=task.currency, unseen=task.unseen)
        for scope in (Scope.OWN, Scope.NEIGHBOURS)
    )
    own, neighbours = build_tables(snapshot, own_plan, neighbours_plan, examples, processes=processes)
    earlier = None
    if task.earlier is not None and len(past := build_earlier_examples(snapshot, task)):
        tables = build_tables(snapshot, own_plan, neighbours_plan, past, processes=processes)
        earlier = EarlierLoans(past, *tables, weight=task.earlier.weight)
    milestones = read_milestones(snapshot, task, examples)
    return Dataset(snapshot, task, examples, own, neighbours, own_plan, neighbours_plan, milestones, earlier)


def build_tables(
    snapshot: Snapshot,
    own: FeaturePlan,
    neighbours: FeaturePlan,
    examples: Examples,
    *,
    processes: int | None = None,
) -> tuple[FeatureTable, FeatureTable]:
    """Both tables of examples; every column of `own` is one of `neighbours`, so what it says is read once.

    Args:
        snapshot: Facts to read.
        own: Columns of a subject's own history.
        neighbours: Those and the columns of what is known of neighbours.
        examples: Subjects and their instants.
        processes: As `build_in_bulk` has it.

    Raises:
        KeyError: a column of `own` is none of `neighbours`.
    """
    whole = build_in_bulk(snapshot, neighbours, examples.rows, examples.as_of_s, processes=processes)
    places = {column: place for place, column in enumerate(neighbours.columns)}
    values = np.take(whole.values, [places[column] for column in own.columns], axis=1)  # rows stay together in memory
    return FeatureTable(own.names, own.families, values), whole
