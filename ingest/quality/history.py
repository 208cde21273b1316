"""The deliveries of each source, from the manifests of its runs: what a file held is counted once, however often it was read.

A delivery is what one run brought for the first time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ingest.pipeline.manifest import read_manifests


@dataclass(frozen=True)
class TableDelivery:
    """What one delivery held for one table.

    Attributes:
        table: Name of the table.
        files: How many files.
        read: Rows.
        rejected: Rows refused when they were read, by code.
        nulls: Accepted rows without a value, by column.
        days: Facts by the day they were known.
        facts: Facts made.
    """

    table: str
    files: int
    read: int
    rejected: Mapping[str, int]
    nulls: Mapping[str, int]
    days: Mapping[date, int]
    facts: int

    @property
    def accepted(self) -> int:
        """Rows that gave their facts."""
        return self.read - sum(self.rejected.values())

    @property
    def null_rates(self) -> dict[str, float]:
        """Share of accepted rows without a value, by column that has such rows; 0 to 1."""
        return {name: count / self.accepted for name, count in self.nulls.items()} if self.accepted else {}


@dataclass(frozen=True)
class SourceDelivery:
    """What one run brought for the first time.

    Attributes:
        source: Name of the source.
        run: Name of the run.
        read_at: When the run began.
        delivered_at: Recorded time of the delivery.
        seconds: How long the run took.
        tables: By name, in the order of the manifest.
    """

    source: str
    run: str
    read_at: datetime
    delivered_at: datetime
    seconds: float
    tables: Mapping[str, TableDelivery]

    @property
    def read(self) -> int:
        """Rows of all tables."""
        return sum(table.read for table in self.tables.values())

    @property
    def rejected(self) -> Counter[str]:
        """Refused rows of all tables, by code."""
        return sum((Counter(table.rejected) for table in self.tables.values()), Counter[str]())

    @property
    def newest(self) -> date | None:
        """The last day of which a fact was known."""
        return max((day for table in self.tables.values() for day in table.days), default=None)

    @property
    def age_days(self) -> int | None:
        """Days from the newest known fact to the delivery; None where the delivery gave no fact."""
        return None if self.newest is None else (self.delivered_at.date() - self.newest).days


def read_history(intake: Path) -> dict[str, list[SourceDelivery]]:
    """Deliveries by source, each oldest first, sources sorted."""
    return build_history(read_manifests(intake))


def build_history(manifests: Iterable[Mapping[str, Any]]) -> dict[str, list[SourceDelivery]]:
    """As `read_history`, from manifests, oldest first. Of a file that several runs account for the last account counts."""
    manifests = list(manifests)
    first: dict[tuple[str, str, str], str] = {}
    last: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for manifest in manifests:
        for file in manifest["tables"]:
            key = (manifest["source"], file["table"], file["sha256"])
            first.setdefault(key, manifest["run"])
            last[key] = file
    brought: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for key, run in first.items():
        brought[run].append(last[key])
    history: dict[str, list[SourceDelivery]] = {source: [] for source in sorted({m["source"] for m in manifests})}
    for manifest in manifests:
        if manifest["run"] in brought:
            history[manifest["source"]].append(_delivery(manifest, brought[manifest["run"]]))
    return {source: deliveries for source, deliveries in history.items() if deliveries}


def _delivery(manifest: Mapping[str, Any], files: list[Mapping[str, Any]]) -> SourceDelivery:
    tables: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for file in files:
        tables[file["table"]].append(file)
    return SourceDelivery(
        source=manifest["source"],
        run=manifest["run"],
        read_at=datetime.fromisoformat(manifest["started"]),
        delivered_at=max(datetime.fromisoformat(file["delivered_at"]) for file in files),
        seconds=manifest["seconds"],
        tables={name: _table(name, parts) for name, parts in tables.items()},
    )


def _table(name: str, files: list[Mapping[str, Any]]) -> TableDelivery:
    def total(what: str) -> Counter[str]:
        return sum((Counter(file[what]) for file in files), Counter[str]())

    return TableDelivery(
        table=name,
        files=len(files),
        read=sum(file["read"] for file in files),
        rejected=total("rejected"),
        nulls=total("nulls"),
        days={date.fromisoformat(day): count for day, count in sorted(total("days").items())},
        facts=total("facts").total(),
    )
