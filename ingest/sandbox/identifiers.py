"""How persons, firms, accounts, devices and loans are named in files: derived from their numbers, stored nowhere.

Every method takes an array of numbers [k] and gives text [k]. Distinct things get distinct names; no name shows the
order of the numbers it comes from. Which file says what is not known here.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.accounts import BANKS, Accounts
from ingest.sandbox.draws import Draws
from ingest.sandbox.firm_names import firm_names
from ingest.sandbox.knobs import Scale
from ingest.sandbox.name_lists import FAMILY, GIVEN, WRITTEN_ALIKE
from ingest.sandbox.numbering import Numbering
from ingest.sandbox.places import Places
from ingest.sandbox.society import NONE, Plan, Society

Array = NDArray[np.integer]

REGISTERS = ("SHOP", "BK1", "BK2", "BK3", "TEL", "MAP", "COM", "UTL", "PAY", "REG")
"""Institutions but the lenders, which follow as L01, L02, ..."""
BANK_CODES = (99970010, 99980020, 99990030)  # no bank code begins with 9
PHONE_CHANGED_SHARE = 0.08
PHONES_A_RING = 3  # at most
MOBILE, UNKNOWN_MOBILE = "+491560", "+491561"  # blocks not given to anyone
HOUSEHOLD_NAME_SHARE = 0.85
DOCUMENT_KINDS, DOCUMENT_LETTERS = ("id_card", "passport", "residence_permit"), ("L", "C", "Y")
FOREIGN = ("TR", "PL", "RO", "IT", "SY", "UA", "HR", "GR", "VN", "IN")
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
MAIL_HOSTS = ("mail.example", "post.example", "web.example.org", "brief.example.net")


@dataclass(frozen=True)
class Identifiers:
    """The names of one economy."""

    scale: Scale
    society: Society

    @property
    def institutions(self) -> tuple[str, ...]:
        """All institutions that know customers: registers, then lenders by the text of their number."""
        return (*REGISTERS, *(f"L{number + 1:02d}" for number in range(len(self.society.lenders))))

    @property
    def accounts(self) -> Accounts:
        """What an account's number stands for."""
        return Accounts(len(self.society.people), len(self.society.firms), len(self.society.lenders))

    @cached_property
    def places(self) -> Places:
        """Addresses and cells."""
        return Places(self._draws, self.society.homes, self.society.neighbourhoods)

    def customer_ids(self, institution: str | Array, persons: Array) -> pl.Series:
        """`SHOP-00000123`: an institution's own numbers of persons.

        Args:
            institution: One name for all, or positions in `institutions` [k].
            persons: Person numbers [k].
        """
        digits = _padded(self.customer_numbers(institution, persons), 8)
        if isinstance(institution, str):
            return institution + "-" + digits
        return pl.Series(self.institutions).gather(np.asarray(institution, np.int64)) + "-" + digits

    def customer_numbers(self, institution: str | Array, persons: Array) -> NDArray[np.int64]:
        """The digits of `customer_ids`: what customers are sorted by, since it shows no order of persons."""
        kind = self.institutions.index(institution) if isinstance(institution, str) else institution
        return self._customer_numbers.number(persons, kind)

    def lender_position(self, lenders: Array) -> NDArray[np.int64]:
        """Positions of lenders in `institutions`, for `customer_ids`."""
        return len(REGISTERS) + self._lender_order[np.asarray(lenders, np.int64)]

    def lender_ids(self, lenders: Array) -> pl.Series:
        """`L01`: shuffled, so that the number tells no kind of lender."""
        return pl.Series(self.institutions).gather(self.lender_position(lenders))

    def bank_customer_ids(self, persons: Array) -> pl.Series:
        """A person's customer id at the bank that keeps the account."""
        return self.customer_ids(REGISTERS.index("BK1") + self.society.people.bank[persons].astype(np.int64), persons)

    def loan_ids(self, lenders: Array, loans: Array) -> pl.Series:
        """`L01-00000123`: the id of an application and of the loan that may come of it."""
        return self.lender_ids(lenders) + "-" + _padded(Numbering(self._draws, "loan", 8).number(loans), 8)

    def company_ids(self, firms: Array) -> pl.Series:
        """`C0000123`: register numbers of firms."""
        return "C" + _padded(Numbering(self._draws, "company", 7).number(firms), 7)

    def company_names(self, firms: Array) -> pl.Series:
        """What firms are called, legal form included."""
        return firm_names(self._draws, self.society.firms, firms)

    def device_ids(self, devices: Array) -> pl.Series:
        """Sixteen hexadecimal digits."""
        bits = self._draws.bits("device.id", np.asarray(devices, np.int64))
        nibbles = (bits[:, None] >> np.arange(60, -1, -4, dtype=np.uint64)) & np.uint64(15)
        return pl.Series(_HEX[nibbles].view("S16").ravel(), dtype=pl.Binary).cast(pl.String)

    def given_names(self, persons: Array) -> pl.Series:
        """First names."""
        return _skewed(GIVEN, self._draws.uniform("name.given", np.asarray(persons, np.int64)))

    def family_names(self, persons: Array) -> pl.Series:
        """Last names, mostly the household's."""
        own = np.asarray(persons, np.int64)
        shared = self._draws.uniform("name.shared", own) < HOUSEHOLD_NAME_SHARE
        household = self.society.people.household[own].astype(np.int64)
        luck = self._draws.uniform("name.family", shared.astype(np.int64), np.where(shared, household, own))
        return _skewed(FAMILY, luck)

    def full_names(self, persons: Array) -> pl.Series:
        """Given and family name."""
        return self.given_names(persons) + " " + self.family_names(persons)

    def birth_dates(self, persons: Array) -> pl.Series:
        """`1980-12-31`."""
        return pl.Series(self.society.people.birth_day[persons]).cast(pl.Int32).cast(pl.Date).cast(pl.String)

    def emails(self, persons: Array) -> pl.Series:
        """One address a person, made of the name and a number."""
        number = self._numbers("email", 8, persons)
        host = pl.Series(MAIL_HOSTS).gather((number % len(MAIL_HOSTS)).astype(np.int64))
        name = (self.given_names(persons) + "." + self.family_names(persons)).str.replace_many(WRITTEN_ALIKE).str.to_lowercase()
        return name + pl.Series(number).cast(pl.String) + "@" + host

    def documents(self, persons: Array) -> pl.DataFrame:
        """`document_kind`, `document_country`, `document_no`: one document a person, whoever asks for it."""
        own = np.asarray(persons, np.int64)
        kind = np.searchsorted([0.84, 0.93], self._draws.uniform("document.kind", own), side="right")
        abroad = pl.Series(FOREIGN).gather(
            (self._draws.bits("document.country", own) % np.uint64(len(FOREIGN))).astype(np.int64)
        )
        home = pl.Series(["DE"]).gather(np.zeros(len(own), np.int64))
        number = pl.Series(DOCUMENT_LETTERS).gather(kind) + _padded(self._numbers("document", 8, own), 8)
        return pl.DataFrame(
            {
                "document_kind": pl.Series(DOCUMENT_KINDS).gather(kind),
                "document_country": home.zip_with(pl.Series(kind != 1), abroad),
                "document_no": number,
            }
        )

    def msisdns(self, persons: Array, month: int | Array) -> pl.Series:
        """`+4915...`: the phone number of persons in a month (a number, or months [k]); a ring shares a few."""
        own = np.asarray(persons, np.int64)
        changed = self.phone_changed_months(own)
        later = ((np.asarray(month) >= changed) & (changed < self.scale.months)).astype(np.int64)
        shared = self._phone_of[own].astype(np.int64)
        return MOBILE + _padded(self._numbers("phone", 7, shared + later * len(self.society.people)), 7)

    def phone_changed_months(self, persons: Array) -> NDArray[np.int64]:
        """The month from which a person has another number; `scale.months` where it never changes."""
        own = np.asarray(persons, np.int64)
        changes = self._draws.uniform("phone.changes", own) < PHONE_CHANGED_SHARE
        changes &= self.society.people.plan[own] != Plan.SYNTHETIC
        when = 1 + (self._draws.uniform("phone.month", own) * (self.scale.months - 1)).astype(np.int64)
        return np.where(changes, when, self.scale.months)

    def unknown_msisdns(self, numbers: Array) -> pl.Series:
        """Phone numbers of nobody in the economy."""
        return UNKNOWN_MOBILE + _padded(self._numbers("phone.unknown", 7, numbers), 7)

    def ibans(self, accounts: Array) -> pl.Series:
        """German IBANs of account numbers, check digits right (ISO 13616, modulo 97)."""
        number = np.asarray(accounts, np.int64)
        bank = np.asarray(BANK_CODES)[self.banks(number)]
        own = self._numbers("account", 10, number)
        left = (bank % 97 * (10**10 % 97) + own) % 97
        check = 98 - (left * 10**6 + 131400) % 97  # 1314 stands for DE, 00 for the digits sought
        return "DE" + _padded(check, 2) + pl.Series(bank).cast(pl.String) + _padded(own, 10)

    def banks(self, accounts: Array) -> NDArray[np.int64]:
        """Which bank (0..2) keeps an account."""
        number = np.asarray(accounts, np.int64)
        people = self.society.people
        drawn = (self._draws.bits("account.bank", number) % np.uint64(BANKS)).astype(np.int64)
        return np.where(number < len(people), people.bank[np.minimum(number, len(people) - 1)], drawn)

    def _numbers(self, name: str, digits: int, things: Array) -> NDArray[np.int64]:
        return Numbering(self._draws, name, digits).number(things)

    @property
    def _draws(self) -> Draws:
        return Draws(self.scale.seed)

    @cached_property
    def _customer_numbers(self) -> Numbering:
        return Numbering(self._draws, "customer", 8, kinds=len(self.institutions))

    @cached_property
    def _lender_order(self) -> NDArray[np.int64]:
        luck = self._draws.uniform("lender.order", np.arange(len(self.society.lenders), dtype=np.int64))
        return np.argsort(np.argsort(luck))

    @cached_property
    def _phone_of(self) -> NDArray[np.int32]:
        """Whose number a person uses: the own, but in a ring that of one of its first members."""
        people = self.society.people
        whose = np.arange(len(people), dtype=np.int32)
        members = np.flatnonzero((people.plan == Plan.SYNTHETIC) & (people.gang != NONE))
        if not len(members):
            return whose
        members = members[np.argsort(people.gang[members], kind="stable")]
        gang = people.gang[members]
        first = np.searchsorted(gang, gang)
        size = np.searchsorted(gang, gang, side="right") - first
        phones = np.minimum(
            1 + self._draws.bits("phone.ring", gang.astype(np.int64)) % np.uint64(PHONES_A_RING), size.astype(np.uint64)
        )
        pick = (self._draws.bits("phone.member", members.astype(np.int64)) % phones).astype(np.int64)
        whose[members] = members[first + pick]
        return whose


def _padded(numbers: NDArray[np.int64], digits: int) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(digits)


def _skewed(names: tuple[str, ...], luck: NDArray[np.float64]) -> pl.Series:
    """Names by luck, the first ones of the list about five times as often as the last."""
    return pl.Series(names).gather((luck**1.5 * len(names)).astype(np.int64))
