"""Workers that turn the blocks of a file at the same time, in processes of their own; results come back in the file's order.

With one worker, and for tables that look into others, this process does the work itself.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import Self

import polars as pl

from graph.identity import Pepper
from graph.vocabulary import EdgeType
from ingest.errors import WorkerLost
from ingest.formats.pieces import Block
from ingest.pipeline.turning import Consents, Turned, turn_block
from ingest.source import SourceSpec, TableSpec

Columns = dict[EdgeType, list[pl.Series]]
AHEAD = 2  # blocks a worker has waiting: more would only fill memory


@dataclass
class _Bench:
    """What a worker process keeps from block to block."""

    source: SourceSpec
    tables: dict[str, TableSpec]
    pepper: Pepper


_bench: list[_Bench] = []


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    if (parent := parent_process()) is not None:
        wait([parent.sentinel])
        os._exit(1)


def _begin(source: SourceSpec, pepper: Pepper) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    _bench[:] = [_Bench(source, {spec.name: spec for spec in source.tables}, pepper)]


def _turn(table: str, block: Block, delivered_us: int, consents: Consents) -> tuple[Turned, Columns]:
    """What `turn_block` gives, with the facts as columns: those are pickled ten times faster than frames."""
    [bench] = _bench
    turned = turn_block(bench.source, bench.tables[table], block, delivered_us, bench.pepper, consents)
    columns = {edge: rows.get_columns() for edge, rows in turned.facts.items()}
    return replace(turned, facts={}, accepted=turned.accepted.clear()), columns  # nobody looks into accepted rows


def _unpacked(future: Future[tuple[Turned, Columns]]) -> Turned:
    turned, columns = future.result()
    return replace(turned, facts={edge: pl.DataFrame(series) for edge, series in columns.items()})


class Crew:
    """Worker processes for one source; none for one worker.

    Args:
        source: Whose blocks are turned.
        pepper: The secret the store was made with.
        workers: How many blocks at a time.
    """

    def __init__(self, source: SourceSpec, pepper: Pepper, workers: int) -> None:
        self._source, self._workers = source, workers
        self.pepper = pepper
        self._pool = (
            ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(source, pepper))
            if workers > 1
            else None
        )

    def turn(
        self, spec: TableSpec, blocks: Iterable[Block], delivered_us: int, consents: Consents
    ) -> Iterator[tuple[int, Turned]]:
        """Number and result of each block, in order.

        Raises:
            WorkerLost: a worker process ended before its time.
        """
        if self._pool is None:
            for block in blocks:
                yield block.number, turn_block(self._source, spec, block, delivered_us, self.pepper, consents)
            return
        try:
            yield from self._share_out(self._pool, spec, blocks, delivered_us, consents)
        except BrokenExecutor as exc:
            raise WorkerLost from exc

    def _share_out(
        self, pool: Executor, spec: TableSpec, blocks: Iterable[Block], delivered_us: int, consents: Consents
    ) -> Iterator[tuple[int, Turned]]:
        waiting: deque[tuple[int, Future[tuple[Turned, Columns]]]] = deque()
        for block in blocks:
            waiting.append((block.number, pool.submit(_turn, spec.name, block, delivered_us, consents)))
            if len(waiting) >= self._workers * AHEAD:
                number, future = waiting.popleft()
                yield number, _unpacked(future)
        for number, future in waiting:
            yield number, _unpacked(future)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
