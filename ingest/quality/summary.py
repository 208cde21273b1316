"""One source in a few figures, and its tables with their drift: what the command prints and the page opens with."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ingest.quality.drift import Drift, Verdict, compare
from ingest.quality.history import SourceDelivery, TableDelivery, read_history
from ingest.quarantine.shelf import Shelf

Held = Mapping[tuple[str, str], int]
"""Rows in quarantine now, by table and code."""

_ORDER = (Verdict.FIRST, Verdict.STABLE, Verdict.MOVED, Verdict.DRIFTED)


@dataclass(frozen=True)
class SourceQuality:
    """All that is known of one source.

    Attributes:
        source: Its name.
        deliveries: Oldest first; none where a source has nothing but refused files.
        held: Rows in quarantine now.
    """

    source: str
    deliveries: Sequence[SourceDelivery]
    held: Held

    @property
    def read(self) -> int:
        """Rows of all deliveries."""
        return sum(delivery.read for delivery in self.deliveries)

    @property
    def rejected(self) -> Counter[str]:
        """Rows refused when they were read, by code."""
        return sum((delivery.rejected for delivery in self.deliveries), Counter[str]())

    @property
    def rejected_share(self) -> float:
        """Share of all rows that were refused when they were read; 0 to 1."""
        return self.rejected.total() / self.read if self.read else 0.0

    @property
    def tables(self) -> list[str]:
        """Names of the tables that were ever delivered, in the order in which they first were."""
        return list(dict.fromkeys(name for delivery in self.deliveries for name in delivery.tables))

    def of(self, table: str) -> list[TableDelivery]:
        """What each delivery held for a table, of those that held any."""
        return [delivery.tables[table] for delivery in self.deliveries if table in delivery.tables]

    @property
    def drifts(self) -> list[Drift]:
        """The last delivery of each table against those before it."""
        return [compare(last, earlier) for *earlier, last in map(self.of, self.tables)]

    @property
    def verdict(self) -> Verdict:
        """The worst of its tables."""
        return max((drift.verdict for drift in self.drifts), key=_ORDER.index, default=Verdict.FIRST)


def read_quality(intake: Path) -> list[SourceQuality]:
    """Every source with a manifest or a row in quarantine, sorted by name."""
    history = read_history(intake)
    held = _held(Shelf(intake / "quarantine").entries())
    return [
        SourceQuality(source, history.get(source, []), held.get(source, {})) for source in sorted(history.keys() | held.keys())
    ]


def _held(entries: pl.DataFrame) -> dict[str, dict[tuple[str, str], int]]:
    held: dict[str, dict[tuple[str, str], int]] = {}
    for source, table, code, count in entries.group_by("source", "table", "code").agg(pl.len()).sort(pl.all()).iter_rows():
        held.setdefault(source, {})[table, code] = count
    return held
