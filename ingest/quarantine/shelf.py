"""Where refused rows lie: one Parquet file a block of a delivered file, so that a load that is repeated writes the same again.

A file is replaced as a whole or not at all. What a row says is kept as JSON, for its repair; nothing else holds raw values.
"""

import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from ingest.checks import FIELDS, LINE, RejectReason

QUARANTINE_SCHEMA = {
    "entry": pl.String(),
    "source": pl.String(),
    "table": pl.String(),
    "file": pl.String(),
    "file_sha256": pl.String(),
    "row": pl.Int64(),
    "code": pl.String(),
    "field": pl.String(),
    "delivered_us": pl.Int64(),
    FIELDS: pl.String(),
}
"""`entry` names a refused row for good: 16 hexadecimal digits from source, table, file digest and row."""

ENTRY_DIGITS = 16
LONGEST_LINE = 65_536  # characters of a line that is refused for its length; what other rows say is kept whole, to be replayed
_TEMPORARY = ".writing"
Change = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Origin:
    """Where refused rows come from: a block of a file that belongs to a table of a source."""

    source: str
    table: str
    file: str
    file_sha256: str
    delivered_us: int

    def entry(self, row: int) -> str:
        """Name of the entry of one row."""
        return sha256(f"{self.source}\n{self.table}\n{self.file_sha256}\n{row}".encode()).hexdigest()[:ENTRY_DIGITS]


class Shelf:
    """The refused rows of every source beside one graph.

    Args:
        folder: Made when the first row is refused.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, origin: Origin, block: int, refused: pl.DataFrame) -> None:
        """Keep the refused rows of one block, in place of what was kept of it before.

        Args:
            origin: Where they come from.
            block: Number of the block in its file.
            refused: Of `checks.REFUSAL_SCHEMA`.
        """
        path = self.folder / origin.source / origin.table / f"{origin.file_sha256[:12]}-{block:06d}.parquet"
        if not refused.height:
            path.unlink(missing_ok=True)
            return
        rows = refused.select(
            pl.Series("entry", [origin.entry(row) for row in refused["row"]], dtype=pl.String),
            *(pl.lit(value).alias(name) for name, value in vars(origin).items() if name != "delivered_us"),
            "row",
            pl.col("reason").alias("code"),
            pl.col("column").alias("field"),
            pl.lit(origin.delivered_us).cast(pl.Int64).alias("delivered_us"),
            pl.when(pl.col("reason") == RejectReason.LINE_TOO_LONG.value)
            .then(pl.col(FIELDS).map_elements(_shorten, return_dtype=pl.String))
            .otherwise(FIELDS)
            .alias(FIELDS),
        )
        self._write(path, rows.select(list(QUARANTINE_SCHEMA)))

    def clear(self, origin: Origin) -> None:
        """Take away what was kept of a file that is going to be read again from its beginning."""
        for path in (self.folder / origin.source / origin.table).glob(f"{origin.file_sha256[:12]}-*.parquet"):
            path.unlink()

    def sweep(self) -> None:
        """Take away what a stopped process left half written."""
        for path in self.folder.glob(f"*/*/*{_TEMPORARY}"):
            path.unlink()

    def entries(self, source: str | None = None, table: str | None = None, code: str | None = None) -> pl.DataFrame:
        """Refused rows as `QUARANTINE_SCHEMA`, ordered by source, table, file and row."""
        found = [rows for _, rows in self._files(source, table)]
        rows = pl.concat([pl.DataFrame(schema=QUARANTINE_SCHEMA), *found])
        if code is not None:
            rows = rows.filter(pl.col("code") == code)
        return rows.sort("source", "table", "file_sha256", "row")

    def take(self, entries: Collection[str]) -> int:
        """Remove entries; returns how many there were."""
        return self._rewrite(lambda rows: rows.filter(~pl.col("entry").is_in(list(entries)))) if entries else 0

    def update(self, changed: pl.DataFrame) -> None:
        """Give entries another code and field: `changed` has `entry`, `code` and `field`."""
        if not changed.height:
            return
        self._rewrite(
            lambda rows: (
                rows.drop("code", "field")
                .join(changed, on="entry", how="inner", maintain_order="left")
                .select(list(QUARANTINE_SCHEMA))
                .vstack(rows.join(changed, on="entry", how="anti"))
                .sort("row")
            )
        )

    def _rewrite(self, change: Change) -> int:
        gone = 0
        for path, rows in self._files():
            kept = change(rows)
            gone += rows.height - kept.height
            if not kept.height:
                path.unlink()
            elif not kept.equals(rows):
                self._write(path, kept)
        return gone

    def _files(self, source: str | None = None, table: str | None = None) -> Iterator[tuple[Path, pl.DataFrame]]:
        for path in sorted(self.folder.glob(f"{source or '*'}/{table or '*'}/*.parquet")):
            yield path, pl.read_parquet(path, memory_map=False)

    def _write(self, path: Path, rows: pl.DataFrame) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(_TEMPORARY)
        with beside.open("wb") as file:
            rows.write_parquet(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)


def _shorten(fields: str) -> str:
    said = json.loads(fields)
    said[LINE] = said.get(LINE, "")[:LONGEST_LINE]
    return json.dumps(said, ensure_ascii=False)
