"""Made-up borrowers of an instalment lender, in the layout of the SuperLender files.

Each borrower has a hidden reliability, shared in part with whoever referred them; it drives how late earlier loans
were repaid and whether the scored loan of July 2017 goes bad. All earlier loans are closed before the scored one.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import exp
from pathlib import Path
from random import Random

from tests.support.made_up.files import Style, write_delimited

SCORED_FROM, SCORED_DAYS = date(2017, 7, 1), 30
NO_LOAN_BEFORE = date(2016, 1, 10)
REFERRED_SHARE, REFERRER_OUTSIDE_SHARE = 0.25, 0.15
ALIKE = 0.7  # correlation of reliability along a referral
BAD_INTERCEPT, BAD_SLOPE = -2.2, -1.7  # log-odds of a bad loan, and what one standard deviation of reliability takes off
LATE_MEAN_DAYS, LATE_SLOPE_DAYS, LATE_SPREAD_DAYS = -2.0, -6.0, 6.0
MOST_EARLIER_LOANS = 11
BARE_DATE_SHARE = 0.02  # repayments whose time of day was not recorded
CLOSED_AFTER = timedelta(minutes=11)
ONE_HOUR = timedelta(hours=1)  # the zone is an hour ahead of the times of application

BANKS = ("Alpha Demo Bank", "Beta Demo Bank", "Gamma Demo Bank", "Delta Demo Bank", "Omega Demo Bank")
BRANCHES = ("NORTH GATE", "SOUTH GATE", "OLD MARKET", "HARBOUR")
EMPLOYMENT = ("Permanent", "Permanent", "Permanent", "Self-Employed", "Student", "Unemployed", "")
EDUCATION = ("Graduate", "Secondary", "Post-Graduate", "Primary", "", "", "", "", "", "", "")
ACCOUNT_KINDS = ("Savings", "Savings", "Savings", "Other", "Current")

_LOAN_HEADER = (
    "customerid",
    "systemloanid",
    "loannumber",
    "approveddate",
    "creationdate",
    "loanamount",
    "totaldue",
    "termdays",
)
_SCORED_HEADER = (*_LOAN_HEADER, "referredby", "good_bad_flag")
_EARLIER_HEADER = (*_LOAN_HEADER, "closeddate", "referredby", "firstduedate", "firstrepaiddate")
_DEMOGRAPHIC_HEADER = (
    "customerid",
    "bank_account_type",
    "longitude_gps",
    "latitude_gps",
    "bank_name_clients",
    "bank_branch_clients",
    "employment_status_clients",
    "level_of_education_clients",
    "birth_year",
)


@dataclass(frozen=True)
class _Borrower:
    customer_id: str
    reliability: float
    referrer_id: str


@dataclass(frozen=True)
class _Earlier:
    approved: datetime
    term_days: int
    due: datetime
    repaid: datetime
    closed: datetime


def write_files(folder: Path, borrowers: int, rng: Random) -> None:
    """Write trainperf, trainprevloans and traindemographics_coarse."""
    people = _draw_borrowers(borrowers, rng)
    loan_ids = iter(rng.sample(range(700_000_000, 800_000_000), borrowers * (MOST_EARLIER_LOANS + 1)))
    scored: list[tuple[str | int, ...]] = []
    earlier: list[tuple[str | int, ...]] = []
    for person in people:
        day = SCORED_FROM + timedelta(days=rng.randrange(SCORED_DAYS))
        approved = _during_the_day(day, rng)
        history = _draw_history(person, approved, rng)
        for number, loan in enumerate(history, start=1):
            terms = _terms(person, next(loan_ids), number, loan.approved, loan.term_days, rng)
            earlier.append((*terms, _stamp(loan.closed), person.referrer_id, _stamp(loan.due), _stamp(loan.repaid)))
        bad = rng.random() < 1 / (1 + exp(-BAD_INTERCEPT - BAD_SLOPE * person.reliability))
        terms = _terms(person, next(loan_ids), len(history) + 1, approved, rng.choice((15, 30, 30, 30, 60)), rng)
        scored.append((*terms, person.referrer_id, "Bad" if bad else "Good"))
    demographics = _draw_demographics(people, rng)
    for rows in (scored, earlier, demographics):
        rng.shuffle(rows)
    unfinished = Style(ends_with_newline=False)
    write_delimited(folder / "trainperf.csv", _SCORED_HEADER, scored, unfinished)
    write_delimited(folder / "trainprevloans.csv", _EARLIER_HEADER, earlier, unfinished)
    write_delimited(folder / "traindemographics_coarse.csv", _DEMOGRAPHIC_HEADER, demographics, Style())


def _draw_borrowers(count: int, rng: Random) -> list[_Borrower]:
    people: list[_Borrower] = []
    for _ in range(count):
        reliability, referrer_id = rng.gauss(0, 1), ""
        if people and rng.random() < REFERRED_SHARE:
            referrer = rng.choice(people)
            outside = rng.random() < REFERRER_OUTSIDE_SHARE
            referrer_id = _draw_id(rng) if outside else referrer.customer_id
            reliability = ALIKE * referrer.reliability + (1 - ALIKE**2) ** 0.5 * reliability
        people.append(_Borrower(_draw_id(rng), reliability, referrer_id))
    return people


def _draw_history(person: _Borrower, scored: datetime, rng: Random) -> list[_Earlier]:
    """Earlier loans, oldest first, drawn backwards from the scored one so that each is closed before the next."""
    history: list[_Earlier] = []
    before = scored.date()
    for _ in range(1 + min(int(rng.expovariate(0.3)), MOST_EARLIER_LOANS - 1)):
        term = rng.choice((15, 30, 30, 60))
        first_due_after = min(term, 30)
        late = round(rng.gauss(LATE_MEAN_DAYS + LATE_SLOPE_DAYS * person.reliability, LATE_SPREAD_DAYS))
        late = max(late, 2 - first_due_after)
        closed_day = before - timedelta(days=rng.randrange(1, 20))
        bare = rng.random() < BARE_DATE_SHARE
        repaid_day = closed_day - timedelta(days=1 if bare else 0)
        due_day = repaid_day - timedelta(days=late)
        approved_day = due_day - timedelta(days=first_due_after)
        if approved_day < NO_LOAN_BEFORE:
            break
        repaid = datetime.combine(repaid_day, time()) if bare else _during_the_day(repaid_day, rng)
        closed = _during_the_day(closed_day, rng) if bare else repaid + CLOSED_AFTER
        due = datetime.combine(due_day, time())
        history.append(_Earlier(_during_the_day(approved_day, rng), term, due, repaid, closed))
        before = approved_day
    return history[::-1]


def _terms(
    person: _Borrower, loan_id: int, number: int, approved: datetime, term_days: int, rng: Random
) -> tuple[str | int, ...]:
    amount = 10_000 * (1 + min(number // 3, 4))
    total_due = amount + amount * rng.choice((10, 15, 20, 30)) // 100
    created = approved - ONE_HOUR - timedelta(seconds=rng.randrange(4, 80))
    return (
        person.customer_id,
        loan_id,
        number,
        _stamp(approved),
        _stamp(created),
        f"{amount}.0000",
        f"{total_due}.0000",
        term_days,
    )


def _draw_demographics(people: list[_Borrower], rng: Random) -> list[tuple[str | int, ...]]:
    rows: list[tuple[str | int, ...]] = []
    for person in people:
        if rng.random() < 0.05:
            continue  # not every borrower is described
        row = (
            person.customer_id,
            rng.choice(ACCOUNT_KINDS),
            f"{3 + rng.randrange(8) / 10:.1f}",
            f"{6 + rng.randrange(8) / 10:.1f}",
            rng.choice(BANKS),
            rng.choice(BRANCHES) if rng.random() < 0.05 else "",
            rng.choice(EMPLOYMENT),
            rng.choice(EDUCATION),
            rng.randrange(1960, 1996),
        )
        rows += [row] * (2 if rng.random() < 0.01 else 1)  # a few are described twice
    return rows


def _draw_id(rng: Random) -> str:
    return f"{rng.getrandbits(128):032x}"


def _during_the_day(day: date, rng: Random) -> datetime:
    return datetime.combine(day, time(8)) + timedelta(seconds=rng.randrange(14 * 3600))


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.000000"
