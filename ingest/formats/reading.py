"""Finds the files of a table and reads them in the declared format into the table's text columns, piece by piece.

What all formats share stands here: files in parts, blank values, control characters. Knows nothing of what values mean.
"""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ingest.checks import FIELDS, REFUSAL_SCHEMA, Check, RejectReason, split_rows
from ingest.errors import SourceInParts, SourceMissing
from ingest.formats.camt053 import check_camt053, cut_camt053
from ingest.formats.delimited import cut_delimited, parse_delimited
from ingest.formats.json_lines import cut_json_lines, parse_json_lines
from ingest.formats.parquet import count_parquet, cut_parquet
from ingest.formats.pieces import Block, Piece, empty_texts
from ingest.formats.text import BLOCK_BYTES, CONTROL, GZIP_SUFFIX, HEAD_BYTES, read_blocks
from ingest.formats.vcard import cut_vcards, parse_vcards
from ingest.source import Format, TableSpec
from ingest.windows import has_windows

TAB = "\t"
LOOK_BYTES = 2 * HEAD_BYTES  # of a file that are read before anything of it is used: its head, and a header before that


def _as_cut(block: Block, spec: TableSpec) -> Piece:
    assert isinstance(block.payload, Piece)
    return block.payload


class _Reader(NamedTuple):
    cut: Callable[[Path, TableSpec, int], Iterator[Block]]
    parse: Callable[[Block, TableSpec], Piece] = _as_cut


_READERS: Mapping[Format, _Reader] = {
    Format.DELIMITED: _Reader(cut_delimited, parse_delimited),
    Format.JSON_LINES: _Reader(cut_json_lines, parse_json_lines),
    Format.VCARD: _Reader(cut_vcards, parse_vcards),
    Format.CAMT_053: _Reader(cut_camt053),
    Format.PARQUET: _Reader(cut_parquet),
}


def find_files(source: str, folder: Path, spec: TableSpec) -> list[Path]:
    """The files of a table: the declared name and its parts (`orders.jsonl`, `orders.2024-01.jsonl`), also as `.gz`.

    Raises:
        SourceMissing: there is none, and the table is not optional.
        SourceInParts: there are several, and the table's rows are numbered over all of it.
    """
    found = sorted(path for path in folder.iterdir() if path.is_file() and is_part_of(path.name, spec.file))
    if not found and not spec.optional:
        raise SourceMissing(source, folder / spec.file)
    if len(found) > 1 and has_windows(spec):
        raise SourceInParts(found)
    return found


def is_part_of(name: str, file: str) -> bool:
    """Whether a file of that name holds a declared file, or a part of it, packed or not."""
    stem, dot, ending = file.rpartition(".")
    plain = name.removesuffix(GZIP_SUFFIX)
    return plain == file or (name.startswith(f"{stem}.") and plain.endswith(dot + ending))


def check_file(path: Path, spec: TableSpec) -> None:
    """Refuse a file whose structure is wrong, before any of its rows is used.

    Raises:
        SourceUnreadable: the system does not let it be read.
        SourceEncodingWrong: it is in another encoding.
        SourceLayoutChanged: the header, or what stands for one in this format, is not the declared one.
        SourceMalformed: the file as a whole does not keep to its format.
        SourceExpandsTooFar: it unpacks to more than any text would.
    """
    for block in read_head(path, spec):
        parse_block(block, spec)


def read_head(path: Path, spec: TableSpec) -> Iterator[Block]:
    """A short first block of a file, none where it is empty; raises as `check_file`."""
    blocks = cut_blocks(path, replace(spec, whole=False), LOOK_BYTES)
    yield from islice(blocks, 1)
    blocks.close()


def has_lines(path: Path, spec: TableSpec) -> bool:
    """Whether every line of the file, as it lies there, is a row or the header."""
    return spec.format in (Format.DELIMITED, Format.JSON_LINES) and path.suffix != GZIP_SUFFIX


def rows_of_lines(lines: int, spec: TableSpec) -> int:
    """Rows of a file with so many lines."""
    return max(0, lines - (spec.format is Format.DELIMITED and spec.has_header))


def count_rows(path: Path, spec: TableSpec) -> int:
    """Rows of a file, exactly where its lines or a footer tell, about where they do not; raises as `check_file`."""
    if spec.format is Format.PARQUET:
        return count_parquet(path)
    if spec.format is Format.CAMT_053:
        return check_camt053(path)
    lines, last, cards = 0, b"\n", 0
    for block in read_blocks(path):
        lines, last, cards = lines + block.count(b"\n"), block[-1:], cards + block.count(b"BEGIN:VCARD")
    return cards if spec.format is Format.VCARD else rows_of_lines(lines + (last != b"\n"), spec)


def cut_blocks(path: Path, spec: TableSpec, block_bytes: int = BLOCK_BYTES) -> Generator[Block]:
    """The file in parts that can be parsed apart from each other, of about so many bytes where its format allows it."""
    yield from _READERS[spec.format].cut(path, spec, block_bytes)


def parse_block(block: Block, spec: TableSpec) -> Piece:
    """Rows with `row` and a String column for each declared column by its name, trimmed, null where the text means no value."""
    fields, refused = _READERS[spec.format].parse(block, spec)
    clean, dirty = tidy(fields, spec)
    return Piece(clean, pl.concat([refused, dirty]))


def tidy(fields: pl.DataFrame, spec: TableSpec) -> Piece:
    """Columns by their names instead of headers, trimmed, without the texts that mean no value; refuses control characters."""
    texts = fields.select("row", *(_trimmed(column.header, spec.missing).alias(column.name) for column in spec.columns))
    searched = spec.format is Format.DELIMITED and spec.delimiter != TAB  # lines with any were refused as a whole
    if searched or not texts.height or not texts.select(_any_control()).item():
        return Piece(texts, pl.DataFrame(schema=REFUSAL_SCHEMA))
    clean, dirty = split_rows(texts, [_control_check(column.name) for column in spec.columns])
    return Piece(clean, keep_fields(dirty, texts))


def _trimmed(header: str, missing: Sequence[str]) -> pl.Expr:
    text = pl.col(header).str.strip_chars()
    return pl.when(text != missing[0] if len(missing) == 1 else ~text.is_in(list(missing))).then(text)


def _any_control() -> pl.Expr:
    return pl.any_horizontal(pl.col(pl.String).str.contains(CONTROL).any())


def keep_fields(rejections: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Rejections with the values of their rows, by the columns' names, as `REFUSAL_SCHEMA`."""
    if not rejections.height:
        return pl.DataFrame(schema=REFUSAL_SCHEMA)
    told = rejections.join(texts, on="row", how="left", maintain_order="left")
    values = told.drop(rejections.columns).rows(named=True)
    kept = [json.dumps({name: value for name, value in row.items() if value is not None}, ensure_ascii=False) for row in values]
    return rejections.with_columns(pl.Series(FIELDS, kept, dtype=pl.String))


def read_pieces(path: Path, spec: TableSpec) -> Iterator[Piece]:
    """All pieces of one file, one after the other."""
    return (parse_block(block, spec) for block in cut_blocks(path, spec))


def read_table(source: str, folder: Path, spec: TableSpec) -> Piece:
    """All rows of a table and all refusals at once; raises as `find_files` and `check_file`."""
    pieces = [piece for path in find_files(source, folder, spec) for piece in read_pieces(path, spec)]
    names = empty_texts(column.name for column in spec.columns)
    return Piece(
        pl.concat([names, *(piece.texts for piece in pieces)]),
        pl.concat([pl.DataFrame(schema=REFUSAL_SCHEMA), *(piece.refused for piece in pieces)]),
    )


def _control_check(name: str) -> Check:
    return Check(RejectReason.CONTROL_CHARACTER, name, pl.col(name).str.contains(CONTROL))
