"""Five scores beside the score: what one's own loans, money, habits, identity and ties each did to it, on the same scale.

Each is a share of the log-odds, an exact Shapley value over switching the five parts of the graph off, told by where it lies
among those of the population learnt from. Which relation belongs to which part is said in one place, `PARTS`. A neighbour's
loans belong to the tie that leads to them, and those of strangers met through one's own loan or its lender to relationships:
one's history is one's own. Knows no wire and no files.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.features.removal import Beyond, OwnFacts, Without
from gnn.scores import HIGHEST_SCORE, LOWEST_SCORE, SubScore
from gnn.serving.shapley import shapley_values
from graph.vocabulary import RelType

Floats = NDArray[np.float64]
SUBSCORES_FORMAT = 2  # raise when the fields of stored scales, or what a part holds, change
GRID = 101  # contributions kept of each part: one for every hundredth of the population
LEAST_SUBJECTS = 30  # of whom a part says anything, for it to have a scale


PARTS: Mapping[SubScore, tuple[RelType, ...]] = MappingProxyType(
    {
        # what became of one's own loans and applications, and what courts and lenders said of them
        SubScore.HISTORY: (
            *(RelType.APPLIED_FOR, RelType.FUNDED, RelType.DECLINED, RelType.DISBURSED_TO, RelType.OWES, RelType.REPAID),
            *(RelType.MISSED, RelType.DEFAULTED_ON, RelType.CLOSED, RelType.RECOVERED, RelType.ASSESSED, RelType.LITIGATED),
        ),
        # income, balances and flows of money, and what they come from
        SubScore.CAPACITY: (
            *(RelType.HOLDS, RelType.HAS_CARD, RelType.HELD_AT, RelType.PAID, RelType.ORDERED_TO_PAY, RelType.DESCRIBED_AS),
            *(RelType.WORKS_AT, RelType.LEFT, RelType.INVESTED_IN, RelType.PAID_OUT, RelType.QUALIFIED_FOR),
        ),
        # bills, orders, returns and places
        SubScore.BEHAVIOUR: (
            *(RelType.BILLED_BY, RelType.BOUGHT_FROM, RelType.RETURNED, RelType.IN_CATEGORY, RelType.DELIVERED_TO),
            *(RelType.VISITED, RelType.LIVES_AT, RelType.LOCATED_IN),
        ),
        # devices, telephones and documents, and who stands behind them
        SubScore.IDENTITY: (
            *(RelType.USES_DEVICE, RelType.HAS_PHONE, RelType.HAS_EMAIL, RelType.HAS_DOCUMENT, RelType.KNOWN_AS),
            *(RelType.SAME_AS, RelType.CONSENTED, RelType.LISTED_ON),
        ),
        # ties to persons, companies and communities, and what is known of those at their other end
        SubScore.RELATIONSHIPS: (
            *(RelType.KNOWS, RelType.LISTS_CONTACT, RelType.CALLED, RelType.REFERRED, RelType.RATED, RelType.GUARANTEES),
            *(RelType.MEMBER_OF, RelType.MANAGES, RelType.SUPERVISES, RelType.OWNS, RelType.SUPPLIES, RelType.BRANCH_OF),
        ),
    }
)
"""Every relation, in the part it belongs to."""


@dataclass(frozen=True)
class Share:
    """What each part did to one subject's log-odds of going bad: `base` and the sum of `shares` are the log-odds."""

    base: float
    shares: Mapping[SubScore, float]


def part_without(subscore: SubScore) -> Without:
    """What to take away of the graph for a part to be gone."""
    # A neighbour's loans are reached by a tie, and go with it; of history the subject's own facts alone are gone. Who is met
    # through one's own loan, as another borrower of its lender, is one of those one is tied to.
    if subscore is SubScore.HISTORY:
        return frozenset(OwnFacts(relation) for relation in PARTS[subscore])
    if subscore is SubScore.RELATIONSHIPS:
        return frozenset({*PARTS[subscore], *(Beyond(relation) for relation in PARTS[SubScore.HISTORY])})
    return frozenset(PARTS[subscore])


def build_shares(log_odds_without: Callable[[Sequence[Without]], Floats]) -> Share:
    """Exact shares of the parts of one subject's log-odds.

    A part of which the model reads nothing has exactly 0.

    Args:
        log_odds_without: Log-odds of the subject without each of some sets of facts, float64 [sets], as
            `ServedModel.log_odds_without` gives them; it is asked once.
    """
    parts = tuple(SubScore)
    gone = [part_without(part) for part in parts]
    nothing: Without = frozenset()
    coalitions = [
        nothing.union(*(part for place, part in enumerate(gone) if not mask >> place & 1)) for mask in range(2 ** len(parts))
    ]
    values = log_odds_without(coalitions)
    shares = shapley_values(values, len(parts))
    return Share(float(values[0]), dict(zip(parts, shares.tolist(), strict=True)))


@dataclass(frozen=True)
class SubScales:
    """Where a share lies in the population: of each part that has a scale, `GRID` shares at even ranks, ascending."""

    shares: Mapping[SubScore, tuple[float, ...]]

    def score(self, share: Share) -> dict[SubScore, int | None]:
        """Each part's score from 300 to 850, higher is safer; None where the model read nothing, or the part has no scale.

        850 is the safest share of the population, 300 the riskiest, and 575 the middle one.
        """
        return {part: self._score(part, value) for part, value in share.shares.items()}

    def _score(self, part: SubScore, value: float) -> int | None:
        if value == 0.0 or part not in self.shares:
            return None
        return round(HIGHEST_SCORE - (HIGHEST_SCORE - LOWEST_SCORE) * _rank(self.shares[part], value))

    def to_json(self) -> dict[str, Any]:
        """Plain values for a manifest; they read back to the same, bit for bit."""
        return {"format": SUBSCORES_FORMAT, "shares": {part.value: list(shares) for part, shares in self.shares.items()}}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "SubScales":
        """Read them back.

        Raises:
            ValueError: they have another format, a part this code does not know, or shares that do not ascend.
        """
        if told["format"] != SUBSCORES_FORMAT:
            raise ValueError(f"the scales have format {told['format']}, this code reads {SUBSCORES_FORMAT}; train again")
        shares = {SubScore(name): tuple(float(value) for value in values) for name, values in told["shares"].items()}
        for part, values in shares.items():
            if len(values) != GRID or list(values) != sorted(values):
                raise ValueError(f"the scale of {part} is not {GRID} ascending shares")
        return cls(shares)


def fit_subscales(population: Sequence[Share]) -> SubScales:
    """Scales from the shares of the subjects learnt from; of a part, those of whom it says anything count.

    A part that speaks of fewer than `LEAST_SUBJECTS` gets none: its hundredths would be single persons.
    """
    scales: dict[SubScore, tuple[float, ...]] = {}
    for part in SubScore:
        told = np.array([share.shares[part] for share in population if share.shares[part] != 0.0], np.float64)
        if len(told) >= LEAST_SUBJECTS:
            scales[part] = tuple(np.quantile(told, np.linspace(0, 1, GRID)).tolist())
    return SubScales(scales)


def _rank(ascending: Sequence[float], value: float) -> float:
    """Where a value lies between the first, 0, and the last, 1; of equal ones the middle."""
    first, after = bisect_left(ascending, value), bisect_right(ascending, value)
    last = len(ascending) - 1
    if after > first:
        return (first + after - 1) / 2 / last
    if not 0 < first <= last:
        return 0.0 if first == 0 else 1.0
    below, above = ascending[first - 1], ascending[first]
    return (first - 1 + (value - below) / (above - below)) / last
