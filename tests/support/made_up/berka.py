"""Made-up accounts and loans of a bank, in the layout of the Berka files.

Each account has a hidden thrift: what is left of the income each month. It drives the balance, sanction interest when
the balance is negative, and whether the loan goes bad. Payments are written for the accounts of the late loans alone,
and all of them lie before the loan.
"""

from datetime import date, timedelta
from math import exp
from pathlib import Path
from random import Random

from tests.support.made_up.files import Style, write_delimited
from tests.support.made_up.payments import BANKS, PAYMENT_HEADER, DemoAccount, draw_payments, money

EARLY_FROM, EARLY_DAYS = date(1994, 6, 1), 900
LATE_FROM, LATE_DAYS = date(1997, 1, 2), 700
BAD_INTERCEPT, BAD_SLOPE = -2.2, -2.2  # log-odds of a bad loan, and what one standard deviation of thrift takes off
DISPONENT_SHARE, CARD_SHARE, ORDER_SHARE, LOST_STATISTIC_SHARE = 0.2, 0.25, 0.6, 0.1
REGIONS = ("north demo", "south demo", "Demoville")
DISTRICTS = 12
FREQUENCIES = ("monthly issuance", "monthly issuance", "monthly issuance", "weekly issuance", "issuance after transaction")

_CRLF = "\r\n"
_UNFINISHED = Style(";", _CRLF, ends_with_newline=False)
_LOAN_HEADER = ("loan_id", "account_id", "date", "amount", "duration", "payments", "status")
_CARD_HEADER = ("card_id", "disp_id", "type", "issued")
# with the trailing blanks of the real header
_DISTRICT_HEADER = (
    "code ",
    "name ",
    "region",
    "no. of inhabitants",
    "no. of municipalities with inhabitants < 499 ",
    "no. of municipalities with inhabitants 500-1999",
    "no. of municipalities with inhabitants 2000-9999 ",
    "no. of municipalities with inhabitants >10000 ",
    "no. of cities ",
    "ratio of urban inhabitants ",
    "average salary ",
    "unemploymant rate '95 ",
    "unemploymant rate '96 ",
    "no. of enterpreneurs per 1000 inhabitants ",
    "no. of commited crimes '95 ",
    "no. of commited crimes '96 ",
)
_Row = tuple[str | int, ...]


def write_files(folder: Path, late_loans: int, rng: Random) -> None:
    """Write the eleven files; there are half as many early loans, and as many accounts without a loan."""
    half = late_loans // 2
    ids = rng.sample(range(20_000, 60_000), late_loans + 2 * half)
    late = _draw_accounts(ids[:late_loans], LATE_FROM, LATE_DAYS, rng)
    early = _draw_accounts(ids[late_loans : late_loans + half], EARLY_FROM, EARLY_DAYS, rng)
    other = _draw_accounts(ids[late_loans + half :], LATE_FROM, LATE_DAYS, rng)
    accounts = sorted([*late, *early, *other], key=lambda a: (a.opened, a.account_id))
    rows = [(a.account_id, a.district, rng.choice(FREQUENCIES), _day(a.opened)) for a in accounts]
    style = Style(";", _CRLF, header_quoted=True, quoted=frozenset({2}))
    write_delimited(folder / "account.csv", ("account_id", "district_id", "frequency", "date"), rows, style)
    _write_people(folder, accounts, rng)
    _write_loans(folder, early, late, rng)
    _write_districts(folder, rng)
    _write_orders(folder, accounts, rng)
    payments = [row for a in sorted(late, key=lambda a: a.account_id) for row in draw_payments(a, rng)]
    numbered = [(6_000_000 + 3 * i, *row) for i, row in enumerate(payments)]
    write_delimited(folder / "trans_test.csv", PAYMENT_HEADER, numbered, _UNFINISHED)


def _draw_accounts(ids: list[int], first: date, days: int, rng: Random) -> list[DemoAccount]:
    granted = sorted(first + timedelta(days=rng.randrange(days)) for _ in ids)
    return [
        DemoAccount(
            account_id, 1 + rng.randrange(DISTRICTS), day - timedelta(days=rng.randrange(200, 500)), day, rng.gauss(0, 1)
        )
        for account_id, day in zip(ids, granted, strict=True)
    ]


def _write_people(folder: Path, accounts: list[DemoAccount], rng: Random) -> None:
    clients: list[_Row] = []
    rights: list[_Row] = []
    cards: list[tuple[date, _Row]] = []
    for account in accounts:
        for role in ("OWNER", "DISPONENT") if rng.random() < DISPONENT_SHARE else ("OWNER",):
            client_id = disp_id = 20_000 + len(clients)
            month = rng.randrange(1, 13) + rng.choice((0, 50))  # as for men and women
            birth = f"{rng.randrange(35, 80):02d}{month:02d}{rng.randrange(1, 29):02d}"
            clients.append((client_id, birth, account.district))
            rights.append((disp_id, client_id, account.account_id, role))
            if rng.random() < CARD_SHARE:
                issued = account.opened + timedelta(days=rng.randrange(30, 190))
                cards.append((issued, (2_000 + len(cards), disp_id, rng.choice(("classic", "junior", "gold")), _day(issued))))
    quoted = {"header_quoted": True}
    style = Style(";", _CRLF, quoted=frozenset({1}), **quoted)
    write_delimited(folder / "client.csv", ("client_id", "birth_number", "district_id"), clients, style)
    style = Style(";", _CRLF, quoted=frozenset({3}), **quoted)
    write_delimited(folder / "disp.csv", ("disp_id", "client_id", "account_id", "type"), rights, style)
    early = [row for issued, row in sorted(cards) if issued < LATE_FROM]
    late = [row for issued, row in sorted(cards) if issued >= LATE_FROM]
    write_delimited(folder / "card_train.csv", _CARD_HEADER, early, _UNFINISHED)
    write_delimited(folder / "card_test.csv", _CARD_HEADER, late, Style(";", _CRLF, quoted=frozenset({2}), **quoted))


def _write_loans(folder: Path, early: list[DemoAccount], late: list[DemoAccount], rng: Random) -> None:
    loan_ids = iter(rng.sample(range(20_000, 60_000), len(early) + len(late)))
    terms = {account: _draw_terms(next(loan_ids), account, rng) for account in [*early, *late]}
    bad = {account: rng.random() < 1 / (1 + exp(-BAD_INTERCEPT - BAD_SLOPE * account.thrift)) for account in [*early, *late]}
    status = {account: rng.choice("BD" if bad[account] else "AC") for account in late}
    rows = [(*terms[a], status[a], int(bad[a])) for a in late]
    write_delimited(folder / "loans_1997_98_labelled.csv", (*_LOAN_HEADER, "y"), rows, Style())
    write_delimited(folder / "loan_test.csv", _LOAN_HEADER, [(*terms[a], "") for a in late], _UNFINISHED)
    write_delimited(folder / "loan_train.csv", _LOAN_HEADER, [(*terms[a], -1 if bad[a] else 1) for a in early], _UNFINISHED)


def _draw_terms(loan_id: int, account: DemoAccount, rng: Random) -> _Row:
    months = rng.choice((12, 24, 36, 48, 60))
    instalment = rng.randrange(1_000, 9_000)
    return (loan_id, account.account_id, _day(account.granted), months * instalment, months, instalment)


def _write_districts(folder: Path, rng: Random) -> None:
    rows: list[_Row] = []
    for code in range(1, DISTRICTS + 1):
        sizes = [rng.randrange(20) for _ in range(5)]
        lost = rng.random() < LOST_STATISTIC_SHARE
        unemployment = [f"{rng.randrange(30, 900) / 100:.2f}" for _ in range(2)]
        crimes = [str(rng.randrange(1_000, 9_000)) for _ in range(2)]
        rows.append(
            (
                code,
                f"Demo district {code}",
                rng.choice(REGIONS),
                rng.randrange(40_000, 400_000),
                *sizes,
                f"{rng.randrange(300, 1000) / 10:.1f}",
                rng.randrange(8_000, 13_000),
                "?" if lost else unemployment[0],
                unemployment[1],
                rng.randrange(80, 170),
                "?" if lost else crimes[0],
                crimes[1],
            )
        )
    write_delimited(folder / "district.csv", _DISTRICT_HEADER, rows, _UNFINISHED)


def _write_orders(folder: Path, accounts: list[DemoAccount], rng: Random) -> None:
    rows: list[_Row] = []
    for account in accounts:
        if rng.random() < ORDER_SHARE:
            purpose = rng.choice(("SIPO", "SIPO", "UVER", "POJISTNE", "LEASING", " "))
            other = str(rng.randrange(10_000_000, 99_999_999))
            rows.append(
                (
                    30_000 + len(rows),
                    account.account_id,
                    rng.choice(BANKS),
                    other,
                    money(rng.randrange(10_000, 900_000)),
                    purpose,
                )
            )
    header = ("order_id", "account_id", "bank_to", "account_to", "amount", "k_symbol")
    style = Style(";", _CRLF, header_quoted=True, quoted=frozenset({2, 3, 5}))
    write_delimited(folder / "order_undated.csv", header, rows, style)


def _day(day: date) -> str:
    return f"{day:%y%m%d}"
