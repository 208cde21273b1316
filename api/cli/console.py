"""Where the command line writes: results to standard output, progress and errors to standard error."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Advance = Callable[[str, int, int], None]
"""Told what has just been finished, how many steps are done, and how many there are."""


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """A bar for work that counts its steps; stays on the screen when it is done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err) as bar:
        task = bar.add_task(title, total=None)

        def advance(what: str, done: int, total: int) -> None:
            bar.update(task, description=f"{title}: {what}", completed=done, total=total)

        yield advance
        bar.update(task, description=title)


@contextmanager
def working(title: str) -> Iterator[None]:
    """A spinner for work of unknown length, then one line with the time it took."""
    started = time.monotonic()
    with err.status(title):
        yield
    err.print(f"{title}: {time.monotonic() - started:.1f} s")
