"""From the files of a declared source into a store, or into facts alone: the way in for every caller.

The structure of all files is checked before the first fact is written, so a structural fault leaves the graph as it was. Then
files are read in blocks and committed with checkpoints; calling again after any interruption goes on from there.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from graph.facts import FactBatch
from graph.identity import Pepper
from graph.snapshot.publish import publish_snapshot
from graph.store import GraphStore, WriteReport
from graph.vocabulary import RELATIONS, EdgeType
from ingest.catalogue import SOURCES, find_source
from ingest.checks import REFUSAL_SCHEMA, RejectReason
from ingest.errors import SourceMissing
from ingest.facts import gather_batches
from ingest.formats.reading import find_files
from ingest.linkage import derive
from ingest.pipeline.crew import Crew
from ingest.pipeline.delivery import Delivery
from ingest.pipeline.files import DeliveredFile, check_delivery, find_delivery
from ingest.pipeline.loading import COMMIT_FACTS, Loading
from ingest.pipeline.manifest import Manifest
from ingest.pipeline.tally import Tally, read_tallies
from ingest.pipeline.turning import Consents
from ingest.quarantine.replay import finish_replays, replay_entries
from ingest.quarantine.shelf import Shelf
from ingest.report import LoadReport, Rejection, TableReport
from ingest.source import SourceSpec, TableSpec
from ingest.values import whole_microseconds

__all__ = ["SOURCES", "Intake", "Pace", "load_source", "read_facts"]

UNDECLARED = "no reader is declared for it"
EXAMPLES = 5  # refused rows a report names, for each table
AWAITED = (RejectReason.NO_BASIS.value,)
"""Reasons that something delivered later may take away."""

Progress = Callable[[str, int, int], None]
"""Called with what is going on (a file's name, "linkage"), how many bytes are done, and how many there are."""


@dataclass(frozen=True)
class Intake:
    """The folder beside a graph that holds what is not in it: refused rows and accounts of runs."""

    folder: Path

    @property
    def shelf(self) -> Shelf:
        """Where refused rows lie."""
        return Shelf(self.folder / "quarantine")

    @property
    def review(self) -> Path:
        """Pairs of persons that linkage is in doubt about, by key."""
        return self.folder / "review.parquet"


@dataclass(frozen=True)
class Pace:
    """How a load works: how many processes, how many facts a commit, and where each commit is published."""

    workers: int = 1
    commit_facts: int = COMMIT_FACTS
    snapshots: Path | None = None


PLAIN = Pace()


def load_source(
    source: str | SourceSpec,
    folder: Path,
    store: GraphStore,
    pepper: Pepper,
    intake: Intake,
    *,
    delivered_at: datetime | None = None,
    pace: Pace = PLAIN,
    progress: Progress | None = None,
) -> LoadReport:
    """Bring a delivery into the graph.

    Args:
        source: A declared source, or its name in `SOURCES`.
        folder: Where the source's files lie.
        store: Written to, commit by commit.
        pepper: The secret the store was made with.
        intake: Where refused rows and the run's manifest go.
        delivered_at: Recorded time of this delivery; the declared one when None.
        pace: How it works; the graph comes out the same.
        progress: Told after each block and before linkage.

    Returns:
        What became of every row and every fact, with the store's own account.

    Raises:
        IngestError: a structural fault; nothing was written.
        GraphError: the store refused; what was committed before stands, and the next call goes on behind it.
    """
    started = datetime.now(UTC)
    declared = find_source(source)
    _check_folder(declared, folder)
    files = find_delivery(declared, folder)
    tallies = read_tallies(store, declared.name)
    done = {key for key, tally in tallies.items() if tally.done}
    check_delivery([file for file in files if file.key(declared.name) not in done])
    intake.shelf.sweep()
    finish_replays(store, intake.shelf)

    def publish() -> None:
        if pace.snapshots is not None and store.identity().seq:
            publish_snapshot(store, pace.snapshots)

    publish()  # what was committed and not published because a run was stopped
    delivered_us = whole_microseconds(delivered_at or declared.delivered_at)
    with Crew(declared, pepper, pace.workers) as crew:
        loading = Loading(declared, store, intake.shelf, crew, pace.commit_facts, publish, tallies)
        _read_files(loading, files, delivered_us, progress)
        loading.commit()
    replayed = replay_entries(declared, store, pepper, intake.shelf, codes=AWAITED)
    if progress:
        total = sum(file.size for file in files)
        progress("linkage", total, total)
    derived = derive(store, pepper, intake.review)
    publish()
    written = loading.written + replayed.written
    outcome = [(file, tallies[file.key(declared.name)]) for file in files]
    unread = _unread(declared, folder, files)
    facts = {"same_as": derived.same_as, "knows": derived.knows, "retired": derived.retired}
    Manifest(declared.name, started, datetime.now(UTC), outcome, written, facts, unread).write(intake.folder)
    return _report(declared, outcome, unread, loading.refused, written)


def read_facts(
    source: str | SourceSpec,
    folder: Path,
    pepper: Pepper,
    *,
    delivered_at: datetime | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> tuple[list[FactBatch], LoadReport]:
    """Read a source into facts, without a store; facts derived by linkage are not among them.

    The facts are as the source states them: one stated twice is there twice, and the store (or the snapshot's
    writer) decides which version stands. Consent is not asked for.

    Returns:
        One batch for each edge type that has facts, in the order of the vocabulary, and the report.

    Raises:
        IngestError: a structural fault.
    """
    declared = find_source(source)
    _check_folder(declared, folder)
    files = find_delivery(declared, folder)
    check_delivery(files)
    tallies = {file.key(declared.name): Tally(whole_microseconds(delivered_at or declared.delivered_at)) for file in files}
    facts: defaultdict[EdgeType, list[pl.DataFrame]] = defaultdict(list)
    examples: defaultdict[str, list[pl.DataFrame]] = defaultdict(list)
    with Crew(declared, pepper, workers) as crew:
        delivery = Delivery(declared, crew)
        for file in _advancing(files, progress):
            tally = tallies[file.key(declared.name)]
            for number, turned in delivery.turn(file, tally, Consents(), wanted=declared.is_looked_into(file.spec)):
                tally.add(number, turned)
                examples[file.spec.name].append(turned.refused)
                for edge, rows in turned.facts.items():
                    facts[edge].append(rows)
    outcome = [(file, tallies[file.key(declared.name)]) for file in files]
    return gather_batches(facts), _report(declared, outcome, _unread(declared, folder, files), examples)


def _read_files(loading: Loading, files: Sequence[DeliveredFile], delivered_us: int, progress: Progress | None) -> None:
    source = loading.source
    unfinished = {file.spec.name for file in files if not loading.is_done(file)}
    needed = {lookup.table for spec in source.tables if spec.name in unfinished for lookup in spec.lookups}
    for spec in reversed(source.tables):  # a table that is needed needs what it looks into itself
        if spec.name in needed:
            needed |= {lookup.table for lookup in spec.lookups}
    done, total = 0, sum(file.size for file in files)
    for file in files:
        for share in loading.read(file, delivered_us, wanted=file.spec.name in needed):
            if progress:
                progress(file.path.name, done + round(share * file.size), total)
        done += file.size


def _advancing(files: Sequence[DeliveredFile], progress: Progress | None) -> Iterator[DeliveredFile]:
    done, total = 0, sum(file.size for file in files)
    for file in files:
        yield file
        done += file.size
        if progress:
            progress(file.path.name, done, total)


def _check_folder(source: SourceSpec, folder: Path) -> None:
    if not folder.is_dir():
        raise SourceMissing(source.name, folder)


def _unread(source: SourceSpec, folder: Path, files: Sequence[DeliveredFile]) -> dict[str, str]:
    read = {path for spec in source.tables for path in find_files(source.name, folder, replace(spec, optional=True))}
    present = sorted(path.name for path in folder.iterdir() if path not in read)
    return {name: source.unread.get(name, UNDECLARED) for name in present}


def _report(
    source: SourceSpec,
    outcome: Sequence[tuple[DeliveredFile, Tally]],
    unread: Mapping[str, str],
    refused: Mapping[str, Sequence[pl.DataFrame]],
    written: WriteReport | None = None,
) -> LoadReport:
    facts, withheld = Counter[str](), Counter[str]()
    for _, tally in outcome:
        facts.update(tally.facts)
        withheld.update(tally.withheld)
    return LoadReport(
        source=source.name,
        tables=tuple(
            _table(spec, [tally for file, tally in outcome if file.spec is spec], refused.get(spec.name, ()))
            for spec in source.tables
        ),
        facts={spec.edge: facts[":".join(spec.edge)] for spec in RELATIONS if facts[":".join(spec.edge)]},
        withheld={spec.edge: withheld[":".join(spec.edge)] for spec in RELATIONS if withheld[":".join(spec.edge)]},
        unread=unread,
        written=written,
    )


def _table(spec: TableSpec, tallies: Sequence[Tally], refused: Sequence[pl.DataFrame]) -> TableReport:
    rejected = sum((tally.rejected for tally in tallies), Counter[str]())
    first = pl.concat([pl.DataFrame(schema=REFUSAL_SCHEMA), *refused]).sort("row").head(EXAMPLES)
    return TableReport(
        table=spec.name,
        file=spec.file,
        read=sum(tally.read for tally in tallies),
        accepted=sum(tally.accepted for tally in tallies),
        rejected={RejectReason(reason): count for reason, count in sorted(rejected.items())},
        examples=tuple(
            Rejection(row, RejectReason(reason), column)
            for row, reason, column in first.select("row", "reason", "column").iter_rows()
        ),
    )
