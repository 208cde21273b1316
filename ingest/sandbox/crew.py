"""Divides the work of a sandbox among processes: imagined futures by fixed pieces, raw files one each.

What a piece is never depends on how many work, so that the bytes do not either. One worker means this process alone.
"""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.futures import Applicants, probability_of_default
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.files.index import FILES
from ingest.sandbox.knobs import Knobs, Scale
from ingest.sandbox.life import write_life
from ingest.sandbox.society import Lenders

PIECE = 2_000
"""Applications whose futures are imagined with one stream of luck."""
WAITING = 3  # pieces a worker may have waiting, each with its applicants' state

Chances = NDArray[np.float64]
_delivery: Delivery | None = None  # of this worker process, set when it starts


class Crew:
    """Workers for one sandbox; a context manager."""

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise ValueError(f"{workers} workers: at least one is needed")
        self.workers = workers
        self._waiting: deque[Future[Chances]] = deque()
        self._pool: Executor | None = None

    def __enter__(self) -> "Crew":
        if self.workers > 1:
            self._pool = ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"), initializer=_settle_in)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def imagine(self, applicants: Applicants, lenders: Lenders, scale: Scale, paths: int) -> Callable[[], Chances]:
        """Begin to imagine the futures of a month's applicants.

        Returns:
            Waits for their probabilities of default, float64 [applications].
        """
        pieces = [
            (applicants.part(first, first + PIECE), lenders, scale.knobs, paths, scale.seed, first)
            for first in range(0, len(applicants), PIECE)
        ]
        if self._pool is None:
            found = [_imagine_piece(*piece) for piece in pieces]
            return lambda: np.concatenate([np.empty(0), *found])
        begun: list[Future[Chances]] = []
        for piece in pieces:
            while len(self._waiting) >= WAITING * self.workers:
                self._waiting.popleft().result()
            begun.append(self._pool.submit(_imagine_piece, *piece))
            self._waiting.append(begun[-1])
        return lambda: np.concatenate([np.empty(0), *(future.result() for future in begun)])

    def write_files(
        self, delivery: Delivery, folder: Path, after_life: Sequence[str], tell: Callable[[str, int], None]
    ) -> dict[str, int]:
        """Express every month's life, then write every raw file.

        Args:
            delivery: What is told.
            folder: Where the files go.
            after_life: Files that need the months' life expressed first.
            tell: Told each finished step and how many are done.

        Returns:
            Rows by file, in order of name.
        """
        first = [name for name in FILES if name not in after_life]
        months = [f"life of month {month + 1}" for month in range(delivery.months)]
        done: dict[str, int] = {}

        def note(name: str, rows: int) -> None:
            done[name] = rows
            tell(name, len(done))

        if self._pool is None:
            for month, name in enumerate(months):
                note(name, _express(delivery, month))
            for name in FILES:
                note(name, FILES[name](delivery, folder / name))
        else:
            self._pool.shutdown()
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=get_context("spawn"), initializer=_settle_in, initargs=(delivery,)
            )
            lives = {self._pool.submit(_express_month, month): name for month, name in enumerate(months)}
            files = {self._pool.submit(_write_file, name, folder): name for name in first}
            for future in as_completed(lives):
                note(lives[future], future.result())
            files |= {self._pool.submit(_write_file, name, folder): name for name in after_life}
            for future in as_completed(files):
                note(files[future], future.result())
        return {name: done[name] for name in sorted(FILES)}


def _settle_in(delivery: Delivery | None = None) -> None:
    """Begin a worker process: one thread each, and the society it tells of."""
    global _delivery
    os.environ["POLARS_MAX_THREADS"] = "1"  # read when polars first works
    _delivery = delivery


def _imagine_piece(part: Applicants, lenders: Lenders, knobs: Knobs, paths: int, seed: int, first: int) -> Chances:
    generator = np.random.Generator(np.random.SFC64(Draws(seed).words(f"futures {first}", part.month)))
    return probability_of_default(part, lenders, knobs, paths, generator)


def _express(delivery: Delivery, month: int) -> int:
    write_life(delivery.society, delivery.log, month, delivery.draws, delivery.scale)
    return 0


def _express_month(month: int) -> int:
    assert _delivery is not None
    return _express(_delivery, month)


def _write_file(name: str, folder: Path) -> int:
    assert _delivery is not None
    return FILES[name](_delivery, folder / name)
