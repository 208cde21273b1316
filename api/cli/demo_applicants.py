"""The persons who applied for loans in the demo's economy: who they are to the source, what they asked, what came of it.

Read from the same files that ingest reads, since the graph holds no raw identifier to ask a service about. Knows nothing
sealed.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from api.instants import whole_seconds_up

DAY_CHARACTERS = len("2024-01-31")  # what an instant of the files begins with


@dataclass(frozen=True)
class Applicant:
    """One application of a person.

    Attributes:
        customer: The lender's own number of the person, which the graph has too.
        application: The lender's number of the application, and of the loan if there is one.
        decided_at: Instant of the decision, UTC.
        approved: Whether the lender granted it.
        asked: Amount and term, in words.
    """

    customer: str
    application: str
    decided_at: datetime
    approved: bool
    asked: str

    @property
    def as_of_s(self) -> int:
        """UTC second as of which the decision is scored."""
        return whole_seconds_up(self.decided_at)


def read_applicants(raw: Path) -> list[Applicant]:
    """Applications of persons, as first stated, by the time of decision.

    Args:
        raw: Folder of the economy's raw files.
    """
    applied = _first(raw / "applications.csv", "application_id").filter(pl.col("applicant_kind") == "person")
    return [
        Applicant(
            customer=row["applicant_id"],
            application=row["application_id"],
            decided_at=datetime.fromisoformat(row["decided_at"]),
            approved=row["decision"] == "approved",
            asked=f"{row['lender_id']} for {float(row['amount']):,.2f} {row['currency']} over {row['term_months']} months"
            + (f" ({row['purpose'].replace('_', ' ')})" if row["purpose"] else ""),
        )
        for row in applied.sort("decided_at", "application_id").iter_rows(named=True)
    ]


def read_course(raw: Path, application: str) -> str:
    """What became of a loan until the economy ends, in words."""
    tape = read_text(raw / "loan_tape.csv").filter(pl.col("loan_id") == application).unique(["event", "instalment", "event_at"])
    paid, missed = (tape.filter(pl.col("event") == event) for event in ("paid", "missed"))
    late = paid.filter(pl.col("days_late").cast(pl.Int64) > 0)
    told = f"instalments paid {paid.height} (late {late.height}), missed {missed['instalment'].n_unique()}"
    for event, words in (("defaulted", "defaulted on"), ("closed", "settled in full on")):
        days = tape.filter(pl.col("event") == event)["event_at"].str.head(DAY_CHARACTERS).sort().to_list()
        told += f"; {words} {days[0]}" if days else ""
    return told


def read_text(path: Path) -> pl.DataFrame:
    """A raw or sealed CSV file as text."""
    return pl.read_csv(path, infer_schema=False)


def _first(path: Path, key: str) -> pl.DataFrame:
    """The row of each key that was recorded first; corrections come later."""
    return read_text(path).with_row_index("row").sort("recorded_at", "row").unique(key, keep="first", maintain_order=True)
