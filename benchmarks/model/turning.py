"""An economy that turns: calm until the start of one month, and from then on with the drift of its knobs.

The knob by itself moves an economy a little every month from the first one on. Here it is off until the turn, when what it
would have moved by then arrives at once and goes on from there: people are less willing to pay, more jobs end, and more is
bought online. Nothing before the turn tells of it. Fits nothing.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.crew import Crew
from ingest.sandbox.economy.applicants import freeze_applicants
from ingest.sandbox.economy.economy import Economy, found_economy
from ingest.sandbox.economy.month import MonthLived, live_month
from ingest.sandbox.events import EventLog
from ingest.sandbox.founding import build_society
from ingest.sandbox.generate import RAW, SCRATCH, SEALED
from ingest.sandbox.knobs import FIRST_YEAR, Scale
from ingest.sandbox.sealed import Judged, Outcomes
from ingest.sandbox.telling import write_all

TURN = 24  # month in which the economy turns, counted from 0: January of the third year
PATHS, ROUGH_PATHS = 200, 20  # imagined futures of each application of a person
WORKERS = 2
YEAR = 12


def month_s(month: int) -> int:
    """UTC second in which a month of the economy begins."""
    return int(datetime(FIRST_YEAR + month // YEAR, month % YEAR + 1, 1, tzinfo=UTC).timestamp())


def simulate_turning(place: Path, scale: Scale) -> None:
    """Write the files of an economy that turns at `TURN`, on both cores."""
    write_turning(place, scale, turn=TURN, workers=WORKERS, paths=PATHS)


def simulate_turning_roughly(place: Path, scale: Scale) -> None:
    """The same with few imagined futures: true probabilities are noisy, all else is as it would be."""
    write_turning(place, scale, turn=TURN, workers=1, paths=ROUGH_PATHS)


def write_turning(place: Path, scale: Scale, *, turn: int, workers: int, paths: int) -> None:
    """Live an economy and write its raw and sealed files.

    Truth is told of persons alone. It does not foresee the turn: of an application before it, it is the probability in an
    economy that stays as it was.

    Args:
        place: Folder for both.
        scale: Its drift is off before the turn and on from then.
        turn: Month, counted from 0.
        workers: Processes; the bytes are the same for any number.
        paths: Imagined futures of each application.
    """
    calm = replace(scale, knobs=replace(scale.knobs, drift=0.0))
    log = EventLog(place / SCRATCH)
    economy = found_economy(calm, build_society(calm))
    outcomes = Outcomes(economy.books.accounts)
    promised: list[tuple[Judged, Callable[[], NDArray[np.float64]]]] = []
    with Crew(workers) as crew:
        for month in range(scale.months):
            if month == turn:
                economy.setting = replace(economy.setting, scale=scale)
            lived = live_month(economy, log)
            outcomes.note_money(economy.books.balance)
            outcomes.defaulted.append(lived.defaulted)
            number, approved, applicants = freeze_applicants(economy, lived.lent.people)
            lender = np.concatenate([part.asking.lender for part in lived.lent.people])
            person = applicants.lives.number.astype(np.int64)
            chances = crew.imagine(applicants, economy.setting.society.lenders, economy.setting.scale, paths)
            promised.append((Judged(month, number, person, lender, approved, np.empty(0)), chances))
            promised += [(firms, partial(np.full, len(firms.number), np.nan)) for firms in _firms(economy, lived)]
        outcomes.judged += [judged.with_chances(chances()) for judged, chances in promised]
    write_all(calm, log, place / RAW, place / SEALED, outcomes, workers, lambda what: None)
    shutil.rmtree(log.folder)


def _firms(economy: Economy, lived: MonthLived) -> list[Judged]:
    """Applications of companies, without their truth: nobody asks for it."""
    month = economy.month - 1
    return [
        Judged(
            month,
            loans.number,
            loans.applications.applicant,
            loans.applications.lender,
            loans.applications.approved,
            np.empty(0),
        )
        for loans in (lived.lent.firms, lived.lent.shells)
    ]
