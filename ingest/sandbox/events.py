"""What happens in a month, as columns: the only thing that passes from the economy to the writers of files.

An event log is a folder with one Arrow file a kind and month. Times are `second`: whole seconds since the month began in
UTC. Money is int64 minor units. Persons, firms, lenders and homes are numbers of `Society`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import polars as pl

from ingest.sandbox.knobs import FIRST_YEAR

_I8, _I16, _I32, _I64, _F32 = pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64(), pl.Float32()


class Purpose(StrEnum):
    """What a payment is for, in the order of its code."""

    WAGE = "wage"
    BENEFIT = "benefit"
    PENSION = "pension"
    PROFIT = "profit"
    RENT = "rent"
    UTILITY = "utility"
    TELECOM = "telecom"
    FOOD = "food"
    SHOP = "shop"
    LEISURE = "leisure"
    TRANSPORT = "transport"
    HEALTH = "health"
    SUPPORT = "support"  # help between people
    LOAN_PAYOUT = "loan_payout"
    INSTALMENT = "instalment"
    GUARANTEE = "guarantee"  # a guarantor pays
    RECOVERY = "recovery"
    INVESTMENT = "investment"
    INVESTOR_PAYOUT = "investor_payout"
    TRADE = "trade"  # a firm pays a supplier
    GAMBLING = "gambling"
    SECURITIES = "securities"
    CIRCLE = "circle"  # sham transfers
    PASSED_ON = "passed_on"
    KICKBACK = "kickback"
    TAX = "tax"
    REFUND = "refund"
    PLATFORM = "platform"  # a platform moves money between its accounts, owners and shells
    OTHER = "other"  # small things of daily life


PURPOSES = tuple(Purpose)


class Event(StrEnum):
    """Kinds of events, each a file a month."""

    PAYMENT = "payment"
    BALANCE = "balance"
    ORDER = "order"
    BILL = "bill"
    CALL = "call"
    VISIT = "visit"
    TRIP = "trip"
    LOGIN = "login"
    JOB = "job"
    MOVE = "move"
    INVOICE = "invoice"
    APPLICATION = "application"
    LOAN = "loan"
    GUARANTEE = "guarantee"
    REFERRAL = "referral"
    LEDGER = "ledger"
    CIRCUMSTANCE = "circumstance"


SCHEMAS: Mapping[Event, dict[str, pl.DataType]] = {
    # accounts by number: persons, then firms, then lenders' own, then platforms' custody, then the state (see accounts.py);
    # only payments with an end whose statements are delivered; sorted by (second, payer, payee)
    Event.PAYMENT: {"second": _I32, "payer": _I32, "payee": _I32, "amount": _I64, "purpose": _I8},
    # opening balance of every account whose statements are delivered
    Event.BALANCE: {"account": _I32, "opening": _I64},
    # returned_after_days 0 where kept; delivered_after_days from the order
    Event.ORDER: {
        "second": _I32,
        "person": _I32,
        "merchant": _I32,
        "amount": _I64,
        "items": _I16,
        "delivered_after_days": _I8,
        "returned_after_days": _I8,
        "home": _I32,
    },
    # written in the month the bill is paid, or about two months after it fell due where it was not paid (`unpaid`)
    Event.BILL: {
        "person": _I32,
        "biller": _I32,
        "kind": _I8,  # 0 telecom, 1 utility
        "issued_month": _I16,
        "due_second": _I32,  # since THIS month began; negative where the bill fell due in an earlier one
        "amount": _I64,
        "days_late": _I16,
        "unpaid": pl.Boolean(),
    },
    Event.CALL: {"second": _I32, "caller": _I32, "callee": _I32, "duration": _I32},
    # venue: firm visited, or NONE for other places; neighbourhood where it lies
    Event.VISIT: {"second": _I32, "person": _I32, "venue": _I32, "neighbourhood": _I32, "minutes": _I16},
    Event.TRIP: {"second": _I32, "person": _I32, "from_neighbourhood": _I32, "to_neighbourhood": _I32, "minutes": _I16},
    Event.LOGIN: {"second": _I32, "person": _I32, "device": _I32, "channel": _I8},  # 0 shop, 1 bank, 2 lender
    # started: wage and firm of a job taken up; otherwise the job that ended. month 0 states all jobs held before it
    Event.JOB: {"second": _I32, "person": _I32, "firm": _I32, "started": pl.Boolean(), "wage": _I64},
    Event.MOVE: {"second": _I32, "person": _I32, "home": _I32, "neighbourhood": _I32},
    Event.INVOICE: {"second": _I32, "supplier": _I32, "buyer": _I32, "amount": _I64, "days_to_pay": _I16},  # -1 unpaid
    # applicant: account number (person or firm); loan numbers count up over all months in order of (second, applicant)
    Event.APPLICATION: {
        "loan": _I32,
        "second": _I32,
        "applicant": _I32,
        "lender": _I16,
        "amount": _I64,
        "term_months": _I16,
        "purpose": _I8,  # 0 consumption, 1 repair, 2 education, 3 moving, 4 refinancing, 5 working capital
        "declared_income": _I64,
        "approved": pl.Boolean(),
        "decided_second": _I32,
        "rate_bp": _I32,  # yearly, hundredths of a percent
        "instalment": _I64,
    },
    # what becomes of a loan; `kind` is LoanEvent; account is where money went for a payout, else NONE
    Event.LOAN: {
        "second": _I32,
        "loan": _I32,
        "borrower": _I32,
        "lender": _I16,
        "kind": _I8,
        "instalment": _I16,
        "amount": _I64,
        "days_late": _I16,
        "account": _I32,
    },
    Event.GUARANTEE: {"second": _I32, "loan": _I32, "guarantor": _I32, "amount": _I64},
    Event.REFERRAL: {"second": _I32, "referrer": _I32, "referred": _I32, "lender": _I16},
    # platform: lender number; kind is LedgerEntry; from and to are account numbers
    Event.LEDGER: {
        "second": _I32,
        "platform": _I16,
        "kind": _I8,
        "investor": _I32,
        "payer": _I32,
        "payee": _I32,
        "amount": _I64,
    },
    # the state at the end of the month, one row a person in order: for those who write what life looks like
    Event.CIRCUMSTANCE: {
        "employer": _I32,
        "home": _I32,
        "ill": pl.Boolean(),
        "worry": _F32,
        "spent_share": _F32,  # spending of the month over what the person usually spends
        "cash": _I64,
    },
}


class LoanEvent(StrEnum):
    """What a loan tape states, in the order of its code."""

    DISBURSED = "disbursed"
    DUE = "due"  # at its due second, which may lie ahead
    PAID = "paid"
    MISSED = "missed"
    DEFAULTED = "defaulted"
    CLOSED = "closed"
    RECOVERED = "recovered"


class LedgerEntry(StrEnum):
    """What an investors' ledger states, in the order of its code."""

    DEPOSIT = "deposit"  # investor -> custody
    LENT = "lent"  # custody -> borrower
    COLLECTED = "collected"  # borrower -> custody
    PAID_OUT = "paid_out"  # custody -> investor
    FEE = "fee"  # custody -> the platform's own account
    MOVED = "moved"  # custody <-> anyone else


LOAN_EVENTS, LEDGER_ENTRIES = tuple(LoanEvent), tuple(LedgerEntry)


@dataclass(frozen=True)
class EventLog:
    """A folder of events by kind and month."""

    folder: Path

    def write(self, kind: Event, month: int, columns: Mapping[str, object]) -> None:
        """Keep a month's events of a kind; columns are arrays or lists of equal length, cast to the schema."""
        frame = pl.DataFrame(dict(columns)).cast(pl.Schema(SCHEMAS[kind]))
        assert frame.columns == list(SCHEMAS[kind])
        self.folder.mkdir(parents=True, exist_ok=True)
        frame.write_ipc(self._path(kind, month))

    def read(self, kind: Event, month: int) -> pl.DataFrame:
        """A month's events of a kind; no rows where none happened."""
        path = self._path(kind, month)
        return pl.read_ipc(path) if path.exists() else pl.DataFrame(schema=SCHEMAS[kind])

    def months(self) -> int:
        """How many months have been lived."""
        return len(list(self.folder.glob(f"{Event.CIRCUMSTANCE.value}-*.arrow")))

    def _path(self, kind: Event, month: int) -> Path:
        return self.folder / f"{kind.value}-{month:03d}.arrow"


def month_start(month: int) -> datetime:
    """The UTC instant a month begins; month 0 is January of `FIRST_YEAR`."""
    return datetime(FIRST_YEAR + month // 12, month % 12 + 1, 1, tzinfo=UTC)
