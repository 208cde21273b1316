"""The examples a snapshot holds of a task: loan decisions, each with its subject, its instant and whether it went bad.

Outcomes are read whatever their known_at: they are what is predicted, never an input. This module knows no feature and no
model.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.tasks import Task, Verdict, Within
from graph.snapshot import Snapshot
from graph.vocabulary import EdgeType

UNKNOWN = -1  # label of a loan whose outcome nobody asked for
_DAY_S = 86_400
_SECOND_US = 1_000_000


@dataclass(frozen=True)
class Examples:
    """Scored decisions, ordered by (as_of_s, id of the application fact), one a row in every array.

    `rows` and `loan_rows` are node rows of subject and loan in the snapshot, as they stand at `as_of_s`; `label` is 1 where
    the loan went bad.
    """

    rows: NDArray[np.int64]
    as_of_s: NDArray[np.int64]
    loan_rows: NDArray[np.int64]
    label: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, index: NDArray[np.int64]) -> "Examples":
        """The examples at these positions, in the order given."""
        return Examples(self.rows[index], self.as_of_s[index], self.loan_rows[index], self.label[index])


def build_examples(snapshot: Snapshot, task: Task) -> Examples:
    """All examples of a task in a snapshot.

    Where a loan has several decisions the first one known counts.

    Args:
        snapshot: Facts to read.
        task: What to predict.

    Returns:
        Examples ordered by (as_of_s, id of the application fact), so that row numbers never decide the order.
    """
    cohort = _decisions(snapshot, task, from_s=task.decided_from_s, to_s=task.decided_to_s)
    if isinstance(task.outcome, Verdict):
        labelled = cohort.join(_verdicts(snapshot, task.outcome), on="loan")
    else:
        labelled = _watched(snapshot, task.outcome, cohort, task.after_seconds)
    return _examples(snapshot, labelled, task)


def build_decided(snapshot: Snapshot, task: Task) -> Examples:
    """All decisions of a task's cohort, whether or not their outcome is known yet; every label is `UNKNOWN`."""
    cohort = _decisions(snapshot, task, from_s=task.decided_from_s, to_s=task.decided_to_s)
    return _examples(snapshot, cohort.with_columns(pl.lit(UNKNOWN, pl.Int8).alias("label")), task)


def last_known_s(snapshot: Snapshot) -> int:
    """The latest known_at_s of any published fact; 0 where there is none."""
    return max((int(table.columns["known_at_s"].max()) for e in snapshot.edges() for table in snapshot.facts(e)), default=0)


def _verdicts(snapshot: Snapshot, outcome: Verdict) -> pl.DataFrame:
    """Loans with a named verdict, of several the last one known."""
    names = pl.Series(snapshot.categories(outcome.edge, outcome.property), dtype=pl.String)
    codes = snapshot.take(outcome.edge, outcome.property, _all_refs(snapshot, outcome.edge))
    verdict = names.gather(pl.Series(np.where(codes < 0, 0, codes)).cast(pl.UInt32)) if len(names) else names.clear()
    return (
        _facts(snapshot, outcome.edge)
        .with_columns(verdict.alias("verdict"), pl.Series("named", codes >= 0))
        .filter(pl.col("named") & pl.col("verdict").is_in(sorted(outcome.bad | outcome.good)))
        .sort("known_at_s", "id")
        .group_by("loan", maintain_order=True)
        .agg(pl.col("verdict").last().is_in(sorted(outcome.bad)).alias("label"))
    )


def _watched(snapshot: Snapshot, outcome: Within, decisions: pl.DataFrame, after_seconds: int) -> pl.DataFrame:
    """Decisions whose window the snapshot has seen to its end, bad where the event fell into it."""
    event_us = snapshot.take(outcome.edge, "at_us", _all_refs(snapshot, outcome.edge))
    first = _facts(snapshot, outcome.edge).with_columns(pl.Series("event_us", event_us)).group_by("loan")
    horizon_s = outcome.horizon_days * _DAY_S
    asked_s = pl.col("known_at_s") + after_seconds
    return (
        decisions.filter(asked_s + horizon_s <= last_known_s(snapshot))
        .join(first.agg(pl.col("event_us").min()), on="loan", how="left")
        .filter(pl.col("event_us").is_null() | (pl.col("event_us") > asked_s * _SECOND_US))
        .with_columns((pl.col("event_us") <= (asked_s + horizon_s) * _SECOND_US).fill_null(value=False).alias("label"))
    )


def build_earlier_examples(snapshot: Snapshot, task: Task) -> Examples:
    """Loans decided before the cohort whose window closed before it, by the task's `EarlierRule`.

    Returns:
        Examples ordered as in `build_examples`; none for a task without a rule.
    """
    rule, known = task.earlier, pl.col("known_at_s") < task.decided_from_s
    if rule is None:
        none = np.empty(0, np.int64)
        return Examples(none, none, none, np.empty(0, np.int8))
    due_us = snapshot.take(rule.owed, "at_us", _all_refs(snapshot, rule.owed))
    closed_us = (task.decided_from_s - (rule.days_late_over + 1) * _DAY_S) * _SECOND_US
    due = _facts(snapshot, rule.owed).with_columns(pl.Series("due_us", due_us)).filter(known).group_by("loan")
    closed = due.agg(pl.col("due_us").min()).filter(pl.col("due_us") < closed_us).drop("due_us")
    late = snapshot.take(rule.repaid, rule.days_late, _all_refs(snapshot, rule.repaid))
    in_time = _facts(snapshot, rule.repaid).filter(known & pl.Series(late <= rule.days_late_over))["loan"]
    labelled = closed.with_columns((~pl.col("loan").is_in(in_time.implode())).alias("label"))
    return _examples(snapshot, _decisions(snapshot, task, to_s=task.decided_from_s).join(labelled, on="loan"), task)


def _decisions(snapshot: Snapshot, task: Task, *, from_s: int = 0, to_s: int) -> pl.DataFrame:
    """Applications with the first instant their decision was known, which lies in [from_s, to_s)."""
    applied = _facts(snapshot, task.applied_by).rename({"source_row": "row"}).drop("known_at_s")
    decided = _facts(snapshot, task.decided_by).group_by("loan").agg(pl.col("known_at_s").min())
    return applied.join(decided, on="loan").filter(pl.col("known_at_s").is_between(from_s, to_s, closed="left"))


def _examples(snapshot: Snapshot, decisions: pl.DataFrame, task: Task) -> Examples:
    ordered = decisions.with_columns(pl.col("known_at_s") + task.after_seconds).sort("known_at_s", "id")
    as_of_s = ordered["known_at_s"].to_numpy().astype(np.int64)
    return Examples(
        rows=snapshot.standing(task.subject, ordered["row"].to_numpy().astype(np.int64), as_of_s),
        as_of_s=as_of_s,
        loan_rows=ordered["loan"].to_numpy().astype(np.int64),
        label=ordered["label"].to_numpy().astype(np.int8),
    )


def _all_refs(snapshot: Snapshot, edge: EdgeType) -> NDArray[np.int64]:
    return np.arange(snapshot.num_facts(edge), dtype=np.int64)


def _facts(snapshot: Snapshot, edge: EdgeType) -> pl.DataFrame:
    refs = _all_refs(snapshot, edge)
    return pl.DataFrame(
        {
            "id": pl.Series(snapshot.fact_ids(edge, refs), dtype=pl.String),
            "source_row": snapshot.take(edge, "source_row", refs),
            "loan": snapshot.take(edge, "target_row", refs),
            "known_at_s": snapshot.take(edge, "known_at_s", refs),
        }
    )
