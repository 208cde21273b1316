import numpy as np
import polars as pl
import pytest

from ingest.sandbox.accounts import accounts_of
from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.books import DAY_S, Books
from ingest.sandbox.economy.company_credit import first_company_loans
from ingest.sandbox.economy.investors import INVESTORS_SHARE, find_investors
from ingest.sandbox.economy.loanbook import CODE as TAPE
from ingest.sandbox.economy.platform_advances import MOVE_DAY
from ingest.sandbox.economy.platform_schemes import SHELLS_PAY_MONTHS, Applications, platform_month, shell_truth
from ingest.sandbox.economy.platforms import VALUE_OF_INSTALMENTS, first_platforms
from ingest.sandbox.events import LEDGER_ENTRIES, Event, EventLog, LedgerEntry, LoanEvent
from ingest.sandbox.society import Plan, Scheme, Sector
from tests.support.sandbox_firms import SCHEME_MONTH, make_firms
from tests.support.small_society import make_society

MONTHS = 26
CODE = {entry: code for code, entry in enumerate(LEDGER_ENTRIES)}


class Lived:
    """A world after its months, its ledger, and how each platform stood at every month's end."""

    def __init__(self, folder):
        """Live it."""
        self.world = world = make_firms(20_000)
        log, count = EventLog(folder), len(world.society.lenders)
        self.total, parts, self.cover, self.held, self.owed = world.books.balance.sum(), [], [], [], []
        for month in range(MONTHS):
            world.live(log)
            parts.append(log.read(Event.LEDGER, month).with_columns(month=pl.lit(month)))
            owed = world.platforms.owed_by(count)
            assets = world.custody() + VALUE_OF_INSTALMENTS * world.outstanding()
            self.cover.append(assets / np.maximum(owed, 1))
            self.held.append(world.custody().copy())
            self.owed.append(owed)
        self.ledger = pl.concat(parts)
        self.cover, self.held, self.owed = np.array(self.cover), np.array(self.held), np.array(self.owed)

    def platforms(self, *schemes):
        """Numbers of the platforms with these schemes."""
        lenders = self.world.society.lenders
        return np.flatnonzero(lenders.is_platform & np.isin(lenders.scheme, schemes))

    def rows(self, entry, platforms, first=0, last=MONTHS):
        """Ledger rows of an entry from month `first` to before `last`."""
        chosen = (pl.col("kind") == CODE[entry]) & pl.col("platform").is_in(list(platforms))
        return self.ledger.filter(chosen & pl.col("month").is_between(first, last, closed="left"))

    def owner(self, platform):
        """Account of a platform's owner."""
        return int(self.world.society.lenders.owner[platform])


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    return Lived(tmp_path_factory.mktemp("log"))


def test_money_is_conserved(lived):
    assert lived.world.books.balance.sum() == lived.total


def test_the_ledger_explains_every_cent_of_custody(lived):
    accounts = lived.world.books.accounts
    ledger, count = lived.ledger, len(lived.world.society.lenders)
    platform = ledger["platform"].to_numpy()
    custody = accounts.custody(0) + platform
    amount = ledger["amount"].to_numpy()
    signed = np.where(ledger["payee"].to_numpy() == custody, amount, 0)
    signed = signed - np.where(ledger["payer"].to_numpy() == custody, amount, 0)
    assert (np.bincount(platform, signed, count) == lived.world.custody()).all()
    assert ledger["amount"].min() > 0


def test_custody_is_never_below_zero_at_any_hour(lived):
    accounts = lived.world.books.accounts
    ledger = lived.ledger.with_columns(custody=accounts.custody(0) + pl.col("platform").cast(pl.Int64))
    signed = pl.when(pl.col("payee") == pl.col("custody")).then(pl.col("amount")).otherwise(-pl.col("amount"))
    running = ledger.sort("month", "second", maintain_order=True).with_columns(held=signed.cum_sum().over("platform"))
    assert running["held"].min() >= 0


def test_honest_platforms_stay_solvent(lived):
    honest = lived.platforms(Scheme.HONEST)
    assert lived.owed[-1, honest].min() > 0
    assert lived.cover[:, honest].min() > 0.995


@pytest.mark.parametrize("scheme", list(Scheme))
def test_every_platform_advances_a_little_for_a_month_before_any_scheme(lived, scheme):
    """A movement of custody is no mark of fraud: all schemes' platforms have such, both ways, that go back next month."""
    platforms, accounts = lived.platforms(scheme), lived.world.books.accounts
    moved = lived.rows(LedgerEntry.MOVED, platforms, 0, MONTHS if scheme is Scheme.HONEST else SCHEME_MONTH)
    assert len(moved) > 0
    for platform in platforms:
        ends = {accounts.lender(int(platform)), accounts.custody(int(platform))}
        mine = moved.filter(pl.col("platform") == platform)
        assert set(mine["payee"]) | set(mine["payer"]) <= ends


def test_honest_advances_are_small_go_both_ways_and_come_back_the_next_month(lived):
    honest, accounts = lived.platforms(Scheme.HONEST), lived.world.books.accounts
    ledger = lived.ledger.with_columns(custody=accounts.custody(0) + pl.col("platform").cast(pl.Int64))
    ledger = ledger.with_columns(outward=pl.col("payer") == pl.col("custody")).sort("month", "second", maintain_order=True)
    signed = pl.when("outward").then(-pl.col("amount")).otherwise("amount")
    ledger = ledger.with_columns(before=signed.cum_sum().over("platform") - signed)
    moved = ledger.filter((pl.col("kind") == CODE[LedgerEntry.MOVED]) & pl.col("platform").is_in(list(honest)))
    begins = pl.col("second") >= (MOVE_DAY - 1) * DAY_S
    begun = moved.filter(begins)
    back = moved.filter(~begins).with_columns(pl.col("month") - 1, ~pl.col("outward"))
    share = begun["amount"] / begun["before"]
    due = begun.filter(pl.col("month") < MONTHS - 1)
    returned = due.join(back, on=["platform", "month", "amount", "outward"], how="semi")

    assert 0.12 < len(begun) / (MONTHS * len(honest)) < 0.35
    assert set(begun["outward"]) == {True, False}
    assert share.max() <= 0.02
    assert share.median() >= 0.01
    assert len(returned) > 0.9 * len(due)  # custody may be too low to give all back at once


def test_honest_platforms_pay_a_little_interest_and_take_a_small_fee(lived):
    honest = lived.platforms(Scheme.HONEST)
    fee, collected = (lived.rows(entry, honest)["amount"].sum() for entry in (LedgerEntry.FEE, LedgerEntry.COLLECTED))
    assert 0.009 < fee / collected < 0.05
    rates = _yearly_rates(lived, honest)
    assert 0.03 < np.median(rates) < 0.07


def test_a_ponzi_pays_more_than_it_earns_and_draws_money(lived):
    ponzi, honest = lived.platforms(Scheme.PONZI), lived.platforms(Scheme.HONEST)
    assert 0.10 < np.median(_yearly_rates(lived, ponzi)) < 0.16
    deposits = [lived.rows(LedgerEntry.DEPOSIT, them, SCHEME_MONTH)["amount"].sum() / len(them) for them in (ponzi, honest)]
    assert deposits[0] > 1.5 * deposits[1]
    assert (lived.cover[-1, ponzi] < 0.97).all()
    assert lived.cover[-1, ponzi].max() < lived.cover[-1, honest].min()


def test_who_pools_moves_custody_on_to_the_owner(lived):
    for platform in lived.platforms(Scheme.POOLS):
        moved = lived.rows(LedgerEntry.MOVED, [platform])
        taken = [
            len(moved.filter(pl.col("month").is_between(*some))) for some in ((0, SCHEME_MONTH - 1), (SCHEME_MONTH, MONTHS))
        ]
        assert taken[1] > taken[0]
        assert set(moved["payee"]) | set(moved["payer"]) == {
            lived.world.books.accounts.lender(int(platform)),
            lived.world.books.accounts.custody(int(platform)),
        }
        assert lived.cover[-1, platform] < 0.9
        assert lived.world.books.balance[lived.owner(platform)] > 0.5 * moved["amount"].sum()


def test_an_absconder_looks_honest_and_then_takes_all_within_two_months(lived):
    for platform in lived.platforms(Scheme.ABSCONDS):
        assert lived.cover[:SCHEME_MONTH, platform].min() > 0.995
        assert (lived.held[SCHEME_MONTH + 1 :, platform] == 0).all()
        assert len(lived.rows(LedgerEntry.PAID_OUT, [platform], SCHEME_MONTH)) == 0
        assert len(lived.rows(LedgerEntry.PAID_OUT, [platform], 0, SCHEME_MONTH)) > 0
        assert len(lived.rows(LedgerEntry.DEPOSIT, [platform], SCHEME_MONTH + 1)) == 0
        assert len(lived.rows(LedgerEntry.LENT, [platform], SCHEME_MONTH)) == 0
        taken = lived.rows(LedgerEntry.MOVED, [platform], SCHEME_MONTH).filter(
            pl.col("payee") < lived.world.books.accounts.firm(0)
        )
        moved = taken["amount"].sum()
        assert lived.world.books.balance[lived.owner(platform)] > 0.9 * moved > 0


def test_shells_of_the_owner_borrow_pay_for_a_while_and_stop(lived):
    world, firms = lived.world, lived.world.society.firms
    for platform in lived.platforms(Scheme.FINANCES_OWNERS):
        shells = world.books.accounts.firm(np.flatnonzero(firms.owner == lived.owner(platform)))
        shells = shells[firms.sector[shells - world.books.accounts.firm(0)] == Sector.SHELL]
        lent = lived.rows(LedgerEntry.LENT, [platform]).filter(pl.col("payee").is_in(list(shells)))
        paid = lived.rows(LedgerEntry.COLLECTED, [platform]).filter(pl.col("payer").is_in(list(shells)))
        assert len(lent) == len(shells) > 0
        assert lent["month"].min() == SCHEME_MONTH
        assert paid["month"].min() == SCHEME_MONTH + 1
        assert paid["month"].max() == SCHEME_MONTH + SHELLS_PAY_MONTHS
        assert paid["amount"].sum() < 0.6 * lent["amount"].sum()
        assert (world.loans.defaults[shells - world.books.accounts.firm(0)] == 1).all()
        assert world.books.balance[lived.owner(platform)] > 0.3 * lent["amount"].sum()


def test_what_is_said_of_loans_to_shells_comes_true(lived):
    world = lived.world
    tape = {name: np.concatenate([part[name] for part in world.tape]) for name in world.tape[0]}
    shell = world.society.firms.sector[np.maximum(tape["borrower"] - world.books.accounts.firm(0), 0)] == Sector.SHELL
    paid_out, defaulted = (
        dict(zip(tape["loan"][at].tolist(), tape["month"][at].tolist(), strict=True))
        for at in (shell & (tape["kind"] == TAPE[event]) for event in (LoanEvent.DISBURSED, LoanEvent.DEFAULTED))
    )
    assert len(paid_out) > 0
    for loan, month in paid_out.items():
        lender = tape["lender"][tape["loan"] == loan][:1]
        empty = [np.zeros(1, np.int64)] * 11
        said = shell_truth(Applications(*empty[:2], lender, *empty[3:]), world.society, month)
        assert said[0] == (defaulted[loan] <= month + 11)


def test_investors_are_few_earn_something_and_stay_the_same(lived):
    society, draws = lived.world.society, lived.world.draws
    investors = find_investors(society, draws)
    assert len(investors) == round(INVESTORS_SHARE * len(society.people))
    assert (society.people.wage_minor[investors] > 0).all()
    assert (society.people.plan[investors] != Plan.SYNTHETIC).all()
    assert society.people.thrift[investors].mean() > 1
    assert np.array_equal(investors, first_platforms(society, draws).investor)


def test_a_society_without_platforms_has_none_to_serve():
    society = make_society()
    draws, accounts = Draws(1), accounts_of(society)
    balance = np.full(accounts.count, 10**8)
    books = Books(accounts, balance.copy(), np.zeros(accounts.count, np.bool_))
    platforms = first_platforms(society, draws)
    nothing = {name: np.zeros(0, np.int64) for name in ("second", "lender", "account", "amount")}
    outstanding = np.zeros(len(society.lenders), np.int64)
    loans = first_company_loans(len(society.firms))
    shells = platform_month(platforms, society, loans, books, nothing, outstanding, draws, 0)
    assert len(shells.firm) == 0
    assert np.array_equal(books.balance, balance)


def test_a_copy_of_the_platforms_lives_on_its_own(lived):
    platforms = lived.world.platforms
    other = platforms.copy()
    other.owed += 1
    other.ledger.append({})
    assert (platforms.owed + 1 == other.owed).all()
    assert not platforms.ledger


def test_same_draws_same_state():
    first, second = make_firms(), make_firms()
    for _ in range(SCHEME_MONTH + 3):
        first.live()
        second.live()
    assert np.array_equal(first.books.balance, second.books.balance)
    for ours, theirs in ((first.platforms, second.platforms), (first.loans, second.loans), (first.business, second.business)):
        for name, value in vars(ours).items():
            assert np.array_equal(value, getattr(theirs, name)), name


def _yearly_rates(lived, platforms):
    """Interest credited a year over what is owed, of each platform, since the schemes began: what is owed but not deposited."""
    rates = []
    for platform in platforms:
        credited = lived.owed[-1, platform] - lived.owed[SCHEME_MONTH, platform]
        credited += lived.rows(LedgerEntry.PAID_OUT, [platform], SCHEME_MONTH + 1)["amount"].sum()
        credited -= lived.rows(LedgerEntry.DEPOSIT, [platform], SCHEME_MONTH + 1)["amount"].sum()
        rates.append(12 * credited / lived.owed[SCHEME_MONTH:-1, platform].sum())
    return rates
