"""Takes a delivered file apart into its records and writes records as files: rows, lines, cards, statements.

Knows where a record begins and ends in each format, and nothing of what it says. Entries of a statement stay together, since
the balance after one follows from those before it.
"""

import gzip
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.source import Format, SourceSpec, TableSpec

_CARD = re.compile(rb"BEGIN:VCARD\r?\n.*?END:VCARD\r?\n", re.DOTALL)
_STATEMENT = re.compile(rb"<Stmt>.*?</Stmt>\n", re.DOTALL)


@dataclass(frozen=True)
class Records:
    """The records of one file, with what stands before the first and after the last."""

    spec: TableSpec
    head: bytes
    records: Sequence[bytes]
    foot: bytes = b""

    def write(self, folder: Path, part: str, records: Sequence[bytes], *, packed: bool = False) -> Path:
        """Write some of the records as a part of the table's file."""
        stem, dot, ending = self.spec.file.rpartition(".")
        name = f"{stem}.{part}{dot}{ending}" if part else self.spec.file
        content = b"".join([self.head, *records, self.foot])
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(content, 1, mtime=0) if packed else content)
        return path


def read_records(folder: Path, spec: TableSpec) -> Records:
    """The records of a table's one file."""
    content = (folder / spec.file).read_bytes()
    if spec.format is Format.VCARD:
        return Records(spec, b"", _CARD.findall(content))
    if spec.format is Format.CAMT_053:
        found = list(_STATEMENT.finditer(content))
        return Records(spec, content[: found[0].start()], [match.group() for match in found], content[found[-1].end() :])
    head, rows = (b"", content) if spec.format is Format.JSON_LINES else _after_header(content)
    return Records(spec, head, rows.splitlines(keepends=True))


def read_delivery(folder: Path, source: SourceSpec, most: int | None = None) -> list[Records]:
    """The records of every table that has a file; at most so many of each."""
    every = [read_records(folder, spec) for spec in source.tables if (folder / spec.file).exists()]
    return [Records(one.spec, one.head, one.records[:most], one.foot) for one in every]


def scatter(every: Sequence[Records], folder: Path, deliveries: int, parts: int, seed: int) -> list[Path]:
    """Write records in another order, cut anywhere, some packed, as several deliveries.

    Args:
        every: The records of every table.
        folder: Of the deliveries.
        deliveries: How many.
        parts: Files of one table in one delivery, at most; some tables are missing from some deliveries.
        seed: Of the order and the cuts.

    Returns:
        The folders of the deliveries, in the order they come.
    """
    draw = random.Random(seed)
    folders = [folder / f"delivery-{number}" for number in range(deliveries)]
    for place in folders:
        place.mkdir(parents=True)
    for one in every:
        records = list(one.records)
        draw.shuffle(records)
        pieces = deliveries * draw.randint(1, parts)
        cuts = sorted(draw.randint(0, len(records)) for _ in range(pieces - 1))
        for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(records)], strict=True)):
            if start < end:
                one.write(draw.choice(folders), f"part-{number}", records[start:end], packed=draw.random() < 0.2)
    return folders


def write_delivery(every: Sequence[Records], folder: Path) -> Path:
    """Write records as one delivery, in the order given."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in every:
        one.write(folder, "", one.records)
    return folder


def _after_header(content: bytes) -> tuple[bytes, bytes]:
    header, feed, rows = content.partition(b"\n")
    return header + feed, rows
