"""Makes each fact of a table that declares corrections a version: an id of its own, and the one it shares with the others.

A version's id follows from what it says and when it was known, so no order of reading can change which versions there are.
Which of them counts as of a time is for the reader of the graph to find.
"""

import polars as pl

from graph.facts import FactBatch, content_text
from graph.identity import Pepper
from graph.vocabulary import EdgeType
from ingest.source import Corrections, FactRule


def is_deleted(corrections: Corrections | None) -> pl.Expr:
    """Whether an accepted row states that its facts are over; never null."""
    return pl.lit(value=False) if corrections is None or corrections.deleted is None else corrections.deleted


def stating_rows(rule: FactRule, accepted: pl.DataFrame, corrections: Corrections | None) -> pl.DataFrame:
    """The rows that state a fact of this rule, or that one is over: of those no more is asked than which."""
    rows = accepted if rule.where is None else accepted.filter(rule.where)
    if not rule.needs:
        return rows
    return rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in rule.needs) | is_deleted(corrections))


def make_versions(edge: EdgeType, facts: pl.DataFrame, source: str, pepper: Pepper) -> pl.DataFrame:
    """The same facts as versions of their series, but for those of which a deletion does not tell which they are.

    Args:
        edge: Their edge type.
        facts: Of `derived.fact_schema(edge)`, and whatever columns besides; `id` is that of the fact whatever it says.
        source: Name of the source.
        pepper: Keys the ids.
    """
    told = facts.drop_nulls(["id", "source_id", "target_id", "known_at_s"]).with_columns(pl.col("id").alias("series"))
    parts = [pl.col("series"), *(pl.col(time).cast(pl.String) for time in ("known_at_s", "at_us")), pl.col("said")]
    said = content_text(FactBatch(edge, told)).alias("said")
    return told.with_columns(said).with_columns(pepper.fact_ids(edge, source, *parts).alias("id")).drop("said")
