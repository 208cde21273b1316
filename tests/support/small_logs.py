"""Event logs made by hand for tests of what is written from them: a few months of money, orders and circumstances."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ingest.sandbox.draws import Draws
from ingest.sandbox.events import PURPOSES, Event, EventLog
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.life import write_life
from ingest.sandbox.society import Coverage, Society
from tests.support.small_society import make_scale, make_society, with_coverage

MONTHS = 3
DAY_S = 86_400


def make_circumstance(society: Society, **changes: object) -> dict[str, object]:
    """A quiet month for everyone, but for the columns given."""
    people = society.people
    count = len(people)
    return {
        "employer": people.employer,
        "home": people.home,
        "ill": np.zeros(count, np.bool_),
        "worry": np.zeros(count, np.float32),
        "spent_share": np.ones(count, np.float32),
        "cash": np.zeros(count, np.int64),
    } | changes


def make_delivery(folder: Path, *, persons: int = 1_000, months: int = MONTHS) -> Delivery:
    """An economy of some months: payments with balances that add up, orders, applications, and the life that goes with them.

    Every third person's account is delivered, and every fifth firm's; everything else is recorded of everyone.
    """
    scale, society = make_scale(persons), make_society(persons)
    bits = np.full(persons, sum(Coverage), np.uint16)
    bits[np.arange(persons) % 3 != 0] &= ~np.uint16(Coverage.BANK)
    society = with_coverage(society, bits)
    delivery = Delivery(scale, society, EventLog(folder), months)
    rng = np.random.default_rng(5)
    accounts = delivery.identifiers.accounts
    shown = np.concatenate([np.arange(0, persons, 3), accounts.firm(np.arange(0, len(society.firms), 5))])
    balance = np.zeros(accounts.count, np.int64)
    balance[shown] = rng.integers(-50_000, 500_000, len(shown))
    for month in range(months):
        _write_money(delivery, shown, balance, month, rng)
        _write_orders(delivery, month, rng)
        _write_applications(delivery, month, rng)
        delivery.log.write(Event.CIRCUMSTANCE, month, make_circumstance(society))
        write_life(society, delivery.log, month, Draws(scale.seed), scale)
    return delivery


def again(delivery: Delivery) -> Delivery:
    """The same economy with nothing remembered of earlier use."""
    return replace(delivery)


def _write_money(delivery: Delivery, shown: np.ndarray, balance: np.ndarray, month: int, rng: np.random.Generator) -> None:
    accounts, count = delivery.identifiers.accounts, 1_500
    delivery.log.write(Event.BALANCE, month, {"account": shown, "opening": balance[shown]})
    mine, others = rng.choice(shown, count), rng.integers(0, accounts.count, count)
    others = np.where(mine == others, accounts.state, others)
    pays = rng.random(count) < 0.5
    payer, payee = np.where(pays, mine, others), np.where(pays, others, mine)
    amount = rng.integers(1, 200_000, count)
    second = np.sort(rng.integers(0, 2_000, count) * 1_200)  # many share a second
    order = np.lexsort((payee, payer, second))
    purpose = rng.integers(0, len(PURPOSES), count)
    columns = {"second": second, "payer": payer, "payee": payee, "amount": amount, "purpose": purpose}
    delivery.log.write(Event.PAYMENT, month, {name: column[order] for name, column in columns.items()})
    np.subtract.at(balance, payer, amount)
    np.add.at(balance, payee, amount)


def _write_orders(delivery: Delivery, month: int, rng: np.random.Generator) -> None:
    people, count = delivery.society.people, 400
    who = rng.integers(0, len(people), count)
    delivery.log.write(
        Event.ORDER,
        month,
        {
            "second": np.sort(rng.integers(0, 22 * DAY_S, count)),
            "person": who,
            "merchant": people.shop[who],
            "amount": rng.integers(500, 90_000, count),
            "items": rng.integers(1, 4, count),
            "delivered_after_days": rng.integers(0, 4, count),
            "returned_after_days": np.where(rng.random(count) < 0.15, rng.integers(1, 15, count), 0),
            "home": people.home[who],
        },
    )


def _write_applications(delivery: Delivery, month: int, rng: np.random.Generator) -> None:
    count = 60
    second = np.sort(rng.integers(22 * DAY_S, 27 * DAY_S, count))
    nothing = np.zeros(count, np.int64)
    delivery.log.write(
        Event.APPLICATION,
        month,
        {
            "loan": month * count + np.arange(count),
            "second": second,
            "applicant": rng.integers(0, len(delivery.society.people) + 5, count),
            "lender": rng.integers(0, len(delivery.society.lenders), count),
            "amount": nothing,
            "term_months": nothing,
            "purpose": nothing,
            "declared_income": nothing,
            "approved": nothing > 0,
            "decided_second": second + 60,
            "rate_bp": nothing,
            "instalment": nothing,
        },
    )
