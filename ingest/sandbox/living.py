"""Lives an economy from its founding to its last month, and asks for every application what its true probability is."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.crew import Crew
from ingest.sandbox.economy.applicants import freeze_applicants
from ingest.sandbox.economy.company_truth import company_truth
from ingest.sandbox.economy.economy import Economy, found_economy
from ingest.sandbox.economy.month import MonthLived, live_month
from ingest.sandbox.economy.platform_schemes import shell_truth
from ingest.sandbox.events import EventLog
from ingest.sandbox.founding import build_society
from ingest.sandbox.knobs import Scale
from ingest.sandbox.sealed import HORIZON_STEPS, Judged, Outcomes

Chances = NDArray[np.float64]
Promise = Callable[[], Chances]
Tell = Callable[[str], None]


def live_through(scale: Scale, log: EventLog, workers: int, paths: int, tell: Tell | None = None) -> Outcomes:
    """Live every month and write its events.

    Args:
        scale: Of the economy.
        log: Where events go.
        workers: Processes that imagine futures beside this one; one means none beside.
        paths: Futures imagined for each application.
        tell: Told after each month.
    """
    economy = found_economy(scale, build_society(scale))
    outcomes = Outcomes(economy.books.accounts)
    promised: list[tuple[Judged, Promise]] = []
    with Crew(workers) as crew:
        for month in range(scale.months):
            lived = live_month(economy, log)
            outcomes.note_money(economy.books.balance)
            outcomes.defaulted.append(lived.defaulted)
            promised.append(_judge_people(economy, lived, crew, paths))
            promised += _judge_firms(economy, lived, paths)
            if tell:
                tell(f"month {month + 1}")
        outcomes.judged += [judged.with_chances(promise()) for judged, promise in promised]
    return outcomes


def _judge_people(economy: Economy, lived: MonthLived, crew: Crew, paths: int) -> tuple[Judged, Promise]:
    number, approved, applicants = freeze_applicants(economy, lived.lent.people)
    lender = np.concatenate([part.asking.lender for part in lived.lent.people])
    person = applicants.lives.number.astype(np.int64)
    promise = crew.imagine(applicants, economy.setting.society.lenders, economy.setting.scale, paths)
    return Judged(economy.month - 1, number, person, lender, approved, np.empty(0)), promise


def _judge_firms(economy: Economy, lived: MonthLived, paths: int) -> list[tuple[Judged, Promise]]:
    society, month = economy.setting.society, economy.month - 1
    firms, shells = lived.lent.firms, lived.lent.shells
    truth = company_truth(firms.applications, society, economy.business, economy.unpaid, economy.draws, month, paths)
    planned = shell_truth(shells.applications, society, month, HORIZON_STEPS)
    judged = []
    for loans, chance in ((firms, truth), (shells, planned)):
        applied = loans.applications
        known = Judged(month, loans.number, applied.applicant, applied.lender, applied.approved, np.empty(0))
        judged.append((known, _kept(chance)))
    return judged


def _kept(chance: NDArray[np.float32]) -> Promise:
    return lambda: chance.astype(np.float64)
