"""Workers that end before their work is done."""

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from ingest.catalogue import SOURCES
from ingest.errors import WorkerLost
from ingest.formats.pieces import Block
from ingest.pipeline.crew import Crew
from ingest.pipeline.turning import Consents
from tests.support.source_files import PEPPER


class Killed:
    """A pool of which a worker was killed."""

    def __init__(self, *, at_once: bool) -> None:
        self.at_once = at_once

    def submit(self, work: Callable[..., object], *args: object) -> Future[object]:
        if self.at_once:
            raise BrokenProcessPool
        future = Future[object]()
        future.set_exception(BrokenProcessPool())
        return future

    def shutdown(self, *, cancel_futures: bool) -> None:
        pass


@pytest.mark.parametrize("at_once", [True, False])
def test_a_worker_that_was_killed_is_an_error_to_try_again_after(*, at_once: bool) -> None:
    source = SOURCES["sandbox"]
    with Crew(source, PEPPER, 1) as crew:
        crew._pool = Killed(at_once=at_once)  # type: ignore[assignment]
        with pytest.raises(WorkerLost) as caught:
            list(crew.turn(source.tables[0], [Block(0, 1, b"")], 0, Consents()))

    assert caught.value.retryable
