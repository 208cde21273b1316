"""Who is scored, as of when, and with which outcome: bounded on both sides, whatever the order of the facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from gnn.dataset import build_dataset
from gnn.errors import EmptyTrainingSet
from gnn.examples import Examples, build_earlier_examples, build_examples
from gnn.tasks import TASKS, EarlierRule, Task, Within
from graph.identity import Pepper
from graph.snapshot import Snapshot, write_base
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.load import read_facts
from tests.support.snapshots import PERSON, SAME_AS, Rows, fact, in_memory, key

APPLIED = EdgeType(PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)
FUNDED = EdgeType(NodeLabel.LENDER, RelType.FUNDED, NodeLabel.LOAN)
ASSESSED = EdgeType(NodeLabel.LENDER, RelType.ASSESSED, NodeLabel.LOAN)
OWES = EdgeType(PERSON, RelType.OWES, NodeLabel.LOAN)
REPAID = EdgeType(PERSON, RelType.REPAID, NodeLabel.LOAN)


def _asked_between(task: Task, from_s: int, to_s: int) -> Task:
    return replace(task, cohort=replace(task.cohort, from_s=from_s, to_s=to_s))


def _a_second_later(task: Task) -> Task:
    return replace(task, cohort=replace(task.cohort, after_seconds=1))


@pytest.fixture
def task() -> Task:
    return replace(
        _asked_between(TASKS["superlender"], 100, 200),
        earlier=EarlierRule(owed=OWES, repaid=REPAID, days_late="days_late", days_late_over=1, weight=0.5),
    )


def _loan(number: int, person: int, decided_s: int, standing: str | None = None) -> Rows:
    rows = [
        fact(APPLIED, number * 10, person, number, decided_s - 1, amount_minor=5, currency="NGN"),
        fact(FUNDED, number * 10 + 1, 0, number, decided_s, amount_minor=5, currency="NGN"),
    ]
    return rows + ([fact(ASSESSED, number * 10 + 2, 0, number, 900, standing=standing)] if standing else [])


def _repaid(number: int, person: int, known_at_s: int, days_late: int) -> Rows:
    return [fact(REPAID, number * 10 + 3, person, number, known_at_s, instalment=1, days_late=days_late)]


def _persons(snapshot: Snapshot, examples: Examples) -> list[int]:
    keys = {key(PERSON, person): person for person in range(10)}
    return [keys[snapshot.key_of(PERSON, int(row))] for row in examples.rows]


def test_cohort_takes_its_first_second_and_not_its_last(task):
    rows = [*_loan(1, 1, 99, "settled"), *_loan(2, 2, 100, "settled"), *_loan(3, 3, 199, "defaulted")]
    snapshot = in_memory([*rows, *_loan(4, 4, 200, "settled")])
    found = build_examples(snapshot, task)
    assert _persons(snapshot, found) == [2, 3]
    assert found.as_of_s.tolist() == [100, 199]
    assert found.label.tolist() == [0, 1]


def test_bare_dates_are_scored_one_second_after_they_are_known(task):
    found = build_examples(in_memory(_loan(1, 1, 150, "settled")), _a_second_later(task))
    assert found.as_of_s.tolist() == [151]


def test_subject_is_the_node_that_its_key_is_part_of_when_it_is_scored(task):
    rows = [*_loan(1, 1, 120, "settled"), *_loan(2, 2, 120, "settled"), *_loan(3, 2, 150, "settled")]
    snapshot = in_memory([*rows, fact(SAME_AS, 90, 1, 2, 140)])
    first, second, third = _persons(snapshot, build_examples(snapshot, task))
    assert {first, second} == {1, 2}
    assert third == min((1, 2), key=lambda person: key(PERSON, person))


def test_loan_without_a_named_outcome_is_not_scored(task):
    assert len(build_examples(in_memory([*_loan(1, 1, 150), *_loan(2, 2, 150, "unheard of")]), task)) == 0


def test_order_follows_time_and_fact_id_not_rows(task):
    loans = [_loan(number, number, 150 - number % 2, "settled") for number in range(1, 7)]
    forth, back = (in_memory([row for loan in order for row in loan]) for order in (loans, loans[::-1]))
    ids = [row["id"] for edge, row in sorted((r for loan in loans for r in loan), key=lambda r: r[1]["id"]) if edge == APPLIED]
    expected = sorted(
        range(1, 7), key=lambda number: (150 - number % 2, ids.index(fact(APPLIED, number * 10, 1, 1, 0)[1]["id"]))
    )
    assert _persons(forth, build_examples(forth, task)) == expected
    assert _persons(back, build_examples(back, task)) == expected


def test_last_verdict_known_is_the_outcome(task):
    rows = [*_loan(1, 1, 150, "settled"), fact(ASSESSED, 99, 0, 1, 901, standing="defaulted")]
    assert build_examples(in_memory(rows), task).label.tolist() == [1]


DAY_S = 86_400
COHORT_S = 10 * DAY_S


def _earlier(number: int, due_s: int, *repaid: tuple[int, int]) -> Rows:
    """A loan decided on the first day with an instalment due, and payments known at a second and so many days late."""
    owed = fact(OWES, number * 10 + 4, number, number, 51, at_us=due_s * 1_000_000, instalment=1)
    payments = [row for known_at_s, days_late in repaid for row in _repaid(number, number, known_at_s, days_late)]
    return [*_loan(number, number, 50), owed, *payments]


@pytest.fixture
def later(task: Task) -> Task:
    return _asked_between(task, COHORT_S, 2 * COHORT_S)


def test_earlier_loan_is_bad_unless_paid_within_its_window(later):
    due_s = COHORT_S - 5 * DAY_S
    loans = [(1, (due_s, 0)), (2, (due_s + DAY_S, 1)), (3, (due_s + 2 * DAY_S, 2)), (4,)]
    snapshot = in_memory([row for number, *paid in loans for row in _earlier(number, due_s, *paid)])
    found = build_earlier_examples(snapshot, later)
    assert dict(zip(_persons(snapshot, found), found.label.tolist(), strict=True)) == {1: 0, 2: 0, 3: 1, 4: 1}
    assert set(found.as_of_s.tolist()) == {50}


def test_earlier_loan_whose_window_is_still_open_is_not_used_even_if_paid(later):
    due_s = COHORT_S - 2 * DAY_S
    rows = [*_earlier(1, due_s - 1), *_earlier(2, due_s), *_earlier(3, due_s, (due_s, 0))]
    snapshot = in_memory(rows)
    assert _persons(snapshot, build_earlier_examples(snapshot, later)) == [1]


def test_payment_known_when_the_cohort_begins_does_not_clear_an_earlier_loan(later):
    due_s = COHORT_S - 5 * DAY_S
    rows = [*_earlier(1, due_s, (COHORT_S, 0)), *_earlier(2, due_s, (COHORT_S - 1, 0))]
    snapshot = in_memory(rows)
    found = build_earlier_examples(snapshot, later)
    assert dict(zip(_persons(snapshot, found), found.label.tolist(), strict=True)) == {1: 1, 2: 0}


def test_task_without_a_rule_has_no_earlier_loans(task):
    rows = _earlier(1, 60)
    assert len(build_earlier_examples(in_memory(rows), replace(task, earlier=None))) == 0


def test_snapshot_without_the_tasks_loans_is_refused_by_name(task):
    snapshot = in_memory(_loan(1, 1, 50))
    with pytest.raises(EmptyTrainingSet, match="task superlender has 0 good and 0 bad"):
        build_dataset(snapshot, task)


DEFAULTED = EdgeType(PERSON, RelType.DEFAULTED_ON, NodeLabel.LOAN)


@pytest.fixture
def watched(task: Task) -> Task:
    """Loans decided from second 100 up to 200 are bad when they default within ten days of being scored."""
    return replace(task, outcome=Within(DEFAULTED, horizon_days=10), earlier=None)


def _default(number: int, person: int, at_us: int) -> Rows:
    return [fact(DEFAULTED, number * 10 + 5, person, number, at_us // 1_000_000 + DAY_S, at_us=at_us)]


def _known_at(second: int) -> Rows:
    return [fact(REPAID, 999, 9, 9, second, instalment=1, days_late=0)]


def _labels(rows: Rows, task: Task) -> dict[int, int]:
    snapshot = in_memory(rows)
    found = build_examples(snapshot, task)
    return dict(zip(_persons(snapshot, found), found.label.tolist(), strict=True))


def test_default_counts_after_the_instant_of_scoring_up_to_the_last_moment_of_the_window(watched):
    end_us = (150 + 10 * DAY_S) * 1_000_000
    loans = [*_loan(1, 1, 150), *_loan(2, 2, 150), *_loan(3, 3, 150), *_loan(4, 4, 150)]
    rows = [*loans, *_default(1, 1, 150_000_001), *_default(2, 2, end_us), *_default(3, 3, end_us + 1), *_known_at(90 * DAY_S)]
    assert _labels(rows, watched) == {1: 1, 2: 1, 3: 0, 4: 0}


def test_loan_that_had_defaulted_when_it_was_scored_is_no_example(watched):
    rows = [*_loan(1, 1, 150), *_loan(2, 2, 150), *_default(1, 1, 150_000_000), *_known_at(90 * DAY_S)]
    assert _labels(rows, watched) == {2: 0}


def test_window_begins_at_the_instant_of_scoring_and_not_at_the_decision(watched):
    rows = [*_loan(1, 1, 150), *_default(1, 1, 150_500_000), *_known_at(90 * DAY_S)]
    assert _labels(rows, _a_second_later(watched)) == {}


def test_first_of_several_defaults_decides(watched):
    late = fact(DEFAULTED, 77, 1, 1, 40 * DAY_S, at_us=30 * DAY_S * 1_000_000)
    rows = [*_loan(1, 1, 150), late, *_default(1, 1, 151_000_000), *_known_at(90 * DAY_S)]
    assert _labels(rows, watched) == {1: 1}


def test_window_that_ends_after_the_last_known_fact_is_never_called_good(watched):
    rows = [*_loan(1, 1, 150), *_loan(2, 2, 151), *_loan(3, 3, 152), *_default(3, 3, 153_000_000)]
    assert _labels([*rows, *_known_at(151 + 10 * DAY_S)], watched) == {1: 0, 2: 0}
    assert _labels([*rows, *_known_at(152 + 10 * DAY_S)], watched) == {1: 0, 2: 0, 3: 1}


def test_snapshot_without_any_default_has_good_loans_only(watched):
    assert _labels([*_loan(1, 1, 150), *_known_at(90 * DAY_S)], watched) == {1: 0}


def test_cohort_of_the_sandbox_ends_when_twelve_months_are_over_before_its_data_do():
    task = TASKS["sandbox"]
    last = datetime.fromtimestamp(task.cohort.to_s - 1, UTC) + timedelta(days=task.outcome.horizon_days)
    assert last < datetime(2026, 1, 1, tzinfo=UTC)
    assert datetime.fromtimestamp(task.cohort.from_s, UTC) == datetime(2022, 4, 1, tzinfo=UTC)


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "loans", "bad"), [("superlender", 4368, 952), ("berka", 354, 30)])
def test_real_data_hold_the_published_loans(real_data: Path, tmp_path: Path, name: str, loans: int, bad: int):
    batches, _ = read_facts(name, real_data / name, Pepper("a pepper for tests only"))
    write_base(batches, tmp_path, seq=1)
    found = build_examples(Snapshot.open(tmp_path), TASKS[name])
    assert (len(found), int(found.label.sum())) == (loans, bad)
    assert np.all(np.diff(found.as_of_s) >= 0)


def test_an_outcome_that_was_corrected_is_the_one_last_known(task):
    rows = [*_loan(1, 1, 120), *_loan(2, 2, 120)]
    rows += [fact(ASSESSED, 50, 0, 1, 900, standing="defaulted", series="e" * 32)]
    rows += [fact(ASSESSED, 51, 0, 1, 950, standing="settled", series="e" * 32)]
    rows.append(fact(ASSESSED, 52, 0, 2, 900, standing="defaulted", series="d" * 32))
    corrected = build_examples(in_memory(rows), task)
    assert sorted(corrected.label.tolist()) == [0, 1]
    withdrawn = fact(ASSESSED, 53, 0, 2, 990, series="d" * 32, withdrawn=True)
    assert build_examples(in_memory([*rows, withdrawn]), task).label.tolist() == [0]


def test_a_decision_that_was_corrected_is_asked_about_as_of_when_it_was_first_known(task):
    (applied, funded) = _loan(1, 1, 120)
    told = {"series": "e" * 32, "amount_minor": 7, "currency": "NGN"}
    first, second = (funded[0], funded[1] | told), fact(FUNDED, 77, 0, 1, 170, **told)
    rows = [applied, first, second, fact(ASSESSED, 12, 0, 1, 900, standing="settled")]
    assert build_examples(in_memory(rows), task).as_of_s.tolist() == [120]


def test_a_decision_withdrawn_afterwards_had_been_made_and_one_withdrawn_as_it_was_told_never_was(task):
    (applied, funded) = _loan(1, 1, 120)
    told = {"series": "e" * 32, "amount_minor": 7, "currency": "NGN"}
    rows = [applied, (funded[0], funded[1] | told), fact(ASSESSED, 12, 0, 1, 900, standing="settled")]
    later = fact(FUNDED, 78, 0, 1, 180, series="e" * 32, withdrawn=True)
    assert build_examples(in_memory([*rows, later]), task).as_of_s.tolist() == [120]
    at_once = fact(FUNDED, 78, 0, 1, 120, series="e" * 32, withdrawn=True)
    assert len(build_examples(in_memory([*rows, at_once]), task)) == 0


def test_an_earlier_loan_is_read_as_it_was_known_when_the_cohort_begins(task):
    day = 86_400
    task = _asked_between(task, 10 * day, 20 * day)
    owed = fact(OWES, 5, 1, 1, 1 * day, instalment=1, at_us=2 * day * 1_000_000)
    paid = fact(REPAID, 6, 1, 1, 3 * day, instalment=1, days_late=0, series="e" * 32)
    bounced = fact(REPAID, 7, 1, 1, 5 * day, instalment=1, series="e" * 32, withdrawn=True)
    rows = [*_loan(1, 1, day), owed, paid]
    assert build_earlier_examples(in_memory(rows), task).label.tolist() == [0]
    assert build_earlier_examples(in_memory([*rows, bounced]), task).label.tolist() == [1]
    later = (bounced[0], bounced[1] | {"known_at_s": 10 * day})
    assert build_earlier_examples(in_memory([*rows, later]), task).label.tolist() == [0]
