"""Applies a function of one text to a column, once for each distinct text; the expression can be pickled."""

from collections.abc import Callable
from functools import partial

import polars as pl

type_of_list = pl.List(pl.String)


def text_of_each(raw: pl.Expr, function: Callable[[str], str | None]) -> pl.Expr:
    """A text for each text; `function` is one of a module's top level, or a partial of one."""
    return raw.map_batches(partial(_mapped, function, pl.String()), return_dtype=pl.String())


def texts_of_each(raw: pl.Expr, function: Callable[[str], list[str] | None]) -> pl.Expr:
    """A list of texts for each text; `function` is one of a module's top level, or a partial of one."""
    return raw.map_batches(partial(_mapped, function, type_of_list), return_dtype=type_of_list)


def _mapped(function: Callable[[str], str | list[str] | None], dtype: pl.DataType, raw: pl.Series) -> pl.Series:
    distinct = raw.drop_nulls().unique()
    table = pl.DataFrame({"raw": distinct, "made": pl.Series([function(text) for text in distinct.to_list()], dtype=dtype)})
    return raw.to_frame("raw").join(table, on="raw", how="left", maintain_order="left")["made"].alias(raw.name)
