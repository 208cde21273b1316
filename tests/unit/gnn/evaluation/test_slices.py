"""Who belongs to which part is known by hand, a part is measured alone, and months are held against a reference."""

import numpy as np
import pytest

from gnn.evaluation.metrics import auc, calibration_slope, expected_calibration_error
from gnn.evaluation.slices import (
    EXCESS_BOUND,
    MONTH_S,
    SLICE_MEASURES,
    MonthError,
    Slice,
    files,
    lenders,
    measure_slices,
    monthly_calibration,
    months,
    months_on_book,
    ranges_of,
)

JANUARY, FEBRUARY = 1_672_531_200, 1_675_209_600  # first seconds in UTC of two months of 2023


def _members(slices: list[Slice]) -> dict[str, list[int]]:
    return {one.part: np.flatnonzero(one.members).tolist() for one in slices}


def test_months_on_book_are_none_for_a_first_loan():
    since = np.array([0, 1, 6 * MONTH_S - 1, 6 * MONTH_S, 12 * MONTH_S, 24 * MONTH_S, -5])
    expected = {"first loan": [0, 6], "under 6": [1, 2], "6 to 11": [3], "12 to 23": [4], "24 and more": [5]}
    assert _members(months_on_book(since)) == expected


def test_bounds_belong_to_the_range_above():
    assert _members(ranges_of("facts", (10, 30), np.array([9, 10, 29, 30]))) == {
        "under 10": [0],
        "10 to 29": [1, 2],
        "30 and more": [3],
    }


def test_lenders_files_and_months_are_apart():
    assert _members(lenders(np.array(["b", "a", "b"]))) == {"a": [1], "b": [0, 2]}
    assert _members(files(np.array([True, False]))) == {"thick": [1], "thin": [0]}
    assert _members(months(np.array([JANUARY, FEBRUARY - 1, FEBRUARY]))) == {"2023-01": [0, 1], "2023-02": [2]}


def test_part_is_measured_on_its_own_loans_of_those_judged():
    label = np.array([0, 1, 0, 1, 1], np.int8)
    part = Slice("file", "thin", np.array([True, True, True, False, False]))
    (row,) = measure_slices([part], label, {"ours": np.array([0.0, 5.0, 1.0, 9.0])}, np.array([1, 2, 3, 4]), {"auc": auc})
    assert (row.examples, row.bad) == (2, 1)
    assert row.measures == {"ours": {"auc": 0.0}}


def test_part_without_a_judged_loan_is_left_out_and_one_outcome_says_nothing():
    label = np.array([0, 0, 1], np.int8)
    parts = [
        Slice("a", name, np.array(members)) for name, members in (("x", [True, False, False]), ("y", [False, True, False]))
    ]
    rows = measure_slices(parts, label, {"ours": np.array([1.0, 2.0])}, np.array([1, 2]))
    assert [row.part for row in rows] == ["y"]
    assert np.isnan(rows[0].measures["ours"]["auc"])
    assert np.isnan(rows[0].measures["ours"]["slope"])


def test_every_part_has_its_calibration_slope():
    label = np.array([0, 1, 0, 1], np.int8)
    scores = np.array([0.0, 1.0, 2.0, 3.0])
    (row,) = measure_slices(files(np.zeros(4, np.bool_)), label, {"ours": scores}, np.arange(4))
    assert set(row.measures["ours"]) == set(SLICE_MEASURES)
    assert row.measures["ours"]["slope"] == calibration_slope(label, scores)


def test_month_is_held_against_the_reference_on_the_same_loans():
    # January: true chances of a half each, one of two went bad; the model says 0.9 and is 0.4 off. February is alike for both.
    label = np.array([0, 1, 1], np.int8)
    as_of = np.array([JANUARY, JANUARY + 1, FEBRUARY])
    high = np.log(9.0)
    found = monthly_calibration(label, np.array([high, high, high]), np.array([0.0, 0.0, high]), as_of, bins=1)
    assert [(one.month, one.examples, one.bad) for one in found] == [("2023-01", 2, 1), ("2023-02", 1, 1)]
    assert found[0].error == pytest.approx(0.4)
    assert found[0].reference == pytest.approx(0.0)
    assert [one.keeps_bound for one in found] == [False, True]


def test_month_is_measured_in_ten_bins_of_equal_count():
    generator = np.random.default_rng(0)
    label, ours, true = (generator.random(100) < 0.2).astype(np.int8), generator.normal(size=100), generator.normal(size=100)
    (one,) = monthly_calibration(label, ours, true, np.full(100, JANUARY))
    assert one.error == expected_calibration_error(label, ours, 10)
    assert one.excess == pytest.approx(one.error - expected_calibration_error(label, true, 10))


@pytest.mark.parametrize(("error", "keeps"), [(0.03 + EXCESS_BOUND, True), (0.0411, False), (0.01, True)])
def test_exactly_the_bound_keeps_it(error: float, keeps: bool):
    assert MonthError("2023-01", 1, 0, error, 0.03).keeps_bound is keeps
