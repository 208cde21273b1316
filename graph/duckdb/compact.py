"""Rewrites a DuckDB file, so that nothing of what was erased is left in it.

DuckDB keeps the bytes of deleted rows until it needs their room. Here everything that stands is copied into a fresh file,
which then takes the old one's place in one step; whenever this ends early, one of the two is there, whole.
"""

import os
import shutil
from pathlib import Path

import duckdb

from graph.duckdb.failure import translated
from graph.duckdb.store import MEMORY
from graph.durable import sync
from graph.errors import StoreInUse

FRESH_SUFFIX = ".compacting"
_LOG, _SPILLED = ".wal", ".tmp"


def compact(path: Path) -> None:
    """Copy what stands into a fresh file, swap it in, and delete the old file with its log.

    Needs room for the file once more. What an earlier call that was killed left behind is taken away.

    Args:
        path: An existing store that nobody has open, this process included.

    Raises:
        StoreInUse: somebody has it open.
        StoreFull: no room for the copy; the store is as it was.
        StoreUnavailable: there is no such file, or it is no DuckDB database.
    """
    fresh = path.with_name(path.name + FRESH_SUFFIX)
    _remove(fresh)
    try:
        with translated(path), _owned(path) as connection:
            connection.execute("CHECKPOINT")
            _copy(connection, fresh)
            _remove_beside(path, _LOG)  # the log of the old file, empty now, must not be taken for the fresh one's
            os.replace(fresh, path)
            sync(path.parent)
    finally:
        _remove(fresh)
    _remove_beside(path, _SPILLED)


def _owned(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that holds DuckDB's lock until the swap is done."""
    if not path.exists():
        raise duckdb.IOException("there is no such file")
    try:
        # Settings other than a store's: where this process has the file open already, DuckDB refuses to share it.
        return duckdb.connect(str(path), config={"preserve_insertion_order": "true", "memory_limit": MEMORY})
    except duckdb.ConnectionException as exc:
        raise StoreInUse(str(path)) from exc


def _copy(connection: duckdb.DuckDBPyConnection, fresh: Path) -> None:
    [(old,)] = connection.execute("SELECT current_database()").fetchall()
    connection.execute(f"ATTACH {_quoted(str(fresh), mark=chr(39))} AS fresh")
    connection.execute(f"COPY FROM DATABASE {_quoted(old, mark=chr(34))} TO fresh")
    connection.execute("CHECKPOINT fresh")
    connection.execute("DETACH fresh")
    sync(fresh)


def _quoted(text: str, *, mark: str) -> str:
    return mark + text.replace(mark, 2 * mark) + mark


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    for suffix in (_LOG, _SPILLED):
        _remove_beside(path, suffix)


def _remove_beside(path: Path, suffix: str) -> None:
    beside = path.with_name(path.name + suffix)
    if beside.is_dir():
        shutil.rmtree(beside)
    else:
        beside.unlink(missing_ok=True)
