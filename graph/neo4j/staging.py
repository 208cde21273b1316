"""Where a database is made beside the one in use, and how it takes that one's place, whatever ends the process.

Decides by one marker file: with it the new data folder is complete and stands; without it the old one does. Knows
folders only.
"""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.durable import sync
from graph.errors import StoreInUse

DATA = "data"
SERVER = "server"
"""Folder, within the staging one, of a server that makes a database there."""
_STAGING, _READY, _LOCK = "staging", "staging.ready", "staging.lock"
_LEFT_BEHIND = ("logs", "server.log", "import.log")
"""What a server leaves beside its data; messages may quote keys, so they go with the data they speak of."""


@contextmanager
def staged(home: Path, stop: Callable[[Path], object]) -> Iterator[Path]:
    """A fresh folder to work in, gone after the block; whoever else wants this server meanwhile is refused.

    Args:
        home: The server's folder.
        stop: Stops the server of a folder.

    Raises:
        StoreInUse: another process works here.
    """
    with _locked(home):
        _settle(home, stop)
        folder = home / _STAGING
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            _settle(home, stop)


def settle_staging(home: Path, stop: Callable[[Path], object]) -> None:
    """Finish a change of place that was interrupted, or clear away one that had not come so far; the server is stopped.

    Raises:
        StoreInUse: another process works here.
    """
    if (home / _STAGING).exists() or (home / _READY).exists() or (home / _LOCK).exists():
        with _locked(home):
            _settle(home, stop)


def take_place(home: Path, server: Path) -> None:
    """Put the data folder of a stopped staging server in the place of the stopped server's; its logs go too.

    Args:
        home: The server's folder.
        server: The staging server's, within the folder that `staged` gave.
    """
    (server / DATA).rename(home / _STAGING / DATA)
    sync(home / _STAGING)
    (home / _READY).touch()
    sync(home)
    _finish(home)


def _settle(home: Path, stop: Callable[[Path], object]) -> None:
    if (home / _READY).exists():
        _finish(home)
    if (home / _STAGING).exists():
        stop(home / _STAGING / SERVER)
        shutil.rmtree(home / _STAGING)


def _finish(home: Path) -> None:
    """Every step can be taken again: until the marker goes, the new data folder is in one place or the other."""
    if (home / _STAGING / DATA).exists():
        shutil.rmtree(home / DATA, ignore_errors=True)
        (home / _STAGING / DATA).rename(home / DATA)
        sync(home)
    for name in _LEFT_BEHIND:
        shutil.rmtree(home / name) if (home / name).is_dir() else (home / name).unlink(missing_ok=True)
    (home / _READY).unlink()


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise StoreInUse(str(home)) from exc
        yield
