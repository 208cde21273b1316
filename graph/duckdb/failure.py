"""Turns DuckDB's errors into the graph's own; the only module that knows what DuckDB raises."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from graph.errors import GraphError, StoreFull, StoreInUse, StoreUnavailable

_NO_SPACE = os.strerror(errno.ENOSPC)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Re-raise what DuckDB raises inside the block.

    Raises:
        StoreInUse: another process owns the file.
        StoreFull: the disk, or the memory DuckDB may use, is full.
        StoreUnavailable: anything else that DuckDB refuses.
    """
    try:
        yield
    except duckdb.Error as exc:
        raise _translate(path, exc) from exc


def _translate(path: Path, exc: duckdb.Error) -> GraphError:
    cause = str(exc).splitlines()[0]
    if _NO_SPACE in str(exc) or isinstance(exc, duckdb.OutOfMemoryException):
        return StoreFull(str(path), cause)
    if isinstance(exc, duckdb.IOException) and _is_locked(path):
        return StoreInUse(str(path))
    return StoreUnavailable(str(path), cause)


def _is_locked(path: Path) -> bool:
    """Whether another process holds DuckDB's lock; asked of the system, since DuckDB says so in prose only."""
    try:
        with path.open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return path.exists()
    except OSError:
        return False
    return False
