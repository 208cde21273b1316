"""Looks at the beginning of every delivered file, ignored columns included, for what must never be used.

An ignored column still lies on the disk and in the quarantine of a broken row, so not reading it is not enough.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from ingest.drafting.look import look_at
from ingest.errors import DraftRefused
from ingest.forbidden import MOST_VALUES, check_column
from ingest.formats.reading import find_files, parse_block, read_head
from ingest.source import ColumnSpec, Format, SourceSpec, TableSpec
from ingest.values import Text

_FREE_FORM = frozenset({Format.JSON_LINES, Format.PARQUET})


def check_source(source: SourceSpec, folder: Path) -> None:
    """Refuse a delivery with a column, read or ignored, that seems to hold what must never be used.

    Raises:
        CategoryForbidden: names the file and the column.
        IngestError: a file is missing, or its structure is wrong.
    """
    for spec in source.tables:
        for path in find_files(source.name, folder, spec):
            check_columns(path, spec)


def check_columns(path: Path, spec: TableSpec) -> None:
    """Refuse a file with such a column; raises as `check_source`."""
    for header, values in read_sample(path, spec):
        check_column(path, header, values)


def read_sample(path: Path, spec: TableSpec) -> Iterator[tuple[str, list[str]]]:
    """Header and first values of every column of a file, read or ignored, as they stand in it."""
    if spec.format in _FREE_FORM:  # what lies within a column counts too, and what nobody declared
        yield from _look_inside(path)
        return
    headers = [*(column.header for column in spec.columns), *spec.ignored]
    plain = replace(
        spec,
        columns=tuple(ColumnSpec(header, header, Text(), optional=True) for header in headers),
        ignored={},
        whole=False,
        rules=(),
        lookups=(),
        derived={},
        checks=(),
    )
    pieces = [parse_block(block, plain).texts for block in read_head(path, plain)]
    rows = pl.concat(pieces) if pieces else pl.DataFrame()
    for header in headers:
        yield header, rows[header].drop_nulls().head(MOST_VALUES).to_list() if header in rows.columns else []


def _look_inside(path: Path) -> Iterator[tuple[str, list[str]]]:
    try:
        columns = look_at(path).columns
    except DraftRefused:  # empty, or not one sound record at its beginning: the rows are refused one by one
        return
    for header, values in columns.items():
        yield header, [value for value in values if value is not None]
