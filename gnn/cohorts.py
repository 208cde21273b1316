"""Who is scored and when: a cohort rule applied to a snapshot. Reads no outcome and knows no feature and no model.

Every cohort is a frame with `id` (of the application fact, which orders ties), `row` of the subject, `loan` row and
`asked_s`, the instant of scoring. Of whatever was corrected the version that counted at the instant decides: who asked,
whether it was decided, whether a loan is open or late. What was corrected later changes no one scored before.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.tasks import Decided, FirstLate, OpenAtMonths
from graph.facts import MAXIMUM_SECOND
from graph.snapshot import Snapshot
from graph.vocabulary import EdgeType, NodeLabel

DAY_S = 86_400
SECOND_US = 1_000_000
EVER = MAXIMUM_SECOND + 1  # after every fact


def read_cohort(snapshot: Snapshot, cohort: Decided | OpenAtMonths | FirstLate) -> pl.DataFrame:
    """Everyone a rule scores, in no promised order."""
    if isinstance(cohort, Decided):
        decided = read_decisions(snapshot, cohort, from_s=cohort.from_s, to_s=cohort.to_s)
        return decided.select("id", "row", "loan", asked_s=pl.col("known_at_s") + cohort.after_seconds)
    return _open(snapshot, cohort) if isinstance(cohort, OpenAtMonths) else _late(snapshot, cohort)


def read_decisions(snapshot: Snapshot, cohort: Decided, *, from_s: int = 0, to_s: int) -> pl.DataFrame:
    """Applications with the first instant their decision was known, which lies in [from_s, to_s).

    Of an application the version counts that did at the instant of scoring, or the first where it was told no sooner than
    then; one that was withdrawn by then is none. A decision that was withdrawn afterwards had been made all the same.
    """
    asked_s = pl.col("known_at_s") + cohort.after_seconds
    decided = read_told(snapshot, cohort.decided_by).group_by("loan").agg(pl.col("known_at_s").min())
    decided = decided.filter(pl.col("known_at_s").is_between(from_s, to_s, closed="left"))
    counted = (pl.col("told_s") < asked_s) & (asked_s <= pl.col("until_s"))
    not_yet = (pl.col("told_s") >= asked_s) & (pl.col("told_s") == pl.col("first_s"))
    asked = _applications(snapshot, cohort.applied_by).join(decided, on="loan").filter(counted | not_yet)
    return asked.select("id", "loan", "row", "known_at_s")


def read_facts(snapshot: Snapshot, edge: EdgeType, columns: Sequence[str] = (), *, as_of_s: int = EVER) -> pl.DataFrame:
    """Facts of an edge type at a loan that no version known before a second corrects or withdraws.

    Whether they were known by then themselves is left to the caller.

    Returns:
        `id`, `source_row`, `loan`, `known_at_s` and the columns asked for.
    """
    return _read(snapshot, edge, standing_refs(snapshot, edge, as_of_s), columns)


def read_told(snapshot: Snapshot, edge: EdgeType, columns: Sequence[str] = ()) -> pl.DataFrame:
    """Facts of an edge type at a loan that counted at some time, as `read_facts` has them.

    `until_s` is the last second as of which they count, `EVER` where nothing ends them.
    """
    refs = np.arange(snapshot.num_facts(edge), dtype=np.int64)
    facts = _read(snapshot, edge, refs, columns).with_columns(pl.Series("until_s", snapshot.ends_s(edge, refs)))
    return facts.filter(pl.col("until_s") > pl.col("known_at_s"))


def standing_refs(snapshot: Snapshot, edge: EdgeType, as_of_s: int = EVER) -> NDArray[np.int64]:
    """Facts that no version known before a second corrects or withdraws, be they known before it or not."""
    refs = np.arange(snapshot.num_facts(edge), dtype=np.int64)
    return refs[snapshot.ends_s(edge, refs) >= as_of_s] if snapshot.corrects(edge) else refs


def _read(snapshot: Snapshot, edge: EdgeType, refs: NDArray[np.int64], columns: Sequence[str]) -> pl.DataFrame:
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
    """Applications in every version that ever counted: as of instants after `told_s` and up to `until_s`.

    Versions of one application have one `series`; `first_s` is when it was first told, `applied_s` when first of this loan.
    """
    refs = np.arange(snapshot.num_facts(edge), dtype=np.int64)
    told = _read(snapshot, edge, refs, ()).select("id", "loan", row="source_row", told_s="known_at_s")
    told = told.with_columns(
        pl.Series("series", _series(snapshot, edge, refs)), pl.Series("until_s", snapshot.ends_s(edge, refs))
    ).filter(pl.col("until_s") > pl.col("told_s"))
    return told.with_columns(
        first_s=pl.col("told_s").min().over("series"), applied_s=pl.col("told_s").min().over("series", "loan")
    )


def _series(snapshot: Snapshot, edge: EdgeType, refs: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[n] a number for each fact, the same for versions of one."""
    series, versions = refs.copy(), snapshot.versions(edge)
    if versions is not None:
        series[versions.ref] = len(refs) + np.unique(versions.series, return_inverse=True)[1]
    return series


def _at_instant(applied: pl.DataFrame, asked: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """The versions of applications that counted at `asked_s`."""
    found = applied.join(asked, on=on).filter(pl.col("told_s") < pl.col("asked_s"), pl.col("asked_s") <= pl.col("until_s"))
    return found.select("id", "row", "loan", "asked_s")


def _spans(snapshot: Snapshot, edges: Iterable[EdgeType], by: Sequence[str]) -> pl.DataFrame:
    """When facts of these edge types counted: as of instants after `known_at_s` and up to `until_s`.

    Of spans that end together, the longest holds all.
    """
    columns = [column for column in by if column != "loan"]
    told = pl.concat([read_told(snapshot, edge, columns).select(*by, "known_at_s", "until_s") for edge in edges])
    return told.group_by(*by, "until_s").agg(pl.col("known_at_s").min())


def _open(snapshot: Snapshot, cohort: OpenAtMonths) -> pl.DataFrame:
    months = months_between(cohort.from_s, cohort.to_s)
    applied = _applications(snapshot, cohort.applied_by)
    loans = applied["loan"].unique().sort().to_numpy()
    opened, ended = (_in_span(snapshot, edges, loans, months) for edges in (cohort.opened_by, cohort.ended_by))
    loan, month = np.nonzero(opened & ~ended)
    asked = pl.DataFrame({"loan": loans[loan], "asked_s": months[month]})
    return _at_instant(applied, asked, ["loan"])


def _in_span(
    snapshot: Snapshot, edges: Iterable[EdgeType], loans: NDArray[np.int64], months: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """bool[loans, months]: whether any fact of these edge types counted; `loans` ascend."""
    spans = _spans(snapshot, edges, ["loan"]).filter(pl.col("loan").is_in(loans.tolist()))
    place = loans.searchsorted(spans["loan"].to_numpy())
    # What became known at t itself was not known as of t, on either side.
    first, last = (months.searchsorted(spans[bound].to_numpy(), side="right") for bound in ("known_at_s", "until_s"))
    begun = np.zeros((len(loans), len(months) + 1), np.int32)
    np.add.at(begun, (place, first), 1)
    np.add.at(begun, (place, last), -1)
    return begun.cumsum(axis=1)[:, :-1] > 0


def _late(snapshot: Snapshot, cohort: FirstLate) -> pl.DataFrame:
    instalment = ["loan", "instalment"]
    applied = _applications(snapshot, cohort.applied_by)
    # Of an instalment owed by several facts the first counts, for as long as it stands.
    taken_s = pl.col("until_s").cum_max().shift(1).over(instalment)
    owed = read_told(snapshot, cohort.owed, ("at_us", "instalment")).sort("known_at_s", "id")
    missed, paid = (_spans(snapshot, [edge], instalment) for edge in (cohort.missed, cohort.repaid))
    told_s = pl.max_horizontal("known_at_s", "missed_s", "applied_s") + 1
    late_s = -(-pl.col("at_us") // SECOND_US) + cohort.days_late * DAY_S
    found = (
        owed.filter(taken_s.is_null() | (taken_s <= pl.col("known_at_s")))
        .join(missed.rename({"known_at_s": "missed_s", "until_s": "missed_until_s"}), on=instalment)
        .join(applied.select("series", "loan", "applied_s").unique(), on="loan")
        .select("series", *instalment, "until_s", "missed_until_s", asked_s=pl.max_horizontal(late_s, told_s))
        .filter(pl.col("asked_s") <= pl.min_horizontal("until_s", "missed_until_s"))
        .select("series", *instalment, "asked_s")
        .with_row_index("place")
    )
    ended = _spans(snapshot, cohort.ended_by, ["loan"])
    over = pl.concat([_counted(found, paid, instalment), _counted(found, ended, ["loan"])])
    first = found.join(over, on="place", how="anti").group_by("series", "loan").agg(pl.col("asked_s").min())
    first = first.filter(pl.col("asked_s").is_between(cohort.from_s, cohort.to_s, closed="left"))
    return _at_instant(applied, first, ["series", "loan"])


def _counted(asked: pl.DataFrame, spans: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Places of those asked about of whom a span held the instant."""
    held = (pl.col("known_at_s") < pl.col("asked_s")) & (pl.col("asked_s") <= pl.col("until_s"))
    return asked.join(spans, on=by).filter(held).select("place")
