"""Tells lines that need a closer look from the many that do not, without splitting the text into lines.

A line is suspect if it holds a quote or a byte that may belong to a control character or to no text at all.
"""

import re

UTF_8 = "utf-8"
MOST_SUSPECT = 2_000  # lines of one block; beyond, every line is looked at
_PLAIN = bytes({10, *range(32, 127), *range(0xC3, 0xF5), *range(0x80, 0xC0)} - {ord('"'), 0xEF})
_SUSPECT = re.compile(b"[^" + re.escape(_PLAIN) + b"]")


def set_apart(raw: bytes, delimiter: str) -> tuple[bytes, dict[int, bytes]] | None:
    """The lines nothing speaks against, and by its number from 0 each line that needs a closer look.

    Args:
        raw: Whole lines, the last with or without a line feed; CR LF counts as a line feed.
        delimiter: Of the fields; unsuspicious even where it is a control character.

    Returns:
        None where too many lines are suspect, or the bytes are no UTF-8: every line needs a closer look then.
    """
    raw = raw.replace(b"\r\n", b"\n") if b"\r" in raw else raw
    if not raw.translate(None, _PLAIN + delimiter.encode()) and _is_utf_8(raw):
        return raw, {}
    suspect: dict[int, bytes] = {}
    plain, at, number = [], 0, 0
    while found := _SUSPECT.search(raw, at):
        if found.group() == delimiter.encode():
            return None
        begin, end = raw.rfind(b"\n", 0, found.start()) + 1, raw.find(b"\n", found.start()) + 1 or len(raw)
        number += raw.count(b"\n", at, begin)
        plain.append(raw[at:begin])
        suspect[number] = raw[begin:end] if raw[end - 1 : end] == b"\n" else raw[begin:end] + b"\n"
        number, at = number + 1, end
        if len(suspect) > MOST_SUSPECT:
            return None
    rest = b"".join([*plain, raw[at:]])
    return (rest, suspect) if _is_utf_8(rest) else None


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return True
