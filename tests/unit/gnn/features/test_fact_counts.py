"""Each fact counts once, whoever reads it; what leads back to the subject is no neighbour's; adverse facts are told apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.features.fact_counts import FactCounts, count_in_bulk
from gnn.models.thickness import ScorableRule
from graph.steps import Direction, Step
from graph.vocabulary import SPECS, EdgeType, NodeLabel, RelType
from tests.support.snapshots import (
    CALLED,
    DESCRIBED,
    HOLDS,
    KNOWS,
    LOAN,
    PAID,
    PERSON,
    Rows,
    fact,
    graphs,
    in_memory,
    key,
)

APPLIED = EdgeType(PERSON, RelType.APPLIED_FOR, LOAN)
REPAID = EdgeType(PERSON, RelType.REPAID, LOAN)
MISSED = EdgeType(PERSON, RelType.MISSED, LOAN)
DEFAULTED = EdgeType(PERSON, RelType.DEFAULTED_ON, LOAN)
REFERRED = EdgeType(PERSON, RelType.REFERRED, PERSON)
RECOVERED = EdgeType(NodeLabel.LENDER, RelType.RECOVERED, LOAN)
ASSESSED = EdgeType(NodeLabel.LENDER, RelType.ASSESSED, LOAN)
ME, FRIEND, OTHER = 0, 1, 2
MINE, THEIRS = 0, 1  # loans and accounts
NOW = 100
MONEY = {"amount_minor": 1, "currency": "NGN"}
APPLICATION = fact(APPLIED, 1, ME, MINE, 5, **MONEY)
RULE = ScorableRule()


def counts(rows: Rows, persons: tuple[int, ...] = (ME,), unseen: frozenset[Step] = frozenset()) -> FactCounts:
    snapshot = in_memory(rows)
    places = np.array([snapshot.row_of(PERSON, key(PERSON, person)) for person in persons], np.int64)
    return count_in_bulk(snapshot, PERSON, places, np.full(len(persons), NOW, np.int64), unseen)


def counted(*rows: tuple[EdgeType, dict[str, object]]) -> tuple[int, int, int]:
    found = counts(rows)
    return int(found.own[0]), int(found.neighbours[0]), int(found.adverse[0])


def test_transfer_between_ones_own_accounts_is_one_fact() -> None:
    holds = fact(HOLDS, 1, ME, 0, 1), fact(HOLDS, 2, ME, 1, 1)
    assert counted(*holds, fact(PAID, 3, 0, 1, 2)) == (3, 0, 0)


def test_repayment_of_a_loan_applied_for_is_one_fact() -> None:
    assert counted(APPLICATION, fact(REPAID, 2, ME, MINE, 6, instalment=1, days_late=0)) == (2, 0, 0)


def test_loan_of_a_friend_known_in_two_ways_is_one_fact_of_a_neighbour() -> None:
    ties = fact(KNOWS, 2, ME, FRIEND, 2), fact(REFERRED, 3, FRIEND, ME, 2)
    assert counted(APPLICATION, *ties, fact(APPLIED, 4, FRIEND, THEIRS, 2, **MONEY)) == (3, 1, 0)


def test_other_tie_of_a_friend_is_a_neighbours_fact_and_the_tie_to_oneself_is_none() -> None:
    assert counted(APPLICATION, fact(REFERRED, 2, FRIEND, ME, 2)) == (2, 0, 0)
    assert counted(APPLICATION, fact(REFERRED, 2, FRIEND, ME, 2), fact(REFERRED, 3, OTHER, FRIEND, 2)) == (2, 1, 0)


def test_what_another_does_to_ones_own_loan_is_no_neighbours_fact() -> None:
    assert counted(APPLICATION, fact(REPAID, 2, FRIEND, MINE, 6, instalment=1, days_late=0)) == (1, 0, 0)


def test_person_who_is_nothing_but_a_tie_makes_nobody_scorable() -> None:
    for edge in (REFERRED, KNOWS):
        for ends in ((ME, FRIEND), (FRIEND, ME)):
            assert RULE.is_unscorable(counts((APPLICATION, fact(edge, 2, *ends, 6)))).tolist() == [True]


@pytest.mark.parametrize(
    "told",
    [
        fact(MISSED, 2, ME, MINE, 6, instalment=1),
        fact(DEFAULTED, 2, ME, THEIRS, 6),
        fact(RECOVERED, 2, 0, MINE, 6, **MONEY),
        fact(ASSESSED, 2, 0, MINE, 6, standing="arrears"),
        fact(ASSESSED, 2, 0, MINE, 6, standing="defaulted"),
    ],
)
def test_whoever_has_an_adverse_fact_is_scorable(told: tuple[EdgeType, dict[str, object]]) -> None:
    assert counted(APPLICATION, told) == (2, 0, 1)
    assert RULE.is_unscorable(counts((APPLICATION, told))).tolist() == [False]


def test_good_verdict_and_a_friends_default_are_not_adverse() -> None:
    assert counted(APPLICATION, fact(ASSESSED, 2, 0, MINE, 6, standing="settled")) == (2, 0, 0)
    assert counted(APPLICATION, fact(REFERRED, 2, FRIEND, ME, 2), fact(DEFAULTED, 3, FRIEND, THEIRS, 6)) == (2, 1, 0)


def test_unscorable_is_who_has_neither_enough_own_facts_nor_neighbours_who_do() -> None:
    found = FactCounts(*(np.array(told) for told in ([0, 2, 2, 3, 0, 2], [0, 0, 1, 0, 9, 0], [0, 0, 0, 0, 0, 1])))
    assert RULE.is_unscorable(found).tolist() == [True, True, False, False, False, False]


@pytest.mark.parametrize("wrong", [{"least_own": 2.5}, {"least_own": True}, {"least_own": -1}, {"least_neighbours": "1"}])
def test_rule_that_is_no_number_of_facts_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cannot be asked for"):
        ScorableRule(**wrong)  # type: ignore[arg-type]


def test_step_not_to_be_seen_is_counted_from_neither_end() -> None:
    rows = (APPLICATION, fact(REFERRED, 2, FRIEND, ME, 2), fact(REFERRED, 3, ME, OTHER, 2), fact(REFERRED, 4, FRIEND, OTHER, 2))
    seen = counts(rows, unseen=frozenset({Step(REFERRED, Direction.IN)}))
    assert (seen.own.tolist(), seen.neighbours.tolist()) == ([2], [0])


def own_facts(rows: Rows, person: int) -> int:
    """Facts at a person and at accounts it holds, found by looking at every fact."""
    crossed = [(edge, row) for edge, row in rows if row["attested_by"] in SPECS[edge].crossed_by and row["known_at_s"] < NOW]
    me = key(PERSON, person)
    held = {row["target_id"] for edge, row in crossed if edge == HOLDS and row["source_id"] == me}
    return sum(
        (edge.source is PERSON and row["source_id"] == me)
        or (edge.target is PERSON and row["target_id"] == me)
        or (edge == PAID and not held.isdisjoint((row["source_id"], row["target_id"])))
        for edge, row in crossed
    )


@settings(deadline=None, max_examples=40)
@given(rows=graphs(edges=(CALLED, HOLDS, PAID, DESCRIBED, KNOWS)), order=st.permutations(range(6)))
def test_own_facts_are_those_found_by_looking_at_each_and_are_the_same_in_any_company(rows: Rows, order: list[int]) -> None:
    everyone = tuple(person for person in order if any(key(PERSON, person) in row.values() for edge, row in rows))
    snapshot = in_memory(rows)
    everyone = tuple(person for person in everyone if snapshot.row_of(PERSON, key(PERSON, person)) is not None)
    if not everyone:
        return
    together = counts(rows, everyone)
    assert together.own.tolist() == [own_facts(rows, person) for person in everyone]
    alone = [counts(rows, (person,)) for person in everyone]
    assert together.neighbours.tolist() == [int(one.neighbours[0]) for one in alone]


def test_nobody_asked_about_gives_no_counts() -> None:
    assert len(counts((APPLICATION,), ()).own) == 0
