"""Who is scored when, by each rule, decided by what was known at the instant and by nothing later."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gnn.cohorts import DAY_S, months_between, read_cohort
from gnn.tasks import TASKS, Cohort
from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.support.snapshots import ACCOUNT, LOAN, PERSON, Rows, fact, in_memory, key, version


def of_person(rel: RelType) -> EdgeType:
    return EdgeType(PERSON, rel, LOAN)


APPLIED, OWES, MISSED, REPAID, CLOSED, DEFAULTED = (
    of_person(rel)
    for rel in (
        RelType.APPLIED_FOR,
        RelType.OWES,
        RelType.MISSED,
        RelType.REPAID,
        RelType.CLOSED,
        RelType.DEFAULTED_ON,
    )
)
FUNDED = EdgeType(NodeLabel.LENDER, RelType.FUNDED, LOAN)
DISBURSED = EdgeType(LOAN, RelType.DISBURSED_TO, ACCOUNT)
APPROVED_S = 1000
EUROS = {"amount_minor": 1, "currency": "EUR"}


def month_s(number: int, year: int = 1970) -> int:
    return int(datetime(year, number, 1, tzinfo=UTC).timestamp())


def scored(rows: Rows, cohort: Cohort) -> list[tuple[int, int]]:
    """(loan, instant) of everyone scored."""
    snapshot = in_memory(rows)
    loans = {snapshot.row_of(LOAN, key(LOAN, number)): number for number in range(10)}
    found = read_cohort(snapshot, cohort)
    return sorted((loans[loan], asked_s) for loan, asked_s in found.select("loan", "asked_s").iter_rows())


def applied(loan: int, known_s: int = APPROVED_S) -> Rows:
    return [fact(APPLIED, loan * 100, loan, loan, known_s, **EUROS)]


@pytest.fixture
def monthly() -> Cohort:
    return replace(TASKS["sandbox_behaviour"].cohort, from_s=month_s(2), to_s=month_s(5))


def paid_out(loan: int, known_s: int) -> Rows:
    return [*applied(loan), fact(DISBURSED, loan * 100 + 1, loan, 1, known_s, **EUROS)]


def test_months_begin_within_their_bounds():
    assert months_between(month_s(2), month_s(4)).tolist() == [month_s(2), month_s(3)]
    assert months_between(month_s(2) + 1, month_s(4) + 1).tolist() == [month_s(3), month_s(4)]
    assert months_between(month_s(2), month_s(2)).tolist() == []


def test_open_loan_is_scored_once_a_month_within_the_bounds(monthly):
    assert scored(paid_out(1, 2000), monthly) == [(1, month_s(month)) for month in (2, 3, 4)]


def test_loan_opens_strictly_after_its_payout_was_known(monthly):
    rows = [*paid_out(1, month_s(3) - 1), *paid_out(2, month_s(3))]
    assert scored(rows, monthly) == [(1, month_s(3)), (1, month_s(4)), (2, month_s(4))]


def test_loan_is_open_until_its_end_was_known_before_the_instant(monthly):
    ends = [fact(CLOSED, 7, 1, 1, month_s(3) - 1), fact(DEFAULTED, 8, 2, 2, month_s(3), at_us=0)]
    rows = [*paid_out(1, 2000), *paid_out(2, 2000), *ends]
    assert scored(rows, monthly) == [(1, month_s(2)), (2, month_s(2)), (2, month_s(3))]


def test_instalment_shows_that_a_loan_was_paid_out_to_an_account_nobody_named(monthly):
    rows = [*applied(1), fact(OWES, 7, 1, 1, month_s(3), instalment=1), *applied(2)]
    assert scored(rows, monthly) == [(1, month_s(4))]


def test_loan_that_was_never_applied_for_has_no_one_to_score(monthly):
    assert scored([fact(DISBURSED, 1, 1, 1, 2000, **EUROS)], monthly) == []


def test_loan_whose_application_was_told_late_is_scored_from_then_on(monthly):
    rows = [*applied(1, month_s(3)), fact(DISBURSED, 101, 1, 1, 2000, **EUROS)]
    assert scored(rows, monthly) == [(1, month_s(4))]


def test_what_becomes_known_later_changes_no_one_scored_before(monthly):
    rows = [*paid_out(1, 2000), *paid_out(2, month_s(3) - 1)]
    later = [fact(CLOSED, 7, 1, 1, month_s(3) + 5), fact(DEFAULTED, 8, 2, 2, month_s(4) + 5, at_us=0)]
    before = [one for one in scored(rows, monthly) if one[1] <= month_s(3)]
    assert [one for one in scored([*rows, *later], monthly) if one[1] <= month_s(3)] == before


DUE_S = 50 * DAY_S
LATE_S = DUE_S + 30 * DAY_S


@pytest.fixture
def late() -> Cohort:
    return replace(TASKS["sandbox_collections"].cohort, from_s=0, to_s=1000 * DAY_S)


def instalment(
    loan: int, number: int = 1, due_s: int = DUE_S, *, missed_s: int | None = None, paid_s: int | None = None
) -> Rows:
    """An instalment known to be owed on its due day, and when it was known to be missed (the day after) and paid."""
    tag = loan * 100 + number * 10
    rows = [fact(OWES, tag + 1, loan, loan, due_s, instalment=number)]
    rows.append(fact(MISSED, tag + 2, loan, loan, due_s + DAY_S if missed_s is None else missed_s, instalment=number))
    if paid_s is not None:
        rows.append(fact(REPAID, tag + 3, loan, loan, paid_s, instalment=number, days_late=1))
    return rows


def test_loan_is_scored_when_an_instalment_is_thirty_days_late(late):
    assert scored([*applied(1), *instalment(1)], late) == [(1, LATE_S)]


def test_payment_known_before_that_instant_keeps_a_loan_out(late):
    rows = [*applied(1), *instalment(1, paid_s=LATE_S - 1), *applied(2), *instalment(2, paid_s=LATE_S)]
    assert scored(rows, late) == [(2, LATE_S)]


def test_end_known_before_that_instant_keeps_a_loan_out(late):
    ends = [fact(DEFAULTED, 7, 1, 1, LATE_S - 1), fact(CLOSED, 8, 2, 2, LATE_S)]
    assert scored([*applied(1), *instalment(1), *applied(2), *instalment(2), *ends], late) == [(2, LATE_S)]


def test_lateness_that_was_told_late_is_scored_a_second_after_it_was_known(late):
    assert scored([*applied(1), *instalment(1, missed_s=LATE_S + 7)], late) == [(1, LATE_S + 8)]


def test_instalment_that_nobody_said_was_missed_is_not_known_to_be_late(late):
    assert scored([*applied(1), fact(OWES, 7, 1, 1, DUE_S, instalment=1)], late) == []


def test_only_the_first_time_counts_even_where_it_lies_before_the_bounds(late):
    rows = [*applied(1), *instalment(1, paid_s=LATE_S + 1), *instalment(1, 2, DUE_S + 30 * DAY_S)]
    assert scored(rows, late) == [(1, LATE_S)]
    assert scored(rows, replace(late, from_s=LATE_S + 1)) == []
    assert scored(rows, replace(late, from_s=LATE_S, to_s=LATE_S + 1)) == [(1, LATE_S)]
    assert scored(rows, replace(late, to_s=LATE_S)) == []


def test_instalments_are_told_apart(late):
    rows = [*applied(1), *instalment(1, paid_s=DUE_S + 5), *instalment(1, 2, DUE_S + 30 * DAY_S)]
    assert scored(rows, late) == [(1, LATE_S + 30 * DAY_S)]


@pytest.mark.parametrize("name", sorted(TASKS))
def test_every_declared_window_ends_before_the_simulated_economy_does(name):
    task = TASKS[name]
    horizon_days = getattr(task.outcome, "horizon_days", 0)
    assert task.cohort.from_s < task.cohort.to_s
    assert task.cohort.to_s - 1 + horizon_days * DAY_S < month_s(1, 2026)


def test_companies_borrow_by_the_same_rule_as_persons():
    persons, companies = TASKS["sandbox"], TASKS["sandbox_companies"]
    assert companies.subject is NodeLabel.COMPANY
    assert companies.cohort.applied_by == EdgeType(NodeLabel.COMPANY, RelType.APPLIED_FOR, LOAN)
    assert (companies.cohort.from_s, companies.cohort.to_s) == (persons.cohort.from_s, persons.cohort.to_s)


def told(edge: EdgeType, number: int, loan: int, known_s: int, **values: object) -> Rows:
    """A version of the fact 1."""
    return [version(edge, number, 1, loan, 1 if edge == DISBURSED else loan, known_s, **values)]


def test_loan_is_open_for_as_long_as_a_version_says_so(monthly):
    rows = [*applied(1), *told(DISBURSED, 101, 1, month_s(1) + 9, **EUROS), *told(DISBURSED, 102, 1, month_s(2) + 9, **EUROS)]
    months = [(1, month_s(number)) for number in (2, 3, 4)]
    assert scored(rows, monthly) == months
    withdrawn = told(DISBURSED, 103, 1, month_s(3) + 9, withdrawn=True, **EUROS)
    assert scored([*rows, *withdrawn], monthly) == months[:2]


def test_loan_whose_end_was_withdrawn_is_open_again(monthly):
    rows = [*paid_out(1, month_s(1) + 9), *told(CLOSED, 103, 1, month_s(2) + 9)]
    assert scored(rows, monthly) == [(1, month_s(2))]
    again = told(CLOSED, 104, 1, month_s(3) + 9, withdrawn=True)
    assert scored([*rows, *again], monthly) == [(1, month_s(2)), (1, month_s(4))]


def test_application_counts_in_the_version_of_the_instant_and_until_it_was_withdrawn(monthly):
    first, second = (version(APPLIED, 100 + n, 1, n + 1, 1, second, **EUROS) for n, second in ((0, 5), (1, month_s(3))))
    rows = [first, second, fact(DISBURSED, 103, 1, 1, 9, **EUROS)]
    assert scored(rows, monthly) == [(1, month_s(number)) for number in (2, 3, 4)]
    assert [row[0] for row in by_whom(rows, monthly)] == [1, 1, 2]
    gone = version(APPLIED, 104, 1, 2, 1, month_s(3) + 1, withdrawn=True, **EUROS)
    assert scored([*rows, gone], monthly) == [(1, month_s(number)) for number in (2, 3)]


def by_whom(rows: Rows, cohort: Cohort) -> list[tuple[int, int]]:
    """(person, instant) of everyone scored, in order of time."""
    snapshot = in_memory(rows)
    persons = {snapshot.row_of(PERSON, key(PERSON, number)): number for number in range(10)}
    found = read_cohort(snapshot, cohort).sort("asked_s", "id")
    return [(persons[row], asked_s) for row, asked_s in found.select("row", "asked_s").iter_rows()]


DECIDED_S = 500


@pytest.fixture
def decided() -> Cohort:
    return replace(TASKS["sandbox"].cohort, from_s=0, to_s=1000)


@pytest.mark.parametrize(("told_s", "person"), [(DECIDED_S - 1, 2), (DECIDED_S, 1), (DECIDED_S + 1, 1)])
def test_who_asked_is_read_from_the_version_that_counted_at_the_decision(decided, told_s, person):
    rows = [version(APPLIED, 100, 1, 1, 1, 400, **EUROS), version(APPLIED, 101, 1, 2, 1, told_s, **EUROS)]
    assert by_whom([*rows, fact(FUNDED, 103, 0, 1, DECIDED_S, **EUROS)], decided) == [(person, DECIDED_S)]


@pytest.mark.parametrize(("told_s", "number"), [(DECIDED_S - 1, 0), (DECIDED_S, 1), (DECIDED_S + 1, 1)])
def test_application_withdrawn_before_the_decision_is_none_and_after_it_was_one(decided, told_s, number):
    rows = [version(APPLIED, 100, 1, 1, 1, 400, **EUROS), version(APPLIED, 101, 1, 1, 1, told_s, withdrawn=True, **EUROS)]
    assert len(by_whom([*rows, fact(FUNDED, 103, 0, 1, DECIDED_S, **EUROS)], decided)) == number


def test_decision_withdrawn_afterwards_was_made_all_the_same(decided):
    funded = version(FUNDED, 103, 1, 0, 1, DECIDED_S, **EUROS)
    gone = version(FUNDED, 104, 1, 0, 1, DECIDED_S + 9, withdrawn=True, **EUROS)
    assert by_whom([*applied(1, 400), funded, gone], decided) == [(1, DECIDED_S)]


def test_application_told_with_its_decision_is_asked_about(decided):
    assert by_whom([*applied(1, DECIDED_S), fact(FUNDED, 103, 0, 1, DECIDED_S, **EUROS)], decided) == [(1, DECIDED_S)]


def test_late_loan_is_of_whom_the_application_named_at_the_instant(late):
    first, second = (version(APPLIED, 100 + n, 1, n + 1, 1, second, **EUROS) for n, second in ((0, 5), (1, LATE_S)))
    assert by_whom([first, second, *instalment(1)], late) == [(1, LATE_S)]
    assert by_whom([first, (second[0], second[1] | {"known_at_s": LATE_S - 1}), *instalment(1)], late) == [(2, LATE_S)]


def test_loan_is_late_by_the_version_that_counts_at_the_instant(late):
    owed = fact(OWES, 111, 1, 1, DUE_S, instalment=1)
    gone = version(MISSED, 113, 1, 1, 1, LATE_S, instalment=1, withdrawn=True)
    rows = [*applied(1), owed, version(MISSED, 112, 1, 1, 1, DUE_S + DAY_S, instalment=1)]
    assert scored([*rows, gone], late) == [(1, LATE_S)]
    assert scored([*rows, (gone[0], gone[1] | {"known_at_s": LATE_S - 1})], late) == []


def test_due_day_that_was_moved_before_the_instant_moves_it(late):
    first, second = (
        version(OWES, 110 + n, 1, 1, 1, known_s, instalment=1, at_us=due_s * 1_000_000)
        for n, known_s, due_s in ((0, DUE_S, DUE_S), (1, LATE_S - 1, DUE_S + 9 * DAY_S))
    )
    rows = [*applied(1), first, fact(MISSED, 119, 1, 1, DUE_S + DAY_S, instalment=1)]
    assert scored([*rows, second], late) == [(1, LATE_S + 9 * DAY_S)]
    assert scored([*rows, (second[0], second[1] | {"known_at_s": LATE_S})], late) == [(1, LATE_S)]


def test_payment_that_was_withdrawn_before_the_instant_keeps_no_loan_out(late):
    paid = version(REPAID, 113, 1, 1, 1, LATE_S - 9, instalment=1, days_late=1)
    gone = version(REPAID, 114, 1, 1, 1, LATE_S - 5, instalment=1, withdrawn=True)
    assert scored([*applied(1), *instalment(1), paid], late) == []
    assert scored([*applied(1), *instalment(1), paid, gone], late) == [(1, LATE_S)]
