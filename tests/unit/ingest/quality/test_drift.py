"""Drift against numbers worked out by hand, and what chance alone does not make a drift."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ingest.quality.drift import Drift, Verdict, compare, psi
from ingest.quality.history import TableDelivery

MONDAY = date(2024, 1, 1)


def table(read: int = 1000, **changes: object) -> TableDelivery:
    days = {MONDAY + timedelta(days=i): read // 7 for i in range(7)}
    return replace(TableDelivery("calls", 1, read, {}, {}, days, read), **changes)  # type: ignore[arg-type]


def test_the_index_of_two_shares_is_the_one_worked_out_by_hand() -> None:
    found = psi({"a": 400, "b": 600}, {"a": 500, "b": 500})

    p, q = 400.5 / 1001, 500.5 / 1001
    by_hand = (p - q) * math.log(p / q) + ((1 - p) - (1 - q)) * math.log((1 - p) / (1 - q))
    assert found == pytest.approx(by_hand - 2 / 1000)


@pytest.mark.parametrize("counts", [{}, {"a": 1000}, {"a": 3, "b": 9}], ids=["nothing", "one class", "too few"])
def test_what_says_nothing_of_shares_has_no_drift(counts: Mapping[str, int]) -> None:
    assert psi(counts, {"a": 500, "b": 500} if len(counts) != 1 else {"a": 500}) == 0


def test_a_class_that_was_never_seen_is_a_finite_drift() -> None:
    assert 0.25 < psi({"a": 500, "b": 500}, {"a": 1000}) < 20


def test_the_first_delivery_is_held_against_nothing() -> None:
    assert compare(table(), []).verdict is Verdict.FIRST


def test_the_same_again_is_stable() -> None:
    drift = compare(table(), [table(), table()])

    assert (drift.score, drift.volume, drift.verdict) == (0, 0, Verdict.STABLE)


def test_a_delivery_of_one_weekday_drifts() -> None:
    drift = compare(table(days={MONDAY: 1000}), [table()])

    assert drift.weekdays > 0.25
    assert drift.verdict is Verdict.DRIFTED


def test_refused_rows_drift_by_their_code() -> None:
    before = table(rejected={"bad_date": 300})

    assert compare(table(rejected={"bad_date": 300}), [before]).rejections == 0
    assert compare(table(rejected={"bad_number": 300}), [before]).rejections > 0.25


def test_the_column_that_went_empty_is_named() -> None:
    drift = compare(table(nulls={"phone": 10, "email": 900}), [table(nulls={"phone": 10, "email": 20})])

    assert drift.column == "email"
    assert drift.nulls > 0.25


@pytest.mark.parametrize(("rows", "verdict"), [(1500, "stable"), (2500, "moved"), (400, "moved"), (100, "drifted")])
def test_many_more_or_fewer_rows_than_usual_are_a_drift(rows: int, verdict: str) -> None:
    found = Drift("calls", volume=math.log(rows / 1000))

    assert found.verdict == verdict


def test_the_usual_volume_is_the_median_so_that_one_odd_delivery_does_not_set_it() -> None:
    drift = compare(table(), [table(), table(), table(read=70)])

    assert drift.volume == 0
