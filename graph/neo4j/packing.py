"""Packs facts into one text a row and back, for both ways over Bolt.

The driver encodes and decodes value by value in Python; one text a fact spares most of that, and Polars splits and
joins texts at full speed. `facts.check_batch` keeps the three reserved characters out of values.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from graph.derived import fact_schema
from graph.vocabulary import EdgeType

FIELD_SEPARATOR = "\x1f"
ROW_SEPARATOR = "\x1e"
NULL_TEXT = "\x00"
"""Stands for a null text; any other null is an empty field."""


def packed_schema(edge: EdgeType) -> dict[str, pl.DataType]:
    """Fields of a packed fact, in order: those of `derived.fact_schema`, then `seq`."""
    return fact_schema(edge) | {"seq": pl.Int64()}


def pack(rows: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> str:
    """All rows in one text."""
    fields = [pl.col(name).cast(pl.String).fill_null(NULL_TEXT if dtype == pl.String else "") for name, dtype in schema.items()]
    return ROW_SEPARATOR.join(rows.select(pl.concat_str(fields, separator=FIELD_SEPARATOR).alias("row"))["row"])


def unpack(texts: Sequence[str], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Rows of the given columns, from one text each."""
    packed = pl.Series("row", texts, dtype=pl.String)
    fields = packed.str.split_exact(FIELD_SEPARATOR, len(schema) - 1).struct.unnest()
    return fields.rename(dict(zip(fields.columns, schema, strict=True))).select(
        _typed(name, dtype) for name, dtype in schema.items()
    )


def _typed(name: str, dtype: pl.DataType) -> pl.Expr:
    text = pl.col(name)
    if dtype == pl.String:
        return pl.when(text != NULL_TEXT).then(text).alias(name)
    if dtype == pl.Boolean:
        return pl.when(text != "").then(text == "true").alias(name)
    return pl.when(text != "").then(text).cast(dtype).alias(name)
