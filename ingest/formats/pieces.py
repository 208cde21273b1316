"""What the formats have in common: a file is cut into blocks, and each block parsed into a piece, by any process in any order.

Cutting is cheap and depends on nothing but the file, so that a load that was stopped finds its place again.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from ingest.checks import FIELDS, LINE, NAMES, REFUSAL_SCHEMA, REJECTION_SCHEMA


class Piece(NamedTuple):
    """Rows of one block: `texts` has `row` and one String column a declared header, `refused` is of `REFUSAL_SCHEMA`."""

    texts: pl.DataFrame
    refused: pl.DataFrame


@dataclass(frozen=True)
class Block:
    """A part of one file that can be parsed alone.

    Attributes:
        number: From 0, in the order of the file.
        first_row: Number of its first row.
        payload: Bytes of whole records, or the piece itself where a format cannot be cut before it is parsed.
        names: Names of the fields, where the file states them once.
        path: Of the file, for messages.
    """

    number: int
    first_row: int
    payload: bytes | Piece
    names: tuple[str, ...] = ()
    path: str = ""


def empty_texts(headers: Iterable[str]) -> pl.DataFrame:
    """No rows, with the columns of `Piece.texts`."""
    return pl.DataFrame(schema={"row": pl.Int64()} | {header: pl.String() for header in headers})


def refuse_lines(rejections: pl.DataFrame, lines: pl.DataFrame, names: Sequence[str] = ()) -> pl.DataFrame:
    """Refusals of whole lines, with the line and, where the format has them, the names of its fields.

    Args:
        rejections: Of `REJECTION_SCHEMA`.
        lines: Has `row` and `line`.
        names: Field names of the file.
    """
    if not rejections.height:
        return pl.DataFrame(schema=REFUSAL_SCHEMA)
    told = rejections.join(lines.select("row", "line").unique("row"), on="row", how="left", maintain_order="left")
    extra = {NAMES: list(names)} if names else {}
    kept = [json.dumps({LINE: line} | extra, ensure_ascii=False) for line in told["line"].fill_null("").to_list()]
    return told.select(list(REJECTION_SCHEMA)).with_columns(pl.Series(FIELDS, kept, dtype=pl.String))
