"""Camouflage in what teaches stands around good and bad borrowers alike, and around nobody who is judged."""

import numpy as np
import pytest

from gnn.camouflage import MUTUAL
from gnn.division import TEST_SHARE
from gnn.examples import Examples
from gnn.hardening import FELLOWS, teaching_alone, with_camouflage
from gnn.tasks import TASKS
from graph.neighbourhood import neighbourhood, recent
from graph.snapshot import Snapshot
from graph.steps import Direction, Step
from graph.vocabulary import NodeLabel

TASK = TASKS["superlender"]
SHARE = 1.0


@pytest.fixture(scope="module")
def hardened(planted: Snapshot) -> Snapshot:
    return with_camouflage(planted, TASK, SHARE, seed=4)


def strangers(hardened: Snapshot, planted: Snapshot, examples: Examples) -> np.ndarray:
    """How many made-up persons each subject knows as of its instant."""
    known = [recent(hardened, Step(MUTUAL, direction), examples.rows, examples.as_of_s, 1_000) for direction in Direction]
    owner, other = (np.concatenate([getattr(found, name) for found in known]) for name in ("owner", "other"))
    return np.bincount(owner[other >= planted.num_nodes(NodeLabel.PERSON)], minlength=len(examples))


def test_good_and_bad_borrowers_that_teach_have_strangers_and_those_judged_have_none(
    planted: Snapshot, planted_examples: Examples, hardened: Snapshot
) -> None:
    found = strangers(hardened, planted, planted_examples)
    judged = planted_examples.rows[int(len(planted_examples) * (1 - TEST_SHARE)) :]
    assert not found[np.isin(planted_examples.rows, judged)].any()
    teaching = teaching_alone(planted_examples)
    persons = len(np.unique(teaching.rows))
    assert hardened.num_nodes(NodeLabel.PERSON) - planted.num_nodes(NodeLabel.PERSON) == FELLOWS * np.ceil(
        persons * SHARE / FELLOWS
    )
    assert set(found.tolist()) == {0, FELLOWS}
    for outcome in (0, 1):
        assert found[planted_examples.label == outcome].any()


def test_whoever_is_judged_has_the_same_neighbourhood(
    planted: Snapshot, planted_examples: Examples, hardened: Snapshot
) -> None:
    last = planted_examples.take(np.arange(int(len(planted_examples) * (1 - TEST_SHARE)), len(planted_examples)))
    plain, laid = (
        neighbourhood(snapshot, NodeLabel.PERSON, last.rows, last.as_of_s, (12,)) for snapshot in (planted, hardened)
    )
    assert [hop.ref.tolist() for hop in laid.hops[0]] == [hop.ref.tolist() for hop in plain.hops[0]]


def test_the_same_seed_plants_the_same_and_another_around_others(planted: Snapshot, planted_examples: Examples) -> None:
    once, again, other = (
        strangers(with_camouflage(planted, TASK, SHARE, seed), planted, planted_examples) for seed in (4, 4, 5)
    )
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)


def test_no_camouflage_leaves_the_snapshot_as_it_is(planted: Snapshot) -> None:
    assert with_camouflage(planted, TASK, 0.0, seed=4) is planted


def test_companies_are_left_as_they_are(planted: Snapshot) -> None:
    company = next(task for task in TASKS.values() if task.subject is NodeLabel.COMPANY)
    assert with_camouflage(planted, company, SHARE, seed=4) is planted


@pytest.mark.parametrize("share", [-0.1, FELLOWS + 0.1, float("nan")])
def test_impossible_shares_are_refused(planted: Snapshot, share: float) -> None:
    with pytest.raises(ValueError, match="camouflage takes a share"):
        with_camouflage(planted, TASK, share, seed=4)
