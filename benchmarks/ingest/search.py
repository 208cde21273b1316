"""Looks for what is left of someone anywhere below a folder: decodes every format first, then looks at the bare bytes too.

Knows how the stores, snapshots and quarantine write things down, and nothing of how they forget.
"""

import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

WORD = re.compile(r"[^\s\"',;:{}\[\]()]+")
Marks = dict[str, str]
"""Whose a text is, by the text: a name, a number, or a key of 32 hexadecimal digits."""


def find_marks(folder: Path, marks: Marks) -> dict[str, set[str]]:
    """Whose marks are found, by the file they are found in (below `folder`)."""
    found: dict[str, set[str]] = {}
    words = {word for mark in marks for word in mark.split()}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        told = {marks[mark] for text in _decoded(path) for mark in _matching(text, marks, words)}
        told |= set(_in_bytes(path.read_bytes(), marks))
        if told:
            found[str(path.relative_to(folder))] = told
    return found


def _matching(text: str, marks: Marks, words: set[str]) -> Iterator[str]:
    if text in marks:
        yield text
        return
    candidates = words.intersection(WORD.findall(text))
    if candidates:
        yield from (mark for mark in marks if mark.split()[0] in candidates and mark in text)


def _decoded(path: Path) -> Iterable[str]:
    """Every text of a file, as whoever opens it with the right program would read it."""
    if path.suffix == ".duckdb":
        return _of_tables(path)
    if path.suffix == ".parquet":
        return _of_frame(pl.read_parquet(path, memory_map=False))
    if path.suffix == ".npy":
        return _of_array(np.load(path, allow_pickle=False))
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return raw.decode("utf-8", "replace").splitlines()


def _of_tables(path: Path) -> Iterator[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            rows = pl.DataFrame(connection.sql(f'SELECT COLUMNS(*)::VARCHAR FROM "{name}"').to_arrow_table())
            yield from (text.replace("-", "") if len(text) == 36 else text for text in _of_frame(rows))


def _of_frame(rows: pl.DataFrame) -> Iterator[str]:
    for column in rows.get_columns():
        yield from column.cast(pl.String, strict=False).drop_nulls().unique().to_list()


def _of_array(values: NDArray[np.generic]) -> Iterator[str]:
    if values.dtype.kind == "S":
        text = np.ascontiguousarray(values).tobytes().hex()
        size = 2 * values.dtype.itemsize
        yield from (text[at : at + size] for at in range(0, len(text), size))


def _in_bytes(raw: bytes, marks: Marks) -> Iterator[str]:
    """Owners of keys that stand in the bytes as they are, or as DuckDB turns an identifier into a number."""
    owners: dict[bytes, str] = {}
    for mark, owner in marks.items():
        if len(mark) == 32 and not set(mark) - set("0123456789abcdef"):
            key = bytes.fromhex(mark)
            owners |= {key: owner, (int.from_bytes(key, "big") ^ (1 << 127)).to_bytes(16, "little"): owner}
    heads = np.sort(np.array([int.from_bytes(key[:8], "little") for key in owners], np.uint64))
    if not len(heads):
        return
    for offset in range(8):
        view = np.frombuffer(raw[offset : offset + (len(raw) - offset) // 8 * 8], "<u8")
        place = np.minimum(np.searchsorted(heads, view), len(heads) - 1)
        for at in np.flatnonzero(heads[place] == view):
            start = offset + 8 * int(at)
            owner = owners.get(raw[start : start + 16])
            if owner:
                yield owner
