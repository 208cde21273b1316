"""What the referee of the demo's economy keeps sealed: who an applicant really is, the true probability, the outcome.

Nothing read here reaches the graph or the model; it is told after the score, beside it.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from api.cli.demo_applicants import read_text

WORK = ("employed", "self-employed", "retired", "without work")
"""How a person earned when the economy began, by the code in the sealed file."""


@dataclass(frozen=True)
class SealedLoan:
    """One application as it really was.

    Attributes:
        person: The sealed number, such as P0000123.
        thin: Whether few sources know the person.
        work: How the person earned when the economy began.
        plan: `honest`, or what the person is secretly up to.
        chance: The true probability of default within twelve months of the application.
        defaulted: Whether it did; None where it was refused or the twelve months are not over.
    """

    person: str
    thin: bool
    work: str
    plan: str
    chance: float
    defaulted: bool | None


def read_sealed(sealed: Path) -> dict[str, SealedLoan]:
    """What is sealed of every application of a person, by the number of the application."""
    truth = read_text(sealed / "truth.csv")
    people = read_text(sealed / "people.csv").select("person", "thin", "work", "plan")
    rows = truth.join(people, left_on="applicant", right_on="person")
    return {
        row["application_id"]: SealedLoan(
            person=row["applicant"],
            thin=row["thin"] == "1",
            work=WORK[int(row["work"])],
            plan=row["plan"],
            chance=float(row["p_default_12m"]),
            defaulted=None if row["defaulted_12m"] in (None, "") else row["defaulted_12m"] == "1",
        )
        for row in rows.iter_rows(named=True)
    }


def read_customers(sealed: Path) -> dict[str, list[str]]:
    """The customer numbers of each person at all institutions, by sealed number."""
    grouped = read_text(sealed / "identities.csv").group_by("person").agg(pl.col("customer_id").sort())
    return dict(grouped.iter_rows())
