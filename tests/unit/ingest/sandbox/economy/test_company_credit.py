import numpy as np
import pytest

from ingest.sandbox.economy.business import lasting
from ingest.sandbox.economy.company_credit import STAFF_MOST, TERMS, Applications, apply_month, take_up
from ingest.sandbox.economy.company_repayment import misses, repay_month, repay_step
from ingest.sandbox.economy.company_truth import company_truth
from ingest.sandbox.economy.loanbook import CODE
from ingest.sandbox.events import SCHEMAS, Event, LoanEvent
from tests.support.sandbox_firms import make_firms

MONTH = 3


@pytest.fixture(scope="module")
def lived():
    world = make_firms(40_000)
    for _ in range(30):
        world.live()
    return world


@pytest.fixture
def world():
    return make_firms(40_000)


def _apply(world, month=MONTH) -> Applications:
    return apply_month(world.society, world.business, world.loans, world.books, world.payroll, world.draws, month)


def _tape(world):
    return {name: np.concatenate([part[name] for part in world.tape]) for name in world.tape[0]}


def _borrow(world, health):
    """Loans to all who asked over some months, then everyone at this health."""
    world.business.health[:] = 0
    for month in range(12):
        found = _apply(world, month)
        world.tape += take_up(world.loans, world.society, world.books, found, 100 * month + np.arange(len(found.firm)))
    world.business.health[:] = health
    return int((world.loans.left > 0).sum())


def test_small_ordinary_firms_of_middling_health_apply(world):
    world.business.health[::3] = 1.5
    found = _apply(world)
    assert 0 < len(found.firm) < 0.03 * len(world.society.firms)
    assert (world.society.firms.staff[found.firm] <= STAFF_MOST).all()
    assert not lasting(world.society.firms)[found.firm].any()
    assert (found.firm % 3 != 0).all()
    assert not world.society.lenders.is_platform[found.lender].any()
    assert set(found.term) <= set(TERMS)
    assert (found.instalment * found.term > found.amount).all()
    assert [*found.columns()] == [name for name in SCHEMAS[Event.APPLICATION] if name != "loan"]


def test_the_healthy_are_granted_more_and_cheaper(world):
    world.business.health[:] = -1.7
    worse = _apply(world)
    world.business.health[:] = 0.2
    better = _apply(world)
    assert worse.approved.mean() + 0.3 < better.approved.mean()
    assert better.rate_bp.mean() < worse.rate_bp.mean()


def test_a_firm_has_one_loan_at_a_time(lived):
    running = np.flatnonzero(lived.loans.left > 0)
    assert len(running) > 50
    assert not np.isin(_apply(lived, 30).firm, running).any()
    assert not np.isin(_apply(lived, 30).firm, np.flatnonzero(lived.loans.defaults)).any()


def test_every_loan_is_paid_out_once_and_ends_at_most_once(lived):
    tape = _tape(lived)
    paid_out = tape["loan"][tape["kind"] == CODE[LoanEvent.DISBURSED]]
    ended = tape["loan"][np.isin(tape["kind"], (CODE[LoanEvent.CLOSED], CODE[LoanEvent.DEFAULTED]))]
    assert len(np.unique(paid_out)) == len(paid_out)
    assert len(np.unique(ended)) == len(ended) > 0
    assert np.isin(tape["loan"], paid_out).all()
    assert len(paid_out) - len(ended) == (lived.loans.left > 0).sum()


def test_paid_instalments_count_up_without_gap(lived):
    tape = _tape(lived)
    paid = tape["kind"] == CODE[LoanEvent.PAID]
    order = np.lexsort((tape["instalment"][paid], tape["loan"][paid]))
    loan, ordinal = tape["loan"][paid][order], tape["instalment"][paid][order]
    first = np.append(True, loan[1:] != loan[:-1])
    assert (ordinal[first] == 1).all()
    assert (ordinal[1:][~first[1:]] == ordinal[:-1][~first[1:]] + 1).all()
    assert tape["days_late"][paid].max() > 25


def test_recoveries_stay_below_what_was_owed(lived):
    tape = _tape(lived)
    by_loan = {
        event: dict(zip(tape["loan"][at].tolist(), tape["amount"][at].tolist(), strict=True))
        for event in (LoanEvent.DEFAULTED, LoanEvent.RECOVERED)
        if (at := tape["kind"] == CODE[event]).any()
    }
    shares = [got / by_loan[LoanEvent.DEFAULTED][loan] for loan, got in by_loan[LoanEvent.RECOVERED].items()]
    assert min(shares) > 0.09
    assert max(shares) < 0.41


@pytest.mark.parametrize("behind", [0, 1, 2])
def test_arrears_are_cured_at_once_or_grow_to_default(behind):
    left, missed = np.array([10, 10], np.int16), np.full(2, behind, np.int8)
    step = repay_step(left, missed, np.array([behind + 1, 0]), np.zeros(2, np.bool_))
    assert step.missed.tolist() == [0, behind + 1]
    assert step.left.tolist() == [9 - behind, 10]
    assert step.defaulted.tolist() == [False, behind == 2]


def test_the_last_instalment_closes_a_loan_and_arrears_at_the_end_still_default():
    left, missed = np.array([1, 1], np.int16), np.array([0, 2], np.int8)
    step = repay_step(left, missed, np.array([1, 0]), np.zeros(2, np.bool_))
    assert step.closed.tolist() == [True, False]
    assert step.defaulted.tolist() == [False, True]


def test_misses_begin_below_a_health_and_grow_as_it_falls():
    luck = np.random.default_rng(2).random(4_000)
    shares = [misses(np.full(4_000, health, np.float32), luck).mean() for health in (0.0, -1.3, -1.6, -2.2, -3.0)]
    assert shares[:2] == [0, 0]
    assert 0 < shares[2] < shares[3] < shares[4]


def test_defaults_grow_as_health_falls():
    shares = []
    for health in (0.0, -1.8, -3.0):
        world = make_firms(40_000)
        count = _borrow(world, health)
        for month in range(12, 18):
            repay_month(world.loans, world.society, world.business, world.books, world.draws, month)
        shares.append(world.loans.defaults.sum() / count)
    assert shares[0] == 0
    assert 0.05 < shares[1] < shares[2]
    assert shares[2] > 0.8


def test_a_firm_that_closes_is_in_default_at_once(world):
    count = _borrow(world, 0.0)
    world.business.open[world.loans.left > 0] = False
    tape = repay_month(world.loans, world.society, world.business, world.books, world.draws, 12)
    kinds = np.concatenate([part["kind"] for part in tape])
    assert (kinds == CODE[LoanEvent.DEFAULTED]).sum() == count
    assert not (kinds == CODE[LoanEvent.PAID]).any()
    assert not (world.loans.left > 0).any()


def test_loans_conserve_money(world):
    total = world.books.balance.sum()
    _borrow(world, -1.8)
    for month in range(12, 24):
        repay_month(world.loans, world.society, world.business, world.books, world.draws, month)
    assert world.books.balance.sum() == total


def test_truth_falls_with_health_and_repeats_itself(world):
    found = _apply(world)

    def truth(health):
        world.business.health[:] = health
        return company_truth(found, world.society, world.business, world.unpaid, world.draws, MONTH, 100)

    well, ill, worst = truth(0.3), truth(-1.5), truth(-2.8)
    assert well.mean() < ill.mean() < worst.mean()
    assert well.mean() < 0.05
    assert worst.mean() > 0.4
    assert np.array_equal(truth(-1.5), ill)
    assert len(well) == len(found.firm)


def test_truth_is_what_comes_of_it():
    seen = []
    for seed in range(4):  # all firms of a country share its downturns: one country would say little
        world = make_firms(60_000, seed=seed)
        world.paths = 100
        for _ in range(30):
            world.live()
        tape = _tape(world)
        at = tape["kind"] == CODE[LoanEvent.DEFAULTED]
        when = dict(zip(tape["loan"][at].tolist(), tape["month"][at].tolist(), strict=True))
        seen += [(chance, when.get(loan, 99) <= month + 11) for month, loan, chance in world.truths if month + 11 < 30]
    chance, came = np.array(seen, np.float64).T
    assert len(seen) > 800
    assert abs(chance.mean() - came.mean()) < 3 * came.std() / np.sqrt(len(seen))
    assert chance[came == 1].mean() > 2 * chance[came == 0].mean()
