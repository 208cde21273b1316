"""How times and money are spelled in files: the last step from whole numbers to text.

Knows no table. Instants are seconds since 1970 in UTC, days are days since 1970, money is minor units.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.events import month_start

DAY_S = 86_400
ZONE = "Europe/Berlin"


def instant(column: str) -> pl.Expr:
    """`2023-04-05T10:11:12Z` of seconds since 1970."""
    return pl.from_epoch(pl.col(column), time_unit="s").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias(column)


def day(column: str) -> pl.Expr:
    """`2023-04-05` of days since 1970; null stays null."""
    return pl.col(column).cast(pl.Int32).cast(pl.Date).cast(pl.String).alias(column)


def money(column: str) -> pl.Expr:
    """`123.45` of minor units; null stays null."""
    minor = pl.col(column).cast(pl.Int64)
    sign = pl.when(minor < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    cents = (minor.abs() % 100).cast(pl.String).str.zfill(2)
    return (sign + (minor.abs() // 100).cast(pl.String) + "." + cents).alias(column)


def seconds(month: int, second: NDArray[np.integer]) -> NDArray[np.int64]:
    """Seconds since 1970 of seconds since a month began."""
    return int(month_start(month).timestamp()) + np.asarray(second, np.int64)


def local_days(instants: NDArray[np.int64]) -> NDArray[np.int64]:
    """The day (since 1970) an instant falls on where the institutions are."""
    zoned = pl.from_epoch(pl.Series(instants), time_unit="s").dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE)
    return zoned.dt.date().cast(pl.Int32).cast(pl.Int64).to_numpy()


def month_starts(months: int) -> NDArray[np.int64]:
    """Seconds since 1970 at which months 0 up to and with `months` begin."""
    return np.array([int(month_start(month).timestamp()) for month in range(months + 1)], np.int64)


def running_ids(letter: str, row: NDArray[np.int64]) -> pl.Series:
    """Ids of rows that have no number of their own: a letter and the row's identity."""
    return letter + pl.Series(row.view(np.uint64)).cast(pl.String)
