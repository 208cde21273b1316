"""A lost job shows in orders and spending at once, in bills next, and in missed instalments only later."""

import numpy as np
import polars as pl
import pytest

from ingest.sandbox.events import LOAN_EVENTS, Event, LoanEvent
from ingest.sandbox.society import Coverage
from tests.support.sandbox_world import Course

BEFORE, AFTER = 6, 12  # months looked at around the one in which a job is lost; that one is at position BEFORE
LEAST_PERSONS = 60


@pytest.fixture(scope="module")
def lost(course: Course) -> tuple[np.ndarray, np.ndarray]:
    """Persons who lost a job, and the month in which they first did."""
    ended = course.events(Event.JOB).filter((pl.col("month") > 0) & ~pl.col("started"))
    first = ended.group_by("person").agg(pl.col("month").min()).sort("person")
    first = first.filter(pl.col("month").is_between(BEFORE, course.economy.month - AFTER - 1))
    return first["person"].to_numpy().astype(np.int64), first["month"].to_numpy()


@pytest.fixture(scope="module")
def missed(course: Course) -> np.ndarray:
    """Instalments missed, [months, persons]."""
    is_missed = pl.col("kind") == LOAN_EVENTS.index(LoanEvent.MISSED)
    rows = course.events(Event.LOAN).filter(is_missed & (pl.col("borrower") < len(course.economy.lives)))
    return by_month(course, rows["month"], rows["borrower"])


@pytest.fixture(scope="module")
def spent(course: Course) -> np.ndarray:
    """Spending on wishes over what is usual, [months, persons]."""
    return course.events(Event.CIRCUMSTANCE)["spent_share"].to_numpy().reshape(course.economy.month, -1)


def by_month(course: Course, month: pl.Series, person: pl.Series, value: pl.Series | float = 1.0) -> np.ndarray:
    """Sums of a value, float [months, persons]."""
    out = np.zeros((course.economy.month, len(course.economy.lives)))
    np.add.at(out, (month.to_numpy(), person.to_numpy()), value if isinstance(value, float) else value.to_numpy())
    return out


def around(values: np.ndarray, lost: tuple[np.ndarray, np.ndarray], some: np.ndarray | None = None) -> np.ndarray:
    """Mean over those who lost a job (only `some` of all persons, bool) in each month around it."""
    person, month = lost
    if some is not None:
        person, month = person[some[person]], month[some[person]]
    assert len(person) > LEAST_PERSONS
    return np.array([values[month + offset, person].mean() for offset in range(-BEFORE, AFTER)])


def known_to(course: Course, source: Coverage) -> np.ndarray:
    return np.asarray((course.economy.setting.society.people.coverage & source) > 0)


def test_orders_fall_in_the_month_the_job_is_lost(course: Course, lost: tuple[np.ndarray, np.ndarray]) -> None:
    """Spending falls in the month income does (Ganong and Noel 2019, AER 109(7))."""
    orders = course.events(Event.ORDER)
    value = by_month(course, orders["month"], orders["person"], orders["amount"])
    course_of_value = around(value, lost, known_to(course, Coverage.SHOP))

    assert course_of_value[BEFORE : BEFORE + 3].max() < 0.6 * course_of_value[:BEFORE].mean()


def test_spending_for_their_means_falls_too_and_recovers(spent: np.ndarray, lost: tuple[np.ndarray, np.ndarray]) -> None:
    share = around(spent, lost)

    assert share[BEFORE + 1 : BEFORE + 5].mean() < 0.92 * share[:BEFORE].mean()
    assert share[-3:].mean() > share[BEFORE + 2 : BEFORE + 5].mean()


def test_bills_go_late_more_often(course: Course, lost: tuple[np.ndarray, np.ndarray]) -> None:
    bills = course.events(Event.BILL).filter(pl.col("days_late") > 0)
    late = by_month(course, bills["month"], bills["person"])
    share = around(late, lost, known_to(course, Coverage.UTILITY))

    assert share[BEFORE : BEFORE + 6].mean() > 1.15 * share[:BEFORE].mean()


def test_loans_are_missed_more_often_but_not_at_once(missed: np.ndarray, lost: tuple[np.ndarray, np.ndarray]) -> None:
    share = around(missed, lost)
    usual = share[: BEFORE + 1].mean()

    assert np.argmax(share) >= BEFORE + 2
    assert share[BEFORE : BEFORE + 2].mean() < 1.3 * usual
    assert share[BEFORE + 2 : BEFORE + 6].mean() > 1.8 * usual


def test_whoever_misses_an_instalment_after_the_loss_spent_less_before(
    spent: np.ndarray, missed: np.ndarray, lost: tuple[np.ndarray, np.ndarray]
) -> None:
    """Each person against their own half year before."""
    earlier = []
    for person, month in zip(*lost, strict=True):
        later = np.flatnonzero(missed[month:, person])
        if len(later) and not missed[month - BEFORE : month, person].any():
            low = np.flatnonzero(spent[month:, person] < 0.8 * spent[month - BEFORE : month, person].mean())
            earlier.append(len(low) > 0 and low[0] < later[0])

    assert len(earlier) > LEAST_PERSONS
    assert np.mean(earlier) > 0.65
