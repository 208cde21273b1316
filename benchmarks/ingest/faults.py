"""Ways in which a row of the simulated economy can be broken, each with the code it must be refused under.

A fault is a change of a record's bytes and touches that record alone. What makes a row true is the sources' matter; here stands
only what makes it wrong.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingest.checks import RejectReason
from ingest.formats.text import LONGEST_LINE_BYTES

Change = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Fault:
    """One way to break a record of one table."""

    name: str
    table: str
    code: RejectReason
    change: Change


def _field(place: int, value: bytes) -> Change:
    """Another value in one field of a delimited line in which nothing is quoted."""

    def change(line: bytes) -> bytes:
        fields = line.removesuffix(b"\n").split(b",")
        return b",".join([*fields[:place], value, *fields[place + 1 :]]) + b"\n"

    return change


def _member(name: str, value: bytes) -> Change:
    """Another value of one member of a JSON object that stands in the line once."""
    pattern = re.compile(rb'"' + name.encode() + rb'":(?:"[^"]*"|[0-9.]+)')
    return lambda line: pattern.sub(lambda _: b'"' + name.encode() + b'":' + value, line, count=1)


def _property(name: bytes, value: bytes) -> Change:
    """Another value of one property of a card."""
    pattern = re.compile(rb"^" + re.escape(name) + rb"[^\r\n]*", re.MULTILINE)
    return lambda card: pattern.sub(lambda _: value, card, count=1)


def _element(before: bytes, after: bytes) -> Change:
    """Another text in the first entry of a statement; the balances behind it stay as they are."""
    pattern = re.compile(re.escape(before) + rb"[^<]*")
    return lambda statement: pattern.sub(lambda _: before + after, statement, count=1)


FAULTS = (
    Fault("cut off", "bills", RejectReason.TRUNCATED_ROW, lambda line: line.rsplit(b",", 2)[0] + b"\n"),
    Fault("one field more", "calls", RejectReason.SURPLUS_FIELD, lambda line: line.removesuffix(b"\n") + b",more\n"),
    Fault("quote not closed", "visits", RejectReason.BROKEN_QUOTES, lambda line: b'"' + line),
    Fault("byte of another encoding", "addresses", RejectReason.BAD_ENCODING, lambda line: b"\xfc" + line),
    Fault("cut within a character", "customers", RejectReason.BAD_ENCODING, lambda line: b"\xc3" + line),
    Fault("NUL", "documents", RejectReason.CONTROL_CHARACTER, lambda line: b"\x00" + line),
    Fault("bell", "consents", RejectReason.CONTROL_CHARACTER, lambda line: b"\x07" + line),
    Fault("C1 control", "trips", RejectReason.CONTROL_CHARACTER, lambda line: "\x85".encode() + line),
    Fault("too long", "invoices", RejectReason.LINE_TOO_LONG, lambda line: b"x" * LONGEST_LINE_BYTES + line),
    Fault("no number", "consents", RejectReason.MISSING_VALUE, _field(0, b"")),
    Fault("blank customer", "loan_tape", RejectReason.MISSING_VALUE, _field(2, b"  ")),
    Fault("no such day", "bills", RejectReason.BAD_DATE, _field(4, b"2024-02-30")),
    Fault("day first", "addresses", RejectReason.BAD_DATE, _field(6, b"24.12.2024")),
    Fault("no such hour", "calls", RejectReason.BAD_DATE, _field(3, b"2024-01-01T25:00:00Z")),
    Fault("born too early", "customers", RejectReason.BAD_DATE, _field(3, b"1799-01-01")),
    Fault("comma in an amount", "bills", RejectReason.SURPLUS_FIELD, _field(6, b"12,50")),
    Fault("amount in words", "bills", RejectReason.BAD_NUMBER, _field(6, b"twelve")),
    Fault("amount with an exponent", "statements", RejectReason.BAD_NUMBER, _field(4, b"1e3")),
    Fault("amount beyond all money", "applications", RejectReason.BAD_NUMBER, _field(5, b"9" * 40)),
    Fault("thousandth of a cent", "invoices", RejectReason.BAD_NUMBER, _field(5, b"1.00001")),
    Fault("telephone number in words", "calls", RejectReason.BAD_NUMBER, _field(1, b"none")),
    Fault("a million minutes", "visits", RejectReason.BAD_NUMBER, _field(6, b"1000000")),
    Fault("below zero", "invoices", RejectReason.NEGATIVE_AMOUNT, _field(5, b"-12.50")),
    Fault("unknown kind", "bills", RejectReason.UNKNOWN_CODE, _field(2, b"gas")),
    Fault("unknown event", "loan_tape", RejectReason.UNKNOWN_CODE, _field(3, b"sold")),
    Fault("currency in lower case", "statements", RejectReason.UNKNOWN_CODE, _field(5, b"eur")),
    Fault("recorded after delivery", "documents", RejectReason.AFTER_DELIVERY, _field(5, b"2031-01-01T00:00:00Z")),
    Fault("recorded before it happened", "calls", RejectReason.OUT_OF_ORDER, _field(5, b"2001-01-01T00:00:00Z")),
    Fault("due before it was issued", "bills", RejectReason.OUT_OF_ORDER, _field(5, b"2001-01-01")),
    Fault("object cut off", "orders", RejectReason.BROKEN_RECORD, lambda line: line[: len(line) // 2] + b"\n"),
    Fault("a list", "orders", RejectReason.BROKEN_RECORD, lambda line: b"[1, 2]\n"),
    Fault("an empty line", "logins", RejectReason.BROKEN_RECORD, lambda line: b"\n"),
    Fault("nested too deep", "orders", RejectReason.BROKEN_RECORD, lambda line: b'{"price":' * 60 + b"1" + b"}" * 60 + b"\n"),
    Fault("no customer", "logins", RejectReason.MISSING_VALUE, _member("customer_id", b"null")),
    Fault("price in words", "orders", RejectReason.BAD_NUMBER, _member("price", b'"dear"')),
    Fault("price below zero", "orders", RejectReason.NEGATIVE_AMOUNT, _member("price", b'"-1.00"')),
    Fault("unknown status", "orders", RejectReason.UNKNOWN_CODE, _member("orderStatus", b'"https://schema.org/OrderLost"')),
    Fault("escaped NUL", "orders", RejectReason.CONTROL_CHARACTER, _member("orderNumber", b'"ORD\\u0000-1"')),
    Fault("bytes in an object", "orders", RejectReason.BAD_ENCODING, lambda line: line.replace(b'":', b'\xff":', 1)),
    Fault("date without a zone", "logins", RejectReason.BAD_DATE, _member("at", b'"2024-01-01T00:00:00"')),
    Fault("no end", "contacts", RejectReason.BROKEN_RECORD, lambda card: card.replace(b"END:VCARD", b"ENDE", 1)),
    Fault("line without a colon", "contacts", RejectReason.BROKEN_RECORD, lambda card: card.replace(b"REV:", b"REV ", 1)),
    Fault("no telephone number", "contacts", RejectReason.MISSING_VALUE, _property(b"TEL", b"TEL;VALUE=uri:")),
    Fault("an address for a number", "contacts", RejectReason.BAD_NUMBER, _property(b"TEL", b"TEL;VALUE=uri:mailto:a@b")),
    Fault("unreadable date", "contacts", RejectReason.BAD_DATE, _property(b"REV", b"REV:yesterday")),
    Fault("bytes in a card", "contacts", RejectReason.BAD_ENCODING, _property(b"FN", b"FN:\xff\xfe")),
    Fault("entry without a day", "statements_xml", RejectReason.MISSING_VALUE, _element(b"<BookgDt><DtTm>", b"")),
    Fault("entry of no day", "statements_xml", RejectReason.BAD_DATE, _element(b"<BookgDt><DtTm>", b"2024-13-01T00:00:00Z")),
    Fault("entry with a strange purpose", "statements_xml", RejectReason.UNKNOWN_CODE, _element(b"<Purp><Cd>", b"&lt;b&gt;")),
)

BY_TABLE: Mapping[str, tuple[Fault, ...]] = {
    table: tuple(fault for fault in FAULTS if fault.table == table) for table in dict.fromkeys(fault.table for fault in FAULTS)
}
