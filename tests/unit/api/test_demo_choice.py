"""Whom the demo tells of follows from its rules alone: each once, and a ring before a default."""

from dataclasses import replace
from datetime import UTC, datetime

from api.cli.demo_applicants import Applicant
from api.cli.demo_choice import Candidate, choose
from api.cli.demo_sealed import SealedLoan
from gnn.scores import ScoreRequest
from graph.identity import NodeKey
from graph.vocabulary import NodeLabel

DECIDED = datetime(2024, 9, 25, tzinfo=UTC)


def candidate(
    person: int,
    probability: float,
    contacts: tuple[int, int] = (5, 0),
    *,
    thin: bool = False,
    plan: str = "honest",
    bad: bool = False,
) -> Candidate:
    applicant = Applicant(f"L01-{person}", f"L01-{person}", DECIDED, approved=True, asked="L01 for 1.00 EUR")
    sealed = SealedLoan(f"P{person:07d}", thin=thin, work="employed", plan=plan, chance=0.1, defaulted=bad)
    return Candidate(applicant, ScoreRequest(NodeLabel.PERSON, NodeKey(f"{person:032x}"), 0), probability, contacts, sealed)


SAFE, SAFER_BUT_THIN = candidate(1, 0.02), candidate(2, 0.01, thin=True)
TROUBLED, MORE_TROUBLED = candidate(3, 0.3, (9, 2), thin=True), candidate(4, 0.05, (4, 3), thin=True)
FULL_AND_TROUBLED = candidate(5, 0.1, (20, 9))
BAD, WORSE = candidate(6, 0.2, bad=True), candidate(7, 0.4, bad=True)
RING = candidate(8, 0.06, plan="synthetic")
EVERYONE = [SAFE, SAFER_BUT_THIN, TROUBLED, MORE_TROUBLED, FULL_AND_TROUBLED, BAD, WORSE]


def chosen(candidates: list[Candidate]) -> list[Candidate]:
    return [choice.candidate for choice in choose(candidates)]


def test_one_is_safe_one_has_trouble_around_a_thin_file_one_defaulted() -> None:
    assert chosen(EVERYONE) == [SAFE, MORE_TROUBLED, WORSE]


def test_one_of_a_ring_comes_before_those_who_defaulted() -> None:
    assert chosen([*EVERYONE, RING]) == [SAFE, MORE_TROUBLED, RING]


def test_nobody_is_told_of_twice() -> None:
    again = replace(WORSE, probability=0.001)
    assert chosen([again, WORSE, BAD]) == [again, BAD]


def test_a_rule_that_fits_nobody_is_left_out() -> None:
    assert chosen([SAFE, FULL_AND_TROUBLED]) == [SAFE]
    assert chosen([]) == []
