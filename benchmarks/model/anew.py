"""The champion trained on all that is known at an instant: every outcome told by then, and the early signs of younger loans.

What `creditgraph retrain` gives keeps the latest loans back to be measured on; this keeps none. Measures nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gnn.dataset import Dataset, Model, build_tables
from gnn.evaluation.contenders import with_control
from gnn.evaluation.protocol_run import Contender
from gnn.evaluation.protocols import split_training
from gnn.examples import UNKNOWN, Examples, build_examples, build_scored
from gnn.features.plan import Scope
from gnn.features.planning import plan_features
from gnn.milestones import read_milestones
from gnn.tasks import Decided, Task
from graph.snapshot import Snapshot

MODEL_SEED = 0


def until(task: Task, to_s: int) -> Task:
    """A task whose cohort is asked about until a second, exclusive, however early its own ends."""
    assert isinstance(task.cohort, Decided), f"task {task.name} is not about loans decided"
    return replace(task, cohort=replace(task.cohort, to_s=to_s))


def everyone_known(snapshot: Snapshot, task: Task) -> Examples:
    """Everyone scored, with the outcome of those whose it is told; the label of the others is `UNKNOWN`."""
    asked, told = build_scored(snapshot, task), build_examples(snapshot, task)
    order = np.argsort(asked.loan_rows)
    places = order[np.searchsorted(asked.loan_rows, told.loan_rows, sorter=order)]
    label, known_s = asked.label.copy(), asked.known_s.copy()
    label[places], known_s[places] = told.label, told.known_s
    return replace(asked, label=label, known_s=known_s)


def train_on_all(
    snapshot: Snapshot,
    task: Task,
    as_of_s: int,
    champion: str,
    known: Callable[[], Sequence[Contender]] = with_control,
) -> tuple[Model, Dataset]:
    """Fit a contender on all that a snapshot tells; the model, and what it learnt from.

    Args:
        snapshot: Of what was known at `as_of_s`.
        task: What to predict.
        as_of_s: UTC second of the training.
        champion: Name of the contender.
        known: All contenders.
    """
    examples = everyone_known(snapshot, until(task, as_of_s))
    own, neighbours = (
        plan_features(snapshot, task.subject, as_of_s, scope, currency=task.currency, unseen=task.unseen)
        for scope in (Scope.OWN, Scope.NEIGHBOURS)
    )
    tables = build_tables(snapshot, own, neighbours, examples)
    data = Dataset(snapshot, task, examples, *tables, own, neighbours, read_milestones(snapshot, task, examples))
    told = np.flatnonzero(examples.label != UNKNOWN)
    young = np.flatnonzero(examples.label == UNKNOWN)
    split = replace(split_training(told, told[:0]), young=young, taught_to_s=as_of_s)
    contenders, fitted = {one.name: one for one in known()}, dict[str, Model]()

    def fit(name: str) -> Model:
        if name not in fitted:
            fitted[name] = contenders[name].fit(data, split, MODEL_SEED, fit)
        return fitted[name]

    return fit(champion), data


def asked_about(data: Dataset, snapshot: Snapshot, examples: Examples) -> Dataset:
    """Other examples, of another snapshot, with the columns of `data`: to be scored by a model that learnt from it."""
    tables = build_tables(snapshot, data.own_plan, data.neighbours_plan, examples)
    signs = read_milestones(snapshot, data.task, examples)
    return Dataset(snapshot, data.task, examples, *tables, data.own_plan, data.neighbours_plan, signs)
