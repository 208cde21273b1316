import numpy as np
import pytest

from gnn.standardise import LIMIT, fit_standardiser

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


def test_heavy_tail_is_drawn_in_and_far_values_are_bounded() -> None:
    table = np.array([[1.0], [2.0], [3.0], [1e6]])
    fitted = fit_standardiser(table)
    assert fitted.tail.tolist() == [2.5]
    assert np.abs(fitted.apply(np.array([[1e300]]))).max() <= LIMIT


def test_bits_of_a_row_do_not_depend_on_other_rows() -> None:
    draw = np.random.default_rng(0)
    table = np.exp(draw.normal(size=(101, 13)) * 5) * draw.choice([-1, 1, NAN], size=(101, 13))
    fitted = fit_standardiser(table)
    together = fitted.apply(table)
    assert all(np.array_equal(fitted.apply(table[i : i + 1])[0], together[i]) for i in range(len(table)))
