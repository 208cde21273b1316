"""vCard files (RFC 6350): every card is one row, a property's name a header, its first value the text.

A card that vobject cannot read is one refusal, and so is what stands outside of cards. Unfolding and escapes are vobject's.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import polars as pl
import vobject

from ingest.checks import LINE, REFUSAL_SCHEMA, RejectReason
from ingest.formats.pieces import Block, Piece
from ingest.formats.text import (
    BLOCK_BYTES,
    WHOLE,
    check_head,
    check_names,
    number_blocks,
    read_blocks,
    read_lines,
)
from ingest.source import TableSpec

LONGEST_CARD_BYTES = 2 * BLOCK_BYTES
HEAD_CARDS = 1_000  # what every card may hold shows in this many
_END_LINE = re.compile(rb"^[ \t]*END:VCARD[ \t\r]*\n", re.MULTILINE | re.IGNORECASE)
_BEGIN, _END = "BEGIN:VCARD", "END:VCARD"
ALWAYS = ("BEGIN", "END", "VERSION")


def cut_vcards(path: Path, spec: TableSpec, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Blocks of whole cards.

    Raises:
        SourceUnreadable, SourceMalformed, SourceExpandsTooFar: as `text.read_blocks`.
        SourceEncodingWrong: the file is in another encoding.
        SourceLayoutChanged: none of the first cards has a property that is declared and not optional, or one has a
            property nobody declared.
    """
    blocks = number_blocks(_whole_cards(read_blocks(path, WHOLE if spec.whole else block_bytes)), 1)
    for number, (row, raw) in enumerate(blocks):
        if not number:
            _check_properties(path, check_head(raw, row, spec.encoding, path, _END_LINE), spec)
        yield Block(number, row, raw, path=str(path))


def parse_vcards(block: Block, spec: TableSpec) -> Piece:
    """The cards of one block, `row` being the line where a card begins, and the refused ones."""
    assert isinstance(block.payload, bytes)
    headers = [column.header for column in spec.columns]
    schema = {"row": pl.Int64()} | {header: pl.String() for header in headers}
    rows, refused = [], []
    lines = read_lines(block.payload, spec.encoding, block.first_row)
    for line, text, fault in _cards(lines):
        values = None if fault else _properties(text)
        if values is None:
            refused.append((line, fault or RejectReason.BROKEN_RECORD.value, "", json.dumps({LINE: text}, ensure_ascii=False)))
        else:
            rows.append((line, *map(values.get, headers)))
    return Piece(pl.DataFrame(rows, schema=schema, orient="row"), pl.DataFrame(refused, schema=REFUSAL_SCHEMA, orient="row"))


def _whole_cards(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes cut after a card's end."""
    rest = b""
    for block in blocks:
        rest += block
        ends = [match.end() for match in _END_LINE.finditer(rest)]
        if ends:
            yield rest[: ends[-1]]
            rest = rest[ends[-1] :]
        elif len(rest) > LONGEST_CARD_BYTES:  # no card: what is refused need not be kept together
            yield rest
            rest = b""
    if rest:
        yield rest


def _check_properties(path: Path, lines: pl.DataFrame, spec: TableSpec) -> None:
    names: dict[str, None] = {}
    for _, text, fault in islice(_cards(lines), HEAD_CARDS):
        names |= dict.fromkeys((not fault and _properties(text)) or ())
    if names:
        required = [column.header for column in spec.columns if not column.optional]
        declared = [*(column.header for column in spec.columns), *spec.ignored, *ALWAYS]
        check_names(path, required=required, declared=declared, found=names)


def _cards(lines: pl.DataFrame) -> Iterator[tuple[int, str, str | None]]:
    """First line, text and fault of every card; lines between two cards are as one that cannot be read."""
    start, card, wrong = 0, list[str](), None
    for number, line, fault in lines.iter_rows():
        name = line.strip().upper()
        if name == _BEGIN and card:
            yield start, "\n".join(card), wrong
            card, wrong = [], None
        if card or name:
            start = start if card else number
            card.append(line)
            wrong = wrong or fault
        if name == _END:
            yield start, "\n".join(card), wrong
            card, wrong = [], None
    if card:
        yield start, "\n".join(card), wrong


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
