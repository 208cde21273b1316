"""What only the referee may read: true probabilities, hidden traits, who is who, who cheats, and that money added up.

Never read by ingest or by a model; benchmarks read it to judge them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.accounts import Accounts
from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.society import NONE, Misuse, Plan, Scheme, Society

HORIZON_STEPS = 11
"""A loan applied for in month m has defaulted within twelve months when its default is settled by month m + 11."""
LOOK_ALIKES = ("family", "flat_share", "employer_housing")
NEVER = 10_000
Chances = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """Applications of one month: loan numbers, applicants' accounts, lenders, answers, and true chances."""

    month: int
    number: Numbers
    applicant: Numbers
    lender: Numbers
    approved: NDArray[np.bool_]
    chances: Chances

    def with_chances(self, chances: Chances) -> "Judged":
        """The same applications with their chances."""
        return replace(self, chances=chances)


@dataclass
class Outcomes:
    """What became of every application, and what all accounts held month by month.

    Attributes:
        accounts: Whose account is which.
        judged: Applications, month after month.
        defaulted: Loan numbers that defaulted, one array a month.
        money: Minor units held by persons, firms, lenders, in custody and by the rest of the world, one row a month.
    """

    accounts: Accounts
    judged: list[Judged] = field(default_factory=list)
    defaulted: list[Numbers] = field(default_factory=list)
    money: list[tuple[int, ...]] = field(default_factory=list)

    def note_money(self, balance: Numbers) -> None:
        """Note what each sector holds at the end of a month, minor units."""
        ends = (0, self.accounts.firm(0), self.accounts.lender(0), self.accounts.custody(0), self.accounts.state, len(balance))
        self.money.append(tuple(int(balance[first:last].sum()) for first, last in pairwise(ends)))

    def counts(self) -> tuple[int, int, int, int]:
        """Applications, loans granted, loans defaulted, and money in the economy, minor units."""
        applications = sum(len(part.number) for part in self.judged)
        granted = sum(int(part.approved.sum()) for part in self.judged)
        return applications, granted, sum(len(part) for part in self.defaulted), sum(self.money[-1])

    def frames(self) -> Iterator[pl.DataFrame]:
        """Frames of loan, applicant, lender, month, approved, p_default_12m, defaulted_12m (null while open or refused)."""
        months = len(self.defaulted)
        settled = np.full(sum(len(part.number) for part in self.judged), NEVER, np.int64)
        for month, numbers in enumerate(self.defaulted):
            settled[numbers] = month
        for part in self.judged:
            within = settled[part.number] <= part.month + HORIZON_STEPS
            told = part.approved & (part.month + HORIZON_STEPS < months)
            yield pl.DataFrame(
                {
                    "loan": part.number,
                    "applicant": part.applicant,
                    "lender": part.lender,
                    "month": np.full(len(part.number), part.month),
                    "approved": part.approved,
                    "p_default_12m": part.chances,
                    "defaulted_12m": pl.select(pl.when(pl.Series(told)).then(pl.Series(within))).to_series(),
                }
            )


def write_sealed(folder: Path, delivery: Delivery, outcomes: Outcomes) -> None:
    """Write every sealed file."""
    society = delivery.society
    write_table(folder / "truth.csv", TRUTH, (_truth(delivery, frame) for frame in outcomes.frames()))
    write_table(folder / "people.csv", PEOPLE, _people(society))
    write_table(folder / "identities.csv", ("person", "customer_id"), _identities(delivery))
    write_table(folder / "adversaries.csv", ("kind", "group", "member", "from_month"), [_adversaries(society)])
    write_table(folder / "look_alikes.csv", ("kind", "group", "member"), [_look_alikes(society)])
    write_table(folder / "platforms.csv", ("platform_id", "scheme", "from_month"), [_platforms(delivery)])
    write_table(folder / "money.csv", MONEY, [_money(outcomes)])


TRUTH = ("application_id", "applicant", "month", "approved", "p_default_12m", "defaulted_12m")
PEOPLE = (
    *("person", "work", "willingness", "ability", "thrift", "craving", "plan", "misuse", "gang"),
    *("thin", "coverage", "protected_group", "household", "neighbourhood"),
)
MONEY = ("month", "persons_minor", "companies_minor", "lenders_minor", "custody_minor", "rest_minor", "total_minor")
PERSON, PERSON_DIGITS = "P", 7
ROWS_AT_ONCE = 200_000


def person_names(numbers: Numbers) -> pl.Series:
    """What the sealed files call persons: their number, which no raw file holds."""
    digits = pl.Series(np.asarray(numbers, np.int64)).cast(pl.String).str.zfill(PERSON_DIGITS)
    return pl.select(pl.concat_str(pl.lit(PERSON), digits)).to_series()


def _truth(delivery: Delivery, frame: pl.DataFrame) -> pl.DataFrame:
    accounts = delivery.identifiers.accounts
    account = frame["applicant"].to_numpy()
    is_person = account < accounts.persons
    persons = person_names(np.where(is_person, account, 0))
    companies = delivery.identifiers.company_ids(np.where(is_person, 0, account - accounts.persons))
    ids = delivery.identifiers.loan_ids(frame["lender"].to_numpy(), frame["loan"].to_numpy())
    return frame.select(
        pl.Series("application_id", ids),
        pl.when(pl.Series(is_person)).then(persons).otherwise(companies).alias("applicant"),
        pl.col("month"),
        pl.col("approved").cast(pl.Int8),
        pl.col("p_default_12m").round(6),
        pl.col("defaulted_12m").cast(pl.Int8),
    )


def _people(society: Society) -> Iterator[pl.DataFrame]:
    people = society.people
    for first in range(0, len(people), ROWS_AT_ONCE):
        at = np.arange(first, min(first + ROWS_AT_ONCE, len(people)), dtype=np.int64)
        yield pl.DataFrame(
            {
                "person": person_names(at),
                "work": people.work[at],
                **{name: np.round(getattr(people, name)[at].astype(np.float64), 4) for name in PEOPLE[2:6]},
                "plan": _words(Plan, people.plan[at]),
                "misuse": _words(Misuse, people.misuse[at]),
                "gang": pl.Series(people.gang[at]).replace({NONE: None}),
                "thin": people.thin[at].astype(np.int8),
                "coverage": people.coverage[at],
                "protected_group": people.protected_group[at],
                "household": people.household[at],
                "neighbourhood": people.neighbourhood[at],
            }
        )


def _words(kind: type[Plan] | type[Misuse] | type[Scheme], codes: NDArray[np.int8]) -> pl.Series:
    words = pl.Series([member.name.lower() for member in kind])
    return words.gather(pl.Series(codes.astype(np.uint32)))


def _identities(delivery: Delivery) -> Iterator[pl.DataFrame]:
    for institution in delivery.identifiers.institutions:
        persons = delivery.known.relations(institution).persons
        for first in range(0, len(persons), ROWS_AT_ONCE):
            part = persons[first : first + ROWS_AT_ONCE]
            yield pl.DataFrame(
                {"person": person_names(part), "customer_id": delivery.identifiers.customer_ids(institution, part)}
            )


def _adversaries(society: Society) -> pl.DataFrame:
    people = society.people
    at = np.flatnonzero(people.plan != Plan.HONEST).astype(np.int64)
    return pl.DataFrame(
        {
            "kind": _words(Plan, people.plan[at]),
            "group": pl.Series(people.gang[at]).replace({NONE: None}),
            "member": person_names(at),
            "from_month": people.plan_month[at],
        }
    )


def _look_alikes(society: Society) -> pl.DataFrame:
    alike = society.look_alikes
    kinds = pl.Series(LOOK_ALIKES).gather(pl.Series(alike.kind.astype(np.uint32)))
    return pl.DataFrame({"kind": kinds, "group": alike.group, "member": person_names(alike.person.astype(np.int64))})


def _platforms(delivery: Delivery) -> pl.DataFrame:
    lenders = delivery.society.lenders
    at = np.flatnonzero(lenders.is_platform).astype(np.int64)
    month = pl.Series(lenders.scheme_month[at]).replace({NONE: None})
    return pl.DataFrame(
        {"platform_id": delivery.identifiers.lender_ids(at), "scheme": _words(Scheme, lenders.scheme[at]), "from_month": month}
    )


def _money(outcomes: Outcomes) -> pl.DataFrame:
    rows = [(month, *held, sum(held)) for month, held in enumerate(outcomes.money)]
    return pl.DataFrame(rows, schema=list(MONEY), orient="row")
