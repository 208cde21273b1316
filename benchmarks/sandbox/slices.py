"""How well models did on parts of the judged loans: new and old customers, thin and thick files, rings, months.

Says who belongs where and measures each part alone. What tells parts apart was known at scoring, but for the two marks
that only the sealed files give.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.sandbox.truth import Truth
from gnn.dataset import Dataset
from gnn.evaluation.evaluate import Measure
from gnn.examples import Examples
from gnn.tasks import Decided, Task
from graph.question import ask
from graph.snapshot import Snapshot
from graph.vocabulary import EdgeType, NodeLabel

MONTH_S = 2_629_746  # a twelfth of a Gregorian year
MONTHS_ON_BOOK = ((0, "first loan"), (0, "under 6"), (6, "6 to 11"), (12, "12 to 23"), (24, "24 and more"))
FEW_FACTS = (10, 30, 100)  # bounds of the counts of own facts


@dataclass(frozen=True)
class Slice:
    """One part of the examples: what it is a part by, which part, and bool [n] who is in it."""

    by: str
    part: str
    members: NDArray[np.bool_]


@dataclass(frozen=True)
class SliceRow:
    """How the models did on one part: `measures` by model, then by measure; NaN where one outcome leaves nothing to say."""

    by: str
    part: str
    examples: int
    bad: int
    measures: Mapping[str, Mapping[str, float]]


def build_slices(data: Dataset, truth: Truth) -> list[Slice]:
    """All parts of all examples; every example is in one part of each kind."""
    examples = data.examples
    cohort = _decided(data.task)
    since_s = examples.as_of_s - cohort.after_seconds - first_loan_s(data.snapshot, data.task, examples)
    bounds = [bound for bound, _ in MONTHS_ON_BOOK[2:]]
    on_book = np.where(since_s > 0, 1 + np.searchsorted(bounds, since_s // MONTH_S, side="right"), 0)
    facts = np.searchsorted(FEW_FACTS, own_facts(data.snapshot, data.task.subject, examples), side="right")
    months = examples.as_of_s.astype("datetime64[s]").astype("datetime64[M]").astype(str)
    return [
        *_parts("months on book", [name for _, name in MONTHS_ON_BOOK], on_book),
        *_parts("own facts", _ranges(FEW_FACTS), facts),
        *_parts("file", ["thick", "thin"], truth.thin.astype(np.int64)),
        *_parts("ring", ["no", "yes"], truth.ring.astype(np.int64)),
        *(Slice("month", month, months == month) for month in np.unique(months).tolist()),
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


def measure_slices(
    slices: Sequence[Slice],
    label: NDArray[np.int8],
    scores: Mapping[str, NDArray[np.float64]],
    index: NDArray[np.int64],
    measures: Mapping[str, Measure],
) -> list[SliceRow]:
    """Each part of the judged examples measured alone; parts that no judged example is in are left out.

    Args:
        slices: Parts of all examples.
        label: int8 [n] of all examples.
        scores: Log-odds float64 [k] of the judged ones by model.
        index: int64 [k], the judged ones.
        measures: By name.
    """
    rows = []
    for one in slices:
        inside = np.flatnonzero(one.members[index])
        if not len(inside):
            continue
        came = label[index[inside]]
        found = {
            model: {name: measure(came, log_odds[inside]) for name, measure in measures.items()}
            for model, log_odds in scores.items()
        }
        rows.append(SliceRow(one.by, one.part, len(inside), int(came.sum()), found))
    return rows


def _parts(by: str, names: Sequence[str], which: NDArray[np.int64]) -> Iterator[Slice]:
    return (Slice(by, name, which == number) for number, name in enumerate(names))


def _ranges(bounds: Sequence[int]) -> list[str]:
    inner = [f"{low} to {high - 1}" for low, high in pairwise(bounds)]
    return [f"under {bounds[0]}", *inner, f"{bounds[-1]} and more"]
