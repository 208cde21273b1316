"""What a scorer is asked and what it answers, and how log-odds become points.

Points double the odds of being good every `POINTS_TO_DOUBLE` points, from `ANCHOR_POINTS` at `ANCHOR_ODDS` good loans to one
bad. Knows no model.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from graph.facts import FactBatch
from graph.identity import FactId, NodeKey
from graph.vocabulary import EdgeType, Family, NodeLabel, RelType

LOWEST_SCORE, HIGHEST_SCORE = 300, 850
ANCHOR_POINTS, ANCHOR_ODDS = 660, 20.0
POINTS_TO_DOUBLE = 40


class Include(StrEnum):
    """What may be asked for beside the score."""

    CONTRIBUTIONS = "contributions"
    REASONS = "reasons"
    EVIDENCE = "evidence"
    SUBSCORES = "subscores"


class Status(StrEnum):
    """Whether there was anything to score by."""

    SCORED = "scored"
    UNSCORABLE = "unscorable"


class SubScore(StrEnum):
    """The five parts of a score that are told on a scale of their own."""

    HISTORY = "history"
    CAPACITY = "capacity"
    BEHAVIOUR = "behaviour"
    IDENTITY = "identity"
    RELATIONSHIPS = "relationships"


MADE_OF: Mapping[SubScore, str] = MappingProxyType(
    {
        SubScore.HISTORY: "the subject's own loans and applications, what was repaid and missed, court cases",
        SubScore.CAPACITY: "accounts, balances and flows of money, work, deposits and payouts, what a register says",
        SubScore.BEHAVIOUR: "bills, orders, returns, places and addresses",
        SubScore.IDENTITY: "devices, telephones, e-mail addresses, documents, who is one person, consents",
        SubScore.RELATIONSHIPS: "ties to persons, companies and communities, with what is known of those at the other end, and "
        "of other borrowers met through one's own loans",
    }
)
"""What each part is made of, as published."""


@dataclass(frozen=True)
class ScoreRequest:
    """Score one subject by what was known strictly before `as_of_s`, UTC seconds; `overlay` holds facts of the request.

    `currency` is that of the loan applied for, ISO 4217; None where no application comes with the request.
    """

    label: NodeLabel
    key: NodeKey
    as_of_s: int
    overlay: tuple[FactBatch, ...] = ()
    currency: str | None = None


@dataclass(frozen=True)
class Reason:
    """A relation whose facts raised the risk, by how much, in words that may be passed on to the applicant."""

    code: str
    text: str
    relation: RelType
    family: Family
    effect_log_odds: float


@dataclass(frozen=True)
class EvidenceFact:
    """A fact that the model used and a reason rests on.

    `near` names the node it was read from, `other` the node at its far end. `at_us` UTC microseconds, None where the
    source gives no date; `known_at_s` UTC seconds; `properties` as declared, without those not stated.
    """

    fact_id: FactId
    edge: EdgeType
    near_label: NodeLabel
    near_key: NodeKey
    other_label: NodeLabel
    other_key: NodeKey
    at_us: int | None
    known_at_s: int
    properties: Mapping[str, int | float | str]


@dataclass(frozen=True)
class Thickness:
    """How many facts speak of a subject, each counted once, and how few are too few.

    Too few are less than `least_own` and less than `least_neighbours`, where none of the subject's own is adverse. `own` are
    the subject's own, `neighbours` those of others the subject is tied to.
    """

    own: int
    neighbours: int
    least_own: int
    least_neighbours: int

    @property
    def shortfall(self) -> str:
        """Why nobody with so few facts is scored, in words that may be passed on."""
        return (
            f"Too few facts are known: {self.own} of the borrower's own, fewer than {self.least_own}, and {self.neighbours} of "
            f"others the borrower is tied to, fewer than {self.least_neighbours}."
        )


@dataclass(frozen=True)
class PartShare:
    """What one part did to the log-odds, and where that lies from 300 to 850; None where it says nothing or has no scale."""

    score: int | None
    log_odds: float


@dataclass(frozen=True)
class Parts:
    """The five parts: `base_log_odds` plus the sum of the shares gives the log-odds to 1e-6."""

    base_log_odds: float
    shares: Mapping[SubScore, PartShare]


@dataclass(frozen=True)
class ScoreResult:
    """One answer; what was not asked for is None, and of an unscorable subject so are all figures and what explains them.

    `log_odds` of going bad are calibrated; `base_log_odds` plus the sum of `contributions` gives them to 1e-6.
    `probability_low` <= `probability_of_default` <= `probability_high`, an interval that is meant to hold for a share
    `coverage` of the groups of like loans.
    """

    score: int | None
    probability_of_default: float | None
    probability_low: float | None
    probability_high: float | None
    coverage: float | None
    log_odds: float | None
    thickness: Thickness
    as_of_s: int
    model_version: str
    snapshot_version: str
    base_log_odds: float | None
    contributions: Mapping[Family, float] | None
    reasons: tuple[Reason, ...] | None
    evidence: tuple[EvidenceFact, ...] | None
    parts: Parts | None

    @property
    def status(self) -> Status:
        """Whether there was anything to score by."""
        return Status.UNSCORABLE if self.score is None else Status.SCORED


def probability(log_odds: float) -> float:
    """Probability of going bad, between 0 and 1."""
    if log_odds >= 0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    return math.exp(log_odds) / (1.0 + math.exp(log_odds))


def points(log_odds: float) -> int:
    """Score from 300 to 850, higher is better; falls, never rises, as the log-odds of going bad rise."""
    doublings = (-log_odds - math.log(ANCHOR_ODDS)) / math.log(2.0)
    return round(min(max(ANCHOR_POINTS + POINTS_TO_DOUBLE * doublings, LOWEST_SCORE), HIGHEST_SCORE))
