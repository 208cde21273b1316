from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.errors import SourceLayoutChanged, SourceMalformed
from ingest.formats import parquet
from ingest.formats.parquet import count_parquet, cut_parquet
from ingest.formats.pieces import Piece
from ingest.source import ColumnSpec, Format, TableSpec
from ingest.values import Text


def spec(*headers: str, ignored: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> TableSpec:
    columns = tuple(ColumnSpec(header, header, Text(), header in optional) for header in headers)
    return TableSpec("t", "t.parquet", columns, ignored=dict.fromkeys(ignored, "not needed"), format=Format.PARQUET)


def texts(path: Path, table: TableSpec) -> pl.DataFrame:
    payloads = [block.payload for block in cut_parquet(path, table)]
    return pl.concat([payload.texts for payload in payloads if isinstance(payload, Piece)])


def write(path: Path, **columns: object) -> Path:
    pl.DataFrame(columns).write_parquet(path / "t.parquet")
    return path / "t.parquet"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ada", "ada"),
        (7, "7"),
        (Decimal("12.50"), "12.50"),
        (True, "true"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 1, 2, 3), "2024-02-29 01:02:03"),
        (datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC), "2024-02-29T01:02:03Z"),
        (None, None),
    ],
)
def test_a_value_is_the_text_it_would_be_in_a_delimited_file(tmp_path: Path, value: object, text: str | None) -> None:
    assert texts(write(tmp_path, x=[value]), spec("x"))["x"].to_list() == [text]


def test_rows_are_numbered_across_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "BATCH_ROWS", 3)
    path = write(tmp_path, x=list("abcdefgh"))
    assert texts(path, spec("x"))["row"].to_list() == list(range(1, 9))
    assert [block.first_row for block in cut_parquet(path, spec("x"))] == [1, 4, 7]
    assert count_parquet(path) == 8


def test_a_column_nobody_declared_and_one_that_is_lacking_stop_the_load(tmp_path: Path) -> None:
    path = write(tmp_path, x=["a"], y=["b"])
    with pytest.raises(SourceLayoutChanged, match="undeclared 'y'"):
        texts(path, spec("x"))
    with pytest.raises(SourceLayoutChanged, match="lacks 'z'"):
        texts(path, spec("x", "z", ignored=("y",)))
    assert texts(path, spec("x", "z", ignored=("y",), optional=("z",)))["z"].to_list() == [None]


@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.struct([("a", pa.string())]), pa.binary()])
def test_nested_and_binary_columns_are_refused_unless_ignored(tmp_path: Path, kind: pa.DataType) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"x": pa.array([None], kind), "y": ["b"]}), path)
    with pytest.raises(SourceMalformed, match="column x is nested or binary"):
        texts(path, spec("x", "y"))
    assert texts(path, spec("y", ignored=("x",))).height == 1


def test_what_is_no_parquet_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(SourceMalformed, match=r"no well-formed Parquet"):
        texts(path, spec("x"))
    with pytest.raises(SourceMalformed, match=r"no well-formed Parquet"):
        count_parquet(path)
