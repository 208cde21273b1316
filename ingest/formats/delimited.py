"""Reads one delimited file strictly: encoding and header must be as declared, every line is either split or refused.

Knows text only; what the values mean is for ingest/values.py. A record is one line: line breaks inside quotes are not
supported and refused as broken quotes. CRLF, a byte-order mark and a missing final newline are accepted.
"""

import re
from collections import Counter
from itertools import chain
from pathlib import Path

import polars as pl

from ingest.checks import Check, RejectReason, split_rows
from ingest.errors import SourceLayoutChanged
from ingest.formats.text import CONTROL, read_blocks
from ingest.source import TableSpec

FIRST_ROW = 2  # line number of the first row; the header is line 1
_QUOTED = "\x1f"  # stands for a well-quoted field while delimiters are counted; a line that holds it itself is refused before


def read_delimited(path: Path, spec: TableSpec) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with `row` (line number) and one String column a declared header, and the refused lines.

    Raises:
        SourceUnreadable: the system does not let it be read.
        SourceEncodingWrong: bytes that the declared encoding does not allow.
        SourceLayoutChanged: the header is not the declared one.
    """
    blocks = read_blocks(path, spec.encoding)
    header, _, body = next(blocks, "").partition("\n")
    names = _read_header(path, header, spec)
    kept, rejections, row = [], [], FIRST_ROW
    for block in chain([body], blocks):
        lines = _split_lines(block, row)
        row += lines.height
        good, refused = split_rows(lines, _line_checks(spec.delimiter, len(names), has_quotes='"' in block))
        fields = _split_fields(good["line"], spec.delimiter, names)
        # the ignored columns are left behind here
        kept.append(fields.select(column.header for column in spec.columns).insert_column(0, good["row"]))
        rejections.append(refused)
    return pl.concat(kept), pl.concat(rejections)


def _read_header(path: Path, header: str, spec: TableSpec) -> list[str]:
    names = [name.strip().strip('"').strip() for name in header.rstrip("\r").split(spec.delimiter)]
    known = [*(c.header for c in spec.columns), *spec.ignored]
    missing = [name for name in known if name not in names]
    # where no column is recognised the first line may be a row, and its values are not for messages
    unknown = [name for name in names if name not in known] if len(missing) < len(known) else []
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if missing or unknown or repeated:
        raise SourceLayoutChanged(path, missing=missing, unknown=unknown, repeated=repeated)
    return names


def _split_lines(block: str, first_row: int) -> pl.DataFrame:
    lines = pl.Series("line", [block.removesuffix("\n")] if block else [], dtype=pl.String).str.split("\n").explode()
    return pl.DataFrame({"line": lines.str.strip_suffix("\r")}).with_row_index("row", first_row).cast({"row": pl.Int64})


def _line_checks(delimiter: str, fields: int, *, has_quotes: bool) -> list[Check]:
    line = pl.col("line")
    checks = [
        Check(RejectReason.CONTROL_CHARACTER, "", line.str.replace_all(delimiter, "", literal=True).str.contains(CONTROL))
    ]
    if has_quotes:
        line = line.str.replace_all('(?:"[^"]*")+', _QUOTED)
        edge = f"[^{re.escape(delimiter)}]"
        broken = line.str.contains(f'"|{edge}{_QUOTED}|{_QUOTED}{edge}')
        checks.append(Check(RejectReason.BROKEN_QUOTES, "", broken))
    count = line.str.count_matches(delimiter, literal=True) + 1
    checks.append(Check(RejectReason.TRUNCATED_ROW, "", count < fields))
    checks.append(Check(RejectReason.SURPLUS_FIELD, "", count > fields))
    return checks


def _split_fields(lines: pl.Series, delimiter: str, names: list[str]) -> pl.DataFrame:
    schema = dict.fromkeys(names, pl.String())
    if lines.is_empty():
        return pl.DataFrame(schema=schema)
    text = lines.str.join("\n").item()
    fields = pl.read_csv(text.encode(), separator=delimiter, has_header=False, schema=schema)
    assert fields.height == lines.len(), "a line that was counted as whole did not give one row"
    return fields
