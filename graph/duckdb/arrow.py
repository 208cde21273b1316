"""Rows on their way into DuckDB and back: identifiers as 16 bytes, where 32 digits it would parse and print one by one.

Knows Arrow's layout of identifiers. Opens no file and knows no statement.
"""

import numpy as np
import polars as pl
import pyarrow as pa

from graph.duckdb.schema import IDENTIFIERS

SETTINGS: dict[str, str | bool | int | float | list[str]] = {"arrow_lossless_conversion": True}
"""What a connection must be opened with to give identifiers as bytes."""
_DIGITS = 32
_BYTES = _DIGITS // 2


def to_arrow(rows: pl.DataFrame) -> pa.Table:
    """The same rows, those columns that name facts and nodes as UUID.

    Raises:
        ValueError: an identifier is not 32 hexadecimal digits.
    """
    named = [name for name in rows.columns if name in IDENTIFIERS]
    table = rows.drop(named).to_arrow()
    for name in named:
        table = table.append_column(name, _uuids(rows[name]))
    return table


def from_arrow(table: pa.Table | pa.RecordBatch) -> pl.DataFrame:
    """Rows as a connection with `SETTINGS` gives them, identifiers as 32 hexadecimal digits, truth values as integers."""
    columns = {name: _plain(table.column(name)) for name in table.schema.names}
    return pl.DataFrame([pl.Series(name, column) for name, column in columns.items()])


def _plain(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    if not isinstance(column.type, pa.BaseExtensionType):
        return column
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    stored = [chunk.storage for chunk in chunks if len(chunk)]
    # `combine_chunks` of no chunks imports pandas, which takes longer than many a read
    if column.type == pa.uuid():
        return pa.chunked_array([_digits(each) for each in stored], pa.large_string())
    return pa.chunked_array(stored, column.type.storage_type)


def _digits(stored: pa.FixedSizeBinaryArray) -> pa.Array:
    count = len(stored)
    raw = memoryview(stored.buffers()[1])[stored.offset * _BYTES : (stored.offset + count) * _BYTES]
    offsets = np.arange(0, (count + 1) * _DIGITS, _DIGITS, dtype=np.int64)
    return pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(raw.hex().encode()))


def _uuids(digits: pl.Series) -> pa.Array:
    if not (digits.str.len_bytes() == _DIGITS).all():
        raise ValueError(f"{digits.name}: an identifier has {_DIGITS} hexadecimal digits")
    raw = bytes.fromhex(digits.str.join("")[0])
    stored = pa.FixedSizeBinaryArray.from_buffers(pa.binary(_BYTES), digits.len(), [None, pa.py_buffer(raw)])
    return pa.ExtensionArray.from_storage(pa.uuid(), stored)
