"""The rules a task is made of: who is scored and when (cohort), and what is predicted of them (outcome).

A cohort is bounded on both sides and asks only what was known at the instant of scoring, so later activity never decides
who is scored. This module reads no snapshot and knows no feature and no model.
"""

from dataclasses import dataclass

from graph.steps import Step
from graph.vocabulary import EdgeType, NodeLabel


@dataclass(frozen=True)
class Decided:
    """Loans at the moment the lender decides.

    A loan is in the cohort when `from_s` <= known_at of its decision < `to_s`; it is scored as of the decision's known_at
    plus `after_seconds`. Where a source has bare dates, application and decision become known at the same midnight, and
    one second lets the application itself be seen. Of an application that was corrected the version counts that did at that
    instant; corrections and withdrawals that were told later change no one scored before, here and in the cohorts below.
    """

    applied_by: EdgeType
    decided_by: EdgeType
    after_seconds: int
    from_s: int
    to_s: int


@dataclass(frozen=True)
class OpenAtMonths:
    """Loans on the book, at the first second of each UTC month from `from_s` up to, not including, `to_s`.

    At such an instant t a loan is in the cohort when its application and one fact of `opened_by` were known before t, and
    no fact of `ended_by` was. A loan is scored once a month for as long as that holds.
    """

    applied_by: EdgeType
    opened_by: tuple[EdgeType, ...]
    ended_by: tuple[EdgeType, ...]
    from_s: int
    to_s: int


@dataclass(frozen=True)
class FirstLate:
    """Loans at the first instant at which an instalment is known to be `days_late` days late: from `from_s` up to `to_s`.

    An instalment that falls due at `owed`.at is late at t = that plus `days_late` days, or one second after both what was
    owed and that it was missed are known if that is later, unless its payment or a fact of `ended_by` was known before t.
    Of a loan's late instalments the first decides, whether it lies within the bounds or not.
    """

    applied_by: EdgeType
    owed: EdgeType
    missed: EdgeType
    repaid: EdgeType
    ended_by: tuple[EdgeType, ...]
    days_late: int
    from_s: int
    to_s: int


@dataclass(frozen=True)
class Listed:
    """Nodes that a list outside the graph names, all scored as of one second."""

    as_of_s: int


Cohort = Decided | OpenAtMonths | FirstLate | Listed


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

    Every other loan of the cohort is good once its window has closed; until then it is no example. A loan that met the
    event by t already is none either. A window has closed where a fact of the family of `edge` became known at its end or
    later, `reporting_lag_days` being over by then: so long may pass between an event and the day it is reported.
    """

    edge: EdgeType
    horizon_days: int
    reporting_lag_days: int = 0


@dataclass(frozen=True)
class Cured:
    """The outcome is an end of arrears: good where by t + `horizon_days` there was a moment without an unpaid instalment.

    An instalment is unpaid from `missed`.at until `repaid`.at; a loan `closed` is paid in full. A payment made before t
    but told later cures as well: the cohort asks what was known, the outcome what was so. Every other loan is bad once
    its window has closed, as `Within` says of the families of these facts; until then no loan is an example.
    """

    missed: EdgeType
    repaid: EdgeType
    closed: EdgeType
    horizon_days: int
    reporting_lag_days: int = 0


@dataclass(frozen=True)
class Stated:
    """The outcome stands in a list outside the graph, undated; `meaning` says what label 1 is. It is no fact of any graph."""

    meaning: str


Outcome = Verdict | Within | Cured | Stated


@dataclass(frozen=True)
class Milestone:
    """A sign on the way to an outcome, known sooner than that: bad where by t + `horizon_days` there was enough trouble.

    Enough are `least` facts of `edge` at the loan with `at` in (t, t + `horizon_days`], t being the instant of scoring. It is
    known once its own window has closed, as `Within` says. Loans too young to tell how they end teach by it. A model that
    learns one thing at a time learns of the milestones those that are `telling`.
    """

    name: str
    edge: EdgeType
    least: int
    horizon_days: int
    reporting_lag_days: int = 0
    telling: bool = False


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


@dataclass(frozen=True)
class Task:
    """One question: of whom (`subject`, `cohort`), and what (`outcome`).

    `unseen` are steps that no input may take, at the subject or at any node reached from it; nor may their facts be met
    from the other end where that leads back to the subject. It is for labels that were made from such facts. `milestones`
    are predicted beside the outcome by models that can, and are never an input.
    """

    name: str
    subject: NodeLabel
    cohort: Cohort
    outcome: Outcome
    currency: str
    earlier: EarlierRule | None = None
    unseen: frozenset[Step] = frozenset()
    milestones: tuple[Milestone, ...] = ()

    @property
    def has_dated_outcomes(self) -> bool:
        """Whether each outcome is known at a time of its own, after a window; verdicts and lists are told all at once."""
        return isinstance(self.outcome, Within | Cured)
