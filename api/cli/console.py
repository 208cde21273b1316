"""Where the command line writes: results to standard output, progress and errors to standard error."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Advance = Callable[[str, int, int], None]
"""Told what has just been finished, how many steps are done, and how many there are."""


def command() -> str:
    """This program as the reader can call it: by its name where the shell finds it, else by where it lies."""
    return "creditgraph" if shutil.which("creditgraph") else os.path.relpath(Path(sys.executable).with_name("creditgraph"))


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """A bar for work that counts its steps; stays on the screen when it is done."""
    with _bar(title, MofNCompleteColumn(), TimeElapsedColumn()) as advance:
        yield advance


@contextmanager
def transfer(title: str) -> Iterator[Advance]:
    """A bar for work that counts bytes: with the rate, the time it took and the time that is left."""
    with _bar(title, DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn(), TimeRemainingColumn()) as advance:
        yield advance


@contextmanager
def _bar(title: str, *figures: ProgressColumn) -> Iterator[Advance]:
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), *figures, console=err) as bar:
        task = bar.add_task(title, total=None)

        def advance(what: str, done: int, total: int) -> None:
            bar.update(task, description=escape(f"{title}: {what}"), completed=done, total=total)

        yield advance
        bar.update(task, description=title)


@contextmanager
def working(title: str) -> Iterator[None]:
    """A spinner for work of unknown length, then one line with the time it took."""
    started = time.monotonic()
    with err.status(title):
        yield
    err.print(f"{title}: {time.monotonic() - started:.1f} s")
