"""What goes wrong between an institution and the file: late, repeated and lost deliveries, corrections, typing errors.

Every draw is by table and the row's identity, so that a row fares the same however rows are cut into pieces. Knows no
table's columns but `row` (identity) and `recorded_at` (seconds since 1970), which every frame handed in has.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws

LATE_SHARE, LATE_DAYS = 0.03, (3, 60)
DUPLICATED_SHARE = 0.01
CORRECTED_SHARE, CORRECTED_AFTER_DAYS = 0.003, (10, 90)
MISTYPED_SHARE = 0.03
LOST_SHARE = 0.005
SOON_S = (60, 20 * 3_600)
MORNING_S = 3 * 3_600
DAY_S = 86_400
ROW, RECORDED = "row", "recorded_at"

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Dirt:
    """The bad luck of one economy's deliveries.

    Attributes:
        draws: The luck of the economy.
        closes_at: Seconds since 1970 after which nothing recorded is delivered any more.
    """

    draws: Draws
    closes_at: int

    def identity(self, *ids: NDArray[np.integer] | int) -> Numbers:
        """One number for what the ids name together: the `row` of a frame."""
        parts = np.broadcast_arrays(*(np.asarray(part, np.int64) for part in ids))
        return self.draws.bits("row", *parts).view(np.int64)

    def delivered(self, table: str, frame: pl.DataFrame, *, on_time: int = 0) -> pl.DataFrame:
        """Rows as they arrive: some late, some too late, some twice (right behind each other); `row` is gone.

        Args:
            table: Name of the file, a part of every draw.
            frame: Has `row` and `recorded_at` (Int64 seconds).
            on_time: So many rows, the first ones, are never late.
        """
        row = frame[ROW].to_numpy()
        late = np.where(np.arange(len(row)) < on_time, 0, self.lateness(table, row))
        recorded = frame[RECORDED].to_numpy() + late
        times = np.where(recorded < self.closes_at, 1 + self._happens(f"dirt.{table}.again", DUPLICATED_SHARE, row), 0)
        arrived = frame.drop(ROW).with_columns(pl.Series(RECORDED, recorded, pl.Int64))
        return arrived if (times == 1).all() else arrived[np.repeat(np.arange(len(row)), times)]

    def soon(self, table: str, row: Numbers, instants: Numbers) -> Numbers:
        """When an institution records what it sees happen: minutes to hours later. Seconds since 1970."""
        return instants + SOON_S[0] + (self.draws.uniform(f"dirt.{table}.soon", row) * (SOON_S[1] - SOON_S[0])).astype(np.int64)

    def next_morning(self, table: str, row: Numbers, days: Numbers) -> Numbers:
        """When what bears a bare date is recorded: after that day is over everywhere it may be. Seconds since 1970."""
        return (
            (np.asarray(days, np.int64) + 1) * DAY_S
            + MORNING_S
            + (self.draws.uniform(f"dirt.{table}.morning", row) * 5 * 3_600).astype(np.int64)
        )

    def lateness(self, table: str, row: Numbers) -> Numbers:
        """Seconds by which rows come later than they should; 0 for most."""
        first, last = LATE_DAYS
        seconds = first * DAY_S + self.draws.uniform(f"dirt.{table}.late_by", row) * (last - first) * DAY_S
        return np.where(self._happens(f"dirt.{table}.late", LATE_SHARE, row), seconds.astype(np.int64), 0)

    def corrected(self, table: str, row: Numbers) -> NDArray[np.bool_]:
        """Which rows are followed by a second one with the same key and another value."""
        return self._happens(f"dirt.{table}.corrected", CORRECTED_SHARE, row)

    def with_corrections(self, table: str, frame: pl.DataFrame, amount: str) -> pl.DataFrame:
        """The rows, then the corrections of a few: the same but for an amount, an identity of their own, recorded later."""
        row = frame[ROW].to_numpy()
        wrong = (
            self.corrected(table, row) & frame[amount].is_not_null().to_numpy() & (frame[amount].fill_null(0).to_numpy() > 0)
        )
        again, mine = frame.filter(pl.Series(wrong)), row[wrong]
        factor = 0.7 + 0.6 * self.draws.uniform(f"dirt.{table}.corrected_to", mine)
        right = np.maximum((again[amount].to_numpy() * factor).astype(np.int64), 1)
        later = again[RECORDED].to_numpy() + self.correction_delay(table, mine)
        again = again.with_columns(
            pl.Series(ROW, self.identity(mine, 1)), pl.Series(amount, right, frame.schema[amount]), pl.Series(RECORDED, later)
        )
        return pl.concat([frame, again])

    def correction_delay(self, table: str, row: Numbers) -> Numbers:
        """Seconds until a correction is recorded."""
        first, last = CORRECTED_AFTER_DAYS
        return ((first + self.draws.uniform(f"dirt.{table}.corrected_by", row) * (last - first)) * DAY_S).astype(np.int64)

    def missing(self, table: str, column: str, share: float, row: Numbers) -> NDArray[np.bool_]:
        """Which optional values are left out."""
        return self._happens(f"dirt.{table}.{column}.missing", share, row)

    def is_lost(self, table: str, institution: str, month: int) -> bool:
        """Whether an institution's whole delivery of a month for this file never arrives."""
        return bool(self.draws.uniform(f"dirt.{table}.lost.{institution}", month)[0] < LOST_SHARE)

    def lost(self, table: str, sources: Numbers, month: int) -> NDArray[np.bool_]:
        """The same for sources known by number, a row each."""
        return self._happens(f"dirt.{table}.lost.{month}", LOST_SHARE, sources)

    def mistyped(self, table: str, column: str, values: pl.Series, row: Numbers, *, share: float = MISTYPED_SHARE) -> pl.Series:
        """Values of which a share has two neighbouring letters swapped or one letter left out.

        Args:
            table: Name of the file.
            column: Name of the column.
            values: Text [k] of two characters at least.
            row: Identities [k].
            share: Of the values that suffer.
        """
        stream = f"dirt.{table}.{column}.mistyped"
        hit = np.flatnonzero(self._happens(stream, share, row))
        if not len(hit):
            return values
        picked = values.gather(hit)
        length = picked.str.len_chars().to_numpy().astype(np.int64)
        at = 1 + (self.draws.uniform(stream + ".at", row[hit]) * np.maximum(length - 2, 1)).astype(np.int64)
        drop = self.draws.uniform(stream + ".drop", row[hit]) < 0.4
        text, where = pl.col("text"), pl.col("at")
        head, here, there = text.str.slice(0, where), text.str.slice(where, 1), text.str.slice(where + 1, 1)
        # swapping two equal letters would change nothing, so one of them is left out there
        middle = pl.when(pl.col("drop") | (here == there)).then(there).otherwise(there + here)
        wrong = pl.DataFrame({"text": picked, "at": at, "drop": drop}).select(
            (head + middle + text.str.slice(where + 2)).alias("wrong")
        )
        return values.clone().scatter(hit, wrong["wrong"])

    def _happens(self, stream: str, share: float, row: Numbers) -> NDArray[np.bool_]:
        return self.draws.uniform(stream, row) < share
