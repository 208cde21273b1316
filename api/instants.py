"""Times as clients write them and as the graph counts them.

Decides what a time may look like: RFC 3339, with a zone, from 1970 on. Knows no request and no command.
"""

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:[0-5]\d)", re.ASCII)


def read_instant(value: object) -> datetime:
    """An RFC 3339 time with its zone, as UTC; a time already read passes.

    Raises:
        ValueError: it has no zone, is no such text, is not of the calendar, or lies before 1970.
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if not isinstance(value, str) or not _RFC3339.fullmatch(value.upper()):
        raise ValueError("must be an RFC 3339 time with a zone, such as 2017-07-05T17:04:41Z")
    try:
        instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise ValueError("is not a time of the calendar; send one such as 2017-07-05T17:04:41Z") from exc
    if instant < EPOCH:
        raise ValueError("lies before 1970, earlier than this system can hold")
    return instant


def whole_seconds_up(instant: datetime) -> int:
    """UTC seconds since 1970, rounded up: the rule of `known_at_s`, and what `known_at < as_of` needs of `as_of`."""
    return -((EPOCH - instant) // timedelta(seconds=1))


def whole_microseconds(instant: datetime) -> int:
    """UTC microseconds since 1970, exactly."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def from_seconds(seconds: int) -> datetime:
    """UTC time of a count of seconds since 1970."""
    return EPOCH + timedelta(seconds=seconds)


def from_microseconds(microseconds: int) -> datetime:
    """UTC time of a count of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=microseconds)
