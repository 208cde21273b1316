"""Why a row can be refused, and which reason counts when several apply: the first that was declared.

Knows nothing of files or facts; a check is a condition over columns that have already been parsed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

FIELDS = "fields"
LINE, NAMES = "(line)", "(names)"  # among the fields: a line as it stood, and its fields in order; no column is called so
REJECTION_SCHEMA = {"row": pl.Int64(), "reason": pl.String(), "column": pl.String()}
"""`row` is the line of the file where the row begins (of an entry in a statement: its number, from 1); `column` is empty when
no single column is at fault."""

REFUSAL_SCHEMA = REJECTION_SCHEMA | {FIELDS: pl.String()}
"""A rejection with what stood in the row, as JSON: values by column, or the whole line under `LINE` where it could
not be split."""


class RejectReason(StrEnum):
    """Named reasons for refusing one row; the values are what reports show."""

    BAD_ENCODING = "bad_encoding"
    LINE_TOO_LONG = "line_too_long"
    CONTROL_CHARACTER = "control_character"
    BROKEN_RECORD = "broken_record"
    BROKEN_QUOTES = "broken_quotes"
    TRUNCATED_ROW = "truncated_row"
    SURPLUS_FIELD = "surplus_field"
    MISSING_VALUE = "missing_value"
    BAD_DATE = "bad_date"
    BAD_NUMBER = "bad_number"
    BAD_IDENTIFIER = "bad_identifier"
    NEGATIVE_AMOUNT = "negative_amount"
    UNKNOWN_CODE = "unknown_code"
    AFTER_DELIVERY = "after_delivery"
    OUT_OF_ORDER = "out_of_order"
    UNKNOWN_PARENT = "unknown_parent"
    AMBIGUOUS_PARENT = "ambiguous_parent"
    NO_BASIS = "no_basis"
    UNREADABLE_FILE = "unreadable_file"


@dataclass(frozen=True, eq=False)
class Check:
    """One reason to refuse a row: `failed` is true where the row must go, null counts as false."""

    reason: RejectReason
    column: str
    failed: pl.Expr


def split_rows(rows: pl.DataFrame, checks: Sequence[Check]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part rows into those that pass every check and the refusals, each under the first check it fails.

    Args:
        rows: Any columns, with `row` among them.
        checks: In order of precedence.

    Returns:
        The passing rows unchanged, and a frame of `REJECTION_SCHEMA`; their heights add up to that of `rows`.
    """
    if not checks:
        return rows, pl.DataFrame(schema=REJECTION_SCHEMA)
    wrong = rows.select(pl.any_horizontal([check.failed for check in checks]).fill_null(value=False).alias("wrong"))["wrong"]
    if not wrong.any():
        return rows, pl.DataFrame(schema=REJECTION_SCHEMA)
    first = pl.coalesce([pl.when(check.failed).then(pl.lit(i, pl.Int32)) for i, check in enumerate(checks)])
    refused = rows.select(pl.col("row"), first.alias("check")).filter(wrong)
    reasons = pl.Series([check.reason.value for check in checks], dtype=pl.String)
    columns = pl.Series([check.column for check in checks], dtype=pl.String)
    rejections = pl.DataFrame(
        {"row": refused["row"], "reason": reasons.gather(refused["check"]), "column": columns.gather(refused["check"])},
        schema=REJECTION_SCHEMA,
    )
    return rows.filter(~wrong), rejections


def not_before(later: str, earlier: str) -> Check:
    """Refuse rows whose moment `later` was over before the moment `earlier` began; bare dates last a day."""
    failed = pl.col(f"{later}_known_s") * 1_000_000 < pl.col(f"{earlier}_us")
    return Check(RejectReason.OUT_OF_ORDER, later, failed)
