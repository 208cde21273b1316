"""A batch of facts of one edge type: the only thing that passes from ingest into a store, and from a store to a snapshot.

Checks that a batch keeps to the vocabulary, and gives each fact the digest of its content. Knows no store and no source.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import polars as pl

from graph.derived import FACT_COLUMNS, fact_schema, properties
from graph.errors import FactMalformed, KeySpaceExceeded
from graph.vocabulary import SPECS, Attestation, Basis, EdgeType, Kind

MAXIMUM_SECOND = 2**34 - 1  # the snapshot key gives 34 bits to known_at_s
DIGEST_BYTES = 16
_SEPARATOR = "\x1f"
_NULL = "\x00"
_TIMES = ("at_us", "known_at_s")
RESERVED_CHARACTERS = "\x00\x1e\x1f"
"""Null mark and separators of packed text; no value may contain them."""


@dataclass(frozen=True)
class FactBatch:
    """Facts of one edge type, one a row, with exactly the columns of `derived.fact_schema(edge)`.

    Stores add `seq` (int64) to the batches they export; it is not part of a fact's content.
    """

    edge: EdgeType
    rows: pl.DataFrame

    def __len__(self) -> int:
        return self.rows.height


def check_batch(batch: FactBatch) -> None:
    """Refuse a batch that breaks the vocabulary: columns, types, required values, enums, key space, currency.

    Raises:
        FactMalformed: with the relation, the column and the number of rows at fault.
        KeySpaceExceeded: a `known_at_s` that does not fit 34 bits.
    """
    edge, rows = batch.edge, batch.rows
    relation = ":".join(edge)
    if edge not in SPECS:
        raise FactMalformed(relation, "the vocabulary does not declare it")
    expected = fact_schema(edge)
    actual = {name: dtype for name, dtype in rows.schema.items() if name != "seq"}
    if actual != expected:
        wrong = sorted(set(expected.items()) ^ set(actual.items()), key=str)
        raise FactMalformed(relation, f"columns differ from the vocabulary: {wrong}")
    required = [*FACT_COLUMNS, *(p.name for p in properties(edge) if p.required)]
    nulls = rows.select(pl.col(required).null_count()).row(0) if rows.height else (0,) * len(required)
    for column, count in zip(required, nulls, strict=True):
        if count:
            raise FactMalformed(relation, f"{count} rows lack {column}")
    _check_members(relation, rows, "attested_by", tuple(Attestation))
    _check_members(relation, rows, "basis", tuple(Basis))
    for column in ("id", "source_id", "target_id"):
        bad = rows.filter(~pl.col(column).str.contains("^[0-9a-f]{32}$")).height
        if bad:
            raise FactMalformed(relation, f"{bad} rows have a {column} that is not 32 hexadecimal digits")
    money = [p.name for p in properties(edge) if p.kind is Kind.MONEY]
    if money:
        bare = rows.filter(pl.any_horizontal(pl.col(money).is_not_null()) & pl.col("currency").is_null()).height
        if bare:
            raise FactMalformed(relation, f"{bare} rows have an amount without a currency")
    _check_seconds(rows)
    _check_values(relation, rows)


def content_text(batch: FactBatch) -> pl.Series:
    """One line of text a fact, without its times: what must be equal for two versions to say the same."""
    columns = [c for c in fact_schema(batch.edge) if c not in _TIMES]
    return batch.rows.select(
        pl.concat_str([pl.col(c).cast(pl.String).fill_null(_NULL) for c in columns], separator=_SEPARATOR).alias("text")
    )["text"]


def content_digests(batch: FactBatch) -> pl.Series:
    """128-bit digest of each fact's content (times left out), 32 hexadecimal digits, named `digest`."""
    head = _SEPARATOR.join(batch.edge).encode() + b"\n"
    texts: Sequence[str] = content_text(batch).to_list()
    return pl.Series(
        "digest", [blake2b(head + t.encode(), digest_size=DIGEST_BYTES).hexdigest() for t in texts], dtype=pl.String
    )


def _check_members(relation: str, rows: pl.DataFrame, column: str, members: Sequence[str]) -> None:
    unknown = rows.filter(~pl.col(column).is_in([str(m) for m in members])).height
    if unknown:
        raise FactMalformed(relation, f"{unknown} rows have an undeclared {column}; declared are {', '.join(members)}")


def _check_seconds(rows: pl.DataFrame) -> None:
    if not rows.height:
        return
    low, high = rows["known_at_s"].min(), rows["known_at_s"].max()
    for value in (low, high):
        if isinstance(value, int) and not 0 <= value <= MAXIMUM_SECOND:
            raise KeySpaceExceeded("known_at_s", value, MAXIMUM_SECOND)


def _check_values(relation: str, rows: pl.DataFrame) -> None:
    for name, dtype in rows.schema.items():
        if dtype == pl.String and (bad := rows[name].str.contains(f"[{RESERVED_CHARACTERS}]").sum()):
            raise FactMalformed(relation, f"{bad} rows have a control character (U+0000, U+001E or U+001F) in {name}")
        if dtype == pl.Float64 and (bad := (~rows[name].is_finite()).sum()):
            raise FactMalformed(relation, f"{bad} rows have a {name} that is not a finite number")
