"""Text to typed values: money to the minor unit, times to the second at which they could be known."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.checks import RejectReason
from ingest.values import (
    BirthDate,
    BirthYear,
    Captured,
    Code,
    Decimal,
    Integer,
    Moment,
    Money,
    Parser,
    Text,
    bare_date,
    basic_instant,
    iso_date,
    whole_seconds,
)
from ingest.values import instant as iso_instant

PRAGUE, LAGOS = bare_date("Europe/Prague"), Moment("Africa/Lagos")


def parse(parser: Parser, *texts: str | None) -> pl.DataFrame:
    frame = pl.DataFrame({"raw": texts}, schema={"raw": pl.String})
    first, *others = (value.alias(name) for name, value in parser.columns("v", pl.col("raw")).items())
    return frame.with_columns(first).with_columns(others).drop("raw")


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("30000.0000", 3_000_000),
        ("0.20", 20),
        ("0.2", 20),
        ("7", 700),
        ("-1011.20", -101_120),
        ("-0.05", -5),
        ("90071992547409.93", 9_007_199_254_740_993),  # no float holds this number
        ("0.005", None),
        ("1e3", None),
        ("1,000.00", None),
        ("", None),
        ("12.", None),
        (".5", None),
        ("+5", None),
        ("٣", None),  # a digit, but not of ours
        ("9" * 16, None),
    ],
)
def test_money_is_exact_or_refused(text: str, minor: int | None) -> None:
    assert parse(Money(), text)["v"].to_list() == [minor]


@given(st.integers(-(10**16) + 1, 10**16 - 1))
def test_money_survives_the_way_through_text(minor: int) -> None:
    text = f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}00"

    assert parse(Money(), text)["v"].to_list() == [minor]


def test_negative_amounts_are_refused_unless_the_column_is_signed() -> None:
    assert [check.reason for check in Money().checks("v", 0)] == [RejectReason.NEGATIVE_AMOUNT]
    assert Money(signed=True).checks("v", 0) == ()


def test_integers_outside_their_bounds_are_not_numbers() -> None:
    values = parse(Integer(1, 10), "1", "10", "0", "11", "-3", "2.0", "1e1", "9" * 25)["v"]

    assert values.to_list() == [1, 10, None, None, None, None, None, None]


def test_decimals_have_no_exponent_and_no_infinity() -> None:
    assert parse(Decimal(), "46.7", "-1", "inf", "NaN", "1e5")["v"].to_list() == [46.7, -1.0, None, None, None]


def test_a_code_that_is_not_in_the_table_is_not_guessed() -> None:
    assert parse(Code({"Good": "settled"}), "Good", "good", "Goods", None)["v"].to_list() == ["settled", None, None, None]


def test_an_empty_code_table_knows_no_code() -> None:
    assert parse(Code({}), "A", None)["v"].to_list() == [None, None]


def test_text_that_breaks_its_pattern_is_refused() -> None:
    assert parse(Text(pattern=r"^[0-9]\.[0-9]$"), "3.3", "3.35")["v"].to_list() == ["3.3", None]


def test_birth_year_drops_the_mark_of_sex() -> None:
    years = parse(BirthYear(), "706213", "450204", "110820", "701301", "706313", "450200", "4502041")["v"]

    assert years.to_list() == [1970, 1945, 1911, None, None, None, None]


def test_a_time_is_known_at_that_instant_rounded_up_to_a_second() -> None:
    row = parse(LAGOS, "2017-05-03 09:00:00.500000").row(0, named=True)

    assert row["v_us"] == instant("2017-05-03T08:00:00+00:00") * 1_000_000 + 500_000
    assert row["v_known_s"] == instant("2017-05-03T08:00:01+00:00")


def test_a_time_of_exactly_midnight_is_a_date_known_at_the_next_midnight_of_the_zone() -> None:
    row = parse(LAGOS, "2017-05-03 00:00:00.000000").row(0, named=True)

    assert row["v_us"] == instant("2017-05-02T23:00:00+00:00") * 1_000_000
    assert row["v_known_s"] == instant("2017-05-03T23:00:00+00:00")


def test_a_microsecond_after_midnight_is_a_time() -> None:
    assert parse(LAGOS, "2017-05-03 00:00:00.000001")["v_known_s"].to_list() == [instant("2017-05-02T23:00:01+00:00")]


@pytest.mark.parametrize(
    ("text", "began", "known"),
    [
        ("970103", "1997-01-02T23:00:00+00:00", "1997-01-03T23:00:00+00:00"),
        ("970701", "1997-06-30T22:00:00+00:00", "1997-07-01T22:00:00+00:00"),
        ("970330", "1997-03-29T23:00:00+00:00", "1997-03-30T22:00:00+00:00"),  # the day of 23 hours
        ("971026", "1997-10-25T22:00:00+00:00", "1997-10-26T23:00:00+00:00"),  # the day of 25 hours
    ],
)
def test_bare_dates_follow_the_clock_of_prague(text: str, began: str, known: str) -> None:
    row = parse(PRAGUE, text).row(0, named=True)

    assert (row["v_us"], row["v_known_s"]) == (instant(began) * 1_000_000, instant(known))


def test_an_hour_that_occurs_twice_is_taken_the_second_time() -> None:
    row = parse(Moment("Europe/Prague"), "1997-10-26 02:30:00").row(0, named=True)

    assert row["v_known_s"] == instant("1997-10-26T01:30:00+00:00")


@pytest.mark.parametrize(
    "text",
    [
        "1997-03-30 02:30:00",  # the clock skipped it
        "1997-02-29 10:00:00",
        "1997-13-01 10:00:00",
        "1997-01-01T10:00:00",
        "1997-01-01",
        "1997-01-01 24:00:00",
        "1997-01-01 23:59:60",
        "1969-12-31 10:00:00",  # before the key space begins
        "40:48.0",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    assert parse(Moment("Europe/Prague"), text)["v_us"].to_list() == [None]


@pytest.mark.parametrize("text", ["970230", "971301", "97010", "9701011", "97-1-1"])
def test_what_is_no_bare_date_is_refused(text: str) -> None:
    assert parse(PRAGUE, text)["v_us"].to_list() == [None]


@given(st.datetimes(datetime(1994, 1, 1), datetime(2030, 1, 1)), st.sampled_from(["Africa/Lagos", "Europe/Prague", "UTC"]))
def test_nothing_is_known_before_it_happened(moment: datetime, zone: str) -> None:
    row = parse(Moment(zone), f"{moment:%Y-%m-%d %H:%M:%S.%f}").row(0, named=True)

    assert row["v_us"] is None or row["v_known_s"] * 1_000_000 >= row["v_us"]


def test_an_instant_is_known_at_once_even_at_midnight() -> None:
    row = parse(iso_instant(), "2023-04-05T00:00:00Z").row(0, named=True)

    begin = instant("2023-04-05T00:00:00+00:00")
    assert (row["v_us"], row["v_known_s"]) == (begin * 1_000_000, begin)


def test_the_basic_format_of_an_instant_says_the_same() -> None:
    assert parse(basic_instant(), "20230405T101112Z").row(0) == parse(iso_instant(), "2023-04-05T10:11:12Z").row(0)


def test_a_date_is_known_when_its_day_is_over_where_it_was_written() -> None:
    row = parse(iso_date("Europe/Berlin"), "2023-07-01").row(0, named=True)

    assert row["v_us"] == instant("2023-06-30T22:00:00+00:00") * 1_000_000
    assert row["v_known_s"] == instant("2023-07-01T22:00:00+00:00")


@pytest.mark.parametrize(
    "text", ["2023-04-05T10:11:12", "2023-04-05T10:11:12+02:00", "2023-04-05 10:11:12Z", "2023-02-30T10:11:12Z", "2023-04-05"]
)
def test_an_instant_without_its_zone_or_of_another_shape_is_refused(text: str) -> None:
    assert parse(iso_instant(), text)["v_us"].to_list() == [None]


@pytest.mark.parametrize(("text", "year"), [("1950-12-31", 1950), ("1879-12-31", None), ("1950-02-30", None), ("50-1-1", None)])
def test_the_year_of_birth_needs_a_whole_date(text: str, year: int | None) -> None:
    assert parse(BirthDate(), text).select("v_date", "v_year").row(0) == (text if year else None, year)


def test_an_identifier_within_other_text_is_taken_out() -> None:
    assert parse(Captured("^tel:(.+)$"), "tel:+49156", "+49156", None)["v"].to_list() == ["+49156", None, None]


def test_only_a_promise_may_lie_after_the_delivery() -> None:
    assert [check.reason for check in Moment("UTC").checks("v", 0)] == [RejectReason.AFTER_DELIVERY]
    assert Moment("UTC", promise=True).checks("v", 0) == ()


def test_whole_seconds_round_up() -> None:
    begin = datetime(2017, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))

    assert whole_seconds(begin) == instant("2017-01-01T00:00:00+00:00")
    assert whole_seconds(datetime(2017, 1, 1, 0, 0, 0, 1, tzinfo=UTC)) == instant("2017-01-01T00:00:01+00:00")
