"""Holds the one model and snapshot the process serves, in the one thread that scores.

Scoring is CPU-bound: it runs beside the event loop, so that health checks answer meanwhile, and one request at a time,
so that a request sees one version of the snapshot from start to end. What could not be loaded is tried again later.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from api.errors import ServiceBusy
from api.garbage import set_loaded_apart
from gnn.scores import Include, ScoreRequest, ScoreResult
from gnn.serving import LiveScorer, Scorer
from graph.errors import CreditGraphError, NodeUnknown

RETRY_LOAD_SECONDS = 5.0
MOST_WAITING = 64  # requests; at a few milliseconds each, more would wait longer than clients do
T = TypeVar("T")


@dataclass(frozen=True)
class Versions:
    """What is being served."""

    model: str
    snapshot: str


class ScoringThread:
    """Loads on start, refreshes when a new snapshot is published, scores in a thread of its own."""

    def __init__(self, load: Callable[[], Scorer | LiveScorer], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._clock = clock
        self._scorer: Scorer | LiveScorer | None = None
        self._refused: CreditGraphError | None = None
        self._tried_at = 0.0
        self._waiting = 0
        self._latest: Versions | None = None
        self._apart: str | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scoring")

    async def versions(self) -> Versions:
        """Versions a request would be scored with now; those of the request before it while others wait, at once.

        Raises:
            ModelError: no usable model.
            GraphError: no usable snapshot.
        """
        if self._waiting and self._latest is not None:
            return self._latest
        return await self._run(lambda: _versions(self._current()))

    async def score(self, request: ScoreRequest, include: frozenset[Include], *, stranger: bool) -> ScoreResult:
        """Score one request with the newest snapshot.

        Raises:
            NodeUnknown: the snapshot does not hold the borrower, and `stranger` is not set.
            ModelError: no usable model.
            GraphError: no usable snapshot.
            ServiceBusy: too many requests wait already.
        """
        if self._waiting >= MOST_WAITING:
            raise ServiceBusy(self._waiting)

        def work() -> ScoreResult:
            scorer = self._current()
            if not stranger and not scorer.knows(request.label, request.key):
                raise NodeUnknown(request.label)
            return scorer.score([request], include)[0]

        return await self._run(work)

    def close(self) -> None:
        """End the scoring thread, after what it is doing."""
        self._thread.shutdown(wait=True)

    async def _run(self, work: Callable[[], T]) -> T:
        self._waiting += 1
        done = asyncio.get_running_loop().run_in_executor(self._thread, work)
        done.add_done_callback(self._count_down)  # also when the client has left and nobody awaits it any more
        return await done

    def _count_down(self, _: asyncio.Future[T]) -> None:
        self._waiting -= 1

    def _current(self) -> Scorer | LiveScorer:
        self._latest = None
        scorer = self._loaded()
        self._latest = _versions(scorer)
        if self._latest.model != self._apart:
            set_loaded_apart()
            self._apart = self._latest.model
        return scorer

    def _loaded(self) -> Scorer | LiveScorer:
        """The scorer, refreshed; loaded when it is not, though not more often than every few seconds."""
        if self._scorer is not None:
            self._scorer.refresh()
            return self._scorer
        if self._refused is not None and self._clock() - self._tried_at < RETRY_LOAD_SECONDS:
            raise self._refused.with_traceback(None)
        self._tried_at = self._clock()
        try:
            self._scorer, self._refused = self._load(), None
        except CreditGraphError as exc:
            self._refused = exc
            raise
        return self._scorer


def _versions(scorer: Scorer | LiveScorer) -> Versions:
    return Versions(model=scorer.model_version, snapshot=scorer.snapshot_version)
