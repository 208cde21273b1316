"""A month of work in the economy: which firms cut or close, who is laid off, who is hired where, and what payroll reports."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy.books import DAY_S
from ingest.sandbox.economy.business import lasting, layoff_chance
from ingest.sandbox.economy.economy import Economy
from ingest.sandbox.economy.luck import NamedLuck
from ingest.sandbox.economy.working import STEADY_TURNOVER, WorkChange, new_pay, turnover_in, work_month
from ingest.sandbox.events import Event, EventLog
from ingest.sandbox.society import NONE


def employ_month(economy: Economy, log: EventLog | None) -> None:
    """Layoffs, closings and new jobs; month 0 also states the jobs everyone holds already."""
    setting, month, draws, lives = economy.setting, economy.month, economy.draws, economy.lives
    firms, business = setting.society.firms, economy.business
    if month == 0 and log is not None:
        held = np.flatnonzero(lives.employer != NONE)
        since = -(30 + 2_600 * draws.uniform("work.since", held.astype(np.int64)) ** 2) * DAY_S
        _write_jobs(log, month, [(held, lives.employer[held], since.astype(np.int64), lives.wage[held], True)])
    cut, close = draws.generator("work.firms", month).random((2, len(firms)), dtype=np.float32)
    turnover = turnover_in(month, setting.scale.knobs.drift)
    rate, closes = layoff_chance(business.health, cut, close, turnover)
    steady = lasting(firms)
    closes = closes & business.open & ~steady
    rate = np.where(steady, STEADY_TURNOVER * turnover, rate)
    business.open = business.open & ~closes
    was = lives.employer.copy()
    firm = np.where(was != NONE, was, 0)
    change = work_month(
        lives, setting.traits, np.where(was != NONE, rate[firm], 0).astype(np.float32), NamedLuck(draws, month, len(lives))
    )
    _hire(economy, change)
    if log is not None and month > 0:
        lost, found = np.flatnonzero(change.lost), np.flatnonzero(change.found)
        when = (draws.uniform("work.when", np.arange(len(lives), dtype=np.int64), month) * 4 * DAY_S).astype(np.int64)
        _write_jobs(
            log,
            month,
            [
                (lost, was[lost], when[lost], lives.wage[lost] * 0, False),
                (found, lives.employer[found], when[found], lives.wage[found], True),
            ],
        )


def _hire(economy: Economy, change: WorkChange) -> None:
    """Give those who found work a firm, larger ones more often, and its wage."""
    firms, business, lives = economy.setting.society.firms, economy.business, economy.lives
    rng = economy.draws.generator("work.hire", economy.month)
    where, pay = rng.random(len(lives)), rng.standard_normal(len(lives))
    weight = np.cumsum(np.where(business.open, firms.staff, 0))
    chosen = np.searchsorted(weight, where * weight[-1], side="right")
    lives.employer = np.where(change.found, chosen, lives.employer).astype(np.int32)
    lives.wage = np.where(change.found, new_pay(economy.setting.traits.usual, pay), lives.wage)


Job = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], bool]


def _write_jobs(log: EventLog, month: int, parts: Sequence[Job]) -> None:
    person, firm, second, wage = (np.concatenate([np.asarray(part[i], np.int64) for part in parts]) for i in range(4))
    started = np.repeat([part[4] for part in parts], [len(part[0]) for part in parts])
    log.write(Event.JOB, month, {"second": second, "person": person, "firm": firm, "started": started, "wage": wage})
