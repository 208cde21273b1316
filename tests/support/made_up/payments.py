"""Draws the payments of one made-up account, month by month from its opening to the day before its loan."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

PAYMENT_HEADER = (
    "trans_id",
    "account_id",
    "date",
    "type",
    "operation",
    "amount",
    "balance",
    "k_symbol",
    "bank",
    "account",
)
BANKS = ("QA", "QB", "QC", "QD")
STATEMENT_FEE = 1460  # minor units, as all amounts here
SANCTION_SHARE = 100  # one part in so many of a negative balance is charged each month
INTEREST_SHARE = 400  # one part in so many of a positive balance is credited each month
WITHDRAWALS_A_MONTH = 2

_Row = tuple[str | int, ...]


@dataclass(frozen=True)
class DemoAccount:
    """An account; `granted` is the day of its loan, or the day its made-up time ends where it has none."""

    account_id: int
    district: int
    opened: date
    granted: date
    thrift: float


class _Ledger:
    """Rows of one account with its running balance."""

    def __init__(self, account: DemoAccount) -> None:
        self.account, self.balance, self.rows = account, 0, list[_Row]()

    def book(
        self, day: date, kind: str, operation: str, minor: int, purpose: str = "", other: tuple[str, str] = ("", "")
    ) -> None:
        if minor <= 0 or day >= self.account.granted:
            return  # nothing is known after the loan
        self.balance += minor if kind == "credit" else -minor
        shown = (money(minor), money(self.balance))
        self.rows.append((self.account.account_id, f"{day:%y%m%d}", kind, operation, *shown, purpose, *other))


def draw_payments(account: DemoAccount, rng: Random) -> list[_Row]:
    """Payments by date, without their id, in the columns of `PAYMENT_HEADER` after the first."""
    ledger = _Ledger(account)
    income = rng.randrange(800_000, 3_000_000)
    employer, landlord = ((rng.choice(BANKS), str(rng.randrange(10_000_000, 99_999_999))) for _ in range(2))
    by_transfer, insured = rng.random() < 0.4, rng.random() < 0.3
    month = account.opened
    ledger.book(month, "credit", "credit in cash", rng.randrange(20_000, 90_000))
    while month < account.granted:
        _draw_month(ledger, month, income, (employer if by_transfer else None, landlord, insured), rng)
        month += timedelta(days=30)
    return ledger.rows


def _draw_month(
    ledger: _Ledger, month: date, income: int, habits: tuple[tuple[str, str] | None, tuple[str, str], bool], rng: Random
) -> None:
    employer, landlord, insured = habits
    operation = "collection from another bank" if employer else "credit in cash"
    ledger.book(month + timedelta(days=5), "credit", operation, income, other=employer or ("", ""))
    ledger.book(month + timedelta(days=8), "withdrawal", "remittance to another bank", income // 4, "household", landlord)
    if insured:
        ledger.book(month + timedelta(days=10), "withdrawal", "remittance to another bank", income // 20, " ", landlord)
    # the thrifty spend less than the rest of their income, the others more
    spending = income * (0.72 - 0.08 * ledger.account.thrift + rng.gauss(0, 0.1))
    for i in range(WITHDRAWALS_A_MONTH):
        kind = "withdrawal in cash" if i and rng.random() < 0.1 else "withdrawal"
        operation = "credit card withdrawal" if rng.random() < 0.03 else "withdrawal in cash"
        day = month + timedelta(days=12 + 6 * i)
        ledger.book(day, kind, operation, max(0, round(spending / WITHDRAWALS_A_MONTH)), other=("", rng.choice(("", "0"))))
    end = month + timedelta(days=29)
    ledger.book(end, "credit", "", ledger.balance // INTEREST_SHARE, "interest credited")
    ledger.book(end, "withdrawal", "withdrawal in cash", STATEMENT_FEE, "payment for statement")
    ledger.book(
        end, "withdrawal", "withdrawal in cash", -ledger.balance // SANCTION_SHARE, "sanction interest if negative balance"
    )


def money(minor: int) -> str:
    """Major units with two decimals."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"
