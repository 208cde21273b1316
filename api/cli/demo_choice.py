"""Which applicants the demo tells of: a stated rule, applied to loans granted after everything the model learnt from.

The rules use the score, what the graph knew, and what is sealed; who is chosen is therefore no measure of the model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.cli.demo_applicants import Applicant
from api.cli.demo_sealed import SealedLoan
from gnn.scores import ScoreRequest

HONEST, RING = "honest", "synthetic"


@dataclass(frozen=True)
class Candidate:
    """One applicant of the test period: the question, the model's answer, contacts (all, in trouble), what is sealed."""

    applicant: Applicant
    request: ScoreRequest
    probability: float
    contacts: tuple[int, int]
    sealed: SealedLoan


@dataclass(frozen=True)
class Choice:
    """A candidate and the rule that chose it."""

    rule: str
    candidate: Candidate


def choose(candidates: Sequence[Candidate]) -> list[Choice]:
    """One candidate a rule, nobody twice; a rule that fits nobody is left out, or replaced where it says so.

    Args:
        candidates: In the order of decision; the first of equals is taken.
    """
    chosen: list[Choice] = []
    for alternatives in RULES:
        for rule in alternatives:
            taken = {choice.candidate.sealed.person for choice in chosen}
            left = [c for c in candidates if c.sealed.person not in taken and rule.fits(c)]
            if left:
                chosen.append(Choice(rule.words, max(left, key=rule.rank)))
                break
    return chosen


@dataclass(frozen=True)
class _Rule:
    """Of those who fit, the one ranked highest."""

    words: str
    fits: Callable[[Candidate], bool]
    rank: Callable[[Candidate], tuple[float, ...]]


RULES: tuple[tuple[_Rule, ...], ...] = (
    (
        _Rule(
            "the safest by the score of those whom many sources know",
            lambda c: not c.sealed.thin,
            lambda c: (-c.probability,),
        ),
    ),
    (
        _Rule(
            "of those whom few sources know, the one with most contacts known to be in trouble",
            lambda c: c.sealed.thin and c.contacts[1] > 0,
            lambda c: (c.contacts[1], c.probability),
        ),
    ),
    (
        _Rule(
            "a made-up identity of a ring: of those, the riskiest by the score",
            lambda c: c.sealed.plan == RING,
            lambda c: (c.probability,),
        ),
        _Rule(
            "of those who did default, the riskiest by the score",
            lambda c: c.sealed.defaulted is True,
            lambda c: (c.probability,),
        ),
    ),
)
"""Rules in the order of telling; of alternatives the first that fits someone."""
