"""The small language of conditions in a mapping, and of values made of columns: declared, never run as code.

A comparison with a missing value does not hold. Amounts are compared in major units, as people write them.
"""

from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt
from typing import Any

import polars as pl

from ingest.mapping.names import Name
from ingest.values import MINOR_DIGITS

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {"above": gt, "at_least": ge, "below": lt, "at_most": le}

Names = Mapping[str, Name]


def build_condition(condition: Mapping[str, Any], names: Names) -> pl.Expr:
    """The condition over accepted rows; never null."""
    if "all" in condition:
        return pl.all_horizontal([build_condition(part, names) for part in condition["all"]])
    if "any" in condition:
        return pl.any_horizontal([build_condition(part, names) for part in condition["any"]])
    if "not" in condition:
        return ~build_condition(condition["not"], names)
    name = names[condition["column"]]
    column = pl.col(name.column)
    if "present" in condition:
        return column.is_not_null() if condition["present"] else column.is_null()
    if "equals" in condition:
        same: pl.Expr = column == _operand(condition["equals"], name)
        return same.fill_null(False)
    if "in" in condition:
        return column.is_in([_operand(word, name) for word in condition["in"]]).fill_null(False)
    [(comparison, value)] = ((key, value) for key, value in condition.items() if key in _COMPARE)
    compared: pl.Expr = _COMPARE[comparison](column, _operand(value, name))
    return compared.fill_null(False)


def build_value(value: str | Mapping[str, Any], names: Names) -> str | pl.Expr:
    """A column's name, or the expression that makes the value of columns and constants; null where a column is."""
    if isinstance(value, str):
        return names[value].column
    if "constant" in value:
        return pl.lit(value["constant"])
    if "columns" in value:
        parts = [pl.col(names[name].column).cast(pl.String) for name in value["columns"]]
        made: pl.Expr = pl.concat_str(parts, separator=value.get("separator", "|"))
    else:
        made = pl.col(names[value["column"]].column)
    if value.get("absolute"):
        made = made.abs()
    return pl.concat_str(pl.lit(value["prefix"]), made.cast(pl.String)) if "prefix" in value else made


def value_columns(value: str | Mapping[str, Any]) -> list[str]:
    """The names a value is made of."""
    if isinstance(value, str):
        return [value]
    return [value["column"]] if "column" in value else list(value.get("columns", ()))


def condition_columns(condition: Mapping[str, Any]) -> list[str]:
    """The names a condition asks about."""
    parts = [*condition.get("all", ()), *condition.get("any", ()), *([condition["not"]] if "not" in condition else ())]
    own = [condition["column"]] if "column" in condition else []
    return own + [name for part in parts for name in condition_columns(part)]


def show_condition(condition: Mapping[str, Any]) -> str:
    """The condition in words, for pages about a source."""
    if "all" in condition or "any" in condition:
        word = "all" if "all" in condition else "any"
        return {"all": " and ", "any": " or "}[word].join(f"({show_condition(part)})" for part in condition[word])
    if "not" in condition:
        return f"not ({show_condition(condition['not'])})"
    [(how, value)] = ((key, value) for key, value in condition.items() if key != "column")
    if how == "present":
        return f"{condition['column']} is {'given' if value else 'missing'}"
    if how == "in":
        return f"{condition['column']} is one of {', '.join(map(str, value))}"
    return f"{condition['column']} {how.replace('_', ' ')} {value}"


def _operand(value: Any, name: Name) -> Any:
    return round(value * 10**MINOR_DIGITS) if name.money else value
