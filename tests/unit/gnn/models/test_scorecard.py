"""Bins rise or fall and know what is missing; the card is whole numbers that add up to the score, and reads back as it was."""

import json
from dataclasses import replace

import numpy as np
import pytest

from gnn.dataset import Dataset, Split, build_dataset
from gnn.evaluation.metrics import auc
from gnn.evaluation.protocols import out_of_time
from gnn.features.plan import Scope
from gnn.models.baselines import TrainingTable, training_table
from gnn.models.binning import LEAST_SHARE, MAXIMUM_BINS, Bins, _edges, fit_bins
from gnn.models.points_card import Card, Line
from gnn.models.scorecard import BAD_LOANS_A_COLUMN, Scorecard, choose_columns
from gnn.scores import points
from gnn.tasks import TASKS
from graph.snapshot import Snapshot

CARD = Card(
    600,
    (
        Line("age", Bins((30.0, 50.5), (-0.5, 0.1, 0.6, 0.0), (0.3, 0.4, 0.3, 0.0), 0.2, 0.01), (-20, 4, 25, 0)),
        Line("arrears", Bins((0.1,), (0.3, -1.0, -0.2), (0.7, 0.2, 0.1), 0.3, 0.01), (15, -50, -10)),
    ),
)
ROWS = np.array([[1.0, 29.9, 0.0], [1.0, 30.0, 0.1], [1.0, 1e9, -1e9], [1.0, np.nan, np.nan]])
NAMES = ("other", "age", "arrears")


def drawn(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A column that tells of the risk, and outcomes."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n)
    return values, (rng.random(n) < 1 / (1 + np.exp(2 - values))).astype(np.int8)


def table(columns: list[np.ndarray], label: np.ndarray) -> TrainingTable:
    return TrainingTable(np.column_stack(columns), label, np.ones(len(label)))


@pytest.fixture(scope="module")
def data(planted: Snapshot) -> Dataset:
    return replace(build_dataset(planted, TASKS["superlender"]), earlier=None)


@pytest.fixture(scope="module")
def split(data: Dataset) -> Split:
    return out_of_time(data.examples)[0].split


@pytest.mark.parametrize("sign", [1, -1])
def test_bins_follow_the_risk_in_one_direction_and_none_is_thin(sign):
    values, label = drawn(4000)
    bins = fit_bins(sign * values, label, np.ones(4000))
    known = np.array(bins.woe[:-1])
    assert 3 <= len(known) <= MAXIMUM_BINS
    assert np.all(sign * np.diff(known) < 0)
    assert min(bins.share[:-1]) >= LEAST_SHARE
    assert bins.share[-1] == 0.0


def test_weight_of_evidence_is_what_one_works_out_by_hand():
    values = np.repeat([0.0, 1.0], [60, 40])
    label = np.concatenate([np.repeat([0, 1], [50, 10]), np.repeat([0, 1], [20, 20])]).astype(np.int8)
    bins = fit_bins(values, label, np.ones(100))
    assert bins.cuts == (0.5,)
    assert bins.woe[:2] == pytest.approx((np.log((50 / 70) / (10 / 30)), np.log((20 / 70) / (20 / 30))))
    assert bins.information_value == pytest.approx((50 / 70 - 1 / 3) * bins.woe[0] + (20 / 70 - 2 / 3) * bins.woe[1])
    assert bins.woe[2] == 0.0


def test_missing_values_are_a_bin_of_their_own_and_a_handful_of_them_says_little():
    values, label = drawn(4000)
    many, few = values.copy(), values.copy()
    many[label == 1], few[np.flatnonzero(label == 1)[:5]] = np.nan, np.nan
    assert fit_bins(np.where(label == 1, np.nan, 1.0), label, np.ones(4000)) is None
    many[:2000] = values[:2000]
    risky, hardly = fit_bins(many, label, np.ones(4000)), fit_bins(few, label, np.ones(4000))
    assert risky.woe[-1] < -2
    assert -1.5 < hardly.woe[-1] < 0


def test_column_known_of_some_and_always_the_same_tells_by_being_known():
    label = np.tile([0, 0, 0, 1], 500).astype(np.int8)
    bins = fit_bins(np.where((label == 1) | (np.arange(2000) % 8 == 0), 7.0, np.nan), label, np.ones(2000))
    assert bins.cuts == ()
    assert bins.woe[0] < 0 < bins.woe[1]


def test_values_never_seen_fall_into_the_outer_bins_and_missing_weighs_nothing_where_it_never_was():
    values, label = drawn(2000)
    bins = fit_bins(values, label, np.ones(2000))
    last = len(bins.cuts)
    assert bins.place(np.array([-1e30, 1e30, np.inf, np.nan])).tolist() == [0, last, last, last + 1]
    assert bins.woe[last + 1] == 0.0


def test_value_that_many_share_is_parted_from_those_around_it():
    values = np.concatenate([np.zeros(600), np.linspace(-1, -0.5, 200), np.linspace(0.5, 1, 200)])
    label = np.concatenate([np.tile([0, 0, 0, 0, 1], 120), np.tile([0, 1], 100), np.tile([0] * 19 + [1], 10)]).astype(np.int8)
    assert fit_bins(values, label, np.ones(1000)).cuts == (-0.25, 0.25)


def test_column_of_one_value_has_no_bins():
    assert fit_bins(np.ones(100), np.tile([0, 1], 50).astype(np.int8), np.ones(100)) is None


@pytest.mark.parametrize("seed", range(3))
def test_partition_is_the_one_a_solver_finds(seed):
    optbinning = pytest.importorskip("optbinning", reason="a solver to compare with, which the system does not need")
    values, label = drawn(3000, seed)
    ours = fit_bins(values, label, np.ones(3000))
    solver = optbinning.OptimalBinning(
        solver="cp",
        user_splits=_edges(values),
        monotonic_trend="descending" if ours.woe[0] < ours.woe[1] else "ascending",
        max_n_bins=MAXIMUM_BINS,
        min_bin_size=LEAST_SHARE,
        min_bin_n_event=3,
        min_bin_n_nonevent=3,
    ).fit(values, label)
    assert solver.status == "OPTIMAL"
    assert solver.splits.tolist() == pytest.approx(ours.cuts)


def test_twin_of_a_column_and_noise_are_not_chosen():
    first, label = drawn(6000)
    second = np.random.default_rng(9).normal(size=6000)
    label = np.maximum(label, (second > 1.5).astype(np.int8))
    noise = np.random.default_rng(5).normal(size=6000)
    twin = np.exp(first) + 0.001 * noise
    assert set(choose_columns(table([noise, first, second, twin], label))) in ({1, 2}, {2, 3})


def test_few_bad_loans_bear_few_columns():
    rng = np.random.default_rng(3)
    label = (np.arange(1000) < 2 * BAD_LOANS_A_COLUMN + 5).astype(np.int8)
    columns = [label * 3.0 + rng.normal(size=1000) * 2 for _ in range(6)]
    assert len(choose_columns(table(columns, label))) == 2


def test_points_add_up_to_the_score_and_the_log_odds_stand_for_it():
    assert CARD.points(NAMES, ROWS).tolist() == [600 - 20 + 15, 600 + 4 - 50, 600 + 25 + 15, 600 + 0 - 10]
    assert [points(value) for value in CARD.log_odds(NAMES, ROWS)] == CARD.score(NAMES, ROWS).tolist()


def test_score_stays_on_the_scale_whatever_the_sum():
    low, high = (replace(CARD, base=base).score(NAMES, ROWS) for base in (-500, 2000))
    assert set(low.tolist()) == {300}
    assert set(high.tolist()) == {850}


def test_published_table_tells_every_bin():
    shown = CARD.to_markdown()
    assert "| age | 30 to below 50.5 | 4 | 40.0% | +0.100 |" in shown
    assert "| arrears | not known | -10 | 10.0% | -0.200 |" in shown
    assert "| base | every loan | 600 | | |" in shown
    assert "660 points are 20 good loans to one bad; every 40 points more double these odds" in shown


def test_category_with_the_sign_of_a_cell_breaks_no_row_of_the_table():
    line = replace(CARD.lines[1], column="purpose=a|b")
    assert "| purpose=a\\|b | below 0.1 | 15 |" in Card(600, (line,)).to_markdown()


def test_card_of_another_scale_or_with_a_line_cut_short_is_refused():
    other = json.loads(CARD.to_json())
    other["scale"][4] = 20
    with pytest.raises(ValueError, match="train it again"):
        Card.from_json(json.dumps(other))
    short = json.loads(CARD.to_json())
    short["lines"][0]["points"].pop()
    with pytest.raises(ValueError, match="line of age"):
        Card.from_json(json.dumps(short))


def test_fitted_card_finds_the_planted_rule_reads_back_bit_for_bit_and_is_the_same_each_time(data, split):
    model, again = Scorecard(scope=Scope.NEIGHBOURS), Scorecard(scope=Scope.NEIGHBOURS)
    model.fit(data, split, 0)
    again.fit(data, split, 7)
    told = model.log_odds(data, split.test)
    assert auc(data.examples.label[split.test], told) > 0.7
    assert again.card.to_json() == model.card.to_json()
    back = Card.from_json(model.card.to_json())
    assert back == model.card
    assert back.log_odds(data.neighbours.names, data.neighbours.values[split.test]).tobytes() == told.tobytes()
    alone = [model.log_odds(data, split.test[i : i + 1])[0] for i in range(10)]
    assert alone == told[:10].tolist()


def test_labels_of_test_examples_change_nothing_and_those_that_calibrate_choose_no_column(data, split):
    chosen = choose_columns(training_table(data, Scope.NEIGHBOURS, np.concatenate([split.fit, split.stop])))
    label = data.examples.label.copy()
    label[split.test] = 1 - label[split.test]
    cards = []
    for known in (data, replace(data, examples=replace(data.examples, label=label))):
        model = Scorecard(scope=Scope.NEIGHBOURS)
        model.fit(known, split, 0)
        cards.append(model.card)
    assert cards[0] == cards[1]
    assert {line.column for line in cards[0].lines} <= {data.neighbours.names[column] for column in chosen}
