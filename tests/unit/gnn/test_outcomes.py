"""What became of those scored, and from when on that may teach."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.examples import NO_LOAN, UNKNOWN, StatedLabels, build_earlier_examples, build_examples, build_scored
from gnn.tasks import NODE_TASKS, TASKS, Task
from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.support.snapshots import LOAN, PERSON, Rows, fact, in_memory, key, version

DAY_S = 86_400
APPLIED, OWES, MISSED, REPAID, CLOSED, DEFAULTED = (
    EdgeType(PERSON, rel, LOAN)
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
ASSESSED = EdgeType(NodeLabel.LENDER, RelType.ASSESSED, LOAN)
DECLINED = EdgeType(NodeLabel.LENDER, RelType.DECLINED, LOAN)
RATED = EdgeType(PERSON, RelType.RATED, PERSON)
EUROS = {"amount_minor": 1, "currency": "EUR"}
DUE_S = 50 * DAY_S
ASKED_S = DUE_S + 30 * DAY_S
END_S = ASKED_S + 90 * DAY_S
OVER_S = END_S + 365 * DAY_S


def outcomes(rows: Rows, task: Task) -> dict[int, tuple[int, int]]:
    """Of each loan whether it went bad, and the second that is known."""
    snapshot = in_memory(rows)
    found = build_examples(snapshot, task)
    loans = {snapshot.row_of(LOAN, key(LOAN, number)): number for number in range(10)}
    told = zip(found.label.tolist(), found.known_s.tolist(), strict=True)
    return dict(zip([loans[row] for row in found.loan_rows.tolist()], told, strict=True))


def watched_until(second: int) -> Rows:
    """A lender reported, of another loan, until then."""
    return [fact(DECLINED, 999, 0, 9, second)]


@pytest.fixture
def collections() -> Task:
    task = TASKS["sandbox_collections"]
    return replace(task, cohort=replace(task.cohort, from_s=0, to_s=OVER_S))


def missed(number: int, loan: int = 1, due_s: int = DUE_S) -> Rows:
    tag = loan * 100 + number * 10
    return [
        fact(OWES, tag + 1, loan, loan, due_s, instalment=number),
        fact(MISSED, tag + 2, loan, loan, due_s + DAY_S, instalment=number),
    ]


def paid(number: int, at_s: float, known_s: int | None = None, loan: int = 1) -> Rows:
    told = int(at_s) + 1 if known_s is None else known_s
    return [fact(REPAID, loan * 100 + number * 10 + 3, loan, loan, told, at_us=int(at_s * 1e6), instalment=number, days_late=9)]


def late_loan(loan: int = 1) -> Rows:
    return [fact(APPLIED, loan * 100, loan, loan, 1000, **EUROS), *missed(1, loan)]


def collected(rows: Rows, task: Task) -> tuple[int, int]:
    return outcomes([*late_loan(), *rows, *watched_until(OVER_S)], task)[1]


def test_loan_is_cured_up_to_the_last_moment_of_the_window_and_known_when_it_has_closed(collections):
    assert collected(paid(1, ASKED_S + 1), collections) == (0, END_S)
    assert collected(paid(1, END_S, END_S - 1), collections) == (0, END_S)
    assert collected(paid(1, END_S + 0.000001), collections) == (1, END_S)
    assert collected([], collections) == (1, END_S)


def test_cure_told_after_the_window_is_known_when_it_was_told(collections):
    assert collected(paid(1, END_S - 5, END_S + 99), collections) == (0, END_S + 99)


def test_loan_that_goes_on_missing_while_it_pays_is_not_cured(collections):
    rolling = [*missed(2, due_s=DUE_S + 30 * DAY_S), *paid(1, ASKED_S + 5 * DAY_S)]
    assert collected(rolling, collections) == (1, END_S)
    assert collected([*rolling, *paid(2, ASKED_S + 40 * DAY_S)], collections) == (0, END_S)


def test_arrears_after_a_cure_do_not_undo_it(collections):
    rows = [*paid(1, ASKED_S + DAY_S), *missed(2, due_s=ASKED_S + 30 * DAY_S)]
    assert collected(rows, collections) == (0, END_S)


def test_arrears_that_end_as_others_begin_are_not_cured(collections):
    second = missed(2, due_s=ASKED_S + 10 * DAY_S)
    assert collected([*second, *paid(1, ASKED_S + 11 * DAY_S)], collections) == (1, END_S)


def test_loan_closed_in_the_window_is_cured(collections):
    assert collected([fact(CLOSED, 9, 1, 1, ASKED_S + DAY_S)], collections) == (0, END_S)


def test_cure_of_earlier_arrears_is_no_cure_of_these(collections):
    before = [*missed(7, due_s=DUE_S - 20 * DAY_S), *paid(7, DUE_S - 10 * DAY_S)]
    assert collected(before, collections) == (1, END_S)


def test_payment_made_before_the_instant_but_told_later_cures(collections):
    assert collected(paid(1, ASKED_S - DAY_S, ASKED_S), collections) == (0, END_S)


def test_window_still_open_at_the_last_fact_is_no_example_whatever_it_shows(collections):
    rows = [*late_loan(1), *late_loan(2), *paid(1, ASKED_S + 1, loan=2)]
    assert outcomes([*rows, *watched_until(END_S - 1)], collections) == {}
    assert outcomes([*rows, *watched_until(END_S)], collections) == {1: (1, END_S), 2: (0, END_S)}


def test_windows_stay_open_while_facts_of_other_families_alone_are_known(collections):
    others = [fact(RATED, 998, 8, 9, OVER_S, rating=1)]
    assert outcomes([*late_loan(), *watched_until(END_S - 1), *others], collections) == {}
    assert outcomes([*late_loan(), *watched_until(END_S), *others], collections) == {1: (1, END_S)}


def test_window_has_closed_when_its_reporting_lag_is_over(collections):
    slow = replace(collections, outcome=replace(collections.outcome, reporting_lag_days=5))
    over_s = END_S + 5 * DAY_S
    assert outcomes([*late_loan(), *watched_until(over_s - 1)], slow) == {}
    assert outcomes([*late_loan(), *watched_until(over_s)], slow) == {1: (1, over_s)}


@pytest.fixture
def default() -> Task:
    task = TASKS["sandbox"]
    return replace(task, cohort=replace(task.cohort, from_s=100, to_s=200))


def granted(loan: int) -> Rows:
    return [fact(APPLIED, loan * 100, loan, loan, 149, **EUROS), fact(FUNDED, loan * 100 + 1, 0, loan, 150, **EUROS)]


def test_default_is_known_when_the_window_closes_like_its_absence_or_later_where_it_was_told_later(default):
    end_s = 150 + 365 * DAY_S
    defaults = [fact(DEFAULTED, 1, 1, 1, 500), fact(DEFAULTED, 2, 2, 2, end_s + 7, at_us=500_000_000)]
    rows = [row for loan in (1, 2, 3) for row in granted(loan)]
    assert outcomes([*rows, *defaults, *watched_until(end_s + 9)], default) == {1: (1, end_s), 2: (1, end_s + 7), 3: (0, end_s)}


def test_default_after_the_window_leaves_a_loan_good_and_known_at_its_end(default):
    end_s = 150 + 365 * DAY_S
    rows = [*granted(1), fact(DEFAULTED, 1, 1, 1, end_s + 7), *watched_until(end_s + 9)]
    assert outcomes(rows, default) == {1: (0, end_s)}


def test_verdict_is_known_when_it_was_given():
    task = TASKS["superlender"]
    task = replace(task, cohort=replace(task.cohort, from_s=100, to_s=200))
    verdicts = [fact(ASSESSED, 7, 0, 1, 900, standing="settled"), fact(ASSESSED, 8, 0, 1, 950, standing="defaulted")]
    assert outcomes([*granted(1), *verdicts], task) == {1: (1, 950)}


def test_earlier_loan_is_known_when_its_window_has_closed():
    task = TASKS["superlender"]
    task = replace(task, cohort=replace(task.cohort, from_s=100 * DAY_S, to_s=200 * DAY_S))
    rows = [*granted(1), fact(OWES, 7, 1, 1, 160, at_us=DUE_S * 1_000_000, instalment=1)]
    assert build_earlier_examples(in_memory(rows), task).known_s.tolist() == [DUE_S + 2 * DAY_S]


def test_open_loan_is_an_example_of_each_month_with_its_own_window():
    task = TASKS["sandbox_behaviour"]
    task = replace(task, cohort=replace(task.cohort, from_s=0, to_s=120 * DAY_S))
    months = [31 * DAY_S, 59 * DAY_S, 90 * DAY_S]
    rows = [
        fact(APPLIED, 100, 1, 1, 1000, **EUROS),
        fact(OWES, 101, 1, 1, 2000, instalment=1),
        fact(DEFAULTED, 102, 1, 1, months[0] + 184 * DAY_S),
        *watched_until(400 * DAY_S),
    ]
    found = build_examples(in_memory(rows), task)
    assert found.as_of_s.tolist() == months
    assert found.label.tolist() == [0, 1, 1]
    assert found.known_s.tolist() == [month + 183 * DAY_S for month in months]


def test_listed_nodes_are_scored_in_the_order_of_the_list_as_of_one_second():
    snapshot = in_memory([fact(RATED, 1, 1, 2, 5, rating=1), fact(RATED, 2, 2, 3, 5, rating=1)])
    task = NODE_TASKS["bitcoin_otc"]
    stated = StatedLabels([key(PERSON, number) for number in (3, 1, 3)], np.array([1, 0, 1], np.int8))
    found = build_examples(snapshot, task, stated)
    assert [snapshot.key_of(PERSON, int(row)) for row in found.rows] == stated.keys
    assert found.label.tolist() == [1, 0, 1]
    assert set(found.as_of_s.tolist()) == set(found.known_s.tolist()) == {task.cohort.as_of_s}
    assert set(found.loan_rows.tolist()) == {NO_LOAN}
    assert len(found.take(np.array([1]))) == 1


def test_list_that_is_missing_or_names_a_stranger_is_refused():
    snapshot = in_memory([fact(RATED, 1, 1, 2, 5, rating=1)])
    task = NODE_TASKS["bitcoin_otc"]
    with pytest.raises(ValueError, match="which was not given"):
        build_examples(snapshot, task)
    with pytest.raises(ValueError, match="1 of 2 nodes"):
        build_examples(snapshot, task, StatedLabels([key(PERSON, 1), key(PERSON, 7)], np.zeros(2, np.int8)))


def test_withdrawn_payment_cures_nothing_and_that_is_known_from_its_withdrawal_on(collections):
    told = version(REPAID, 113, 1, 1, 1, ASKED_S + 9, at_us=(ASKED_S + 1) * 1_000_000, instalment=1, days_late=9)
    assert collected([told], collections) == (0, END_S)
    assert collected([told, version(REPAID, 114, 1, 1, 1, END_S + 9, withdrawn=True)], collections) == (1, END_S + 9)


def test_loan_of_which_nothing_was_missed_after_all_is_cured(collections):
    rows = [*late_loan()[:2], version(MISSED, 112, 1, 1, 1, DUE_S + DAY_S, instalment=1)]
    gone = version(MISSED, 113, 1, 1, 1, END_S + 9, withdrawn=True)
    assert outcomes([*rows, gone, *watched_until(OVER_S)], collections) == {1: (0, END_S + 9)}


def test_default_whose_day_was_corrected_is_read_as_last_known():
    task = TASKS["sandbox"]
    asked_s = task.cohort.from_s
    end_s = asked_s + 365 * DAY_S
    first, second = (
        version(DEFAULTED, 110 + n, 1, 1, 1, known_s, at_us=at_s * 1_000_000)
        for n, known_s, at_s in ((0, end_s - 5, end_s - 9), (1, end_s + 5, end_s + 1))
    )
    rows = [fact(APPLIED, 100, 1, 1, asked_s - 1, **EUROS), fact(FUNDED, 101, 0, 1, asked_s, **EUROS)]
    rows += watched_until(end_s + 9)
    assert outcomes([*rows, first], task) == {1: (1, end_s)}
    assert outcomes([*rows, first, second], task) == {1: (0, end_s + 5)}


def test_those_whose_outcome_is_not_known_yet_are_scored_all_the_same(collections):
    snapshot = in_memory([*late_loan(), *watched_until(END_S - 1)])
    assert len(build_examples(snapshot, collections)) == 0
    found = build_scored(snapshot, collections)
    assert (found.as_of_s.tolist(), found.label.tolist()) == ([ASKED_S], [UNKNOWN])
    assert found.known_s[0] > OVER_S


def test_whom_a_list_scores_is_not_read_from_a_snapshot():
    with pytest.raises(ValueError, match="smesd scores a list beside the graph"):
        build_scored(in_memory(late_loan()), NODE_TASKS["smesd"])


def test_outcomes_after_a_window_are_dated_and_verdicts_are_not():
    dated = {name for name, task in (TASKS | NODE_TASKS).items() if task.has_dated_outcomes}
    assert dated == {"sandbox", "sandbox_companies", "sandbox_behaviour", "sandbox_collections"}
