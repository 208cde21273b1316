"""From the texts of one table to its accepted rows: values, look-ups in earlier tables, then the table's own checks."""

from collections.abc import Mapping

import polars as pl

from ingest.checks import Check, RejectReason, split_rows
from ingest.formats.reading import keep_fields
from ingest.source import ColumnSpec, Lookup, TableSpec


def accept_rows(
    spec: TableSpec, texts: pl.DataFrame, earlier: Mapping[str, pl.DataFrame], delivered_us: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Type the values of a table and refuse the rows that fail a check.

    Args:
        spec: The table.
        texts: `row` and one String column for each declared column, as `formats.reading.parse_block` gives them.
        earlier: Accepted rows of the tables before it, by name.
        delivered_us: Recorded time of the delivery, UTC microseconds.

    Returns:
        Accepted rows with typed columns, and the refused ones as `checks.REFUSAL_SCHEMA`; the heights add up.
    """
    accepted, refused = _parse(spec, texts, delivered_us)
    rejections = [refused]
    for lookup in spec.lookups:
        accepted, refused = _look_up(lookup, accepted, earlier[lookup.table])
        rejections.append(refused)
    for name, value in spec.derived.items():
        accepted = accepted.with_columns(value.alias(name))
    accepted, refused = split_rows(accepted, spec.checks)
    return accepted, keep_fields(pl.concat([*rejections, refused]), texts)


def _parse(spec: TableSpec, texts: pl.DataFrame, delivered_us: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    firsts, others = list[pl.Expr](), list[pl.Expr]()
    checks: list[Check] = []
    for column in spec.columns:
        raw = f"text of {column.name}"
        values = column.parser.columns(column.name, pl.col(raw))
        first, *rest = (value.alias(name) for name, value in values.items())
        firsts.append(first)
        others += rest
        checks += _column_checks(column, _lacks(spec, column, pl.col(raw)), pl.col(raw), next(iter(values)), delivered_us)
    raws = {column.name: f"text of {column.name}" for column in spec.columns}
    accepted, refused = split_rows(texts.rename(raws).with_columns(firsts).with_columns(others), checks)
    return accepted.drop(raws.values()), refused


def _lacks(spec: TableSpec, column: ColumnSpec, raw: pl.Expr) -> pl.Expr | None:
    """Where a row lacks a value that it must have; a deletion may lack what tells no more than what was deleted."""
    if column.optional:
        return None
    if spec.corrections is None or spec.corrections.deleted is None or column.name not in spec.corrections.may_lack:
        return raw.is_null()
    return raw.is_null() & ~spec.corrections.deleted


def _column_checks(column: ColumnSpec, lacks: pl.Expr | None, raw: pl.Expr, value: str, delivered_us: int) -> list[Check]:
    absent = [] if lacks is None else [Check(RejectReason.MISSING_VALUE, column.name, lacks)]
    faulty = Check(column.parser.fault, column.name, raw.is_not_null() & pl.col(value).is_null())
    return [*absent, faulty, *column.parser.checks(column.name, delivered_us)]


def _look_up(lookup: Lookup, rows: pl.DataFrame, table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    key = lookup.key or lookup.on
    found = table if lookup.where is None else table.filter(lookup.where)
    # a parent repeated word for word is still one parent
    parents = found.select(pl.col(key).alias(lookup.on), *(pl.col(old).alias(new) for old, new in lookup.take.items())).unique()
    counts = parents.group_by(lookup.on).len("parents")
    checks = [
        Check(RejectReason.UNKNOWN_PARENT, lookup.on, pl.col("parents").is_null()),
        Check(RejectReason.AMBIGUOUS_PARENT, lookup.on, pl.col("parents") > 1),
    ]
    if not lookup.required:
        single = counts.filter(pl.col("parents") == 1).select(lookup.on)
        parents, checks = parents.join(single, on=lookup.on), []
    counted = rows.join(counts, on=lookup.on, how="left", maintain_order="left")
    accepted, refused = split_rows(counted, checks)
    return accepted.drop("parents").join(parents, on=lookup.on, how="left", maintain_order="left"), refused
