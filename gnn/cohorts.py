"""Who is scored and when: a cohort rule applied to a snapshot. Reads no outcome and knows no feature and no model.

Every cohort is a frame with `id` (of the application fact, which orders ties), `row` of the subject, `loan` row and
`asked_s`, the instant of scoring. Of an application that was corrected the version known last says who asked, from when the
first was known on; whether a loan is open or late is asked of the versions that counted at the instant.
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

    A decision that was withdrawn is none.
    """
    applied = _applications(snapshot, cohort.applied_by).drop("applied_s")
    standing = read_facts(snapshot, cohort.decided_by)
    told = read_told(snapshot, cohort.decided_by).join(standing, on="loan", how="semi")
    decided = told.group_by("loan").agg(pl.col("known_at_s").min())
    return applied.join(decided, on="loan").filter(pl.col("known_at_s").is_between(from_s, to_s, closed="left"))


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
    refs = standing_refs(snapshot, edge)
    first_s = pl.Series("applied_s", _first_told_s(snapshot, edge, refs))
    return _read(snapshot, edge, refs, ()).select("id", "loan", row="source_row").with_columns(first_s)


def _first_told_s(snapshot: Snapshot, edge: EdgeType, refs: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[n] when facts were known; of a version, when the first of its fact that ever counted was."""
    known_s = snapshot.take(edge, "known_at_s", refs).astype(np.int64)
    versions = snapshot.versions(edge)
    if versions is None:
        return known_s
    members = versions.ref.astype(np.int64)
    told_s = snapshot.take(edge, "known_at_s", members).astype(np.int64)
    counted = snapshot.ends_s(edge, members) > told_s
    names, number = np.unique(versions.series, return_inverse=True)
    first_s = np.full(len(names), EVER, np.int64)
    np.minimum.at(first_s, number[counted], told_s[counted])
    place = np.minimum(np.searchsorted(members, refs), len(members) - 1)
    return np.where(members[place] == refs, first_s[number[place]], known_s)


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
    return applied.join(asked, on="loan").filter(pl.col("applied_s") < pl.col("asked_s")).drop("applied_s")


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
    # Of an instalment owed by several facts the first counts, for as long as it stands.
    taken_s = pl.col("until_s").cum_max().shift(1).over(instalment)
    owed = read_told(snapshot, cohort.owed, ("at_us", "instalment")).sort("known_at_s", "id")
    missed, paid = (_spans(snapshot, [edge], instalment) for edge in (cohort.missed, cohort.repaid))
    told_s = pl.max_horizontal("known_at_s", "missed_s", "applied_s") + 1
    late_s = -(-pl.col("at_us") // SECOND_US) + cohort.days_late * DAY_S
    found = (
        owed.filter(taken_s.is_null() | (taken_s <= pl.col("known_at_s")))
        .join(missed.rename({"known_at_s": "missed_s", "until_s": "missed_until_s"}), on=instalment)
        .join(_applications(snapshot, cohort.applied_by).rename({"id": "application"}), on="loan")
        .select("application", "row", *instalment, "until_s", "missed_until_s", asked_s=pl.max_horizontal(late_s, told_s))
        .filter(pl.col("asked_s") <= pl.min_horizontal("until_s", "missed_until_s"))
        .select("application", "row", *instalment, "asked_s")
        .with_row_index("place")
    )
    ended = _spans(snapshot, cohort.ended_by, ["loan"])
    over = pl.concat([_counted(found, paid, instalment), _counted(found, ended, ["loan"])])
    first = found.join(over, on="place", how="anti").group_by("application", "row", "loan").agg(pl.col("asked_s").min())
    return first.rename({"application": "id"}).filter(pl.col("asked_s").is_between(cohort.from_s, cohort.to_s, closed="left"))


def _counted(asked: pl.DataFrame, spans: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Places of those asked about of whom a span held the instant."""
    held = (pl.col("known_at_s") < pl.col("asked_s")) & (pl.col("asked_s") <= pl.col("until_s"))
    return asked.join(spans, on=by).filter(held).select("place")
