"""The examples a snapshot holds of a task: each a subject, its instant, and whether it went bad.

Outcomes are what is predicted, never an input. Of a fact that was corrected the version known last says what became of
it, and the one that counted at the instant who was asked about. This module knows no feature and no model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.cohorts import DAY_S, EVER, SECOND_US, read_cohort, read_decisions, read_facts
from gnn.outcomes import read_outcomes
from gnn.tasks import Decided, Listed, Stated, Task
from graph.identity import NodeKey
from graph.snapshot import Snapshot
from graph.vocabulary import NodeLabel

NO_LOAN = -1
UNKNOWN = -1  # label of an example whose outcome nobody asked for


@dataclass(frozen=True)
class Examples:
    """Scored subjects, ordered by (as_of_s, id of the application fact), one a row in every array.

    `rows` and `loan_rows` are node rows of subject and loan in the snapshot, as they stand at `as_of_s`, `loan_rows`
    being `NO_LOAN` where a task asks about no loan; `label` is 1 where it went bad. `known_s` is the second at which the
    outcome is known: who learns as of T may use examples with `known_s` < T.
    """

    rows: NDArray[np.int64]
    as_of_s: NDArray[np.int64]
    loan_rows: NDArray[np.int64]
    label: NDArray[np.int8]
    known_s: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, index: NDArray[np.int64]) -> "Examples":
        """The examples at these positions, in the order given."""
        return Examples(*(getattr(self, column.name)[index] for column in fields(self)))

    def thinned(self, most: int) -> "Examples":
        """So many of them, evenly; all where they are no more."""
        return self if len(self) <= most else self.take(np.arange(most) * len(self) // most)


@dataclass(frozen=True)
class StatedLabels:
    """A list of nodes with their outcome, 1 for bad, as it stands beside the graph; a node may stand in it twice."""

    keys: Sequence[NodeKey]
    label: NDArray[np.int8]


def build_examples(snapshot: Snapshot, task: Task, stated: StatedLabels | None = None) -> Examples:
    """All examples of a task in a snapshot.

    Where a loan has several decisions the first one known counts.

    Args:
        snapshot: Facts to read.
        task: What to predict.
        stated: The list, for a task whose outcomes stand in one.

    Returns:
        Examples ordered by (as_of_s, id of the application fact), so that row numbers never decide the order; those of a
        list in its order.

    Raises:
        ValueError: a task needs a list and has none, or the list names a node that no fact touches.
    """
    if isinstance(task.cohort, Listed) or isinstance(task.outcome, Stated):
        return _listed(snapshot, task, stated)
    return _examples(snapshot, read_outcomes(snapshot, task.outcome, read_cohort(snapshot, task.cohort)), task.subject)


def build_scored(snapshot: Snapshot, task: Task) -> Examples:
    """Everyone a task's cohort scores, whether or not their outcome is known yet; every label is `UNKNOWN`, at no time known.

    Raises:
        ValueError: the cohort stands in a list beside the graph, which says nothing of anyone new.
    """
    if isinstance(task.cohort, Listed):
        raise ValueError(f"task {task.name} scores a list beside the graph, so a snapshot does not tell whom it scores")
    unknown = (pl.lit(UNKNOWN, pl.Int8).alias("label"), pl.lit(EVER, pl.Int64).alias("outcome_s"))
    return _examples(snapshot, read_cohort(snapshot, task.cohort).with_columns(*unknown), task.subject)


def build_earlier_examples(snapshot: Snapshot, task: Task) -> Examples:
    """Loans decided before the cohort whose window closed before it, by the task's `EarlierRule`.

    Returns:
        Examples ordered as in `build_examples`; none for a task without a rule.
    """
    rule, cohort = task.earlier, task.cohort
    if rule is None or not isinstance(cohort, Decided):
        none = np.empty(0, np.int64)
        return Examples(none, none, none, np.empty(0, np.int8), none)
    known = pl.col("known_at_s") < cohort.from_s
    window_us = (rule.days_late_over + 1) * DAY_S * SECOND_US
    due = read_facts(snapshot, rule.owed, ("at_us",), as_of_s=cohort.from_s).filter(known).group_by("loan")
    closed = due.agg(closed_us=pl.col("at_us").min() + window_us).filter(pl.col("closed_us") < cohort.from_s * SECOND_US)
    payments = read_facts(snapshot, rule.repaid, (rule.days_late,), as_of_s=cohort.from_s)
    in_time = payments.filter(known & (pl.col(rule.days_late) <= rule.days_late_over))["loan"]
    labelled = closed.with_columns(
        (~pl.col("loan").is_in(in_time.implode())).alias("label"), outcome_s=-(-pl.col("closed_us") // SECOND_US)
    )
    decided = read_decisions(snapshot, cohort, to_s=cohort.from_s).join(labelled, on="loan")
    return _examples(snapshot, decided.with_columns(asked_s=pl.col("known_at_s") + cohort.after_seconds), task.subject)


def _listed(snapshot: Snapshot, task: Task, stated: StatedLabels | None) -> Examples:
    if stated is None or not isinstance(task.cohort, Listed) or not isinstance(task.outcome, Stated):
        raise ValueError(f"the outcomes of task {task.name} stand in a list beside the graph, which was not given")
    found = [snapshot.row_of(task.subject, key) for key in stated.keys]
    rows = np.array([-1 if row is None else row for row in found], np.int64)
    if (rows < 0).any():
        raise ValueError(f"{int((rows < 0).sum())} of {len(rows)} nodes listed for task {task.name} are in no fact")
    when = np.full(len(rows), task.cohort.as_of_s, np.int64)
    # An undated outcome is known from the one instant of scoring on, and proves nothing of an earlier one.
    return Examples(
        rows=snapshot.standing(task.subject, rows, when),
        as_of_s=when,
        loan_rows=np.full(len(rows), NO_LOAN, np.int64),
        label=stated.label,
        known_s=when,
    )


def _examples(snapshot: Snapshot, labelled: pl.DataFrame, subject: NodeLabel) -> Examples:
    ordered = labelled.sort("asked_s", "id")
    as_of_s, rows, loans, known_s = (
        ordered[name].to_numpy().astype(np.int64) for name in ("asked_s", "row", "loan", "outcome_s")
    )
    return Examples(
        rows=snapshot.standing(subject, rows, as_of_s),
        as_of_s=as_of_s,
        loan_rows=loans,
        label=ordered["label"].to_numpy().astype(np.int8),
        known_s=known_s,
    )
