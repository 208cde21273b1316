"""The shipped tasks. Adding one is adding a declaration here; no code elsewhere knows a task by name."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from gnn.tasks.rules import (
    Cured,
    Decided,
    EarlierRule,
    FirstLate,
    Listed,
    Milestone,
    OpenAtMonths,
    Stated,
    Task,
    Verdict,
    Within,
)
from graph.steps import Direction, Step
from graph.vocabulary import EdgeType, NodeLabel, RelType

_FUNDED = EdgeType(NodeLabel.LENDER, RelType.FUNDED, NodeLabel.LOAN)
_ASSESSED = EdgeType(NodeLabel.LENDER, RelType.ASSESSED, NodeLabel.LOAN)
_DISBURSED_TO = EdgeType(NodeLabel.LOAN, RelType.DISBURSED_TO, NodeLabel.BANK_ACCOUNT)
_RATED = EdgeType(NodeLabel.PERSON, RelType.RATED, NodeLabel.PERSON)


def _utc_second(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


SANDBOX_FROM_S = _utc_second(2022, 4, 1)  # before, hardly anyone of the simulated economy has a history


def _of(borrower: NodeLabel, rel: RelType) -> EdgeType:
    return EdgeType(borrower, rel, NodeLabel.LOAN)


def _ended(borrower: NodeLabel) -> tuple[EdgeType, ...]:
    return _of(borrower, RelType.CLOSED), _of(borrower, RelType.DEFAULTED_ON)


def _milestones(borrower: NodeLabel, horizons_days: tuple[int, ...], telling_days: int) -> tuple[Milestone, ...]:
    """One, two and three instalments missed, and default, within each horizon; the most telling ones within one of them."""
    missed, defaulted = _of(borrower, RelType.MISSED), _of(borrower, RelType.DEFAULTED_ON)
    return tuple(
        Milestone(f"{name}_{days}d", edge, least, days, reporting_lag_days=30, telling=days == telling_days)
        for days in horizons_days
        for name, edge, least in (
            ("missed", missed, 1),
            ("missed_2", missed, 2),
            ("missed_3", missed, 3),
            ("defaulted", defaulted, 1),
        )
    )


def _default_at_application(name: str, borrower: NodeLabel) -> Task:
    return Task(
        name=name,
        subject=borrower,
        cohort=Decided(
            applied_by=_of(borrower, RelType.APPLIED_FOR),
            decided_by=_FUNDED,
            after_seconds=0,
            from_s=SANDBOX_FROM_S,
            to_s=_utc_second(2025, 1, 1),  # the economy ends a year later
        ),
        outcome=Within(_of(borrower, RelType.DEFAULTED_ON), horizon_days=365),
        currency="EUR",
        milestones=_milestones(borrower, (61, 122, 183, 274, 365), telling_days=183),
    )


def _behaviour(name: str, borrower: NodeLabel) -> Task:
    return Task(
        name=name,
        subject=borrower,
        cohort=OpenAtMonths(
            applied_by=_of(borrower, RelType.APPLIED_FOR),
            # money paid out to an account that nobody named shows by its first instalment
            opened_by=(_DISBURSED_TO, _of(borrower, RelType.OWES)),
            ended_by=_ended(borrower),
            from_s=SANDBOX_FROM_S,
            to_s=_utc_second(2025, 7, 1),
        ),
        outcome=Within(_of(borrower, RelType.DEFAULTED_ON), horizon_days=183),
        currency="EUR",
    )


def _collections(name: str, borrower: NodeLabel) -> Task:
    owed, missed, repaid = (_of(borrower, rel) for rel in (RelType.OWES, RelType.MISSED, RelType.REPAID))
    return Task(
        name=name,
        subject=borrower,
        cohort=FirstLate(
            applied_by=_of(borrower, RelType.APPLIED_FOR),
            owed=owed,
            missed=missed,
            repaid=repaid,
            ended_by=_ended(borrower),
            days_late=30,
            from_s=SANDBOX_FROM_S,
            to_s=_utc_second(2025, 10, 1),
        ),
        outcome=Cured(missed, repaid, _of(borrower, RelType.CLOSED), horizon_days=90),
        currency="EUR",
    )


def _by_name(tasks: Iterable[Task]) -> Mapping[str, Task]:
    return MappingProxyType({task.name: task for task in tasks})


TASKS = _by_name(
    (
        Task(
            name="superlender",
            subject=NodeLabel.PERSON,
            cohort=Decided(
                applied_by=_of(NodeLabel.PERSON, RelType.APPLIED_FOR),
                decided_by=_FUNDED,
                after_seconds=0,
                from_s=_utc_second(2017, 6, 30, 23),  # July in Lagos, one hour ahead of UTC
                to_s=_utc_second(2017, 7, 31, 23),
            ),
            outcome=Verdict(_ASSESSED, "standing", bad=frozenset({"defaulted"}), good=frozenset({"settled"})),
            currency="NGN",
            # Threshold and weight were set on time-ordered splits inside the out-of-time training part.
            earlier=EarlierRule(
                owed=_of(NodeLabel.PERSON, RelType.OWES),
                repaid=_of(NodeLabel.PERSON, RelType.REPAID),
                days_late="days_late",
                days_late_over=1,
                weight=0.2,
            ),
        ),
        Task(
            name="berka",
            subject=NodeLabel.PERSON,
            cohort=Decided(
                applied_by=_of(NodeLabel.PERSON, RelType.APPLIED_FOR),
                decided_by=_FUNDED,
                after_seconds=1,
                from_s=_utc_second(1997, 1, 1),  # the transactions of earlier borrowers are not at hand
                to_s=_utc_second(1999, 1, 1),
            ),
            outcome=Verdict(
                _ASSESSED, "standing", bad=frozenset({"defaulted", "arrears"}), good=frozenset({"settled", "performing"})
            ),
            currency="CZK",
        ),
        _default_at_application("sandbox", NodeLabel.PERSON),
        _default_at_application("sandbox_companies", NodeLabel.COMPANY),
        _behaviour("sandbox_behaviour", NodeLabel.PERSON),
        _collections("sandbox_collections", NodeLabel.PERSON),
    )
)
"""Tasks whose outcomes are facts of the graph, by name; the first three by the name of the source their loans are from."""

NODE_TASKS = _by_name(
    (
        Task(
            name="smesd",
            subject=NodeLabel.COMPANY,
            cohort=Listed(as_of_s=_utc_second(2022, 1, 2)),  # a day after the second at which all of it counts as known
            outcome=Stated("the company went bankrupt"),
            currency="CNY",
        ),
        Task(
            name="bitcoin_otc",
            subject=NodeLabel.PERSON,
            cohort=Listed(as_of_s=_utc_second(2016, 2, 1)),  # the last rating is of January
            outcome=Stated("the user was found fraudulent"),
            currency="USD",  # no amount occurs
            # Who is fraudulent was derived from the marks received.
            unseen=frozenset({Step(_RATED, Direction.IN)}),
        ),
    )
)
"""Tasks whose outcomes stand in a list beside the graph, by name; whoever has the list can build their examples."""
