"""Imagines applicants' futures in several processes, by fixed pieces.

What a piece is never depends on how many work, so that the bytes do not either. One worker means this process alone.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.futures import Applicants, probability_of_default
from ingest.sandbox.knobs import Knobs, Scale
from ingest.sandbox.society import Lenders

PIECE = 2_000
"""Applications whose futures are imagined with one stream of luck."""
WAITING = 3  # pieces a worker may have waiting, each with its applicants' state

Chances = NDArray[np.float64]


class Crew:
    """Workers that imagine futures; a context manager."""

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise ValueError(f"{workers} workers: at least one is needed")
        self.workers = workers
        self._waiting: deque[Future[Chances]] = deque()
        self._pool: Executor | None = None

    def __enter__(self) -> "Crew":
        if self.workers > 1:
            self._pool = ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"))
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


def _imagine_piece(part: Applicants, lenders: Lenders, knobs: Knobs, paths: int, seed: int, first: int) -> Chances:
    generator = np.random.Generator(np.random.SFC64(Draws(seed).words(f"futures {first}", part.month)))
    return probability_of_default(part, lenders, knobs, paths, generator)
