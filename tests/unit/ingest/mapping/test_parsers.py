from datetime import UTC, datetime

import polars as pl
import pytest

from ingest.mapping.parsers import MarkedDecimal, MarkedInteger, MarkedMoney, NumberMarks, OffsetInstant, Tidied, UnixTime
from ingest.values import Parser

GERMAN = NumberMarks(",", ".")


def parse(parser: Parser, text: str) -> object:
    first = next(iter(parser.columns("x", pl.col("raw")).values()))
    return pl.DataFrame({"raw": [text]}).select(first).item()


def us(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1_000_000)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("parser", "text", "value"),
    [
        (MarkedMoney(), "12.5", 1250),
        (MarkedMoney(), "+12.5", 1250),
        (MarkedMoney(), "12,5", None),
        (MarkedMoney(marks=GERMAN), "1.234,56", 123456),
        (MarkedMoney(marks=GERMAN), "1234,56", 123456),
        (MarkedMoney(marks=GERMAN), "1.23,4", None),
        (MarkedMoney(marks=NumberMarks(",")), "1.234", None),
        (MarkedMoney(marks=NumberMarks(",", " ")), "1\u00a0234,5", 123450),
        (MarkedMoney(marks=NumberMarks(",", " ")), "1 23,5", None),
        (MarkedMoney(signed=True), "-0.01", -1),
        (MarkedMoney(signed=True), "+-1", None),
        (MarkedMoney(), "0.001", None),
        (MarkedMoney(), "0.010", 1),
        (MarkedMoney(cut=True), "0.0199", 1),
        (MarkedMoney(power=4), "1080.0", 1_080_000_000),
        (MarkedMoney(power=4), "0.123456", 123_456),
        (MarkedMoney(power=4), "0.1234567", None),
        (MarkedMoney(power=4, cut=True), "0.1234567", 123_456),
        (MarkedMoney(), "", None),
        (MarkedMoney(), "1e5", None),
        (MarkedMoney(), "=1+1", None),
        (MarkedInteger(0, 10), "7", 7),
        (MarkedInteger(0, 10), "7.0", 7),
        (MarkedInteger(0, 10), "7.5", None),
        (MarkedInteger(0, 10), "11", None),
        (MarkedInteger(0, 10_000, NumberMarks(".", ",")), "1,234", 1234),
        (MarkedDecimal(GERMAN), "1.000,25", 1000.25),
        (UnixTime(), "1289241911.72836", 1289241911_728360),
        (UnixTime(), "1289241911", 1289241911_000000),
        (UnixTime(digits=3), "1289241911728", 1289241911_728000),
        (UnixTime(), "-1", None),
        (OffsetInstant(), "2024-03-31T02:30:00Z", us(2024, 3, 31, 2, 30)),
        (OffsetInstant(), "2024-03-31T02:30:00.5+02:00", us(2024, 3, 31, 0, 30) + 500_000),
        (OffsetInstant(), "2024-03-31 02:30:00+0200", us(2024, 3, 31, 0, 30)),
        (OffsetInstant(), "2024-03-31T02:30:00", None),
        (OffsetInstant(), "2024-02-30T02:30:00Z", None),
        (Tidied("phone"), "+49 (30) 123-456", "+4930123456"),
        (Tidied("phone"), "0049 30 123456", "+4930123456"),
        (Tidied("phone", "49"), "030 123456", "+4930123456"),
        (Tidied("phone"), "030 123456", None),
        (Tidied("email"), "Ada@Example.ORG", "ada@example.org"),
        (Tidied("email"), "ada at example", None),
        (Tidied("iban"), "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        (Tidied("address"), "Hauptstr. 1,  Berlin", "hauptstr. 1 berlin"),
    ],
)
def test_a_text_is_understood_exactly_or_not_at_all(parser: Parser, text: str, value: object) -> None:
    assert parse(parser, text) == value


def test_an_instant_is_known_at_the_next_whole_second() -> None:
    columns = UnixTime().columns("x", pl.col("raw"))
    row = pl.DataFrame({"raw": ["1289241911.000001"]}).select(**columns).row(0, named=True)
    assert row["x_known_s"] == 1289241912
