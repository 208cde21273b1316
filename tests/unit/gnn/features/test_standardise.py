import numpy as np
import pytest

from gnn.features.standardise import LIMIT, fit_standardiser

NAN = np.nan


def test_column_is_brought_to_mean_zero_and_deviation_one() -> None:
    table = np.array([[1.0], [2.0], [3.0], [4.0]])
    assert fit_standardiser(table).apply(table)[:, 0] == pytest.approx([-1.3416, -0.4472, 0.4472, 1.3416], abs=1e-4)


def test_missing_becomes_zero_with_a_flag() -> None:
    table = np.array([[1.0], [NAN], [3.0]])
    assert fit_standardiser(table).apply(table).tolist() == [[-1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]


def test_columns_that_say_the_same_or_nothing_are_read_once_or_not_at_all() -> None:
    table = np.array([[1.0, 1.0, 7.0, NAN], [2.0, 2.0, 7.0, NAN], [4.0, 4.0, 7.0, NAN]])
    fitted = fit_standardiser(table)
    assert fitted.columns.tolist() == [0]
    assert fitted.flags.tolist() == []


def test_heavy_tail_is_read_linear_within_its_inner_98_hundredths_and_drawn_in() -> None:
    table = np.concatenate([np.arange(1.0, 100.0), [1e6, 1e7]])[:, None]
    fitted = fit_standardiser(table)
    assert fitted.columns.tolist() == [0, 0]
    assert fitted.tail.tolist() == [0.0, 51.0]
    assert (fitted.low[0], fitted.high[0]) == (2.0, 1e6)
    assert np.isinf([fitted.low[1], fitted.high[1]]).all()
    linear = fitted.apply(np.array([[1e6], [1e9]]))[:, 0]
    assert linear[0] == linear[1]


def test_column_without_a_heavy_tail_is_read_once_and_unbounded() -> None:
    fitted = fit_standardiser(np.arange(1.0, 10.0)[:, None])
    assert fitted.columns.tolist() == [0]
    assert fitted.high.tolist() == [np.inf]


def test_heavy_tail_with_nothing_between_its_bounds_is_drawn_in_only() -> None:
    table = np.zeros((1000, 1))
    table[:3, 0] = [1.0, 2.0, 1000.0]
    fitted = fit_standardiser(table)
    assert fitted.tail.tolist() == [2.0]


def test_far_values_are_bounded() -> None:
    fitted = fit_standardiser(np.array([[1.0], [2.0], [3.0], [1e6]]))
    assert np.abs(fitted.apply(np.array([[1e300], [-1e300]]))).max() <= LIMIT


def test_bits_of_a_row_do_not_depend_on_other_rows() -> None:
    draw = np.random.default_rng(0)
    table = np.exp(draw.normal(size=(101, 13)) * 5) * draw.choice([-1, 1, NAN], size=(101, 13))
    fitted = fit_standardiser(table)
    together = fitted.apply(table)
    assert all(np.array_equal(fitted.apply(table[i : i + 1])[0], together[i]) for i in range(len(table)))
