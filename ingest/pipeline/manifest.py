"""The account of one run, as a file beside the graph: what was read from where, what became of it, and how long it took."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from graph.store import WriteReport
from ingest.pipeline.files import DeliveredFile
from ingest.pipeline.tally import Tally

MANIFESTS = "manifests"
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Manifest:
    """What one run did.

    Attributes:
        source: Name of the source.
        started: When the run began.
        finished: When it ended.
        files: Every file of the delivery, with what became of its rows in this run and those it went on from.
        written: The store's account of this run.
        derived: Facts by relation that linkage gave, and what it retired.
        unread: Files of the folder that were left alone, with the reason.
    """

    source: str
    started: datetime
    finished: datetime
    files: Sequence[tuple[DeliveredFile, Tally]]
    written: WriteReport
    derived: Mapping[str, int]
    unread: Mapping[str, str]

    @property
    def run(self) -> str:
        """Name of the run: when it began, and the source."""
        return f"{self.started:%Y%m%dT%H%M%S%fZ}-{self.source}"

    def write(self, folder: Path) -> Path:
        """Write it as JSON into the folder of manifests below `folder`, whole or not at all; returns the file."""
        path = folder / MANIFESTS / f"{self.run}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".writing")
        beside.write_text(json.dumps(self.to_dict(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(beside, path)
        return path

    def to_dict(self) -> dict[str, Any]:
        """The manifest as JSON has it; times are RFC 3339, days ISO dates."""
        return {
            "run": self.run,
            "source": self.source,
            "started": self.started.isoformat(),
            "finished": self.finished.isoformat(),
            "seconds": (self.finished - self.started).total_seconds(),
            "tables": [_file(file, tally) for file, tally in self.files],
            "written": asdict(self.written),
            "derived": dict(self.derived),
            "unread": dict(self.unread),
        }


def read_manifests(folder: Path) -> list[dict[str, Any]]:
    """All manifests below `folder`, oldest first."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / MANIFESTS).glob("*.json"))]


def _file(file: DeliveredFile, tally: Tally) -> dict[str, Any]:
    days = {(_EPOCH + timedelta(days=int(day))).isoformat(): count for day, count in sorted(tally.days.items(), key=_number)}
    return {
        "table": file.spec.name,
        "file": file.path.name,
        "sha256": file.sha256,
        "bytes": file.size,
        "read": tally.read,
        "accepted": tally.accepted,
        "rejected": dict(tally.rejected),
        "facts": dict(tally.facts),
        "withheld": dict(tally.withheld),
        "nulls": dict(tally.nulls),
        "days": days,
        "newest_known_at": max(days, default=None),
        "delivered_at": datetime.fromtimestamp(tally.delivered_us / 1e6, UTC).isoformat(),
    }


def _number(item: tuple[str, int]) -> int:
    return int(item[0])
