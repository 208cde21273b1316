"""A sandbox on disk and an economy lived with its log, for tests that look at what came of a whole economy."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.economy.economy import Economy, found_economy
from ingest.sandbox.economy.month import live_month
from ingest.sandbox.events import Event, EventLog, Purpose
from ingest.sandbox.founding import build_society
from ingest.sandbox.generate import RAW, SEALED, write_sandbox
from ingest.sandbox.identifiers import Identifiers
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Society, Work

PERSON_DIGITS = r"^P(\d{7})$"
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """A sandbox that was written, with what only its maker knows."""

    out: Path
    scale: Scale

    @cached_property
    def society(self) -> Society:
        """Everything that was there before the first month."""
        return build_society(self.scale)

    @cached_property
    def names(self) -> Identifiers:
        """How its files name things."""
        return Identifiers(self.scale, self.society)

    def raw(self, name: str) -> pl.DataFrame:
        """A CSV file as text, or a JSON Lines file."""
        path = self.out / RAW / name
        return pl.read_ndjson(path) if path.suffix == ".jsonl" else pl.read_csv(path, infer_schema=False)

    def sealed(self, name: str) -> pl.DataFrame:
        """A sealed table."""
        return pl.read_csv(self.out / SEALED / name, infer_schema_length=None)

    @cached_property
    def person_of(self) -> dict[str, int]:
        """Person number by customer id."""
        found = self.sealed("identities.csv")
        numbers = found["person"].str.extract(PERSON_DIGITS).cast(pl.Int64)
        return dict(zip(found["customer_id"], numbers, strict=True))


def write_world(out: Path, scale: Scale, *, workers: int = 1, paths: int) -> World:
    """Write a sandbox."""
    write_sandbox(out, scale, workers=workers, paths=paths)
    return World(out, scale)


@dataclass
class Course:
    """An economy and what happened in it.

    Attributes:
        economy: After the last month lived.
        log: Its events, without everyday life.
        paid: Minor units each person paid over all months, less what came back for goods returned, by purpose; what was
            bought with a loan just paid out is not in it.
        jobless: Share of employees out of work, by month.
        defaulted: Numbers of loans that defaulted, by month.
    """

    economy: Economy
    log: EventLog
    paid: dict[Purpose, NDArray[np.int64]]
    jobless: list[float]
    defaulted: list[NDArray[np.int64]]

    def events(self, kind: Event) -> pl.DataFrame:
        """All events of a kind with their month."""
        months = range(self.economy.month)
        return pl.concat([self.log.read(kind, month).with_columns(month=pl.lit(month, pl.Int64)) for month in months])


class _Watched:
    """Stands before the books and adds up what persons pay."""

    def __init__(self, economy: Economy) -> None:
        self._pay, self._persons = economy.books.pay, economy.books.accounts.persons
        self.paid = {purpose: np.zeros(self._persons, np.int64) for purpose in Purpose}
        economy.books.pay = self.pay  # type: ignore[method-assign]

    def pay(self, payer: Numbers, payee: Numbers, amount: Numbers, purpose: Purpose, second: Numbers) -> None:
        self._pay(payer, payee, amount, purpose, second)
        source, target, when = (np.broadcast_to(np.asarray(x, np.int64), amount.shape) for x in (payer, payee, second))
        counts = (source < self._persons) & (when < BORROWING_FROM_S)
        np.add.at(self.paid[purpose], source[counts], amount[counts])
        if purpose is Purpose.REFUND:
            np.subtract.at(self.paid[Purpose.SHOP], target, amount)


BORROWING_FROM_S = 22 * 86_400
"""Seconds into a month from which only borrowing happens."""


def live_course(scale: Scale, folder: Path, *, months: int | None = None) -> Course:
    """Live an economy, write its events, and watch what persons pay."""
    economy = found_economy(scale, build_society(scale))
    watched, log = _Watched(economy), EventLog(folder)
    staff = economy.setting.traits.work == Work.EMPLOYED
    jobless, defaulted = [], []
    for _ in range(months or scale.months):
        defaulted.append(live_month(economy, log).defaulted)
        jobless.append(float((economy.lives.employer[staff] == NONE).mean()))
    return Course(economy, log, watched.paid, jobless, defaulted)


def person_names(numbers: Numbers) -> list[str]:
    """What the sealed files call persons."""
    return [f"P{number:07d}" for number in numbers.tolist()]
