"""Loans of one person are drawn together, also where the person's nodes were found to be one only later."""

import numpy as np

from gnn.examples import Examples
from gnn.registry import measure
from gnn.registry.measure import persons_of
from gnn.tasks import TASKS
from tests.support.snapshots import CALLED, PERSON, SAME_AS, fact, in_memory, rows_of

TASK = TASKS["superlender"]
SNAPSHOT = in_memory([fact(CALLED, 1, 1, 3, 5), fact(CALLED, 2, 2, 3, 5), fact(SAME_AS, 3, 1, 2, 50)])


def _examples() -> Examples:
    """Loans of 1 and 2 before they were known to be one, of 1 after that, and of 3."""
    rows = rows_of(SNAPSHOT, PERSON, [1, 2, 1, 3])
    as_of_s = np.array([10, 20, 60, 70])
    standing = SNAPSHOT.standing(PERSON, rows, as_of_s)
    return Examples(standing, as_of_s, np.arange(4), np.array([1, 0, 1, 0], np.int8), as_of_s + 1)


def test_nodes_found_to_be_one_later_are_one_person() -> None:
    examples = _examples()
    assert len(set(examples.rows.tolist())) == 3
    one, other, later, third = persons_of(SNAPSHOT, TASK, examples).tolist()
    assert one == other == later != third


def test_draws_take_all_loans_of_a_person_or_none() -> None:
    examples = _examples()
    scores = {"model": np.array([0.5, 0.0, 1.0, 0.7])}

    def drawn(person: np.ndarray) -> set[float]:
        aucs, _ = measure._drawn(examples, person, scores, 60)["model"]
        return set(aucs[~np.isnan(aucs)].tolist())

    # Both persons, or the first alone twice; the second alone has no bad loan.
    assert drawn(persons_of(SNAPSHOT, TASK, examples)) == {0.75, 1.0}
    assert drawn(examples.rows) > {0.75, 1.0}
