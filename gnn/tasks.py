"""What is predicted for whom and as of when: tasks declared as data.

A task is one question about loans at the moment a lender decides. The cohort is bounded on both sides, so later activity
never decides who is scored. This module reads no snapshot and knows no feature and no model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from graph.vocabulary import EdgeType, NodeLabel, RelType


@dataclass(frozen=True)
class Verdict:
    """The outcome is what someone said of the loan: the last value known of `property`, counted where it is named here."""

    edge: EdgeType
    property: str
    bad: frozenset[str]
    good: frozenset[str]


@dataclass(frozen=True)
class Within:
    """The outcome is an event: bad where `edge` has `at` in (t, t + `horizon_days`], t being the instant of scoring.

    Every other loan of the cohort is good once its window has closed by the snapshot's last known fact; until then it is
    no example. A loan that met the event by t already is none either.
    """

    edge: EdgeType
    horizon_days: int


Outcome = Verdict | Within


@dataclass(frozen=True)
class Task:
    """One question about loans, asked at the moment the lender decides.

    A loan is in the cohort when `decided_from_s` <= known_at of its decision < `decided_to_s` and its `outcome` is known;
    it is scored as of the decision's known_at plus `after_seconds`. Where a source has bare dates, application and
    decision become known at the same midnight, and one second lets the application itself be seen.
    """

    name: str
    subject: NodeLabel
    applied_by: EdgeType
    decided_by: EdgeType
    after_seconds: int
    outcome: Outcome
    decided_from_s: int
    decided_to_s: int
    currency: str
    earlier: "EarlierRule | None" = None


@dataclass(frozen=True)
class EarlierRule:
    """Which loans decided before the cohort teach beside it, as of their own instants.

    A loan is used once its window has closed before the cohort begins: `days_late_over` days and the day of the payment
    itself after the first instalment fell due. It counts as bad unless a payment within the window was known by then.
    Whether it was paid never decides whether it is used. In training it weighs `weight` of a loan of the cohort.
    """

    owed: EdgeType
    repaid: EdgeType
    days_late: str
    days_late_over: int
    weight: float


def _utc_second(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


_APPLIED = EdgeType(NodeLabel.PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)
_FUNDED = EdgeType(NodeLabel.LENDER, RelType.FUNDED, NodeLabel.LOAN)
_OWES = EdgeType(NodeLabel.PERSON, RelType.OWES, NodeLabel.LOAN)
_REPAID = EdgeType(NodeLabel.PERSON, RelType.REPAID, NodeLabel.LOAN)
_DEFAULTED_ON = EdgeType(NodeLabel.PERSON, RelType.DEFAULTED_ON, NodeLabel.LOAN)
_ASSESSED = EdgeType(NodeLabel.LENDER, RelType.ASSESSED, NodeLabel.LOAN)

TASKS: Mapping[str, Task] = MappingProxyType(
    {
        task.name: task
        for task in (
            Task(
                name="superlender",
                subject=NodeLabel.PERSON,
                applied_by=_APPLIED,
                decided_by=_FUNDED,
                after_seconds=0,
                outcome=Verdict(_ASSESSED, "standing", bad=frozenset({"defaulted"}), good=frozenset({"settled"})),
                decided_from_s=_utc_second(2017, 6, 30, 23),  # July in Lagos, one hour ahead of UTC
                decided_to_s=_utc_second(2017, 7, 31, 23),
                currency="NGN",
                # Threshold and weight were set on time-ordered splits inside the out-of-time training part.
                earlier=EarlierRule(owed=_OWES, repaid=_REPAID, days_late="days_late", days_late_over=1, weight=0.2),
            ),
            Task(
                name="berka",
                subject=NodeLabel.PERSON,
                applied_by=_APPLIED,
                decided_by=_FUNDED,
                after_seconds=1,
                outcome=Verdict(
                    _ASSESSED, "standing", bad=frozenset({"defaulted", "arrears"}), good=frozenset({"settled", "performing"})
                ),
                decided_from_s=_utc_second(1997, 1, 1),  # the transactions of earlier borrowers are not at hand
                decided_to_s=_utc_second(1999, 1, 1),
                currency="CZK",
            ),
            Task(
                name="sandbox",
                subject=NodeLabel.PERSON,
                applied_by=_APPLIED,
                decided_by=_FUNDED,
                after_seconds=0,
                outcome=Within(_DEFAULTED_ON, horizon_days=365),
                decided_from_s=_utc_second(2022, 4, 1),  # before, hardly anyone has a history
                decided_to_s=_utc_second(2025, 1, 1),  # the economy ends a year later
                currency="EUR",
            ),
        )
    }
)
"""Shipped tasks by the name of the source whose loans they are about."""
