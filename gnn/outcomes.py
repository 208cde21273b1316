"""What became of those who were scored: an outcome rule applied to a cohort.

Outcomes are read whatever their known_at, and of a corrected fact in the version known last: they are what is predicted, never
an input. Knows no feature and no model.
"""

import numpy as np
import polars as pl

from gnn.cohorts import DAY_S, EVER, SECOND_US, read_facts, read_told, standing_refs
from gnn.tasks import Cured, Verdict, Within
from graph.snapshot import Snapshot
from graph.vocabulary import SPECS, EdgeType


def read_outcomes(snapshot: Snapshot, outcome: Verdict | Within | Cured, cohort: pl.DataFrame) -> pl.DataFrame:
    """The loans of a cohort whose outcome is known, with `label` and `outcome_s`, the second it is known.

    An outcome within a window counts as known when the window has closed and its reporting lag is over, or later where the
    event itself was told later: were bad loans known sooner than good ones, the last ones to learn from would all be bad.
    Where a fact that decides it was corrected or withdrawn, it is known from the last such correction on, whatever that
    changed.
    """
    labelled = _label(snapshot, outcome, cohort)
    corrected = last_corrected(snapshot, _deciding(outcome))
    told_s = pl.max_horizontal("outcome_s", "corrected_s")
    return labelled.join(corrected, on="loan", how="left").with_columns(outcome_s=told_s).drop("corrected_s")


def _deciding(outcome: Verdict | Within | Cured) -> tuple[EdgeType, ...]:
    return (outcome.missed, outcome.repaid, outcome.closed) if isinstance(outcome, Cured) else (outcome.edge,)


def last_corrected(snapshot: Snapshot, edges: tuple[EdgeType, ...]) -> pl.DataFrame:
    """Each loan of which facts of these edge types were corrected, with the second of the last correction."""
    told = pl.concat([read_told(snapshot, edge).select("loan", "until_s") for edge in edges])
    return told.filter(pl.col("until_s") < EVER).group_by("loan").agg(corrected_s=pl.col("until_s").max())


def _label(snapshot: Snapshot, outcome: Verdict | Within | Cured, cohort: pl.DataFrame) -> pl.DataFrame:
    if isinstance(outcome, Verdict):
        return cohort.join(_verdicts(snapshot, outcome), on="loan")
    end_s = pl.col("asked_s") + outcome.horizon_days * DAY_S
    shut_s = end_s + outcome.reporting_lag_days * DAY_S
    watched = cohort.with_columns(end_s=end_s, shut_s=shut_s).filter(pl.col("shut_s") <= last_reported_s(snapshot, outcome))
    if isinstance(outcome, Within):
        return _met(snapshot, outcome, watched)
    return _cured(snapshot, outcome, watched)


def last_reported_s(snapshot: Snapshot, outcome: Within | Cured) -> int:
    """The latest known_at_s of a published fact of the family that decides an outcome; 0 where there is none.

    Until then lenders reported. Facts of other families, which others deliver, say nothing of loans that did not fail:
    a register that is a year ahead would make every loan of that year a good one.
    """
    families = {SPECS[edge].family for edge in _deciding(outcome)}
    told = (edge for edge in snapshot.edges() if SPECS[edge].family in families)
    return max((int(table.columns["known_at_s"].max()) for edge in told for table in snapshot.facts(edge)), default=0)


def _verdicts(snapshot: Snapshot, outcome: Verdict) -> pl.DataFrame:
    """Loans with a named verdict, of several the last one known."""
    names = pl.Series(snapshot.categories(outcome.edge, outcome.property), dtype=pl.String)
    refs = standing_refs(snapshot, outcome.edge)
    codes = snapshot.take(outcome.edge, outcome.property, refs)
    verdict = names.gather(pl.Series(np.where(codes < 0, 0, codes)).cast(pl.UInt32)) if len(names) else names.clear()
    return (
        read_facts(snapshot, outcome.edge)
        .with_columns(verdict.alias("verdict"), pl.Series("named", codes >= 0))
        .filter(pl.col("named") & pl.col("verdict").is_in(sorted(outcome.bad | outcome.good)))
        .sort("known_at_s", "id")
        .group_by("loan", maintain_order=True)
        .agg(pl.col("verdict").last().is_in(sorted(outcome.bad)).alias("label"), outcome_s=pl.col("known_at_s").last())
    )


def _met(snapshot: Snapshot, outcome: Within, watched: pl.DataFrame) -> pl.DataFrame:
    """Bad where the event fell into the window."""
    first = (
        read_facts(snapshot, outcome.edge, ("at_us",))
        .sort("at_us", "known_at_s", "id")
        .group_by("loan", maintain_order=True)
        .agg(event_us=pl.col("at_us").first(), event_s=pl.col("known_at_s").first())
    )
    return (
        watched.join(first, on="loan", how="left")
        .filter(pl.col("event_us").is_null() | (pl.col("event_us") > pl.col("asked_s") * SECOND_US))
        .with_columns((pl.col("event_us") <= pl.col("end_s") * SECOND_US).fill_null(value=False).alias("label"))
        .with_columns(outcome_s=_when_told("label"))
    )


def _cured(snapshot: Snapshot, outcome: Cured, watched: pl.DataFrame) -> pl.DataFrame:
    """Good where a moment without an unpaid instalment came before the window's end."""
    instalment = ["loan", "instalment"]
    paid = read_facts(snapshot, outcome.repaid, ("at_us", "instalment")).sort("at_us", "known_at_s", "id")
    arrears = (
        read_facts(snapshot, outcome.missed, ("at_us", "instalment"))
        .group_by(instalment)
        .agg(begin_us=pl.col("at_us").min())
        .join(
            paid.unique(instalment, keep="first", maintain_order=True).select(
                *instalment, end_us="at_us", event_s="known_at_s"
            ),
            on=instalment,
            how="left",
        )
        .with_columns(pl.col("end_us", "event_s").fill_null(np.iinfo(np.int64).max))
    )
    closed = read_facts(snapshot, outcome.closed, ("at_us",)).select("loan", end_us="at_us", event_s="known_at_s")
    ends = pl.concat([_gaps(arrears), closed]).sort("end_us", "event_s")
    late = watched.with_columns(seen_us=pl.col("asked_s") * SECOND_US).select("id", "loan", "asked_s", "end_s", "seen_us")
    # A stretch of arrears that ended before the one at hand began is no cure of it.
    begun = arrears.join(late, on="loan").filter(pl.col("begin_us") <= pl.col("seen_us"))
    latest = begun.group_by("id", "asked_s").agg(pl.col("begin_us").max())
    first = (
        late.join(latest, on=["id", "asked_s"])
        .join(ends, on="loan")
        .filter(pl.col("end_us") >= pl.col("begin_us"), pl.col("end_us") <= pl.col("end_s") * SECOND_US)
        .sort("end_us", "event_s")
        .group_by("id", "asked_s", maintain_order=True)
        .agg(pl.col("event_s").first())
    )
    # Who stands in no arrears after all, what was missed having been withdrawn, has such a moment already.
    return (
        watched.join(latest, on=["id", "asked_s"], how="left")
        .join(first, on=["id", "asked_s"], how="left")
        .with_columns(pl.col("event_s").is_not_null().alias("met"))
        .with_columns((~pl.col("met") & pl.col("begin_us").is_not_null()).alias("label"))
        .with_columns(outcome_s=_when_told("met"))
    )


def _gaps(arrears: pl.DataFrame) -> pl.DataFrame:
    """When each unbroken stretch of arrears of a loan ended, and when that was known."""
    ordered = arrears.sort("loan", "begin_us", "end_us").with_columns(until_us=pl.col("end_us").cum_max().over("loan"))
    following = pl.col("begin_us").shift(-1).over("loan")
    told = pl.col("event_s").cum_max().over("loan")
    return (
        ordered.with_columns(event_s=told)
        .filter(following.is_null() | (following > pl.col("until_us")))
        .filter(pl.col("until_us") < np.iinfo(np.int64).max)
        .select("loan", end_us="until_us", event_s="event_s")
    )


def _when_told(met: str) -> pl.Expr:
    return pl.when(pl.col(met)).then(pl.max_horizontal("shut_s", "event_s")).otherwise("shut_s").alias("outcome_s")
