import numpy as np
import pytest

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy.business import drift_business, first_business, lasting, layoff_chance, next_health
from ingest.sandbox.economy.strengths import FAILING_AT, MASS_LAYOFF_SHARE, TROUBLE_AT, TURNOVER
from tests.support.sandbox_firms import make_firms

LUCKY, UNLUCKY = np.float32(1.0), np.float32(0.0)


@pytest.fixture(scope="module")
def society():
    return make_firms().society


def _drifted(society, months, unpaid=0.0):
    business = first_business(society, Draws(3))
    share = np.full(len(society.firms), unpaid, np.float32)
    for month in range(months):
        drift_business(business, society, share, Draws(3), month)
    return business


def test_a_firm_in_trouble_cuts_staff_and_a_failing_one_closes():
    health = np.array([3.0, TROUBLE_AT, FAILING_AT - 0.5], np.float32)
    rate, closes = layoff_chance(health, np.full(3, 0.4), np.array([UNLUCKY, LUCKY, UNLUCKY]), TURNOVER)
    assert rate == pytest.approx([TURNOVER, TURNOVER + MASS_LAYOFF_SHARE, 1.0])
    assert closes.tolist() == [False, False, True]
    _, lucky = layoff_chance(health, np.full(3, 0.4), np.full(3, LUCKY), TURNOVER)
    assert not lucky.any()


def test_health_returns_to_normal_and_downturns_take_from_it():
    health = np.array([-2.0, 2.0], np.float32)
    still = next_health(health, np.zeros(2, np.float32), np.zeros(2, np.float32))
    worse = next_health(health, np.ones(2, np.float32), np.zeros(2, np.float32))
    assert still[0] > health[0]
    assert still[1] < health[1]
    assert (worse < still).all()


def test_schools_utilities_and_shells_keep_their_health(society):
    business = _drifted(society, 12, unpaid=1.0)
    kept = lasting(society.firms)
    assert (business.health[kept] == 0).all()
    assert business.health[~kept].std() > 0.3


def test_unpaid_invoices_weigh_on_health(society):
    moved = ~lasting(society.firms)
    assert _drifted(society, 3, unpaid=0.2).health[moved].mean() < _drifted(society, 3).health[moved].mean() - 0.3


def test_a_closed_firm_no_longer_moves_nor_opens(society):
    business = _drifted(society, 2)
    business.open[:50] = False
    before = business.health.copy()
    drift_business(business, society, np.zeros(len(society.firms), np.float32), Draws(3), 2)
    assert not business.open[:50].any()
    assert np.array_equal(business.health[:50], before[:50])
    assert not np.array_equal(business.health[50:], before[50:])


def test_same_draws_same_business(society):
    first, second = _drifted(society, 4), _drifted(society, 4)
    for name, value in vars(first).items():
        assert np.array_equal(value, getattr(second, name)), name


def test_a_copy_lives_on_its_own(society):
    business = _drifted(society, 1)
    other = business.copy()
    other.health += 1
    other.open[:] = False
    other.downturn += 1
    assert business.open.all()
    assert not np.array_equal(business.health, other.health)
    assert not np.array_equal(business.downturn, other.downturn)
