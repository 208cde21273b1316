"""Writes delimited text with the habits of the real files: quotes, line ends, a final newline or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Style:
    """How a file is written; `quoted` are the positions of fields in quotes."""

    delimiter: str = ","
    line_end: str = "\n"
    ends_with_newline: bool = True
    header_quoted: bool = False
    quoted: frozenset[int] = frozenset()


def write_delimited(path: Path, header: Sequence[str], rows: Iterable[Sequence[str | int]], style: Style) -> None:
    """Write a header and rows; values must not hold the delimiter, a quote or a line end."""
    everywhere = frozenset(range(len(header)))
    lines = [_line(header, everywhere if style.header_quoted else frozenset(), style.delimiter)]
    lines += [_line(row, style.quoted, style.delimiter) for row in rows]
    text = style.line_end.join(lines) + (style.line_end if style.ends_with_newline else "")
    path.write_bytes(text.encode("ascii"))


def _line(values: Sequence[str | int], quoted: frozenset[int], delimiter: str) -> str:
    return delimiter.join(f'"{value}"' if i in quoted else str(value) for i, value in enumerate(values))
