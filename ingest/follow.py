"""Follows a folder that files arrive in, and brings each whole file into the graph exactly once.

Decides when a source's files are loaded and what becomes of the files themselves. That nothing is lost or counted twice when
it is killed is the checkpoints' doing (ingest/pipeline): a file that was loaded and not moved is known by its content.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import polars as pl

from graph.errors import CreditGraphError
from graph.identity import Pepper
from graph.store import GraphStore
from ingest.checks import REFUSAL_SCHEMA, RejectReason
from ingest.errors import IngestError, WorkerLost
from ingest.formats.reading import find_files, is_part_of
from ingest.inbox import SourceInbox, digest, sole_follower
from ingest.load import PLAIN, Intake, Pace, load_source
from ingest.pipeline.files import check_delivery, find_delivery
from ingest.pipeline.tally import file_key, read_tallies
from ingest.quarantine.shelf import Origin
from ingest.source import SourceSpec
from ingest.values import whole_microseconds

UNDECLARED = "undeclared"  # stands for the table of a file that no table expects
WHOLE_FILE = 999_999  # stands for the block of an entry that speaks of a whole file; no file has so many
LOOKS_EACH_SETTLE = 4
LEAST_PAUSE_S = 0.05
Opening = Callable[[], AbstractContextManager[GraphStore]]


@dataclass(frozen=True)
class Taken:
    """What became of one file: where it lies now, and why it was refused, where it was."""

    source: str
    path: Path
    refused: str = ""


@dataclass(frozen=True)
class Terms:
    """How an inbox is followed.

    Attributes:
        settle_s: How long a file's size and time of change must have stood still until it counts as whole.
        as_arrived: Take the time a file was last changed for the time it was delivered, not the source's declared one.
        pace: How files are loaded.
        retry_s: How long to wait when the store cannot be had.
    """

    settle_s: float = 2.0
    as_arrived: bool = False
    pace: Pace = PLAIN
    retry_s: float = 5.0


@dataclass(frozen=True)
class Waiting:
    """The files of a source cannot be loaded now and are kept: the store cannot be had, or others have to arrive first."""

    source: str
    why: str


class _Stopped(Exception):
    """The follower was told to stop while it loaded."""


@dataclass
class Follower:
    """One inbox, followed by this process alone.

    Attributes:
        inbox: Has a folder for each source, of the source's name; others are left alone.
        sources: The sources that are followed, by name.
        opening: Opens the store; it is closed between loads, so that others can have it.
        pepper: The secret the store was made with.
        intake: Where refused rows and manifests go.
        terms: How it works.
        stop: Set from outside, it ends the work at the next block of rows; what is committed stays, the next start goes on.
    """

    inbox: Path
    sources: Mapping[str, SourceSpec]
    opening: Opening
    pepper: Pepper
    intake: Intake
    terms: Terms = field(default_factory=Terms)
    stop: Event = field(default_factory=Event)
    _folders: dict[str, SourceInbox] = field(default_factory=dict)
    _lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def run(self, *, once: bool = False) -> Iterator[Taken | Waiting]:
        """Take files as they arrive, and tell what became of each.

        Args:
            once: Take what is there and whole, and end; else only `stop` ends it.

        Raises:
            InboxMissing, InboxInUse: the folder cannot be followed.
            GraphError: the store refuses for good; with `once` also when it cannot be had now.
        """
        with sole_follower(self.inbox):
            self._look()
            if once:
                self.stop.wait(self.terms.settle_s)
                yield from self._round(again=False)
                return
            while not self.stop.is_set():
                yield from self._round(again=True)
                self.stop.wait(max(LEAST_PAUSE_S, self.terms.settle_s / LOOKS_EACH_SETTLE))

    def _round(self, *, again: bool) -> Iterator[Taken | Waiting]:
        lacking = self._lacking
        self._look(claim=True)
        for name, files in self._lacking.items():
            if lacking.get(name) != files:
                yield Waiting(name, f"its tables look into each other, and {', '.join(files)} have not arrived")
        for name, folder in self._folders.items():
            if self.stop.is_set():
                return
            try:
                for item in self._take(self.sources[name], folder):
                    yield item
                    if again and isinstance(item, Waiting):
                        self.stop.wait(self.terms.retry_s)
            except _Stopped:
                return
            except CreditGraphError as exc:
                if isinstance(exc, WorkerLost) and self.stop.is_set():  # who ends a service ends its workers with it
                    return
                if not (again and exc.retryable):
                    raise
                yield Waiting(name, str(exc))
                self.stop.wait(self.terms.retry_s)

    def _look(self, *, claim: bool = False) -> None:
        present = sorted(path.name for path in self.inbox.iterdir() if path.is_dir() and path.name in self.sources)
        self._folders = {name: self._folders.get(name, SourceInbox(self.inbox / name)) for name in present}
        self._lacking = {}
        for name, folder in self._folders.items():
            whole = folder.arrived(time.monotonic(), self.terms.settle_s)
            if not claim or not (whole or folder.claimed()):
                continue
            if lacking := _lacks(self.sources[name], folder, whole):
                self._lacking[name] = lacking
                continue
            for file in whole:
                folder.claim(file)

    def _take(self, source: SourceSpec, folder: SourceInbox) -> Iterator[Taken | Waiting]:
        looked_into = any(spec.lookups for spec in source.tables)
        if source.name in self._lacking:
            return
        if not looked_into:  # rows stand for themselves, so that any part of a delivery is one
            source = replace(source, tables=tuple(replace(spec, optional=True) for spec in source.tables))
        tables = self._tables(source, folder)
        for path in folder.claimed():
            if path not in tables and path.name not in source.unread:
                yield self._refuse(source, folder, path, UNDECLARED, f"source {source.name} expects no file of that name")
            elif path not in tables:
                yield Taken(source.name, folder.finish(path, refused=False))
        if not tables:
            return
        for files in self._deliveries(sorted(tables), together=looked_into):
            yield from self._load(source, folder, tables, files)

    def _deliveries(self, files: list[Path], *, together: bool) -> list[list[Path]]:
        if not self.terms.as_arrived or together:
            return [files]
        by_time: defaultdict[int, list[Path]] = defaultdict(list)
        for path in files:
            by_time[path.stat().st_mtime_ns].append(path)
        return [by_time[changed] for changed in sorted(by_time)]

    def _load(
        self, source: SourceSpec, folder: SourceInbox, tables: Mapping[Path, str], files: list[Path]
    ) -> Iterator[Taken | Waiting]:
        """Load files at once, without those that are found wrong when looked at alone.

        A file of which anything is in the graph is never refused: it waits for a person where it lies, or is done.
        """
        try:
            self._load_files(source, folder, files)
        except IngestError as exc:
            if exc.retryable:
                raise
            faults = {path: fault for path in files if (fault := self._find_fault(source, folder, [path]))}
            together = any(spec.lookups for spec in source.tables)
            if not (together or faults) and len(files) > 1 and not self._find_fault(source, folder, files):
                for path in files:  # one breaks off further in than a check looks
                    yield from self._load(source, folder, tables, [path])
                return
            if together or not faults:  # files that look into each other, or that are wrong only together
                faults = dict.fromkeys(files, exc)
            begun = self._begun(source, tables, faults)
            waiting = [path for path in faults if path in begun and not begun[path]]
            if waiting:
                names = ", ".join(path.name for path in waiting)
                why = str(faults[waiting[0]]).replace(f"{folder.staging}/", "")
                yield Waiting(source.name, f"part of {names} is in the graph, and the rest cannot be read: {why}")
                if together:
                    return
            for path, fault in faults.items():
                why = str(fault).replace(f"{folder.staging}/", "")
                if path not in begun:
                    yield self._refuse(source, folder, path, tables[path], why, fault.code)
                elif begun[path]:
                    yield self._finish(source, folder, path, tables[path])
            sound = [path for path in files if path not in faults]
            if sound:
                yield from self._load(source, folder, tables, sound)
            return
        for path in files:
            yield self._finish(source, folder, path, tables[path])

    def _begun(self, source: SourceSpec, tables: Mapping[Path, str], files: Iterable[Path]) -> dict[Path, bool]:
        """Those of the files of which something is in the graph, and whether all of it is."""
        with self.opening() as store:
            kept = read_tallies(store, source.name)
        keys = {path: file_key(source.name, tables[path], digest(path)) for path in files}
        return {path: kept[key].done for path, key in keys.items() if key in kept}

    def _finish(self, source: SourceSpec, folder: SourceInbox, path: Path, table: str) -> Taken:
        """A file that is in the graph goes out of the way; that it was refused once is no longer true."""
        origin = Origin(source.name, table, path.name, digest(path), whole_microseconds(source.delivered_at))
        self.intake.shelf.put(origin, WHOLE_FILE, pl.DataFrame(schema=REFUSAL_SCHEMA))
        return Taken(source.name, folder.finish(path, refused=False))

    @staticmethod
    def _find_fault(source: SourceSpec, folder: SourceInbox, files: Sequence[Path]) -> IngestError | None:
        with folder.delivery(files) as staged:
            try:
                check_delivery(find_delivery(source, staged))
            except IngestError as exc:
                return exc
        return None

    def _load_files(self, source: SourceSpec, folder: SourceInbox, files: list[Path]) -> None:
        arrived = datetime.fromtimestamp(max(path.stat().st_mtime for path in files), UTC)
        delivered_at, pace = arrived if self.terms.as_arrived else None, self.terms.pace
        with folder.delivery(files) as staged, self.opening() as store:
            load_source(
                source, staged, store, self.pepper, self.intake,
                delivered_at=delivered_at, pace=pace, progress=self._advance,
            )  # fmt: skip

    def _advance(self, what: str, done: int, total: int) -> None:
        if self.stop.is_set():
            raise _Stopped

    @staticmethod
    def _tables(source: SourceSpec, folder: SourceInbox) -> dict[Path, str]:
        if not folder.loading.is_dir():
            return {}
        specs = [replace(spec, optional=True, derived={}) for spec in source.tables]  # in parts or not is the load's matter
        return {path: spec.name for spec in specs for path in find_files(source.name, folder.loading, spec)}

    def _refuse(
        self, source: SourceSpec, folder: SourceInbox, path: Path, table: str, why: str, code: str = UNDECLARED
    ) -> Taken:
        """One entry in quarantine for the whole file, then the file out of the way; again, the same, after a crash between."""
        said = json.dumps({"fault": code, "problem": why}, ensure_ascii=False)
        entry = pl.DataFrame([(0, RejectReason.UNREADABLE_FILE.value, "", said)], schema=REFUSAL_SCHEMA, orient="row")
        origin = Origin(source.name, table, path.name, digest(path), whole_microseconds(source.delivered_at))
        self.intake.shelf.put(origin, WHOLE_FILE, entry)
        return Taken(source.name, folder.finish(path, refused=True), why)


def _lacks(source: SourceSpec, folder: SourceInbox, whole: list[str]) -> tuple[str, ...]:
    """Files without which the others cannot be loaded: where tables look into each other, a delivery is all of them."""
    if not any(spec.lookups for spec in source.tables):
        return ()
    names = {*whole, *(path.name for path in folder.claimed())}
    return tuple(
        spec.file for spec in source.tables if not spec.optional and not any(is_part_of(name, spec.file) for name in names)
    )
