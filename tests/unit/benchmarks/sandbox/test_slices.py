"""Who belongs to which part of the simulated economy's loans is known by hand."""

import numpy as np

from benchmarks.sandbox.slices import build_slices, first_loan_s, own_facts
from gnn.examples import Examples
from gnn.tasks import TASKS
from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.support.snapshots import PERSON, fact, in_memory

TASK = TASKS["sandbox"]
CALLED = EdgeType(PERSON, RelType.CALLED, PERSON)
DESCRIBED = EdgeType(PERSON, RelType.DESCRIBED_AS, PERSON)


def _loan(number: int, person: int, decided_s: int):
    amount = {"amount_minor": 1, "currency": "EUR"}
    return [
        fact(TASK.cohort.applied_by, number * 10, person, number, decided_s - 1, **amount),
        fact(TASK.cohort.decided_by, number * 10 + 1, 0, number, decided_s, **amount),
    ]


def _examples(snapshot, asked: list[tuple[int, int]]) -> Examples:
    from tests.support.snapshots import rows_of

    rows = np.concatenate([rows_of(snapshot, PERSON, [person]) for person, _ in asked])
    empty = np.zeros(len(asked), np.int64)
    return Examples(rows, np.array([second for _, second in asked]), empty, empty.astype(np.int8), empty)


def test_every_example_is_in_one_part_of_each_kind(data, truth):
    slices = build_slices(data, truth)
    for by in ("months on book", "own facts", "file", "ring", "month"):
        assert (sum(one.members.astype(int) for one in slices if one.by == by) == 1).all()


def test_first_loan_is_the_first_decision_known_of_any_loan():
    snapshot = in_memory([*_loan(1, 1, 500), *_loan(2, 1, 300), *_loan(3, 2, 900)])
    examples = _examples(snapshot, [(1, 500), (2, 900), (1, 300)])
    assert first_loan_s(snapshot, TASK, examples).tolist() == [300, 900, 300]


def test_months_on_book_are_none_for_a_first_loan(data, truth):
    (first,) = [one.members for one in build_slices(data, truth) if one.part == "first loan"]
    began = first_loan_s(data.snapshot, data.task, data.examples)
    assert first.tolist() == (began == data.examples.as_of_s).tolist()
    assert 0 < first.sum() < len(first)


def test_own_facts_are_counted_at_both_ends_up_to_the_instant():
    rows = [
        fact(CALLED, 1, 1, 2, 10),
        fact(CALLED, 2, 2, 1, 20),
        fact(CALLED, 3, 1, 3, 30),
        fact(DESCRIBED, 4, 1, 1, 10, birth_year=1980),
    ]
    snapshot = in_memory(rows)
    asked = [(1, 10), (1, 11), (1, 31), (3, 31), (2, 20)]
    assert own_facts(snapshot, NodeLabel.PERSON, _examples(snapshot, asked)).tolist() == [0, 2, 4, 1, 1]
