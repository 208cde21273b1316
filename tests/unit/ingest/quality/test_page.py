"""The page and its drawings: nothing left out, nothing from outside, nothing that a file said taken for HTML."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from ingest.quality.charts import bin_days, line_chart, nice_ceiling, short, volume_chart
from ingest.quality.history import SourceDelivery, TableDelivery
from ingest.quality.page import POLICY, build_page
from ingest.quality.sections import share
from ingest.quality.summary import SourceQuality

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
BEGIN = date(2022, 1, 1)
EVIL = '<script src="https://evil.example/x.js">alert(1)</script>'


def delivery(day: int, *tables: TableDelivery, source: str = "telecom") -> SourceDelivery:
    at = datetime(2024, 2, day, tzinfo=UTC)
    return SourceDelivery(source, f"run {day}", at, at, 1.0, {table.table: table for table in tables})


def table(name: str = "calls", **rejected: int) -> TableDelivery:
    days = {BEGIN + timedelta(days=i): 5 for i in range(100)}
    return TableDelivery(name, 1, 500, rejected, {"phone": 50}, days, 500)


def test_every_figure_is_on_the_page() -> None:
    held = {("calls", "bad_date"): 7, ("undeclared", "unreadable_file"): 1}
    page = build_page([SourceQuality("telecom", [delivery(1, table()), delivery(2, table(bad_date=8))], held)], NOW)

    for part in (
        "1,000",
        "Facts by the day",
        "Refused rows",
        "bad_date",
        "unreadable_file",
        "Empty values",
        "10.00 %",
        "Drift",
    ):
        assert part in page, part


def test_the_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    page = build_page([SourceQuality("telecom", [delivery(1, table())], {})], NOW)

    assert re.findall(r"https?://|url\(|@import|<script|<link| on\w+=", page) == []
    assert POLICY in page
    assert "prefers-color-scheme: dark" in page


def test_names_that_are_html_are_text_on_the_page() -> None:
    evil = TableDelivery(EVIL, 1, 9, {EVIL: 1}, {EVIL: 3}, {BEGIN: 1}, 1)
    deliveries = [delivery(1, evil, source=EVIL), delivery(2, evil, source=EVIL)]
    page = build_page([SourceQuality(EVIL, deliveries, {(EVIL, EVIL): 1})], NOW)

    assert "<script" not in page
    assert "&lt;script" in page


@pytest.mark.parametrize("sources", [[], [SourceQuality("bank", [], {("t", "unreadable_file"): 1})]], ids=["none", "refused"])
def test_a_page_of_little_is_a_page(sources: list[SourceQuality]) -> None:
    assert "</html>" in build_page(sources, NOW)


@pytest.mark.parametrize(("days", "bars"), [(1, 1), (150, 150), (700, 101), (3000, 99)])
def test_bars_cover_every_day_once_and_stay_few(days: int, bars: int) -> None:
    counts = {BEGIN + timedelta(days=i): 1 for i in range(days)}
    bins = bin_days(counts, BEGIN, BEGIN + timedelta(days=days - 1))

    assert sum(each.count for each in bins) == days
    assert len(bins) == bars
    assert all(one.last + timedelta(days=1) == other.first for one, other in pairwise(bins))


def test_drawings_are_well_formed_whatever_they_show() -> None:
    bins = bin_days({BEGIN: 3}, BEGIN, BEGIN)
    for drawing in (
        volume_chart([], EVIL),
        volume_chart(bins, EVIL),
        line_chart([], "a", ""),
        line_chart([(EVIL, 0.2)], "a", "%"),
    ):
        ElementTree.fromstring(drawing)


@pytest.mark.parametrize(("value", "ceiling"), [(0, 1), (0.3, 0.5), (1, 1), (7, 10), (1001, 2000), (4999, 5000)])
def test_scales_end_at_round_numbers(value: float, ceiling: float) -> None:
    assert nice_ceiling(value) == pytest.approx(ceiling)


def test_numbers_are_short_on_axes_and_a_little_is_never_nothing() -> None:
    assert [short(value) for value in (0, 0.5, 20_000, 1_500_000)] == ["0", "0.5", "20k", "1.5M"]
    assert [share(value) for value in (0, 0.00001, 0.0123)] == ["0 %", "< 0.01 %", "1.23 %"]
