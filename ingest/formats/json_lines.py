"""JSON Lines: every line is one object, and a dotted path into it (`seller.identifier`, `items.0.name`) is a header.

A line that is no such object, or has something else where a declared path leads, is one refusal. The first lines stand for
a header: what they hold must be declared or ignored. A value written as a number is taken as its shortest decimal text.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from ingest.checks import Check, RejectReason, split_rows
from ingest.formats.pieces import Block, Piece, refuse_lines
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

FIRST_ROW = 1
HEAD_LINES = 100  # what every object may hold shows in this many
CHUNK_LINES = 50_000
DEEPEST = 40  # an object nested deeper is no row
Tree = dict[str, "Tree"]
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKET = re.compile(r"[\[\]{}]")


def cut_json_lines(path: Path, spec: TableSpec, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Blocks of lines.

    Raises:
        SourceUnreadable, SourceMalformed, SourceExpandsTooFar: as `text.read_blocks`.
        SourceEncodingWrong: the file is in another encoding.
        SourceLayoutChanged: the first lines lack a path that is not optional, or hold one nobody declared.
    """
    blocks = number_blocks(read_blocks(path, WHOLE if spec.whole else block_bytes), FIRST_ROW)
    for number, (row, raw) in enumerate(blocks):
        if not number:
            lines = check_head(raw, row, spec.encoding, path).filter(pl.col("fault").is_null())
            _check_head(path, lines["line"].head(HEAD_LINES).to_list(), spec)
        yield Block(number, row, raw, path=str(path))


def parse_json_lines(block: Block, spec: TableSpec) -> Piece:
    """The rows of one block, and its refused lines."""
    assert isinstance(block.payload, bytes)
    headers = [column.header for column in spec.columns]
    schema, values = _schema(headers), ["row", "whole", *map(_value, headers)]
    lines = read_lines(block.payload, spec.encoding, block.first_row)
    many = lines.filter(pl.col("line").str.count_matches(r"[\[{]") > DEEPEST)
    deep = pl.col("row").is_in([row for row, line in many.select("row", "line").iter_rows() if _depth(line) > DEEPEST])
    faults = [
        Check(reason, "", pl.col("fault") == reason.value) for reason in (RejectReason.BAD_ENCODING, RejectReason.LINE_TOO_LONG)
    ]
    readable, refused = split_rows(lines, [*faults, Check(RejectReason.BROKEN_RECORD, "", deep)])
    frames = [_decode(pl.Series("line", [], pl.String), schema).select(values)]
    for start in range(0, readable.height, CHUNK_LINES):
        frames += [
            frame.select(values) for frame in _decode_what_can_be(readable["line"][start : start + CHUNK_LINES], start, schema)
        ]
    rows = pl.concat(frames).with_columns(readable["row"])
    good, broken = split_rows(rows, [Check(RejectReason.BROKEN_RECORD, "", ~pl.col("whole"))])
    return Piece(good.drop("whole"), refuse_lines(pl.concat([refused, broken]), lines))


def _decode_what_can_be(lines: pl.Series, offset: int, schema: dict[str, pl.DataType]) -> Iterator[pl.DataFrame]:
    """Frames in the order of the lines: a chunk that cannot be decoded at once is halved down to the lines at fault."""
    try:
        frame = _decode(lines, schema)
    except PolarsError:
        frame = None
    if frame is not None and frame.height == len(lines):  # a blank line gives no row
        yield frame.with_columns(pl.col("row") + offset)
    elif len(lines) == 1:
        yield _decode(pl.Series("line", ["{}"]), schema).with_columns(pl.col("row") + offset, whole=pl.lit(False))
    else:
        half = len(lines) // 2
        yield from _decode_what_can_be(lines[:half], offset, schema)
        yield from _decode_what_can_be(lines[half:], offset + half, schema)


def _depth(line: str) -> int:
    """How deep objects and lists are nested, at most; brackets within texts do not count."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(_TEXT.sub("", line)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _decode(lines: pl.Series, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    if lines.is_empty():
        decoded = pl.DataFrame(schema=schema)
    else:
        decoded = pl.read_ndjson("\n".join(lines.to_list()).encode(), schema=schema)
    numbered = decoded.select(pl.struct(pl.all()).alias("object")).with_row_index("row", FIRST_ROW)
    return numbered.cast({"row": pl.Int64}).with_columns(whole=pl.lit(True))


def _schema(headers: Iterable[str]) -> dict[str, pl.DataType]:
    tree: Tree = {}
    for header in headers:
        at = tree
        for part in header.split("."):
            at = at.setdefault(part, {})
    return {name: _type(inner) for name, inner in tree.items()}


def _type(tree: Tree) -> pl.DataType:
    if not tree:
        return pl.String()
    if all(part.isdigit() for part in tree):
        inner: Tree = {}
        for of_item in tree.values():
            inner |= of_item
        return pl.List(_type(inner))
    return pl.Struct({name: _type(inner) for name, inner in tree.items()})


def _value(header: str) -> pl.Expr:
    value = pl.col("object")
    for part in header.split("."):
        value = value.list.get(int(part), null_on_oob=True) if part.isdigit() else value.struct.field(part)
    return value.alias(header)


def _check_head(path: Path, lines: list[str], spec: TableSpec) -> None:
    found: dict[str, None] = {}
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue  # refused as a row
        if isinstance(value, dict):
            found |= dict.fromkeys(_paths(value, ""))
    declared = [*(column.header for column in spec.columns), *spec.ignored]
    # what ends above a declared path is empty there, or is refused as a row
    known = [name for name in found if any(f"{name}.".startswith(f"{p}.") or p.startswith(f"{name}.") for p in declared)]
    required = [column.header for column in spec.columns if not column.optional]
    check_names(path, required=required, declared=known, found=found)


def _paths(value: object, prefix: str) -> Iterator[str]:
    """Dotted paths of one line's values; of a list the first item alone, the others being like it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(value, list):
        for inner in value[:1]:
            yield from _paths(inner, f"{prefix}.0")
    else:
        yield prefix
