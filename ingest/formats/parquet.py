"""Parquet files: a column's name is its header, a value is read as the text it would have in a delimited file.

Read batch by batch. Times are written as RFC 3339 in UTC where they have a zone, and as wall-clock times where not. Nested and
binary columns are refused: which of their parts would count is for whoever writes the file to say.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.checks import REFUSAL_SCHEMA
from ingest.errors import SourceMalformed, SourceUnreadable
from ingest.formats.pieces import Block, Piece
from ingest.formats.text import check_names
from ingest.source import TableSpec

BATCH_ROWS = 50_000
FIRST_ROW = 1


def cut_parquet(path: Path, spec: TableSpec, block_bytes: int = 0) -> Iterator[Block]:
    """Blocks of rows, already as text; `row` counts from 1. Nothing is refused here.

    Raises:
        SourceUnreadable: the system does not let it be read.
        SourceMalformed: it is no Parquet file, or a declared column is nested.
        SourceLayoutChanged: it lacks a declared column, or has one nobody declared.
    """
    headers = [column.header for column in spec.columns]
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            required = [column.header for column in spec.columns if not column.optional]
            check_names(path, required=required, declared=[*headers, *spec.ignored], found=schema.names)
            present = [header for header in headers if header in schema.names]
            for header in present:
                if not is_plain(schema.field(header).type):
                    raise SourceMalformed(
                        path, line=1, expected=f"table of plain columns (column {header} is nested or binary)"
                    )
            rows = file.metadata.num_rows or 1
            first = FIRST_ROW
            for number, batch in enumerate(file.iter_batches(rows if spec.whole else BATCH_ROWS, columns=present)):
                texts = _texts(pl.DataFrame(pl.from_arrow(batch)), headers, first)
                yield Block(number, first, Piece(texts, pl.DataFrame(schema=REFUSAL_SCHEMA)), path=str(path))
                first += batch.num_rows
    except pa.ArrowInvalid as exc:
        raise SourceMalformed(path, line=1, expected="Parquet") from exc
    except OSError as exc:
        raise SourceUnreadable(path, exc.strerror or type(exc).__name__) from exc


def count_parquet(path: Path) -> int:
    """Rows, as the footer says.

    Raises:
        SourceMalformed: it is no Parquet file.
    """
    try:
        return int(pq.read_metadata(path).num_rows)
    except pa.ArrowInvalid as exc:
        raise SourceMalformed(path, line=1, expected="Parquet") from exc


def is_plain(kind: pa.DataType) -> bool:
    """Whether the values of a column of this type are texts, numbers, times or flags."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return not (pa.types.is_nested(value) or pa.types.is_binary(value) or pa.types.is_large_binary(value))


def _texts(rows: pl.DataFrame, headers: list[str], first: int) -> pl.DataFrame:
    kinds = rows.schema
    values = [_text(name, kinds[name]) if name in kinds else pl.lit(None, pl.String) for name in headers]
    named = [value.alias(name) for value, name in zip(values, headers, strict=True)]
    return rows.select(named).with_row_index("row", first).cast({"row": pl.Int64})


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if isinstance(kind, pl.Datetime):
        micro = value.dt.cast_time_unit("us")
        if kind.time_zone:
            return micro.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
        return micro.dt.strftime("%Y-%m-%d %H:%M:%S%.f")
    return value.cast(pl.String)
