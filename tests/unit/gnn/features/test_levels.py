"""What was usual lately: read from months before alone, and taken off so that growth over time says nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.features.levels import latest_before, latest_level, months_of, usual_levels


def seconds(*months: str) -> np.ndarray:
    return np.array([f"{month}-15" for month in months], "datetime64[s]").astype(np.int64)


def test_level_is_the_mean_over_the_three_months_before():
    when = seconds("2024-01", "2024-02", "2024-03", "2024-04", "2024-05")
    table = np.array([[1], [2], [6], [10], [0]], np.float32)
    assert usual_levels(table, when)[:, 0].tolist() == [1, 1, 1.5, 3, 6]
    assert latest_level(table, when).tolist() == pytest.approx([16 / 3])


def test_months_without_anyone_are_looked_past():
    when = seconds("2024-01", "2024-09", "2024-10")
    assert usual_levels(np.array([[4], [8], [1]], np.float32), when)[:, 0].tolist() == [4, 4, 8]


def test_a_column_that_only_grows_says_nothing_once_its_level_is_taken_off():
    when = seconds(*(f"{2023 + month // 12}-{month % 12 + 1:02d}" for month in range(24)))
    grown = np.arange(24, dtype=np.float32)[:, None]
    assert np.unique(np.round(grown - usual_levels(grown, when), 5)[3:]).tolist() == [2.0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.floats(-5, 5, width=32)), min_size=1, max_size=30), st.integers(0, 20))
def test_no_later_month_changes_a_level(rows, cut):
    month = np.array([at for at, _ in rows])
    when = (np.datetime64("2022-01", "M") + month).astype("datetime64[s]").astype(np.int64)
    table = np.array([[value] for _, value in rows], np.float32)
    early = months_of(when) <= months_of(when).min() + cut
    assert np.array_equal(usual_levels(table, when)[early], usual_levels(table[early], when[early]))


def test_the_latest_months_are_as_many_as_say_enough():
    month = np.repeat([1, 5, 6, 7, 8], [40, 600, 600, 600, 1200])
    assert np.unique(month[latest_before(month, 9)]).tolist() == [8]
    assert np.unique(month[latest_before(month, 8)]).tolist() == [6, 7]
    assert np.unique(month[latest_before(month, 6)]).tolist() == [5]
    assert np.unique(month[latest_before(month, 5)]).tolist() == [1]
    assert latest_before(month, 1).tolist() == []
    few = np.arange(10)
    assert few[latest_before(few, 9)].tolist() == [6, 7, 8]
