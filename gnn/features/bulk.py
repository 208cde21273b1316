"""Tables of features of many subjects: in pieces, and where there are enough of them by several processes at once.

Every piece is what `build_features` makes of its subjects, so neither pieces nor processes change a bit. Workers map the
same published version and write into one file, which the table then is.
"""

import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gnn.features.plan import FeaturePlan
from gnn.features.table import FeatureReader, FeatureTable
from graph.snapshot import Snapshot
from graph.snapshot.format import Pointer
from graph.vocabulary import Purpose

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
AT_ONCE = 512  # subjects gathered together: what is gathered on the way is many times larger than a row
AT_ONE_INSTANT = 2_048  # the same where all are asked about as of one second, and much of what they reach is shared
WORTH_PROCESSES = 4_096  # subjects; of fewer, a process spends longer on starting than on them


def build_in_bulk(
    snapshot: Snapshot, plan: FeaturePlan, rows: Ints, as_of_s: Ints, *, processes: int | None = None
) -> FeatureTable:
    """The table of `build_features`, for many subjects.

    Args:
        snapshot: Facts to read; one with an overlay, or that is in no folder, is read by this process alone.
        plan: Columns to compute.
        rows: int64 [n], node rows of the subjects.
        as_of_s: int64 [n], UTC seconds, exclusive.
        processes: How many read at once; without it, as many as there are cores this process may use, and one where there
            are few subjects. More than one asks of a script that starts it the usual guard of `multiprocessing`.

    Returns:
        Table of n rows in the order given; made by several processes, its values lie in an unnamed temporary file.

    Raises:
        KeySpaceExceeded: an instant that no fact's could be compared with.
        SnapshotCorrupt: a worker found the version gone or damaged.
        BrokenProcessPool: a worker died.
        OSError: no room for the temporary file.
    """
    if processes is None:
        processes = len(os.sched_getaffinity(0)) if len(rows) >= WORTH_PROCESSES else 1
    pieces = _pieces(as_of_s)
    processes = min(processes, len(pieces))
    if processes > 1 and snapshot.is_published:
        values = _by_processes(snapshot, plan, rows, as_of_s, pieces, processes)
    else:
        values, reader = np.empty((len(rows), len(plan.columns))), FeatureReader(plan)
        for piece in pieces:
            values[piece] = reader.read(snapshot, rows[piece], as_of_s[piece])
    return FeatureTable(plan.names, plan.families, values)


def _pieces(as_of_s: Ints) -> list[slice]:
    size = AT_ONE_INSTANT if len(as_of_s) and as_of_s.min() == as_of_s.max() else AT_ONCE
    return [slice(begin, begin + size) for begin in range(0, len(as_of_s), size)]


def _by_processes(
    snapshot: Snapshot, plan: FeaturePlan, rows: Ints, as_of_s: Ints, pieces: Sequence[slice], processes: int
) -> Floats:
    shape = (len(rows), len(plan.columns))
    assert snapshot.root is not None
    with tempfile.TemporaryDirectory(prefix="creditgraph-features-") as folder:
        path = Path(folder) / "values"
        with path.open("wb") as file:
            # A mapped file that runs out of room kills its process: what it needs is taken beforehand.
            os.posix_fallocate(file.fileno(), 0, shape[0] * shape[1] * np.dtype(np.float64).itemsize)
        values = np.memmap(path, np.float64, "r+", shape=shape)
        work = _Work(snapshot.root, snapshot.pointers[-1], snapshot.purpose, plan, path, shape)
        with ProcessPoolExecutor(processes, get_context("spawn"), _Work.begin, (work,)) as pool:
            tasks = [(piece, rows[piece], as_of_s[piece]) for piece in pieces]
            for _ in pool.map(_fill, tasks):
                pass  # an error of a worker comes up here
        return np.asarray(values)


@dataclass(frozen=True)
class _Work:
    """What a worker reads and where it writes; opened at its first piece, so that an error belongs to one."""

    root: Path
    pointer: Pointer
    purpose: Purpose
    plan: FeaturePlan
    path: Path
    shape: tuple[int, int]
    given: ClassVar[list["_Work"]] = []  # in a worker process the one it was started for

    def begin(self) -> None:
        """Start a worker process."""
        self.given.append(self)

    @cached_property
    def snapshot(self) -> Snapshot:
        return Snapshot.open(self.root, purpose=self.purpose, pointer=self.pointer)

    @cached_property
    def reader(self) -> FeatureReader:
        return FeatureReader(self.plan)

    @cached_property
    def values(self) -> Floats:
        return np.memmap(self.path, np.float64, "r+", shape=self.shape)


def _fill(task: tuple[slice, Ints, Ints]) -> None:
    (work,), (piece, rows, as_of_s) = _Work.given, task
    work.values[piece] = work.reader.read(work.snapshot, rows, as_of_s)
