"""Who is scored, as of when, and with which outcome: bounded on both sides, whatever the order of the facts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gnn.dataset import build_dataset
from gnn.errors import EmptyTrainingSet
from gnn.tasks import TASKS, EarlierRule, Examples, Task, build_earlier_examples, build_examples
from graph.identity import Pepper
from graph.snapshot import Snapshot, write_base
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.load import read_facts
from tests.support.snapshots import PERSON, Rows, fact, in_memory, key

APPLIED = EdgeType(PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)
FUNDED = EdgeType(NodeLabel.LENDER, RelType.FUNDED, NodeLabel.LOAN)
ASSESSED = EdgeType(NodeLabel.LENDER, RelType.ASSESSED, NodeLabel.LOAN)
OWES = EdgeType(PERSON, RelType.OWES, NodeLabel.LOAN)
REPAID = EdgeType(PERSON, RelType.REPAID, NodeLabel.LOAN)


@pytest.fixture
def task() -> Task:
    return replace(
        TASKS["superlender"],
        decided_from_s=100,
        decided_to_s=200,
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
    found = build_examples(in_memory(_loan(1, 1, 150, "settled")), replace(task, after_seconds=1))
    assert found.as_of_s.tolist() == [151]


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
    return replace(task, decided_from_s=COHORT_S, decided_to_s=2 * COHORT_S)


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


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "loans", "bad"), [("superlender", 4368, 952), ("berka", 354, 30)])
def test_real_data_hold_the_published_loans(real_data: Path, tmp_path: Path, name: str, loans: int, bad: int):
    batches, _ = read_facts(name, real_data / name, Pepper("a pepper for tests only"))
    write_base(batches, tmp_path, seq=1)
    found = build_examples(Snapshot.open(tmp_path), TASKS[name])
    assert (len(found), int(found.label.sum())) == (loans, bad)
    assert np.all(np.diff(found.as_of_s) >= 0)
