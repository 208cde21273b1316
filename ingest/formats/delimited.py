"""Reads one delimited file strictly: encoding and header must be as declared, every line is either split or refused.

Knows text only; what the values mean is for ingest/values.py. A record is one line: line breaks inside quotes are not
supported and refused as broken quotes. CRLF, a byte-order mark and a missing final newline are accepted.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

from ingest.checks import REFUSAL_SCHEMA, Check, RejectReason, split_rows
from ingest.errors import SourceLayoutChanged
from ingest.formats.pieces import Block, Piece, refuse_lines
from ingest.formats.suspicion import UTF_8, set_apart
from ingest.formats.text import (
    BLOCK_BYTES,
    CONTROL,
    LONGEST_LINE_BYTES,
    WHOLE,
    check_encoding,
    check_header,
    head_of,
    number_blocks,
    read_blocks,
    read_lines,
)
from ingest.source import TableSpec

FIRST_ROW = 2  # line number of the first row; the header is line 1
_QUOTED = "\x1f"  # stands for a well-quoted field while delimiters are counted; a line that holds it itself is refused before
_BOM = "\ufeff"


def cut_delimited(path: Path, spec: TableSpec, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Blocks of lines, each with the names the header gives; one block at least.

    Raises:
        SourceUnreadable, SourceMalformed, SourceExpandsTooFar: as `text.read_blocks`.
        SourceEncodingWrong: the header, or most of the first lines, are in another encoding.
        SourceLayoutChanged: the header is not the declared one.
    """
    blocks = read_blocks(path, WHOLE if spec.whole else block_bytes)
    first = next(blocks, b"")
    if spec.has_header:
        header, _, first = first.partition(b"\n")
        check_header(header, spec.encoding, path)
        names = _read_names(path, header.decode(spec.encoding).removeprefix(_BOM), spec)
        numbered = number_blocks(chain([first], blocks), FIRST_ROW)
    else:
        names = [*(column.header for column in spec.columns), *spec.ignored]
        names.sort(key=int)
        numbered = number_blocks(chain([first], blocks), 1)
    for number, (row, raw) in enumerate(numbered):
        if not number:
            check_encoding(head_of(raw), spec.encoding, path)
        yield Block(number, row, raw, tuple(names), str(path))


def parse_delimited(block: Block, spec: TableSpec) -> Piece:
    """The rows of one block, and its refused lines."""
    assert isinstance(block.payload, bytes)
    if len(block.names) < 2 or spec.encoding != UTF_8:
        return _parse_lines(block.payload, block, spec)
    apart = set_apart(block.payload, spec.delimiter)
    fields = None if apart is None else _split_plain(apart[0], spec, block.names)
    if apart is None or fields is None:
        return _parse_lines(block.payload, block, spec)
    _, suspect = apart
    row = np.delete(np.arange(block.first_row, block.first_row + fields.height + len(suspect)), list(suspect))
    texts = fields.insert_column(0, pl.Series("row", row, pl.Int64))
    if not suspect:
        return Piece(texts, pl.DataFrame(schema=REFUSAL_SCHEMA))
    rest = _parse_lines(b"".join(suspect.values()), block, spec)
    places = pl.DataFrame(
        {"row": np.arange(len(suspect)) + block.first_row, "place": np.array(list(suspect)) + block.first_row}
    )
    numbered = [frame.join(places, on="row", how="left", maintain_order="left") for frame in rest]
    found, refused = (frame.with_columns(row=pl.col("place")).drop("place") for frame in numbered)
    return Piece(pl.concat([texts, found.select(texts.columns)]).sort("row"), refused)


def _parse_lines(raw: bytes, block: Block, spec: TableSpec) -> Piece:
    """Line by line, as any may be amiss: rows numbered on from the block's first."""
    lines = read_lines(raw, spec.encoding, block.first_row) if raw else _no_lines()
    good, refused = split_rows(lines, _line_checks(spec.delimiter, len(block.names), has_quotes=b'"' in raw))
    fields = _split_fields(good["line"], spec.delimiter, block.names)
    # the ignored columns are left behind here
    texts = fields.select(column.header for column in spec.columns).insert_column(0, good["row"])
    return Piece(texts, refuse_lines(refused, lines, block.names))


def _split_plain(raw: bytes, spec: TableSpec, names: tuple[str, ...]) -> pl.DataFrame | None:
    """The declared fields of lines in which nothing is quoted; None where any line needs a closer look."""
    headers = [column.header for column in spec.columns]
    if not raw:
        return pl.DataFrame(schema=dict.fromkeys(headers, pl.String()))
    ends = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord("\n"))
    lines = len(ends) + (not raw.endswith(b"\n"))
    longest = int(np.diff(ends, prepend=-1, append=len(raw)).max())
    if raw.count(spec.delimiter.encode()) != lines * (len(names) - 1) or longest > LONGEST_LINE_BYTES:
        return None
    try:
        # a line with too many fields is an error, so that with the right number of delimiters none has too few
        fields = pl.read_csv(
            raw,
            separator=spec.delimiter,
            has_header=False,
            schema=dict.fromkeys(names, pl.String()),
            columns=[names.index(header) for header in headers],
            quote_char=None,
            encoding="utf8",
        )
    except pl.exceptions.PolarsError:
        return None
    return fields.select(headers) if fields.height == lines else None


def _read_names(path: Path, header: str, spec: TableSpec) -> list[str]:
    names = [name.strip() for name in next(csv.reader([header.rstrip("\r")], delimiter=spec.delimiter), [""])]
    known = [*(c.header for c in spec.columns), *spec.ignored]
    missing = [name for name in known if name not in names]
    # where no column is recognised the first line may be a row, and its values are not for messages
    unknown = [name for name in names if name not in known] if len(missing) < len(known) else []
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if missing or unknown or repeated:
        raise SourceLayoutChanged(path, missing=missing, unknown=unknown, repeated=repeated)
    return names


def _no_lines() -> pl.DataFrame:
    return pl.DataFrame(schema={"row": pl.Int64(), "line": pl.String(), "fault": pl.String()})


def _line_checks(delimiter: str, fields: int, *, has_quotes: bool) -> list[Check]:
    line = pl.col("line")
    checks = [Check(reason, "", pl.col("fault") == reason.value) for reason in _FAULTS]
    checks.append(
        Check(RejectReason.CONTROL_CHARACTER, "", line.str.replace_all(delimiter, "", literal=True).str.contains(CONTROL))
    )
    if has_quotes:
        line = line.str.replace_all('(?:"[^"]*")+', _QUOTED)
        edge = f"[^{re.escape(delimiter)}]"
        broken = line.str.contains(f'"|{edge}{_QUOTED}|{_QUOTED}{edge}')
        checks.append(Check(RejectReason.BROKEN_QUOTES, "", broken))
    count = line.str.count_matches(delimiter, literal=True) + 1
    checks.append(Check(RejectReason.TRUNCATED_ROW, "", count < fields))
    checks.append(Check(RejectReason.SURPLUS_FIELD, "", count > fields))
    return checks


_FAULTS = (RejectReason.BAD_ENCODING, RejectReason.LINE_TOO_LONG)


def _split_fields(lines: pl.Series, delimiter: str, names: tuple[str, ...]) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String())
    if lines.is_empty():
        return pl.DataFrame(schema=schema)
    text = lines.str.join("\n").item()
    fields = pl.read_csv(text.encode() + b"\n", separator=delimiter, has_header=False, schema=schema)
    assert fields.height == lines.len(), "a line that was counted as whole did not give one row"
    return fields
