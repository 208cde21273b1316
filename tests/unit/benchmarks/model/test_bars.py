"""Which economy speaks for all, and when a bar is kept, by hand."""

import pytest

from benchmarks.model.bars import all_but_one, is_above, is_calibrated, is_no_gain, slope_distance
from gnn.evaluation.metrics import Interval


def test_the_fourth_best_of_five_speaks_and_those_that_keep_the_bar_are_counted() -> None:
    spoken = all_but_one([0.009, 0.002, 0.007, 0.011, 0.004], lambda value: value, lambda value: value >= 0.005)
    assert (spoken.place, spoken.rank, spoken.keeping) == (4, 4, 3)


@pytest.mark.parametrize(("values", "place"), [([3.0], 0), ([1.0, 3.0], 1), ([2.0, 2.0, 2.0], 1)])
def test_of_fewer_all_but_one_reach_it_and_of_equal_ones_the_earlier_counts_as_better(values: list[float], place: int) -> None:
    assert all_but_one(values, lambda value: value, lambda _: True).place == place


@pytest.mark.parametrize("values", [[], [0.1, float("nan")]])
def test_what_could_not_be_measured_is_not_ranked(values: list[float]) -> None:
    with pytest.raises(ValueError, match="ranked"):
        all_but_one(values, lambda value: value, lambda _: True)


def test_the_lower_slope_may_be_the_better_one() -> None:
    slopes = [0.80, 1.30, 1.01, 0.97, 1.10]
    assert all_but_one(slopes, lambda slope: -slope_distance(slope), lambda _: True).place == 0


@pytest.mark.parametrize(
    ("gain", "kept"),
    [((0.005, 0.001, 0.01), True), ((0.0049, 0.001, 0.01), False), ((0.006, 0.0, 0.01), False), ((0.006, -0.001, 0.01), False)],
)
def test_a_gain_reaches_its_bar_and_lies_above_nothing(gain: tuple[float, ...], kept: bool) -> None:
    assert is_above(Interval(*gain), 0.005) is kept


@pytest.mark.parametrize(
    ("slope", "kept"),
    [((0.95, 0.93, 0.97), True), ((1.2, 0.99, 1.4), True), ((0.9, 0.8, 0.99), False), ((1.06, 1.01, 1.1), False)],
)
def test_a_slope_lies_within_its_bounds_or_its_interval_covers_one(slope: tuple[float, ...], kept: bool) -> None:
    assert is_calibrated(Interval(*slope)) is kept


@pytest.mark.parametrize(
    ("gain", "none"),
    [
        ((0.001, -0.001, 0.003), True),
        ((0.001, -0.001, 0.0031), False),
        ((0.001, 0.0005, 0.002), False),
        ((0.0, -0.0035, 0.001), False),
    ],
)
def test_no_gain_is_an_interval_over_nothing_and_close_to_it(gain: tuple[float, ...], none: bool) -> None:
    assert is_no_gain(Interval(*gain)) is none
