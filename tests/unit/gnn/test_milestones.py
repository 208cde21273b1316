"""Early signs of an outcome: met or not within their own windows, and known no sooner than these have closed."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.cohorts import DAY_S, EVER
from gnn.examples import UNKNOWN, build_examples, build_scored
from gnn.milestones import Milestones, read_milestones
from gnn.tasks import TASKS, Milestone, Task, Verdict
from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.support.snapshots import PERSON, Rows, fact, in_memory, version

APPLIED = EdgeType(PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)
FUNDED = EdgeType(NodeLabel.LENDER, RelType.FUNDED, NodeLabel.LOAN)
MISSED = EdgeType(PERSON, RelType.MISSED, NodeLabel.LOAN)
CLOSED = EdgeType(PERSON, RelType.CLOSED, NodeLabel.LOAN)
T = 1000 * DAY_S
AFTER_ALL = T + 400 * DAY_S


@pytest.fixture
def task() -> Task:
    signs = (
        Milestone("one", MISSED, 1, horizon_days=60, reporting_lag_days=10),
        Milestone("two", MISSED, 2, horizon_days=60, reporting_lag_days=10),
        Milestone("two_long", MISSED, 2, horizon_days=90, reporting_lag_days=10),
    )
    base = TASKS["sandbox"]
    return replace(base, cohort=replace(base.cohort, from_s=T, to_s=T + DAY_S), milestones=signs)


def _loan(number: int = 1) -> Rows:
    priced = {"amount_minor": 5, "currency": "EUR"}
    return [
        fact(APPLIED, number * 10, number, number, T - 1, **priced),
        fact(FUNDED, number * 10 + 1, 0, number, T, **priced),
    ]


def _missed(number: int, days: int, *, told_days: int | None = None, loan: int = 1) -> Rows:
    at_s = T + days * DAY_S
    known_at_s = at_s if told_days is None else T + told_days * DAY_S
    return [fact(MISSED, 100 + number, loan, loan, known_at_s, at_us=at_s * 1_000_000, instalment=number)]


def _reported_to(second: int) -> Rows:
    return [fact(CLOSED, 999, 9, 9, second)]


def _read(task: Task, rows: Rows) -> Milestones:
    snapshot = in_memory(rows)
    return read_milestones(snapshot, task, build_scored(snapshot, task))


def test_each_window_and_each_count_is_told_apart(task):
    rows = [*_loan(), *_missed(1, 50), *_missed(2, 80), *_reported_to(AFTER_ALL)]
    assert _read(task, rows).label.tolist() == [[1, 0, 1]]


def test_a_window_holds_its_last_instant_and_not_the_one_of_scoring(task):
    at_once, at_end = _missed(1, 0), _missed(2, 60)
    assert _read(task, [*_loan(), *at_once, *_reported_to(AFTER_ALL)]).label.tolist() == [[0, 0, 0]]
    assert _read(task, [*_loan(), *at_end, *_reported_to(AFTER_ALL)]).label.tolist() == [[1, 0, 0]]


def test_met_or_not_it_is_known_when_the_window_and_the_lag_are_over(task):
    found = _read(task, [*_loan(), *_missed(1, 5), *_reported_to(AFTER_ALL)])
    assert found.known_s.tolist() == [[T + 70 * DAY_S, T + 70 * DAY_S, T + 100 * DAY_S]]
    everyone = np.arange(1)
    assert found.taught(everyone, T + 70 * DAY_S).shape == (1, 0)
    assert found.taught(everyone, T + 70 * DAY_S + 1).tolist() == [[1]]  # the others were met by nobody


def test_what_is_not_known_in_time_teaches_nothing():
    found = Milestones(("a", "b", "c"), np.array([[1, 1, 0], [0, 1, 0]], np.int8), np.array([[10, 20, 10], [10, 10, 10]]))
    assert found.taught(np.array([1, 0, 1]), 20).tolist() == [[0, 1], [1, UNKNOWN], [0, 1]]


def test_what_was_told_late_is_known_late(task):
    found = _read(task, [*_loan(), *_missed(1, 5), *_missed(2, 6, told_days=200), *_reported_to(AFTER_ALL)])
    assert found.label.tolist() == [[1, 1, 1]]
    assert found.known_s.tolist() == [[T + 70 * DAY_S, T + 200 * DAY_S, T + 200 * DAY_S]]


def test_a_window_that_is_open_says_nothing_yet(task):
    found = _read(task, [*_loan(), *_missed(1, 5), *_missed(2, 6), *_reported_to(T + 70 * DAY_S)])
    assert found.label.tolist() == [[1, 1, UNKNOWN]]
    assert found.known_s[0, 2] == EVER


def test_a_missed_instalment_that_was_withdrawn_does_not_count(task):
    said = version(MISSED, 101, 7, 1, 1, T + 5 * DAY_S, instalment=1)
    unsaid = version(MISSED, 102, 7, 1, 1, T + 20 * DAY_S, instalment=1, withdrawn=True)
    assert _read(task, [*_loan(), said, *_reported_to(AFTER_ALL)]).label.tolist() == [[1, 0, 0]]
    assert _read(task, [*_loan(), said, unsaid, *_reported_to(AFTER_ALL)]).label.tolist() == [[0, 0, 0]]


def test_a_milestone_is_known_no_sooner_than_the_last_correction_of_what_decides_it(task):
    """Before it was withdrawn it was met; whoever learns in between would learn of the withdrawal."""
    said = version(MISSED, 101, 7, 1, 1, T + 5 * DAY_S, instalment=1)
    unsaid = version(MISSED, 102, 7, 1, 1, T + 200 * DAY_S, instalment=1, withdrawn=True)
    moved = version(MISSED, 102, 7, 1, 1, T + 200 * DAY_S, at_us=(T + 80 * DAY_S) * 1_000_000, instalment=1)
    for later in (unsaid, moved):
        found = _read(task, [*_loan(), *_loan(2), said, later, *_reported_to(AFTER_ALL)])
        assert found.label[0].tolist() == [0, 0, 0]
        assert found.known_s[0].tolist() == [T + 200 * DAY_S] * 3
        assert found.known_s[1].tolist() == [T + 70 * DAY_S, T + 70 * DAY_S, T + 100 * DAY_S]


def test_loans_are_told_apart_whatever_the_order(task):
    rows = [*_loan(1), *_loan(2), *_missed(1, 5, loan=2), *_reported_to(AFTER_ALL)]
    for order in (rows, rows[::-1]):
        snapshot = in_memory(order)
        scored = build_scored(snapshot, task)
        troubled = snapshot.take(MISSED, "target_row", np.array([0]))
        assert read_milestones(snapshot, task, scored).label[:, 0].tolist() == (scored.loan_rows == troubled).tolist()


def test_the_longest_default_milestone_of_the_sandbox_is_its_outcome():
    task = TASKS["sandbox"]
    longest = max((sign for sign in task.milestones if sign.name.startswith("defaulted")), key=lambda sign: sign.horizon_days)
    assert longest.edge == task.outcome.edge
    assert longest.horizon_days == task.outcome.horizon_days


def test_a_task_without_milestones_has_none_and_a_verdict_can_have_none(task):
    plain = replace(task, milestones=())
    snapshot = in_memory([*_loan(), *_reported_to(AFTER_ALL)])
    assert read_milestones(snapshot, plain, build_scored(snapshot, plain)).label.shape == (1, 0)
    told = replace(task, outcome=Verdict(FUNDED, "standing", frozenset({"a"}), frozenset({"b"})))
    with pytest.raises(ValueError, match="leave them out"):
        read_milestones(snapshot, told, build_examples(snapshot, plain))
