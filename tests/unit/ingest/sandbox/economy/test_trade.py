import numpy as np
import pytest

from ingest.sandbox.economy.books import DAY_S
from ingest.sandbox.economy.trade import BUFFER_PAYROLLS, NEVER, settle_firms, trade_month
from ingest.sandbox.economy.trade_outlook import trade_outlook
from ingest.sandbox.events import PURPOSES, Event, EventLog, Purpose
from ingest.sandbox.society import NONE, Sector
from tests.support.sandbox_firms import make_firms

MONTH = 5


@pytest.fixture
def world():
    return make_firms(20_000)


def _trade(world, log=None, month=MONTH):
    return trade_month(world.society, world.business, world.books, log, world.draws, month)


def test_trade_and_the_world_conserve_money(world):
    total = world.books.balance.sum()
    _trade(world)
    settle_firms(world.society, world.business, world.books, world.payroll, world.draws, MONTH)
    assert world.books.balance.sum() == total
    assert (world.books.balance != 0).any()


def test_paid_invoices_are_payments_of_this_month(world, tmp_path):
    log = EventLog(tmp_path)
    _trade(world, log)
    invoices = log.read(Event.INVOICE, MONTH)
    world.books.close_month(log, MONTH)
    payments = log.read(Event.PAYMENT, MONTH)
    paid = invoices.filter(invoices["days_to_pay"] != NEVER)
    when = paid["second"] + paid["days_to_pay"].cast(int) * DAY_S
    assert sorted(when) == payments["second"].to_list()
    assert paid["amount"].sum() == payments["amount"].sum()
    assert set(payments["purpose"]) == {PURPOSES.index(Purpose.TRADE)}
    assert payments["second"].min() >= 4 * DAY_S
    assert payments["second"].max() < 22 * DAY_S
    assert paid["days_to_pay"].is_between(8, 75).all()


def test_no_invoice_is_older_than_the_economy(world, tmp_path):
    log = EventLog(tmp_path)
    _trade(world, log, month=0)
    invoices = log.read(Event.INVOICE, 0)
    assert len(invoices) > 0
    assert invoices["second"].min() >= 0
    assert (invoices["days_to_pay"] != NEVER).all()


def test_buyers_in_trouble_pay_late_or_never(world, tmp_path):
    log = EventLog(tmp_path)
    for month, health in ((4, 0.5), (5, -3.0)):
        world.business.health[:] = health
        _trade(world, log, month)
    well, ill = (log.read(Event.INVOICE, month)["days_to_pay"].to_numpy() for month in (4, 5))
    assert (well == NEVER).mean() < 0.02
    assert (ill == NEVER).mean() > 0.15
    assert well[well != NEVER].mean() + 20 < ill[ill != NEVER].mean()


def test_the_unpaid_share_is_the_supplier_s_loss(world, tmp_path):
    log = EventLog(tmp_path)
    world.business.health[::3] = -3.5
    share = _trade(world, log)
    invoices = log.read(Event.INVOICE, MONTH)
    supplier = invoices["supplier"].to_numpy()
    count, amount = len(share), invoices["amount"].to_numpy()
    lost = np.bincount(supplier, amount * (invoices["days_to_pay"].to_numpy() == NEVER), count)
    invoiced = np.bincount(supplier, amount, count)
    assert share == pytest.approx(lost / np.maximum(invoiced, 1))
    assert 0 < share.max() <= 1


def test_the_outlook_is_what_comes_of_it_on_average(world):
    world.business.health[::4] = -3.0
    outlook = trade_outlook(world.society, world.business)
    rows = np.arange(len(world.society.firms))
    generator = np.random.default_rng(1)
    imagined = np.mean([outlook.imagine(rows, outlook.unpaid, generator) for _ in range(60)], axis=0)
    lived = np.mean([_trade(world, month=month) for month in range(60)], axis=0)
    assert imagined.mean() == pytest.approx(lived.mean(), rel=0.1)
    assert np.corrcoef(imagined, lived)[0, 1] > 0.8


def test_buyers_are_picked_by_how_much_they_buy(world):
    outlook = trade_outlook(world.society, world.business)
    firms = world.society.firms
    supplier = int(np.bincount(firms.supplier).argmax())
    picked = outlook.pick_buyers(np.full(20_000, supplier), np.random.default_rng(1))
    theirs = firms.buyer[firms.supplier == supplier]
    assert set(picked) <= set(theirs)
    largest = theirs[np.argmax(firms.staff[theirs])]
    share = firms.staff[largest] / np.maximum(firms.staff[theirs], 1).sum()
    assert (picked == largest).mean() == pytest.approx(share, rel=0.15)
    none = np.setdiff1d(np.arange(len(firms)), firms.supplier)[:10]
    assert (outlook.pick_buyers(none, np.random.default_rng(1)) == NONE).all()


def test_closed_firms_neither_buy_nor_sell(world, tmp_path):
    world.business.open[::2] = False
    log = EventLog(tmp_path)
    _trade(world, log)
    settle_firms(world.society, world.business, world.books, world.payroll, world.draws, MONTH)
    closed = world.books.accounts.firm(np.flatnonzero(~world.business.open))
    assert (world.books.balance[closed] == 0).all()
    assert len(log.read(Event.INVOICE, MONTH)) > 0


def test_accounts_tend_to_a_buffer_that_the_healthy_have_more_of(world):
    firms, books = world.society.firms, world.books
    world.business.health[:] = 0
    world.business.health[::2] = 1.0
    for month in range(12):
        settle_firms(world.society, world.business, books, world.payroll, world.draws, month)
    held = books.balance[books.accounts.firm(0) : books.accounts.lender(0)] / np.maximum(world.payroll, 1)
    served = (firms.sector != Sector.SHELL) & (world.payroll > 0)
    even = np.arange(len(firms)) % 2 == 0
    assert held[served & ~even] == pytest.approx(BUFFER_PAYROLLS, rel=0.02)
    assert held[served & even].mean() > 1.2 * BUFFER_PAYROLLS
    assert (held[firms.sector == Sector.SHELL] == 0).all()


def test_same_draws_same_trade():
    first, second = make_firms(), make_firms()
    assert np.array_equal(_trade(first), _trade(second))
    assert np.array_equal(first.books.balance, second.books.balance)
