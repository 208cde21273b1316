"""Turns accepted rows into facts: hashes the raw ids, fixes the times, fills in what the source declares for all.

A relation of a node to itself is only ever a description; other facts that would join a node to itself (a borrower
named as their own referrer) are withheld and counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from graph.derived import fact_schema, properties
from graph.facts import FactBatch
from graph.framing import frame_rows, hex_texts
from graph.identity import KEY_BYTES, Pepper
from graph.vocabulary import DESCRIBING, RELATIONS, EdgeType, NodeLabel
from ingest.source import Corrections, Dated, FactRule, SourceSpec
from ingest.values import MICROSECONDS, whole_seconds
from ingest.versions import is_deleted, make_versions, stating_rows

SAMPLE = 1_000  # rows that tell whether a column repeats itself
MOSTLY_ONCE = 0.7  # of them that are distinct: finding repeats then costs more than hashing them


@dataclass(frozen=True)
class KeyBook:
    """Makes the node keys of one source's raw ids."""

    source: str
    pepper: Pepper

    def keys(self, label: NodeLabel, raw_ids: pl.Series) -> pl.Series:
        """The node key of each raw id, in the same order; each distinct one is hashed once, where that saves work."""
        sample = raw_ids.head(SAMPLE)
        if sample.n_unique() > MOSTLY_ONCE * len(sample):
            return self._hashed(label, raw_ids).alias(raw_ids.name)
        distinct = raw_ids.unique().alias("raw_id")
        known = pl.DataFrame([distinct, self._hashed(label, distinct).alias("key")])
        found = raw_ids.alias("raw_id").to_frame().join(known, on="raw_id", how="left", maintain_order="left")
        return found["key"].alias(raw_ids.name)

    def _hashed(self, label: NodeLabel, raw_ids: pl.Series) -> pl.Series:
        framed = frame_rows(raw_ids.to_frame())
        return hex_texts(self.pepper.node_key_digests(label, self.source, framed), KEY_BYTES)


def build_facts(
    rule: FactRule, accepted: pl.DataFrame, source: SourceSpec, book: KeyBook, corrections: Corrections | None = None
) -> tuple[pl.DataFrame, int]:
    """The facts that one rule makes of the accepted rows of its table.

    Args:
        rule: One of the table.
        accepted: Its rows.
        source: Whose table it is.
        book: Keys nodes and facts.
        corrections: The table's, where its rows are versions.

    Returns:
        Rows of `derived.fact_schema(rule.edge)`, with their `row`, in the order of `accepted`, and how many facts were
        withheld because both ends are the same node.
    """
    rows = stating_rows(rule, accepted, corrections)
    schema = fact_schema(rule.edge)
    keyed = {spec.name for spec in properties(rule.edge) if spec.keyed}
    values = _times(rule, corrections) | {
        "source_id": _column(rule.source),
        "target_id": _column(rule.target),
        "attested_by": pl.lit((rule.attested_by or source.attested_by).value),
        "basis": pl.lit(source.basis.value),
        "origin": pl.lit(source.name),
        "withdrawn": pl.when(is_deleted(corrections)).then(True),
        **{name: _column(value) for name, value in rule.properties.items() if name not in keyed},
    }
    absent = {name: pl.lit(None) for name in schema if name not in values and name != "id"}
    facts = rows.with_columns(**(values | absent))
    facts = facts.with_columns(
        book.keys(rule.edge.source, facts["source_id"].cast(pl.String)).alias("source_id"),
        book.keys(rule.edge.target, facts["target_id"].cast(pl.String)).alias("target_id"),
        _fact_ids(rule, rows, source.name, book.pepper),
        *(
            _tokens(name, rows.select(_column(rule.properties[name])).to_series(), book.pepper)
            for name in keyed & {*rule.properties}
        ),
    )
    whole = facts.select("row", *(pl.col(name).cast(dtype) for name, dtype in schema.items()))
    if corrections is not None:
        whole = make_versions(rule.edge, whole, source.name, book.pepper)
    if rule.edge.rel in DESCRIBING:
        return whole, 0
    kept = whole.filter(pl.col("source_id") != pl.col("target_id"))
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


def _fact_ids(rule: FactRule, rows: pl.DataFrame, source: str, pepper: Pepper) -> pl.Series:
    parts = rows.select(pl.col(name).cast(pl.String) for name in rule.identity)
    return hex_texts(pepper.fact_id_digests(rule.edge, source, frame_rows(parts)), KEY_BYTES).alias("id")


def _tokens(name: str, texts: pl.Series, pepper: Pepper) -> pl.Series:
    """Keyed hashes of the texts of each row, sorted, with a blank between; null where there are none."""
    listed = texts if isinstance(texts.dtype, pl.List) else texts.cast(pl.String).reshape((-1, 1)).arr.to_list()
    distinct = listed.explode().drop_nulls().unique().to_list()
    tokens = dict(zip(distinct, pepper.tokens(name, distinct), strict=True))
    hashed = listed.list.eval(pl.element().drop_nulls().replace_strict(tokens, return_dtype=pl.String).unique().sort())
    joined = hashed.list.join(" ")
    return joined.set(joined == "", None).alias(name)


def _column(value: str | pl.Expr) -> pl.Expr:
    return pl.col(value) if isinstance(value, str) else value
