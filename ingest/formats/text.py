"""The bytes of a file as lines in the declared encoding, and whether the names found in it are the declared ones.

A line that cannot be decoded, or is longer than any row can be, is one fault of one line: the lines around it are read. Files
compressed with gzip are read as they stream, and refused where they unpack to far more than any text would.
"""

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import polars as pl

from ingest.checks import RejectReason
from ingest.errors import SourceEncodingWrong, SourceExpandsTooFar, SourceLayoutChanged, SourceMalformed, SourceUnreadable

CONTROL = r"[\x00-\x1f\x7f-\x9f]"
"""Characters no value may hold: stores use some of them as separators."""

GZIP_SUFFIX = ".gz"
BLOCK_BYTES = 8 * 1024 * 1024
HEAD_BYTES = 256 * 1024  # of a file that speak for it as a whole, however it is cut into blocks
WHOLE = 1 << 62
LONGEST_LINE_BYTES = 1024 * 1024
MOST_EXPANSION = 200  # text shrinks to a fifth, rarely to a fiftieth
SMALL_BYTES = 64 * 1024 * 1024  # what a file may unpack to however small it is
FEW_LINES = 10  # too few to tell a file in another encoding from a few lines at fault
MOSTLY = 0.5
KEPT_CHARACTERS = 200  # of a line too long to be a row
_BOM = "\ufeff"
_FEED = re.compile(rb"\n")
LINES_SCHEMA = {"row": pl.Int64(), "line": pl.String(), "fault": pl.String()}
"""`row` is the line's number, `fault` a `RejectReason` where the line cannot be read: `line` then is what can be told of it."""


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file's content, unpacked where its name ends in `.gz`.

    Raises:
        SourceUnreadable: the system does not let it be read.
        SourceMalformed: it is no gzip file, or breaks off.
    """
    try:
        with path.open("rb") as file:
            yield cast(IO[bytes], gzip.GzipFile(fileobj=file)) if path.suffix == GZIP_SUFFIX else file
    except (gzip.BadGzipFile, EOFError, zlib.error) as exc:
        raise SourceMalformed(path, line=1, expected="gzip") from exc
    except OSError as exc:
        raise SourceUnreadable(path, exc.strerror or type(exc).__name__) from exc


class Bounded:
    """A file's content as it streams, given up where a compressed one unpacks to more than any text would.

    Raises:
        SourceExpandsTooFar: on reading.
    """

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file, self._path, self._read = file, path, 0
        self._most = max(SMALL_BYTES, path.stat().st_size * MOST_EXPANSION) if path.suffix == GZIP_SUFFIX else None

    def read(self, size: int = BLOCK_BYTES) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        block = self._file.read(size)
        self._read += len(block)
        if self._most is not None and self._read > self._most:
            raise SourceExpandsTooFar(self._path, self._most)
        return block


def read_blocks(path: Path, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The file in blocks of whole lines; of a line too long to be a row only the beginning is kept.

    Raises:
        SourceUnreadable, SourceMalformed: as `opened`.
        SourceExpandsTooFar: it unpacks to more than any text would.
    """
    rest, skipping = b"", False
    with opened(path) as file:
        content = Bounded(file, path)
        while block := content.read(min(block_bytes, BLOCK_BYTES)):
            if skipping:
                _, feed, block = block.partition(b"\n")
                if not feed:
                    continue
                rest, skipping = rest + feed, False
            rest += block
            whole, feed, last = rest.rpartition(b"\n")
            if len(last) > LONGEST_LINE_BYTES:
                last, skipping = last[: LONGEST_LINE_BYTES + 1], True
            if feed and block_bytes <= BLOCK_BYTES:
                yield whole + feed
                rest = last
            else:
                rest = whole + feed + last
    if rest:
        yield rest


def head_of(raw: bytes, ends: re.Pattern[bytes] = _FEED) -> bytes:
    """What of a file's first block speaks for the file: the same bytes, however long the block is.

    Args:
        raw: The block.
        ends: Matches the end of a record.

    Returns:
        The records that end within `HEAD_BYTES`; the first where none does.
    """
    within = [found.end() for found in ends.finditer(raw, 0, HEAD_BYTES)]
    if within:
        return raw[: within[-1]]
    first = ends.search(raw)
    return raw[: first.end()] if first else raw


def check_encoding(head: bytes, encoding: str, path: Path) -> None:
    """Refuse a file of whose head most lines are in another encoding.

    Raises:
        SourceEncodingWrong: they are.
    """
    try:
        head.decode(encoding)
    except UnicodeDecodeError as exc:
        _, faults = _decode_singly(head, encoding)
        wrong = sum(fault is not None for fault in faults)
        if len(faults) >= FEW_LINES and wrong > MOSTLY * len(faults):
            raise SourceEncodingWrong(path, offset=exc.start, expected=encoding) from exc


def read_lines(raw: bytes, encoding: str, first_row: int) -> pl.DataFrame:
    """The lines of one block as `LINES_SCHEMA`, without line feeds and byte-order mark.

    Args:
        raw: The block.
        encoding: The declared one.
        first_row: Number of its first line.
    """
    try:
        texts, faults = _split(raw.decode(encoding)), None
    except UnicodeDecodeError:
        texts, faults = _decode_singly(raw, encoding)
    frame = pl.DataFrame({"line": pl.Series(texts, dtype=pl.String).str.strip_suffix("\r")}).with_row_index("row", first_row)
    known = pl.Series("fault", faults, dtype=pl.String) if faults else pl.lit(None, pl.String).alias("fault")
    too_long = pl.col("line").str.len_bytes() > LONGEST_LINE_BYTES
    return frame.with_columns(known).select(
        pl.col("row").cast(pl.Int64),
        pl.when(too_long).then(pl.col("line").str.slice(0, KEPT_CHARACTERS)).otherwise("line").alias("line"),
        pl.when(too_long).then(pl.lit(RejectReason.LINE_TOO_LONG.value)).otherwise("fault").alias("fault"),
    )


def check_header(header: bytes, encoding: str, path: Path) -> None:
    """Refuse a file whose header is in another encoding.

    Raises:
        SourceEncodingWrong: its bytes are not allowed, or as `check_width`.
    """
    try:
        header.decode(encoding)
    except UnicodeDecodeError as exc:
        raise SourceEncodingWrong(path, offset=exc.start, expected=encoding) from exc
    check_width(header, encoding, path)


def check_width(raw: bytes, encoding: str, path: Path) -> None:
    """Refuse a file whose first line is sixteen-bit text, though its bytes may happen to be allowed.

    Raises:
        SourceEncodingWrong: more than every third byte is zero.
    """
    first, _, _ = raw.partition(b"\n")
    if first.count(0) * 3 > len(first):
        raise SourceEncodingWrong(path, offset=first.index(0), expected=encoding)


def check_head(raw: bytes, first_row: int, encoding: str, path: Path, ends: re.Pattern[bytes] = _FEED) -> pl.DataFrame:
    """The lines of the head of a file's first block, once it is known to be in the declared encoding.

    Args:
        raw: The block.
        first_row: Number of its first line.
        encoding: The declared one.
        path: The file, for messages.
        ends: Matches the end of a record.

    Raises:
        SourceEncodingWrong: the file is in another encoding.
    """
    check_width(raw, encoding, path)
    head = head_of(raw, ends)
    check_encoding(head, encoding, path)
    return read_lines(head, encoding, first_row)


def _split(text: str) -> list[str]:
    return text.removeprefix(_BOM).removesuffix("\n").split("\n")


def _decode_singly(raw: bytes, encoding: str) -> tuple[list[str], list[str | None]]:
    texts, faults = [], list[str | None]()
    for line in raw.removesuffix(b"\n").split(b"\n"):
        try:
            texts.append(line.decode(encoding).removeprefix(_BOM))
            faults.append(None)
        except UnicodeDecodeError:
            texts.append(line.decode("latin-1"))
            faults.append(RejectReason.BAD_ENCODING.value)
    return texts, faults


def number_blocks(blocks: Iterable[bytes], first_row: int) -> Iterator[tuple[int, bytes]]:
    """Each block with the number of its first line."""
    row = first_row
    for block in blocks:
        yield row, block
        row += block.count(b"\n")


def check_names(path: Path, *, required: Iterable[str], declared: Iterable[str], found: Iterable[str]) -> None:
    """Refuse a file that lacks a required name or has one nobody declared.

    Raises:
        SourceLayoutChanged: with the names at fault.
    """
    names = list(found)
    missing = [name for name in required if name not in set(names)]
    unknown = [name for name in names if name not in set(declared)]
    if missing or unknown:
        raise SourceLayoutChanged(path, missing=missing, unknown=unknown, repeated=())
