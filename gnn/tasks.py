"""What is predicted for whom and as of when: tasks declared as data, and the examples a snapshot holds of them.

An example is one loan decision: its subject, the instant it is scored as of, and whether the loan went bad. The cohort is
bounded on both sides, so later activity never decides who is scored. This module knows no feature and no model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.snapshot import Snapshot
from graph.vocabulary import EdgeType, NodeLabel, RelType

_DAY_S = 86_400
_SECOND_US = 1_000_000


@dataclass(frozen=True)
class Task:
    """One question about loans, asked at the moment the lender decides.

    A loan is in the cohort when `decided_from_s` <= known_at of its decision < `decided_to_s` and its outcome is named
    in `bad` or `good`; it is scored as of the decision's known_at plus `after_seconds`. Where a source has bare dates,
    application and decision become known at the same midnight, and one second lets the application itself be seen.
    """

    name: str
    subject: NodeLabel
    applied_by: EdgeType
    decided_by: EdgeType
    after_seconds: int
    outcome: EdgeType
    outcome_property: str
    bad: frozenset[str]
    good: frozenset[str]
    decided_from_s: int
    decided_to_s: int
    currency: str
    earlier: "EarlierRule | None" = None


@dataclass(frozen=True)
class EarlierRule:
    """Which loans decided before the cohort teach beside it, as of their own instants.

    A loan is used once its window has closed before the cohort begins: `days_late_over` days and the day of the payment
    itself after the first instalment fell due. It counts as bad unless a payment within the window was known by then.
    Whether it was paid never decides whether it is used. In training it weighs `weight` of a loan of the cohort.
    """

    owed: EdgeType
    repaid: EdgeType
    days_late: str
    days_late_over: int
    weight: float


@dataclass(frozen=True)
class Examples:
    """Scored decisions, ordered by (as_of_s, id of the application fact), one a row in every array.

    `rows` and `loan_rows` are node rows of subject and loan in the snapshot; `label` is 1 where the loan went bad.
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

    Where a loan has several decisions the first one known counts, and of several outcomes the last one known.
    The outcome is read whatever its known_at: it is what is predicted, never an input.

    Args:
        snapshot: Facts to read.
        task: What to predict.

    Returns:
        Examples ordered by (as_of_s, id of the application fact), so that row numbers never decide the order.
    """
    names = pl.Series(snapshot.categories(task.outcome, task.outcome_property), dtype=pl.String)
    codes = snapshot.take(task.outcome, task.outcome_property, _all_refs(snapshot, task.outcome))
    verdict = names.gather(pl.Series(np.where(codes < 0, 0, codes)).cast(pl.UInt32)) if len(names) else names.clear()
    outcome = (
        _facts(snapshot, task.outcome)
        .with_columns(verdict.alias("verdict"), pl.Series("named", codes >= 0))
        .filter(pl.col("named") & pl.col("verdict").is_in(sorted(task.bad | task.good)))
        .sort("known_at_s", "id")
        .group_by("loan", maintain_order=True)
        .agg(pl.col("verdict").last().is_in(sorted(task.bad)).alias("label"))
    )
    cohort = _decisions(snapshot, task, from_s=task.decided_from_s, to_s=task.decided_to_s)
    return _examples(cohort.join(outcome, on="loan"), task)


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
    return _examples(_decisions(snapshot, task, to_s=task.decided_from_s).join(labelled, on="loan"), task)


def _decisions(snapshot: Snapshot, task: Task, *, from_s: int = 0, to_s: int) -> pl.DataFrame:
    """Applications with the first instant their decision was known, which lies in [from_s, to_s)."""
    applied = _facts(snapshot, task.applied_by).rename({"source_row": "row"}).drop("known_at_s")
    decided = _facts(snapshot, task.decided_by).group_by("loan").agg(pl.col("known_at_s").min())
    return applied.join(decided, on="loan").filter(pl.col("known_at_s").is_between(from_s, to_s, closed="left"))


def _examples(decisions: pl.DataFrame, task: Task) -> Examples:
    ordered = decisions.with_columns(pl.col("known_at_s") + task.after_seconds).sort("known_at_s", "id")
    return Examples(
        rows=ordered["row"].to_numpy().astype(np.int64),
        as_of_s=ordered["known_at_s"].to_numpy().astype(np.int64),
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


def _utc_second(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


_APPLIED = EdgeType(NodeLabel.PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)
_FUNDED = EdgeType(NodeLabel.LENDER, RelType.FUNDED, NodeLabel.LOAN)
_OWES = EdgeType(NodeLabel.PERSON, RelType.OWES, NodeLabel.LOAN)
_REPAID = EdgeType(NodeLabel.PERSON, RelType.REPAID, NodeLabel.LOAN)
_ASSESSED = EdgeType(NodeLabel.LENDER, RelType.ASSESSED, NodeLabel.LOAN)

TASKS: Mapping[str, Task] = MappingProxyType(
    {
        task.name: task
        for task in (
            Task(
                name="superlender",
                subject=NodeLabel.PERSON,
                applied_by=_APPLIED,
                decided_by=_FUNDED,
                after_seconds=0,
                outcome=_ASSESSED,
                outcome_property="standing",
                bad=frozenset({"defaulted"}),
                good=frozenset({"settled"}),
                decided_from_s=_utc_second(2017, 6, 30, 23),  # July in Lagos, one hour ahead of UTC
                decided_to_s=_utc_second(2017, 7, 31, 23),
                currency="NGN",
                # Threshold and weight were set on time-ordered splits inside the out-of-time training part.
                earlier=EarlierRule(owed=_OWES, repaid=_REPAID, days_late="days_late", days_late_over=1, weight=0.2),
            ),
            Task(
                name="berka",
                subject=NodeLabel.PERSON,
                applied_by=_APPLIED,
                decided_by=_FUNDED,
                after_seconds=1,
                outcome=_ASSESSED,
                outcome_property="standing",
                bad=frozenset({"defaulted", "arrears"}),
                good=frozenset({"settled", "performing"}),
                decided_from_s=_utc_second(1997, 1, 1),  # the transactions of earlier borrowers are not at hand
                decided_to_s=_utc_second(1999, 1, 1),
                currency="CZK",
            ),
        )
    }
)
"""Shipped tasks by the name of the source whose loans they are about."""
