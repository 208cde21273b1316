"""Who is scored and when: a cohort rule applied to a snapshot. Reads no outcome and knows no feature and no model.

Every cohort is a frame with `id` (of the application fact, which orders ties), `row` of the subject, `loan` row and
`asked_s`, the instant of scoring.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.tasks import Decided, FirstLate, OpenAtMonths
from graph.snapshot import Snapshot
from graph.vocabulary import EdgeType, NodeLabel

DAY_S = 86_400
SECOND_US = 1_000_000
_NEVER_S = np.iinfo(np.int64).max


def read_cohort(snapshot: Snapshot, cohort: Decided | OpenAtMonths | FirstLate) -> pl.DataFrame:
    """Everyone a rule scores, in no promised order."""
    if isinstance(cohort, Decided):
        decided = read_decisions(snapshot, cohort, from_s=cohort.from_s, to_s=cohort.to_s)
        return decided.select("id", "row", "loan", asked_s=pl.col("known_at_s") + cohort.after_seconds)
    return _open(snapshot, cohort) if isinstance(cohort, OpenAtMonths) else _late(snapshot, cohort)


def read_decisions(snapshot: Snapshot, cohort: Decided, *, from_s: int = 0, to_s: int) -> pl.DataFrame:
    """Applications with the first instant their decision was known, which lies in [from_s, to_s)."""
    applied = _applications(snapshot, cohort.applied_by).drop("applied_s")
    decided = read_facts(snapshot, cohort.decided_by).group_by("loan").agg(pl.col("known_at_s").min())
    return applied.join(decided, on="loan").filter(pl.col("known_at_s").is_between(from_s, to_s, closed="left"))


def read_facts(snapshot: Snapshot, edge: EdgeType, columns: Sequence[str] = ()) -> pl.DataFrame:
    """All facts of an edge type at a loan: `id`, `source_row`, `loan`, `known_at_s` and the columns asked for."""
    refs = np.arange(snapshot.num_facts(edge), dtype=np.int64)
    loan = "target_row" if edge.target is NodeLabel.LOAN else "source_row"
    return pl.DataFrame(
        {
            "id": pl.Series(snapshot.fact_ids(edge, refs), dtype=pl.String),
            "source_row": snapshot.take(edge, "source_row", refs),
            "loan": snapshot.take(edge, loan, refs),
            "known_at_s": snapshot.take(edge, "known_at_s", refs),
            **{column: snapshot.take(edge, column, refs) for column in columns},
        }
    ).with_columns(pl.col("source_row", "loan", "known_at_s").cast(pl.Int64))


def months_between(from_s: int, to_s: int) -> NDArray[np.int64]:
    """First seconds of UTC months in [from_s, to_s), ascending."""
    begin = np.datetime64(datetime.fromtimestamp(from_s, UTC).strftime("%Y-%m"), "M")
    end = np.datetime64(datetime.fromtimestamp(to_s, UTC).strftime("%Y-%m"), "M") + 1
    seconds = np.arange(begin, end).astype("datetime64[s]").astype(np.int64)
    return seconds[(seconds >= from_s) & (seconds < to_s)]


def _applications(snapshot: Snapshot, edge: EdgeType) -> pl.DataFrame:
    return read_facts(snapshot, edge).select("id", "loan", row="source_row", applied_s="known_at_s")


def _first_known(snapshot: Snapshot, edges: Iterable[EdgeType], name: str) -> pl.DataFrame:
    """Each loan with the second its first fact of these edge types was known."""
    facts = pl.concat([read_facts(snapshot, edge).select("loan", "known_at_s") for edge in edges])
    return facts.group_by("loan").agg(pl.col("known_at_s").min().alias(name))


def _open(snapshot: Snapshot, cohort: OpenAtMonths) -> pl.DataFrame:
    loans = (
        _applications(snapshot, cohort.applied_by)
        .join(_first_known(snapshot, cohort.opened_by, "opened_s"), on="loan")
        .join(_first_known(snapshot, cohort.ended_by, "ended_s"), on="loan", how="left")
    )
    months = months_between(cohort.from_s, cohort.to_s)
    since_s = loans.select(pl.max_horizontal("applied_s", "opened_s")).to_series().to_numpy()
    until_s = loans["ended_s"].fill_null(_NEVER_S).to_numpy()
    # What became known at t itself was not known as of t, on either side.
    first, last = (months.searchsorted(bound, side="right") for bound in (since_s, until_s))
    number = np.maximum(last - first, 0)
    loan = np.repeat(np.arange(len(loans)), number)
    month = np.repeat(first - (np.cumsum(number) - number), number) + np.arange(len(loan))
    return loans[loan].select("id", "row", "loan").with_columns(pl.Series("asked_s", months[month]))


def _late(snapshot: Snapshot, cohort: FirstLate) -> pl.DataFrame:
    instalment = ["loan", "instalment"]
    owed, missed, paid = (
        read_facts(snapshot, edge, ("at_us", "instalment")) for edge in (cohort.owed, cohort.missed, cohort.repaid)
    )
    told_s = pl.max_horizontal("known_at_s", "missed_s", "applied_s") + 1
    late_s = -(-pl.col("at_us") // SECOND_US) + cohort.days_late * DAY_S
    found = (
        owed.sort("known_at_s", "id")
        .unique(instalment, keep="first", maintain_order=True)
        .join(missed.group_by(instalment).agg(missed_s=pl.col("known_at_s").min()), on=instalment)
        .join(paid.group_by(instalment).agg(paid_s=pl.col("known_at_s").min()), on=instalment, how="left")
        .join(_first_known(snapshot, cohort.ended_by, "ended_s"), on="loan", how="left")
        .join(_applications(snapshot, cohort.applied_by).rename({"id": "application"}), on="loan")
        .with_columns(asked_s=pl.max_horizontal(late_s, told_s))
        .filter(*(pl.col(name).is_null() | (pl.col(name) >= pl.col("asked_s")) for name in ("paid_s", "ended_s")))
        .group_by("application", "row", "loan")
        .agg(pl.col("asked_s").min())
        .rename({"application": "id"})
    )
    return found.filter(pl.col("asked_s").is_between(cohort.from_s, cohort.to_s, closed="left"))
