"""From the files of a declared source to facts, and from there into a store in one transaction.

All files are read and checked before the first fact is written, so a structural fault leaves the graph as it was.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from graph.facts import FactBatch
from graph.identity import Pepper
from graph.store import GraphStore
from graph.vocabulary import EdgeType
from ingest.berka import BERKA
from ingest.checks import RejectReason
from ingest.errors import SourceMissing, SourceSizeUnhealthy, SourceUnknown
from ingest.facts import KeyBook, build_facts, gather_batches
from ingest.formats import read_table
from ingest.report import LoadReport, Rejection, TableReport
from ingest.rows import accept_rows
from ingest.source import SourceSpec, TableSpec
from ingest.sources.sandbox import SANDBOX
from ingest.superlender import SUPERLENDER
from ingest.values import whole_microseconds

SOURCES: Mapping[str, SourceSpec] = {source.name: source for source in (SUPERLENDER, BERKA, SANDBOX)}
UNDECLARED = "no reader is declared for it"
EXAMPLES = 5  # refused rows a report names, for each table

Progress = Callable[[str, int, int], None]
"""Called with what is finished (a file's name, or "store"), how many steps are done, and how many there are."""


def load_source(
    source_name: str,
    folder: Path,
    store: GraphStore,
    pepper: Pepper,
    *,
    delivered_at: datetime | None = None,
    progress: Progress | None = None,
) -> LoadReport:
    """Read a source and write its facts in one transaction.

    Args:
        source_name: A name in `SOURCES`.
        folder: Where the source's files lie.
        store: Written to once, after every file was read.
        pepper: The secret the store was made with.
        delivered_at: Recorded time of this delivery; the declared one when None.
        progress: Told after each file and after the store.

    Returns:
        What became of every row and every fact, with the store's own account.

    Raises:
        IngestError: a structural fault; nothing was written.
        GraphError: the store refused; nothing was written.
    """
    batches, report = read_facts(source_name, folder, pepper, delivered_at=delivered_at, progress=progress)
    written = store.write(batches)
    if progress:
        steps = len(report.tables) + 1
        progress("store", steps, steps)
    return replace(report, written=written)


def read_facts(
    source_name: str,
    folder: Path,
    pepper: Pepper,
    *,
    delivered_at: datetime | None = None,
    progress: Progress | None = None,
) -> tuple[list[FactBatch], LoadReport]:
    """Read a source into facts, without a store.

    The facts are as the source states them: one stated twice is there twice, and the store (or the snapshot's
    writer) decides which version stands.

    Returns:
        One batch for each edge type that has facts, in the order of the vocabulary, and the report.

    Raises:
        IngestError: a structural fault.
    """
    if source_name not in SOURCES:
        raise SourceUnknown(source_name, sorted(SOURCES))
    source = SOURCES[source_name]
    if not folder.is_dir():
        raise SourceMissing(source.name, folder)
    reading = _Reading(source, folder, KeyBook(source.name, pepper), whole_microseconds(delivered_at or source.delivered_at))
    for done, spec in enumerate(source.tables, start=1):
        reading.read(spec)
        if progress:
            progress(spec.file, done, len(source.tables) + 1)
    return gather_batches(reading.facts), reading.report()


@dataclass
class _Reading:
    """What has been read so far of one delivery; of the rows, those of tables that others look into."""

    source: SourceSpec
    folder: Path
    book: KeyBook
    delivered_us: int
    accepted: dict[str, pl.DataFrame] = field(default_factory=dict)
    facts: dict[EdgeType, list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))
    withheld: dict[EdgeType, int] = field(default_factory=lambda: defaultdict(int))
    tables: list[TableReport] = field(default_factory=list)

    def read(self, spec: TableSpec) -> None:
        texts, refused_lines = read_table(self.source.name, self.folder, spec)
        read = texts.height + refused_lines.height
        least = 0 if spec.optional else spec.least_rows
        if not least <= read <= spec.most_rows:
            raise SourceSizeUnhealthy(self.folder / spec.file, rows=read, least=least, most=spec.most_rows)
        accepted, refused_rows = accept_rows(spec, texts, self.accepted, self.delivered_us)
        if any(lookup.table == spec.name for table in self.source.tables for lookup in table.lookups):
            self.accepted[spec.name] = accepted
        self.tables.append(_table_report(spec, read, accepted.height, pl.concat([refused_lines, refused_rows])))
        for rule in spec.rules:
            facts, withheld = build_facts(rule, accepted, self.source, self.book)
            self.facts[rule.edge].append(facts)
            self.withheld[rule.edge] += withheld

    def report(self) -> LoadReport:
        return LoadReport(
            source=self.source.name,
            tables=tuple(self.tables),
            facts={edge: count for edge, parts in self.facts.items() if (count := sum(part.height for part in parts))},
            withheld={edge: count for edge, count in self.withheld.items() if count},
            unread=self._unread(),
        )

    def _unread(self) -> dict[str, str]:
        read = {spec.file for spec in self.source.tables}
        present = sorted(path.name for path in self.folder.iterdir() if path.name not in read)
        return {name: self.source.unread.get(name, UNDECLARED) for name in present}


def _table_report(spec: TableSpec, read: int, accepted: int, rejections: pl.DataFrame) -> TableReport:
    counts = dict(rejections["reason"].value_counts().sort("reason").iter_rows())
    first = rejections.sort("row").head(EXAMPLES)
    return TableReport(
        table=spec.name,
        file=spec.file,
        read=read,
        accepted=accepted,
        rejected={RejectReason(reason): count for reason, count in counts.items()},
        examples=tuple(Rejection(row, RejectReason(reason), column) for row, reason, column in first.iter_rows()),
    )
