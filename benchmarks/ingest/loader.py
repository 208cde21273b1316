"""One load in a process of its own, which may be told to die at a commit or within a write to the quarantine.

    python -m benchmarks.ingest.loader ORDERS       a JSON object as `Orders` has it

Prints `ready` before it reads, and what became of the rows when it is through. It dies as `kill -9` has it: nothing is closed.
"""

import json
import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.ingest.economy import COMMIT_FACTS, PEPPER, SOURCE
from graph.facts import FactBatch
from graph.identity import FactId
from graph.opening import open_store
from graph.store import NO_CHECKPOINTS, NOTHING, WriteReport
from graph.vocabulary import EdgeType
from ingest.load import Intake, Pace, load_source
from ingest.quarantine.shelf import Shelf


class Moment(StrEnum):
    """When a process dies of itself."""

    NEVER = "never"
    BEFORE_COMMIT = "before"
    AFTER_COMMIT = "after"
    IN_SHELF = "shelf"


@dataclass(frozen=True)
class Orders:
    """What one process does; it dies at the `number`-th of the moments, counted from 1."""

    folder: str
    url: str
    intake: str
    workers: int = 1
    commit_facts: int = COMMIT_FACTS
    dies: Moment = Moment.NEVER
    number: int = 1

    def command(self) -> list[str]:
        """Of the process."""
        return [sys.executable, "-m", "benchmarks.ingest.loader", json.dumps(asdict(self))]


class Countdown:
    """Kills this process when it was told often enough."""

    def __init__(self, number: int) -> None:
        self._left = number

    def tell(self) -> None:
        """One more."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main(argument: str) -> int:
    """Do as ordered."""
    orders = Orders(**json.loads(argument))
    with open_store(orders.url, PEPPER.fingerprint) as store:
        _lay_traps(store, orders)
        print("ready", flush=True)
        pace = Pace(orders.workers, orders.commit_facts)
        report = load_source(SOURCE, Path(orders.folder), store, PEPPER, Intake(Path(orders.intake)), pace=pace)
    print(json.dumps({"read": report.read, "accepted": report.accepted}), flush=True)
    return 0


def _lay_traps(store: Any, orders: Orders) -> None:
    countdown = Countdown(orders.number)
    write, put = store.write, Shelf._write

    def trapped_write(
        batches: Iterable[FactBatch],
        *,
        retire: Mapping[EdgeType, Sequence[FactId]] = NOTHING,
        checkpoints: Mapping[str, str | None] = NO_CHECKPOINTS,
    ) -> WriteReport:
        if orders.dies == Moment.BEFORE_COMMIT:
            countdown.tell()
        report: WriteReport = write(batches, retire=retire, checkpoints=checkpoints)
        if orders.dies == Moment.AFTER_COMMIT:
            countdown.tell()
        return report

    def trapped_put(shelf: Shelf, path: Path, rows: pl.DataFrame) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".writing").write_bytes(b"PAR1 and then the power went")
        countdown.tell()
        put(shelf, path, rows)

    store.write = trapped_write
    if orders.dies == Moment.IN_SHELF:
        Shelf._write = trapped_put  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
