"""Who belongs to which part of the judged loans of the simulated economy: customers new and old, thin files, rings, months.

What tells parts apart was known at scoring, but for the two marks that only the sealed files give.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.sandbox.truth import Truth
from gnn.dataset import Dataset
from gnn.evaluation.slices import Slice, files, months, months_on_book, ranges_of, slices_of
from gnn.examples import Examples
from gnn.tasks import Decided, Task
from graph.question import ask
from graph.snapshot import Snapshot
from graph.vocabulary import EdgeType, NodeLabel

FEW_FACTS = (10, 30, 100)  # bounds of the counts of own facts


def build_slices(data: Dataset, truth: Truth) -> list[Slice]:
    """All parts of all examples; every example is in one part of each kind."""
    examples = data.examples
    cohort = _decided(data.task)
    since_s = examples.as_of_s - cohort.after_seconds - first_loan_s(data.snapshot, data.task, examples)
    return [
        *months_on_book(since_s),
        *ranges_of("own facts", FEW_FACTS, own_facts(data.snapshot, data.task.subject, examples)),
        *files(truth.thin),
        *slices_of("ring", ["no", "yes"], truth.ring.astype(np.int64)),
        *months(examples.as_of_s),
    ]


def first_loan_s(snapshot: Snapshot, task: Task, examples: Examples) -> NDArray[np.int64]:
    """int64 [n], the second the decision on each subject's first loan became known; that may be the loan scored."""
    cohort = _decided(task)
    decided_s = np.full(snapshot.num_nodes(cohort.decided_by.target), np.iinfo(np.int64).max)
    np.minimum.at(decided_s, _all(snapshot, cohort.decided_by, "target_row"), _all(snapshot, cohort.decided_by, "known_at_s"))
    first_s = np.full(snapshot.num_nodes(task.subject), np.iinfo(np.int64).max)
    loans = _all(snapshot, cohort.applied_by, "target_row")
    np.minimum.at(first_s, _all(snapshot, cohort.applied_by, "source_row"), decided_s[loans])
    question = ask(snapshot, task.subject, examples.rows, examples.as_of_s)
    found = np.full(len(examples), np.iinfo(np.int64).max)
    np.minimum.at(found, np.arange(len(examples)) if question.owner is None else question.owner, first_s[question.row])
    return found


def _decided(task: Task) -> Decided:
    """The cohort of a task about loans at the moment the lender decides, which these parts are of."""
    assert isinstance(task.cohort, Decided), f"task {task.name} does not score decisions"
    return task.cohort


def _all(snapshot: Snapshot, edge: EdgeType, column: str) -> NDArray[np.int64]:
    return snapshot.take(edge, column, np.arange(snapshot.num_facts(edge))).astype(np.int64)


def own_facts(snapshot: Snapshot, label: NodeLabel, examples: Examples) -> NDArray[np.int64]:
    """int64 [n] facts at each subject that were known at its instant, in either direction."""
    question = ask(snapshot, label, examples.rows, examples.as_of_s)
    owner = np.arange(len(examples)) if question.owner is None else question.owner
    total = np.zeros(len(examples), np.int64)
    for step in snapshot.steps(label):
        for run in snapshot.runs(*step):
            np.add.at(total, owner, run.key.searchsorted(question.high) - run.key.searchsorted(question.low))
    return total
