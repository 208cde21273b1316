"""A batch of facts of one edge type: the only thing that passes from ingest into a store, and from a store to a snapshot.

Checks that a batch keeps to the vocabulary, and gives each fact the digest of its content. Knows no store and no source.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import polars as pl

from graph.derived import FACT_COLUMNS, OPTIONAL_FACT_COLUMNS, fact_schema, properties
from graph.errors import FactMalformed, KeySpaceExceeded
from graph.identity import KEY_DIGITS
from graph.vocabulary import SPECS, UNCORRECTED, Attestation, Basis, EdgeType, Kind

MAXIMUM_SECOND = 2**34 - 1  # the snapshot key gives 34 bits to known_at_s
DIGEST_BYTES = 16
_SEPARATOR = "\x1f"
_NULL = "\x00"
_TIMES = ("at_us", "known_at_s")
_IDENTIFIERS = ("id", "source_id", "target_id", "series")
_DIGITS = b"0123456789abcdef"
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
    if not rows.height:
        return
    faults = _faults(edge) if _texts_are_well_formed(rows) else (*_faults(edge), *_text_faults(edge))
    counts = rows.select([expression.sum().alias(str(i)) for i, (_, expression) in enumerate(faults)]).row(0)
    for (problem, _), count in zip(faults, counts, strict=True):
        if count:
            raise FactMalformed(relation, f"{count} rows {problem}")
    _check_seconds(rows)


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


@cache
def _faults(edge: EdgeType) -> tuple[tuple[str, pl.Expr], ...]:
    """What may be wrong with a row of this edge type, in the order it is told, each with the test for it."""
    schema = fact_schema(edge)
    states = pl.col("withdrawn").is_null()  # what is withdrawn states no more than whose versions are over
    faults = [(f"lack {name}", pl.col(name).is_null()) for name in FACT_COLUMNS if name not in OPTIONAL_FACT_COLUMNS]
    faults += [(f"lack {p.name}", pl.col(p.name).is_null() & states) for p in properties(edge) if p.required]
    faults.append(("have a withdrawn that is false; leave it null", ~pl.col("withdrawn")))
    faults.append(("are withdrawn and no version of a series", pl.col("withdrawn") & pl.col("series").is_null()))
    if edge.rel in UNCORRECTED:
        faults.append(("have a series, though the relation takes no corrections", pl.col("series").is_not_null()))
    for name, members in (("attested_by", tuple(Attestation)), ("basis", tuple(Basis))):
        declared = [str(member) for member in members]
        faults.append((f"have an undeclared {name}; declared are {', '.join(declared)}", ~pl.col(name).is_in(declared)))
    money = [p.name for p in properties(edge) if p.kind is Kind.MONEY]
    if money:
        bare = pl.any_horizontal(pl.col(money).is_not_null()) & pl.col("currency").is_null() & states
        faults.append(("have an amount without a currency", bare))
    for name, dtype in schema.items():
        if dtype == pl.Float64:
            faults.append((f"have a {name} that is not a finite number", ~pl.col(name).is_finite()))
    return tuple(faults)


@cache
def _text_faults(edge: EdgeType) -> tuple[tuple[str, pl.Expr], ...]:
    """What may be wrong with the texts of a row, each with the test for it; slow, and so only for a batch that has a fault."""
    faults = []
    for name in _IDENTIFIERS:
        faults.append((f"have a {name} that is not 32 hexadecimal digits", ~pl.col(name).str.contains("^[0-9a-f]{32}$")))
    for name, dtype in fact_schema(edge).items():
        if dtype == pl.String:
            reserved = pl.col(name).str.contains(f"[{RESERVED_CHARACTERS}]")
            faults.append((f"have a control character (U+0000, U+001E or U+001F) in {name}", reserved))
    return tuple(faults)


def _texts_are_well_formed(rows: pl.DataFrame) -> bool:
    """Whether no test of `_text_faults` would find anything; looks at each column as one text, many times faster."""
    for name in rows.select(pl.col(pl.String)).columns:
        text = rows[name].str.join("")[0].encode()
        if name in _IDENTIFIERS:
            if text.translate(None, _DIGITS) or (rows[name].str.len_bytes() != KEY_DIGITS).any():
                return False
        elif any(character.encode() in text for character in RESERVED_CHARACTERS):
            return False
    return True


def _check_seconds(rows: pl.DataFrame) -> None:
    if not rows.height:
        return
    low, high = rows["known_at_s"].min(), rows["known_at_s"].max()
    for value in (low, high):
        if isinstance(value, int) and not 0 <= value <= MAXIMUM_SECOND:
            raise KeySpaceExceeded("known_at_s", value, MAXIMUM_SECOND)
