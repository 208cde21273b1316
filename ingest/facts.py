"""Turns accepted rows into facts: hashes the raw ids, fixes the times, fills in what the source declares for all.

A relation of a node to itself is only ever a description; other facts that would join a node to itself (a borrower
named as their own referrer) are withheld and counted.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from graph.derived import fact_schema, properties
from graph.facts import FactBatch
from graph.identity import Pepper
from graph.vocabulary import DESCRIBING, RELATIONS, EdgeType
from ingest.source import Corrections, Dated, FactRule, SourceSpec
from ingest.values import MICROSECONDS, whole_seconds
from ingest.versions import is_deleted, make_versions, stating_rows


def build_facts(
    rule: FactRule, accepted: pl.DataFrame, source: SourceSpec, pepper: Pepper, corrections: Corrections | None = None
) -> tuple[pl.DataFrame, int]:
    """The facts that one rule makes of the accepted rows of its table.

    Args:
        rule: One of the table.
        accepted: Its rows.
        source: Whose table it is.
        pepper: Keys nodes and facts.
        corrections: The table's, where its rows are versions.

    Returns:
        Rows of `derived.fact_schema(rule.edge)`, with their `row`, in the order of `accepted`, and how many facts were
        withheld because both ends are the same node.
    """
    rows = stating_rows(rule, accepted, corrections)
    schema = fact_schema(rule.edge)
    keyed = {spec.name for spec in properties(rule.edge) if spec.keyed}
    values: dict[str, pl.Expr | pl.Series] = {
        **_times(rule, corrections),
        "source_id": pepper.node_keys(rule.edge.source, source.name, _column(rule.source).cast(pl.String)),
        "target_id": pepper.node_keys(rule.edge.target, source.name, _column(rule.target).cast(pl.String)),
        "id": pepper.fact_ids(rule.edge, source.name, *(pl.col(name).cast(pl.String) for name in rule.identity)),
        "attested_by": pl.lit((rule.attested_by or source.attested_by).value),
        "basis": pl.lit(source.basis.value),
        "origin": pl.lit(source.name),
        "withdrawn": pl.when(is_deleted(corrections)).then(True),
        **{
            name: _tokens(name, rows.select(_column(value)).to_series(), pepper) if name in keyed else _column(value)
            for name, value in rule.properties.items()
        },
    }
    absent = {name: pl.lit(None) for name in schema if name not in values}
    facts = rows.with_columns(**(values | absent))
    whole = facts.select("row", *(pl.col(name).cast(dtype) for name, dtype in schema.items()))
    if corrections is not None:
        whole = make_versions(rule.edge, whole, source.name, pepper)
    if rule.edge.rel in DESCRIBING:
        return whole, 0
    # an end that is missing is for the store to refuse
    kept = whole.filter((pl.col("source_id") != pl.col("target_id")).fill_null(value=True))
    return kept, whole.height - kept.height


def gather_batches(facts: Mapping[EdgeType, Sequence[pl.DataFrame]]) -> list[FactBatch]:
    """One batch for each edge type that has facts, in the order of the vocabulary; the frames are of `fact_schema`."""
    frames = {edge: pl.concat(parts) for edge, parts in facts.items()}
    return [FactBatch(r.edge, frames[r.edge]) for r in RELATIONS if r.edge in frames and frames[r.edge].height]


def _times(rule: FactRule, corrections: Corrections | None) -> dict[str, pl.Expr]:
    if isinstance(rule.when, Dated):
        at, known = pl.col(f"{rule.when.at}_us"), pl.col(f"{rule.when.known or rule.when.at}_known_s")
        if corrections is not None:  # a deletion may lack when what it deletes had happened
            at = pl.coalesce(at, pl.col(f"{rule.when.known or rule.when.at}_us"))
        return {"at_us": at, "known_at_s": known, "undated": pl.lit(False)}
    known_s = whole_seconds(rule.when.known_at)
    return {"at_us": pl.lit(known_s * MICROSECONDS), "known_at_s": pl.lit(known_s), "undated": pl.lit(True)}


def _tokens(name: str, texts: pl.Series, pepper: Pepper) -> pl.Series:
    """Keyed hashes of the texts of each row, sorted, with a blank between; null where there are none."""
    listed = texts if isinstance(texts.dtype, pl.List) else texts.cast(pl.String).reshape((-1, 1)).arr.to_list()
    hashed = listed.list.eval(pepper.tokens(name, pl.element().drop_nulls()).unique().sort())
    joined = hashed.list.join(" ")
    return joined.set(joined == "", None).alias(name)


def _column(value: str | pl.Expr) -> pl.Expr:
    return pl.col(value) if isinstance(value, str) else value
