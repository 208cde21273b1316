"""The applicants of the made-up lender: who they are to their source, and when the lender decided.

Read from the same file that ingest reads, since the graph holds no raw identifier to ask a service about.
"""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from api.instants import whole_seconds_up

SOURCE = "superlender"
SCORED_LOANS = "trainperf.csv"
ZONE = ZoneInfo("Africa/Lagos")


@dataclass(frozen=True)
class Applicant:
    """One borrower, by the source's own identifier, and the instant of the lender's decision, UTC."""

    identifier: str
    decided_at: datetime

    @property
    def as_of_s(self) -> int:
        """UTC second as of which the decision is scored."""
        return whole_seconds_up(self.decided_at)


def read_applicants(folder: Path) -> list[Applicant]:
    """Applicants of the scored loans in `folder/superlender`, by the time of decision."""
    with (folder / SOURCE / SCORED_LOANS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [
        Applicant(row["customerid"], datetime.fromisoformat(row["approveddate"]).replace(tzinfo=ZONE).astimezone(UTC))
        for row in rows
    ]
    return sorted(found, key=lambda applicant: (applicant.decided_at, applicant.identifier))
