"""Log-odds read against those of the months before: what all have in common says nothing, nor does what comes after."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from gnn.cohorts import DAY_S
from gnn.dataset import Dataset, Split
from gnn.examples import Examples
from gnn.milestones import Milestones
from gnn.models import levelled
from gnn.models.calibrate import Calibrator, find_level, fit_calibrator, probability
from gnn.models.levelled import LEAST_MET, Levelled

OF_A_MONTH, MONTHS = 160, 14
COUNT = OF_A_MONTH * MONTHS
MONTH = np.repeat(np.arange(MONTHS), OF_A_MONTH)
TIMES = (np.datetime64("2023-01") + MONTH).astype("datetime64[s]").astype(np.int64) + np.tile(
    np.arange(OF_A_MONTH) * DAY_S // 8, MONTHS
)
BEGINS_S = int(TIMES[MONTH == 9][0])
SPLIT = Split(
    fit=np.empty(0, np.int64),
    stop=np.empty(0, np.int64),
    calibrate=np.flatnonzero(MONTH < 4),
    test=np.flatnonzero(MONTH >= 9),
    young=np.flatnonzero((MONTH >= 4) & (MONTH < 9)),
    taught_to_s=BEGINS_S,
)
TEST = SPLIT.test


@dataclass
class Stated:
    """In place of a fitted model: says of each example what it is told to, in the first fit and in the last."""

    raw: np.ndarray
    calibrator: Calibrator | None = field(default_factory=lambda: Calibrator(0.7, -0.3))
    name: str = "stated"
    first_log_odds: np.ndarray = field(init=False)
    first_young: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.first_log_odds, self.first_young = self.raw[SPLIT.calibrate], self.raw[SPLIT.young]

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Nothing to learn."""

    def raw_log_odds(self, data: Dataset, index: np.ndarray) -> np.ndarray:
        return self.raw[index]


def lent(label: np.ndarray, met: np.ndarray | None = None, known_s: np.ndarray | None = None) -> Dataset:
    """Loans with these outcomes and one telling milestone a column of `met`, known in time unless said otherwise."""
    nothing: Any = None  # no graph and no table is read
    none = np.zeros(COUNT, np.int64)
    met = np.empty((COUNT, 0), np.int8) if met is None else met.astype(np.int8)
    known_s = np.full(met.shape, BEGINS_S - 1) if known_s is None else known_s
    signs = Milestones(tuple(f"sign{place}" for place in range(met.shape[1])), met, known_s, tuple(range(met.shape[1])))
    examples = Examples(none, TIMES, none, label.astype(np.int8), none)
    return Dataset(nothing, nothing, examples, nothing, nothing, nothing, nothing, signs)


@pytest.fixture
def raw() -> np.ndarray:
    return np.random.default_rng(1).normal(-1.0, 1.2, COUNT)


@pytest.fixture
def data(raw: np.ndarray) -> Dataset:
    return lent(drawn(raw, 2))


def drawn(log_odds: np.ndarray, seed: int) -> np.ndarray:
    """1 as often as these log-odds say."""
    return np.random.default_rng(seed).random(COUNT) < probability(log_odds)


def fitted(raw: np.ndarray, data: Dataset, split: Split = SPLIT) -> Levelled:
    model = Levelled(Stated(raw))
    model.fit(data, split, 0)
    return model


def test_where_no_loan_is_young_the_models_own_calibration_stands(raw, data):
    model = fitted(raw, data, replace(SPLIT, young=SPLIT.young[:0]))
    assert model.name == "stated"
    assert model.log_odds(data, TEST).tolist() == Calibrator(0.7, -0.3).apply(raw[TEST]).tolist()
    assert model.first_log_odds.tolist() == raw[SPLIT.calibrate].tolist()


def test_what_three_months_and_their_followers_have_in_common_says_nothing(raw, data):
    risen = raw + np.where(MONTH >= 8, 0.9, 0.0)
    before, after = (fitted(said, data).log_odds(data, TEST) for said in (raw, risen))
    followers = MONTH[TEST] >= 11
    assert after[followers] == pytest.approx(before[followers], abs=1e-12)
    first = MONTH[TEST] == 9
    assert (after[first] > before[first] + 0.1).all()


def test_a_score_is_read_against_the_three_months_before_its_own(raw, data):
    model = fitted(raw, data)
    before, rate = raw[(MONTH >= 8) & (MONTH < 11)], model.calibrator.rate
    level = find_level(model.calibrator, before, rate)
    found = model.log_odds(data, np.flatnonzero(MONTH == 11))
    assert found == pytest.approx(model.calibrator.apply(raw[MONTH == 11] - level), abs=1e-12)
    assert probability(model.calibrator.apply(before - level)).mean() == pytest.approx(rate, abs=1e-9)


def test_who_applied_in_the_same_month_or_later_changes_nothing(raw, data):
    judged = int(np.flatnonzero(MONTH == 11)[7])
    later = (MONTH >= 11) & (np.arange(COUNT) != judged)
    one, other = (fitted(said, data).log_odds(data, np.array([judged])) for said in (raw, np.where(later, raw + 3.0, raw)))
    assert one.tobytes() == other.tobytes()
    earlier = fitted(np.where(MONTH == 10, raw + 3.0, raw), data).log_odds(data, np.array([judged]))
    assert earlier.tobytes() != one.tobytes()


def test_a_test_score_is_the_same_alone_and_among_others(raw, data):
    model = fitted(raw, data)
    assert np.concatenate([model.log_odds(data, TEST[at : at + 1]) for at in range(0, 50)]).tolist() == (
        model.log_odds(data, TEST[:50]).tolist()
    )


def test_no_outcome_of_young_or_later_loans_is_read(raw, data):
    label = data.examples.label.copy()
    label[np.concatenate([SPLIT.young, TEST])] = 1 - label[np.concatenate([SPLIT.young, TEST])]
    turned = lent(label)
    assert fitted(raw, turned).log_odds(turned, TEST).tobytes() == fitted(raw, data).log_odds(data, TEST).tobytes()


def test_it_calibrates_on_outcomes_and_holds_late_applicants_to_their_rate(raw, data):
    """However far scores rise after that period."""
    model, risen = fitted(raw, data), fitted(raw + np.where(MONTH >= 4, 2.0, 0.0), data)
    label = data.examples.label[SPLIT.calibrate]
    plain = fit_calibrator(raw[SPLIT.calibrate], label)
    assert (model.calibrator.slope, model.calibrator.level) == (plain.slope, None)
    assert model.calibrator.intercept == pytest.approx(plain.intercept, abs=1e-6)
    assert model.calibrator.rate == pytest.approx(label.mean(), abs=0.02)
    assert risen.calibrator == model.calibrator
    assert probability(risen.log_odds(data, TEST)).mean() == pytest.approx(model.calibrator.rate, abs=0.02)


def test_scores_of_one_data_set_are_never_those_of_another(raw, data):
    """Data sets that live for one question follow each other at the same place in memory."""
    model = fitted(raw, data)
    for shift in range(30):
        model.model.raw = raw * (1 + shift)
        found = model.log_odds(replace(data), np.flatnonzero(MONTH == 11)[:1])
        level = find_level(model.calibrator, model.model.raw[(MONTH >= 8) & (MONTH < 11)], model.calibrator.rate)
        assert found[0] == pytest.approx(model.calibrator.apply(model.model.raw[MONTH == 11] - level)[0], abs=1e-9)


def steepness(raw: np.ndarray, met: np.ndarray, known_s: np.ndarray | None = None) -> float:
    """How much steeper a calibrator is for what milestones tell."""
    label = drawn(raw, 2)
    plain, told = lent(label), lent(label, met, known_s)
    return fitted(raw, told).calibrator.slope / fitted(raw, plain).calibrator.slope


def test_milestones_that_rise_steeper_of_late_make_scores_count_for_more(raw):
    as_before, steeper = drawn(raw, 3), drawn(np.where(MONTH >= 4, 2.5 * raw, raw), 3)
    flatter = drawn(np.where(MONTH >= 4, 0.4 * raw, raw), 3)
    assert steepness(raw, as_before[:, None]) == pytest.approx(1.0, abs=0.15)
    assert steepness(raw, steeper[:, None]) > 1.2
    assert steepness(raw, flatter[:, None]) < 0.8
    assert steepness(raw, np.column_stack([steeper, flatter])) < steepness(raw, steeper[:, None])


def test_steepness_moves_the_slope_by_its_root_and_keeps_the_mean(raw, monkeypatch):
    data = lent(drawn(raw, 2))
    plain = fitted(raw, data)
    monkeypatch.setattr(levelled, "_steepness", lambda *_: 2.25)
    steep = fitted(raw, data)
    assert steep.calibrator.slope == pytest.approx(1.5 * plain.calibrator.slope)
    means = [probability(one.calibrator.apply(one.first_log_odds)).mean() for one in (plain, steep)]
    assert means[0] == pytest.approx(means[1], abs=1e-9)


def test_a_milestone_that_few_met_says_nothing_of_steepness(raw):
    steeper = drawn(np.where(MONTH >= 4, 3.0 * raw, raw), 3)
    enough, few = steeper.copy(), steeper.copy()
    of_calibrate = np.flatnonzero(steeper & (MONTH < 4))
    enough[of_calibrate[LEAST_MET:]] = False
    few[of_calibrate[LEAST_MET - 1 :]] = False
    assert steepness(raw, few[:, None]) == 1.0
    assert steepness(raw, enough[:, None]) != 1.0


def test_a_milestone_that_falls_with_the_scores_says_nothing_of_steepness(raw):
    """A root of less than nought would be no number."""
    for turned in (MONTH < 4, MONTH >= 4, MONTH >= 0):
        assert steepness(raw, drawn(np.where(turned, -6.0 * raw, 6.0 * raw), 3)[:, None]) == 1.0


def test_what_milestones_tell_from_the_first_test_instant_on_says_nothing(raw):
    steeper = drawn(np.where(MONTH >= 4, 2.5 * raw, raw), 3)
    late = np.where(MONTH >= 4, BEGINS_S, BEGINS_S - 1)[:, None]
    assert steepness(raw, steeper[:, None], late) == 1.0


def test_young_loans_that_taught_the_first_fit_say_nothing_of_steepness(raw):
    steeper = drawn(np.where(MONTH >= 4, 2.5 * raw, raw), 3)[:, None]
    turned = steeper.copy()
    turned[SPLIT.first.young] = ~turned[SPLIT.first.young]
    assert steepness(raw, turned) == steepness(raw, steeper)
    turned[SPLIT.first.held] = ~turned[SPLIT.first.held]
    assert steepness(raw, turned) != steepness(raw, steeper)
