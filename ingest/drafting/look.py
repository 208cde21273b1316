"""The beginning of a file as columns of text: format, encoding, delimiter and header are found by looking.

What is doubtful is said in `doubts`, for the one who finishes the draft. Reads no more than the beginning.
"""

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.errors import DraftRefused, IngestError
from ingest.formats.parquet import is_plain
from ingest.formats.text import opened
from ingest.source import Format

FIRST_BYTES = 4 * 1024 * 1024
FIRST_ROWS = 2_000
DELIMITERS = (",", ";", "\t", "|", "^", "~", ":")
_PARQUET = b"PAR1"
_ALONE = 0.5  # share of high bytes that stand alone in western text


@dataclass(frozen=True)
class Look:
    """What the beginning of a file shows.

    Attributes:
        path: The file.
        format: How it is written.
        columns: First values of each column by header, None where there is none.
        delimiter: Of a delimited file.
        encoding: Of a text file.
        has_header: Whether the first line names the columns.
        nested: Columns of a Parquet file that are nested or binary; `columns` has what lies within them, under dotted paths.
        doubts: By subject (`encoding`, `header`), what could also be.
    """

    path: Path
    format: Format
    columns: Mapping[str, Sequence[str | None]]
    delimiter: str = ","
    encoding: str = "utf-8"
    has_header: bool = True
    nested: frozenset[str] = frozenset()
    doubts: Mapping[str, str] = field(default_factory=dict)


def look_at(path: Path) -> Look:
    """Look at the beginning of a file.

    Raises:
        DraftRefused: it is not there, empty, or in no format that a mapping reads.
    """
    try:
        with opened(path) as file:
            raw = file.read(FIRST_BYTES)
    except IngestError as exc:
        raise DraftRefused(path, str(exc)) from exc
    if raw.startswith(_PARQUET):
        return _look_at_parquet(path)
    if not raw.strip():
        raise DraftRefused(path, "it is empty")
    if len(raw) == FIRST_BYTES:
        raw = raw[: raw.rfind(b"\n") + 1]
    text, encoding, doubts = _decode(path, raw)
    lines = [line for line in text.splitlines() if line.strip()][: FIRST_ROWS + 1]
    if lines[0].lstrip().startswith("{"):
        return Look(path, Format.JSON_LINES, _objects(path, lines), encoding=encoding, doubts=doubts)
    return _look_at_delimited(path, lines, encoding, doubts)


def _decode(path: Path, raw: bytes) -> tuple[str, str, dict[str, str]]:
    if b"\x00" in raw:
        raise DraftRefused(path, "it is no text in UTF-8 or a one-byte encoding; convert it, or deliver Parquet")
    try:
        return raw.decode("utf-8-sig"), "utf-8", {}
    except UnicodeDecodeError:
        pass
    high = [i for i, byte in enumerate(raw) if byte >= 0x80]
    alone = sum(1 for i in high if raw[i - 1] < 0x80 and (i + 1 == len(raw) or raw[i + 1] < 0x80))
    western = alone >= _ALONE * len(high)
    for encoding in ("windows-1252", "iso-8859-1") if western else ("gb18030", "windows-1252", "iso-8859-1"):
        try:
            return (
                raw.decode(encoding),
                encoding,
                {"encoding": "the file is not UTF-8, and only a person sees which letters are right"},
            )
        except UnicodeDecodeError:
            continue
    raise DraftRefused(path, "its encoding cannot be told")  # pragma: no cover - iso-8859-1 reads every byte


def _look_at_delimited(path: Path, lines: Sequence[str], encoding: str, doubts: dict[str, str]) -> Look:
    delimiter = max(DELIMITERS, key=lambda mark: _evenness(lines, mark))
    if _evenness(lines, delimiter)[0] == 0:
        raise DraftRefused(
            path, "no delimiter divides its lines evenly; a mapping reads delimited text, JSON Lines and Parquet"
        )
    rows = list(csv.reader(lines, delimiter=delimiter))
    width = Counter(len(row) for row in rows).most_common(1)[0][0]
    first, even = [cell.strip() for cell in rows[0]], [row for row in rows if len(row) == width]
    has_header, doubt = _tell_header(first, even[1:] if rows[0] in even else even)
    if has_header and len(first) != width:
        raise DraftRefused(
            path, f"its first line has {len(first)} fields and most others {width}; remove what stands above the header"
        )
    headers = first if has_header else [str(i + 1) for i in range(width)]
    body = even[1:] if has_header else even
    columns = {header: [row[i].strip() or None for row in body] for i, header in enumerate(headers)}
    return Look(path, Format.DELIMITED, columns, delimiter, encoding, has_header, doubts=doubts | doubt)


def _evenness(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    """How alike the lines are when they are cut so, and into how many parts."""
    widths = Counter(len(row) for row in csv.reader(lines[:200], delimiter=delimiter))
    width, count = widths.most_common(1)[0]
    return (round(count / widths.total(), 1), width) if width > 1 else (0, 0)


def _tell_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[bool, dict[str, str]]:
    if len(set(first)) < len(first) or not all(first) or any(_is_figure(cell) for cell in first):
        return False, {}
    if any(
        body and all(_is_figure(row[i]) for row in body if row[i].strip())
        for i in range(min(len(first), len(body[0]) if body else 0))
    ):
        return True, {}
    return True, {
        "header": "no column below it holds figures alone, so the first line might be a row; if so, write header: false"
    }


def _is_figure(cell: str) -> bool:
    return any(letter.isdigit() for letter in cell) and not any(letter.isalpha() for letter in cell)


def _objects(path: Path, lines: Sequence[str]) -> dict[str, list[str | None]]:
    rows: list[dict[str, str]] = []
    for line in lines:
        try:
            value = json.loads(line, parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            rows.append(dict(_leaves(value, "")))
    if not rows:
        raise DraftRefused(path, "none of its first lines is one JSON object")
    headers = list(dict.fromkeys(header for row in rows for header in row))
    return {header: [row.get(header) for row in rows] for header in headers}


def _leaves(value: Any, prefix: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in _leaves(inner, f"{prefix}.{name}" if prefix else name)]
    if isinstance(value, list):
        return [leaf for inner in value[:1] for leaf in _leaves(inner, f"{prefix}.0")]
    return [] if value is None else [(prefix, str(value))]


def _look_at_parquet(path: Path) -> Look:
    try:
        with pq.ParquetFile(path) as file:
            batch = next(islice(file.iter_batches(FIRST_ROWS), 1), None)
            schema = file.schema_arrow
    except (pa.ArrowInvalid, OSError) as exc:
        raise DraftRefused(path, "it is no Parquet file that can be read") from exc
    rows = [dict(_leaves(row, "")) for row in batch.to_pylist()] if batch is not None else []
    nested = frozenset(name for name in schema.names if not is_plain(schema.field(name).type))
    headers = list(
        dict.fromkeys([*(name for name in schema.names if name not in nested), *(header for row in rows for header in row)])
    )
    return Look(path, Format.PARQUET, {header: [row.get(header) for row in rows] for header in headers}, nested=nested)
