"""Which persons an institution knows and since when: the rows of customers, documents and addresses.

Registers know by the coverage bits since before the first month; a lender knows who applied, guaranteed, recommended or
was recommended, or invested, since some hours before the first time: a customer is identified first and served then.
What an institution says of them is not decided here.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.events import Event, EventLog
from ingest.sandbox.files.spelling import month_starts, seconds
from ingest.sandbox.identifiers import REGISTERS, Identifiers
from ingest.sandbox.society import NONE, Coverage

SUBSCRIBERS_SHARE = 0.85
STANDING_DAYS = (2, 5 * 365)  # how long before the first month a standing relation began
DAY_S, HOUR_S = 86_400, 3_600
IDENTIFIED_HOURS = (1, 30)  # how long before the first contact a lender knows a customer
FIRST_DAY = int(month_starts(0)[0]) // DAY_S
_NEVER = np.iinfo(np.int32).max
# whoever logs in somewhere has an account there, so that coverage by devices makes customers of shop and bank
_BITS = {
    "SHOP": Coverage.SHOP | Coverage.DEVICES,
    "TEL": Coverage.TELECOM | Coverage.ADDRESS_BOOK,
    "MAP": Coverage.MOBILITY,
    "COM": Coverage.COMMUNITY,
    "UTL": Coverage.UTILITY,
    "PAY": Coverage.PAYROLL,
}


@dataclass(frozen=True)
class Relations:
    """The customers of one institution in order of their customer number.

    Attributes:
        persons: Person numbers [k].
        since: Seconds since 1970 [k] from which the customer is known.
        met: Seconds since 1970 [k] of the first contact: some hours later with lenders, at once elsewhere.
    """

    persons: NDArray[np.int64]
    since: NDArray[np.int64]
    met: NDArray[np.int64]


def standing_days(luck: NDArray[np.float64]) -> NDArray[np.int64]:
    """Days (since 1970) before the first month, for what was there already; luck in [0, 1)."""
    shortest, longest = STANDING_DAYS
    return FIRST_DAY - shortest - (luck * (longest - shortest)).astype(np.int64)


@dataclass(frozen=True)
class Known:
    """Who is known where in one economy."""

    identifiers: Identifiers
    log: EventLog
    months: int

    def relations(self, institution: str) -> Relations:
        """The customers of an institution."""
        names = self.identifiers.institutions
        if institution in REGISTERS:
            persons = np.flatnonzero(self._standing(institution)).astype(np.int64)
            luck = self._draws.uniform(f"known.{institution}", persons)
            first, last = STANDING_DAYS
            since = met = seconds(0, -((first + luck * (last - first)) * DAY_S).astype(np.int64))
        else:
            contacts = self._first_contacts[names.index(institution) - len(REGISTERS)]
            persons = np.flatnonzero(contacts != _NEVER).astype(np.int64)
            met = seconds(0, contacts[persons])
            least, most = IDENTIFIED_HOURS
            hours = least + self._draws.uniform(f"known.{institution}", persons) * (most - least)
            since = met - (hours * HOUR_S).astype(np.int64)
        order = np.argsort(self.identifiers.customer_numbers(institution, persons))
        return Relations(persons[order], since[order], met[order])

    def first_contacts(self) -> NDArray[np.int64]:
        """When each person first met a lender, seconds since 1970; far ahead for those who never did."""
        return seconds(0, self._first_contacts.min(axis=0))

    def lenders_of_loans(self, month: int) -> NDArray[np.int16]:
        """Lender by loan number for all loans applied for up to and with a month."""
        return self._lender_of_loan[: self._loans_until[month]]

    def _standing(self, institution: str) -> NDArray[np.bool_]:
        society = self.identifiers.society
        people = society.people
        if institution == "REG":
            owners = np.concatenate([society.firms.owner, society.lenders.owner])
            known = np.zeros(len(people), np.bool_)
            known[owners[owners != NONE]] = True
            return known
        if institution.startswith("BK"):
            mine = people.bank == REGISTERS.index(institution) - REGISTERS.index("BK1")
            return np.asarray(mine & ((people.coverage & (Coverage.BANK | Coverage.DEVICES)) != 0), np.bool_)
        known = np.asarray((people.coverage & _BITS[institution]) != 0, np.bool_)
        if institution == "TEL":
            share = max(0.0, (SUBSCRIBERS_SHARE - known.mean()) / max(1 - known.mean(), 1e-9))
            known |= self._draws.uniform("known.subscriber", np.arange(len(people), dtype=np.int64)) < share
        return known

    @cached_property
    def _first_contacts(self) -> NDArray[np.int32]:
        """Seconds since the first month began, by lender's position and person."""
        society = self.identifiers.society
        first = np.full((len(society.lenders), len(society.people)), _NEVER, np.int32)
        position = self.identifiers.lender_position(np.arange(len(society.lenders))) - len(REGISTERS)
        starts = month_starts(self.months)
        for month in range(self.months):
            began = starts[month] - starts[0]
            for met in self._contacts(month):
                met = met.filter(pl.col("person").is_between(0, len(society.people) - 1))
                who = (position[met["lender"].to_numpy()], met["person"].to_numpy())
                np.minimum.at(first, who, (began + met["second"].to_numpy()).astype(np.int32))
        return first

    def _contacts(self, month: int) -> list[pl.DataFrame]:
        """All that makes a lender know a person, as frames of lender, person and second."""
        guaranteed = self.log.read(Event.GUARANTEE, month)
        lender_of_loan = pl.Series("lender", self.lenders_of_loans(month)[guaranteed["loan"].to_numpy()])
        referred = self.log.read(Event.REFERRAL, month)
        return [
            self.log.read(Event.APPLICATION, month).select("lender", pl.col("applicant").alias("person"), "second"),
            guaranteed.with_columns(lender_of_loan).select("lender", pl.col("guarantor").alias("person"), "second"),
            referred.select("lender", pl.col("referrer").alias("person"), "second"),
            referred.select("lender", pl.col("referred").alias("person"), "second"),
            self.log.read(Event.LEDGER, month).select(
                pl.col("platform").alias("lender"), pl.col("investor").alias("person"), "second"
            ),
        ]

    @cached_property
    def _loans(self) -> tuple[NDArray[np.int16], list[int]]:
        pieces, until = [], [0]
        for month in range(self.months):
            applied = self.log.read(Event.APPLICATION, month).sort("loan")
            assert applied.is_empty() or applied["loan"][0] == until[-1], "loan numbers count up month by month"
            pieces.append(applied["lender"].to_numpy())
            until.append(until[-1] + applied.height)
        return np.concatenate(pieces), until[1:]

    @property
    def _lender_of_loan(self) -> NDArray[np.int16]:
        return self._loans[0]

    @property
    def _loans_until(self) -> list[int]:
        return self._loans[1]

    @property
    def _draws(self) -> Draws:
        return Draws(self.identifiers.scale.seed)
