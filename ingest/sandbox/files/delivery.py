"""What every writer of a raw file is given, and how a file comes to be: in pieces, beside its place, renamed when whole.

Knows no table. A writer is a generator of frames (one month at a time) handed to `write_table`, or writes bytes through
`written_whole`. Columns that dirt may touch stay whole numbers until `spelling` turns them into text at the end.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import polars as pl

from ingest.sandbox.draws import Draws
from ingest.sandbox.events import EventLog, month_start
from ingest.sandbox.files.dirt import Dirt
from ingest.sandbox.files.known import Known
from ingest.sandbox.identifiers import Identifiers
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import Society

MONTHS_WAITED = 2
"""Full months after the last one until the delivery is closed; what is recorded later is not in it."""
ROWS_AT_ONCE = 262_144
"""Rows a writer should hold as text at once where a month is not a natural piece."""


@dataclass(frozen=True)
class Delivery:
    """An economy that is over, to be told by its institutions.

    Attributes:
        scale: Its size and luck.
        society: What was there before the first month.
        log: What happened in months 0 up to, not including, `months`.
        months: How many months are delivered.
    """

    scale: Scale
    society: Society
    log: EventLog
    months: int

    @cached_property
    def draws(self) -> Draws:
        """The luck of this economy."""
        return Draws(self.scale.seed)

    @cached_property
    def identifiers(self) -> Identifiers:
        """How persons, firms, accounts and places are named in files."""
        return Identifiers(self.scale, self.society)

    @cached_property
    def dirt(self) -> Dirt:
        """What goes wrong on the way."""
        return Dirt(self.draws, closes_at=int(month_start(self.months + MONTHS_WAITED).timestamp()))

    @cached_property
    def known(self) -> Known:
        """Which persons an institution knows and since when."""
        return Known(self.identifiers, self.log, self.months)


Writer = Callable[[Delivery, Path], int]
"""Writes the file at a path and says how many rows it holds."""


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A binary file that takes its place only when the block ends well; what is half written is removed otherwise."""
    beside = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_table(path: Path, columns: Sequence[str], frames: Iterable[pl.DataFrame]) -> int:
    """Write a CSV file from frames of text, one after the other.

    Args:
        path: Where the file shall be.
        columns: Its header; every frame has exactly these columns.
        frames: The pieces, in order; any may be empty.

    Returns:
        Rows written.
    """
    rows = 0
    with written_whole(path) as file:
        file.write((",".join(columns) + "\n").encode())
        for frame in frames:
            assert frame.columns == list(columns), f"{path.name}: {frame.columns}"
            frame.write_csv(file, include_header=False)
            rows += frame.height
    return rows
