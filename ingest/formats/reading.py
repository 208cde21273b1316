"""Finds the file of a table and reads it in its declared format into the table's text columns.

What all formats share stands here: a missing file, blank values, control characters. Knows nothing of what values mean.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from ingest.checks import REJECTION_SCHEMA, Check, RejectReason, split_rows
from ingest.errors import SourceMissing
from ingest.formats.camt053 import read_camt053
from ingest.formats.delimited import read_delimited
from ingest.formats.json_lines import read_json_lines
from ingest.formats.text import CONTROL
from ingest.formats.vcard import read_vcards
from ingest.source import Format, TableSpec

_READERS: Mapping[Format, Callable[[Path, TableSpec], tuple[pl.DataFrame, pl.DataFrame]]] = {
    Format.DELIMITED: read_delimited,
    Format.JSON_LINES: read_json_lines,
    Format.CAMT_053: read_camt053,
    Format.VCARD: read_vcards,
}


def read_table(source: str, folder: Path, spec: TableSpec) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read a file into text columns.

    Args:
        source: Name of the source, for messages.
        folder: Where the file lies.
        spec: What the file must look like.

    Returns:
        Rows with `row` (its place in the file) and one String column for each declared column, trimmed, null where the
        text means no value; and the refused rows as `checks.REJECTION_SCHEMA`. No rows where an optional file is absent.

    Raises:
        SourceMissing: the file is not there.
        SourceUnreadable: the system does not let it be read.
        SourceEncodingWrong: bytes that the declared encoding does not allow.
        SourceLayoutChanged: the header, or what stands for one in this format, is not the declared one.
        SourceMalformed: the file as a whole does not keep to its format.
    """
    path = folder / spec.file
    if not path.is_file():
        if spec.optional:
            return _empty(spec)
        raise SourceMissing(source, path)
    fields, refused = _READERS[spec.format](path, spec)
    missing = list(spec.missing)
    trimmed = fields.select("row", pl.col(pl.String).str.strip_chars())
    texts = trimmed.select(
        "row",
        *(pl.when(~pl.col(c.header).is_in(missing)).then(pl.col(c.header)).alias(c.name) for c in spec.columns),
    )
    clean, dirty = split_rows(texts, [_control_check(column.name) for column in spec.columns])
    return clean, pl.concat([refused, dirty])


def _control_check(name: str) -> Check:
    return Check(RejectReason.CONTROL_CHARACTER, name, pl.col(name).str.contains(CONTROL))


def _empty(spec: TableSpec) -> tuple[pl.DataFrame, pl.DataFrame]:
    names = {"row": pl.Int64()} | {column.name: pl.String() for column in spec.columns}
    return pl.DataFrame(schema=names), pl.DataFrame(schema=REJECTION_SCHEMA)
