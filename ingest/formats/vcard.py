"""vCard files (RFC 6350): every card is one row, a property's name a header, its first value the text.

A card that vobject cannot read is one refusal, and so is what stands outside of cards. Unfolding and escapes are vobject's.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import polars as pl
import vobject

from ingest.checks import REJECTION_SCHEMA, RejectReason
from ingest.formats.text import check_names, read_blocks, split_lines
from ingest.source import TableSpec

CHUNK_CARDS = 20_000
_BEGIN, _END = "BEGIN:VCARD", "END:VCARD"
ALWAYS = ("BEGIN", "END", "VERSION")


def read_vcards(path: Path, spec: TableSpec) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with `row` (line where the card begins) and one String column a declared property, and the refused cards.

    Raises:
        SourceUnreadable: the system does not let it be read.
        SourceEncodingWrong: bytes that the declared encoding does not allow.
        SourceLayoutChanged: no card has a property that is declared and not optional, or one has a property nobody declared.
    """
    headers = [column.header for column in spec.columns]
    schema = {"row": pl.Int64()} | {header: pl.String() for header in headers}
    frames, refused, names = [pl.DataFrame(schema=schema)], [], dict[str, None]()
    cards = _cards(line for block in read_blocks(path, spec.encoding) for line in split_lines(block))
    while chunk := list(islice(cards, CHUNK_CARDS)):
        rows = []
        for line, text in chunk:
            values = _properties(text)
            if values is None:
                refused.append((line, RejectReason.BROKEN_RECORD.value, ""))
            else:
                names |= dict.fromkeys(values)
                rows.append((line, *map(values.get, headers)))
        frames.append(pl.DataFrame(rows, schema=schema, orient="row"))
    if names:
        required = [column.header for column in spec.columns if not column.optional]
        check_names(path, required=required, declared=[*headers, *spec.ignored, *ALWAYS], found=names)
    return pl.concat(frames), pl.DataFrame(refused, schema=REJECTION_SCHEMA, orient="row")


def _cards(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Line number and text of every card; of lines between two cards as if they were one that cannot be read."""
    start, card = 0, list[str]()
    for number, line in enumerate(lines, start=1):
        bare = line.rstrip("\r")
        name = bare.strip().upper()
        if name == _BEGIN and card:
            yield start, "\n".join(card)
            card = []
        if card or name:
            start = start if card else number
            card.append(bare)
        if name == _END:
            yield start, "\n".join(card)
            card = []
    if card:
        yield start, "\n".join(card)


def _properties(text: str) -> dict[str, str] | None:
    """First value of each property by its name, None where the text is no card."""
    if not (text[: len(_BEGIN)].upper() == _BEGIN and text[-len(_END) :].upper() == _END):
        return None
    try:
        card = vobject.readOne(text)
        return {name.upper(): _text(lines[0].value) for name, lines in card.contents.items()}
    except Exception:  # vobject lets errors of many kinds through; each means that the card cannot be read
        return None


def _text(value: object) -> str:
    """A value as it was written: names and the like are the only ones vobject takes apart."""
    return value if isinstance(value, str) else " ".join(str(value).split())
