"""A delivery made by hand: the made-up society with trades, owners, groups, platforms, and random events of registers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sandbox.accounts import Accounts
from ingest.sandbox.events import LEDGER_ENTRIES, LOAN_EVENTS, Event, EventLog, LedgerEntry, LoanEvent
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Coverage, Groups, Lenders, Plan, Scheme, Society
from tests.support.small_society import make_society

LENDERS, PLATFORMS = 9, 4
DAY_S = 86_400


def make_registered_society(persons: int = 1_000, seed: int = 7) -> Society:
    """`make_society` with coverage that differs, three rings, owned and trading firms, communities and platforms."""
    rng = np.random.default_rng(seed + 1)
    society = make_society(persons, seed)
    firms, people = len(society.firms), society.people
    plan, gang = people.plan.copy(), people.gang.copy()
    plan[-24:], gang[-24:] = Plan.SYNTHETIC, np.arange(24) // 8
    bits = [bit for bit in Coverage]
    coverage = (rng.random((persons, len(bits))) < 0.5) @ np.array(bits)
    links = rng.integers(0, firms, (firms * 3, 2)).astype(np.int32)
    links = links[links[:, 0] != links[:, 1]]
    members = rng.integers(0, 24, persons)
    return replace(
        society,
        people=replace(
            people,
            plan=plan,
            gang=gang,
            plan_month=np.where(plan == Plan.SYNTHETIC, 2, people.plan_month).astype(np.int16),
            coverage=coverage.astype(np.uint16),
            consented=rng.choice([63, 63, 63, 59, 47, 0], persons).astype(np.uint8),
        ),
        firms=replace(
            society.firms,
            owner=np.where(rng.random(firms) < 0.3, rng.integers(0, persons, firms), NONE).astype(np.int32),
            owner_share_pct=rng.integers(51, 101, firms).astype(np.int8),
            founded_day=rng.integers(5_000, 18_900, firms).astype(np.int32),
            buyer=links[:, 0],
            supplier=links[:, 1],
        ),
        groups=Groups(
            person=np.arange(persons, dtype=np.int32),
            community=members.astype(np.int32),
            joined=rng.choice([NONE, NONE, 1, 3], persons).astype(np.int16),
            kinds=(np.arange(24) % 5).astype(np.int8),
        ),
        lenders=_lenders(rng, persons),
    )


def make_delivery(folder: Path, *, persons: int = 1_000, months: int = 6, seed: int = 7, a_month: int = 300) -> Delivery:
    """That society with `a_month` random events of each kind a month."""
    society = make_registered_society(persons, seed)
    log = EventLog(folder)
    for month in range(months):
        write_month(log, society, month, a_month, np.random.default_rng([seed, month]))
    return Delivery(Scale(persons, months, seed), society, log, months)


def table_of(delivery: Delivery, writer: Callable[[Delivery, Path], int], path: Path) -> pl.DataFrame:
    """What a writer wrote, as text."""
    rows = writer(delivery, path)
    table = pl.read_csv(path, infer_schema=False)
    assert table.height == rows
    return table


def write_month(log: EventLog, society: Society, month: int, count: int, rng: np.random.Generator) -> None:
    """Random events of a month for everything the registers tell."""
    persons, firms, lenders = len(society.people), len(society.firms), len(society.lenders)
    accounts = Accounts(persons, firms, lenders)
    loan = month * count + np.arange(count)
    second = np.sort(rng.integers(22 * DAY_S, 27 * DAY_S, count))
    borrower = np.where(rng.random(count) < 0.05, persons + rng.integers(0, firms, count), rng.integers(0, persons, count))
    lender = rng.integers(0, lenders, count)
    amount, approved = rng.integers(50_000, 900_000, count), rng.random(count) < 0.6
    applied = {"loan": loan, "second": second, "applicant": borrower, "lender": lender, "amount": amount}
    priced = {"declared_income": amount // 3, "approved": approved, "decided_second": second + 3_600}
    terms = {"term_months": rng.integers(6, 48, count), "purpose": rng.integers(0, 6, count)}
    rest = {"rate_bp": rng.integers(300, 2_500, count), "instalment": amount // 12}
    log.write(Event.APPLICATION, month, applied | terms | priced | rest)
    kind = rng.integers(0, len(LOAN_EVENTS), count)
    paid_out = kind == LOAN_EVENTS.index(LoanEvent.DISBURSED)
    tape = {"second": second + 7_200, "loan": loan, "borrower": borrower, "lender": lender, "kind": kind, "instalment": kind}
    late = {"amount": amount, "days_late": rng.integers(-3, 40, count), "account": np.where(paid_out, borrower, NONE)}
    log.write(Event.LOAN, month, tape | late)
    few = np.arange(0, count, 10)
    guarantor = rng.integers(0, persons, len(few))
    guarantee = {"second": second[few], "loan": loan[few], "guarantor": guarantor, "amount": amount[few]}
    log.write(Event.GUARANTEE, month, guarantee)
    referred = rng.integers(0, persons, len(few))
    log.write(
        Event.REFERRAL, month, {"second": second[few], "referrer": guarantor, "referred": referred, "lender": lender[few]}
    )
    log.write(Event.LEDGER, month, _ledger(accounts, society.lenders, rng, count))
    day = np.sort(rng.integers(0, 22 * DAY_S, count))
    who, firm = rng.integers(0, persons, count), rng.integers(0, firms, count)
    started = rng.random(count) < 0.6
    log.write(Event.JOB, month, {"second": day, "person": who, "firm": firm, "started": started, "wage": amount})
    home = rng.integers(0, len(society.homes.landlord), len(few))
    there = society.homes.neighbourhood[home]
    log.write(Event.MOVE, month, {"second": day[few], "person": who[few], "home": home, "neighbourhood": there})
    to_pay = np.where(rng.random(count) < 0.05, -1, rng.integers(5, 60, count))
    invoice = {"second": day, "supplier": firm, "buyer": (firm + 1) % firms, "amount": amount, "days_to_pay": to_pay}
    log.write(Event.INVOICE, month, invoice)
    unpaid = rng.random(count) < 0.1
    due = np.where(unpaid, -60 * DAY_S, rng.integers(5, 20, count) * DAY_S)
    bill = {"person": who, "biller": firm, "kind": firm % 2, "issued_month": np.where(unpaid, month - 3, month - 1)}
    log.write(
        Event.BILL,
        month,
        bill | {"due_second": due, "amount": amount, "days_late": rng.integers(-4, 2, count), "unpaid": unpaid},
    )


def _ledger(accounts: Accounts, lenders: Lenders, rng: np.random.Generator, count: int) -> dict[str, object]:
    platform = rng.choice(np.flatnonzero(lenders.is_platform), count)
    kind = rng.integers(0, len(LEDGER_ENTRIES), count)
    investor = np.where(
        np.isin(kind, [LEDGER_ENTRIES.index(entry) for entry in (LedgerEntry.DEPOSIT, LedgerEntry.PAID_OUT)]),
        rng.integers(0, accounts.persons, count),
        NONE,
    )
    custody = accounts.custody(platform)
    return {
        "second": np.sort(rng.integers(0, 27 * DAY_S, count)),
        "platform": platform,
        "kind": kind,
        "investor": investor,
        "payer": np.where(investor == NONE, custody, np.maximum(investor, 0)),
        "payee": np.where(investor == NONE, accounts.lender(platform), custody),
        "amount": rng.integers(1_000, 90_000, count),
    }


def _lenders(rng: np.random.Generator, persons: int) -> Lenders:
    is_platform = np.arange(LENDERS) >= LENDERS - PLATFORMS
    fraud = is_platform & (np.arange(LENDERS) % 2 == 0)
    return Lenders(
        strictness=np.zeros(LENDERS, np.float32),
        rate_pct=np.full(LENDERS, 8, np.float32),
        is_platform=is_platform,
        scheme=np.where(fraud, Scheme.PONZI, Scheme.HONEST).astype(np.int8),
        scheme_month=np.where(fraud, 3, NONE).astype(np.int16),
        owner=np.where(is_platform, rng.integers(0, persons, LENDERS), NONE).astype(np.int32),
    )
