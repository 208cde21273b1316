"""The bytes of a file as text in the declared encoding, and whether the names found in it are the declared ones."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.errors import SourceEncodingWrong, SourceLayoutChanged, SourceUnreadable

CONTROL = r"[\x00-\x1f\x7f-\x9f]"
"""Characters no value may hold: stores use some of them as separators."""

BLOCK_BYTES = 16 * 1024 * 1024
_BOM = "\ufeff"


def read_bytes(path: Path) -> bytes:
    """The whole file.

    Raises:
        SourceUnreadable: the system does not let it be read.
    """
    try:
        return path.read_bytes()
    except OSError as exc:
        raise SourceUnreadable(path, exc.strerror or type(exc).__name__) from exc


def read_blocks(path: Path, encoding: str) -> Iterator[str]:
    """The file as text in blocks of whole lines, without a byte-order mark, so that no more than a block is held at once.

    Args:
        path: The file.
        encoding: One in which a line feed is the byte 10 and nothing else is.

    Raises:
        SourceUnreadable: the system does not let it be read.
        SourceEncodingWrong: bytes that the declared encoding does not allow.
    """
    offset = 0
    for raw in _raw_blocks(path):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as exc:
            raise SourceEncodingWrong(path, offset=offset + exc.start, expected=encoding) from exc
        if not offset:
            text = text.removeprefix(_BOM)
            first, _, _ = text.partition("\n")
            if "\x00" in first:  # sixteen-bit text whose bytes happen to be valid
                raise SourceEncodingWrong(path, offset=first.index("\x00"), expected=encoding)
        offset += len(raw)
        yield text


def split_lines(block: str) -> list[str]:
    """The lines of a block of `read_blocks`, without their line feeds."""
    return block.removesuffix("\n").split("\n") if block else []


def _raw_blocks(path: Path) -> Iterator[bytes]:
    rest = b""
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                whole, feed, rest = (rest + block).rpartition(b"\n")
                if feed:
                    yield whole + feed
    except OSError as exc:
        raise SourceUnreadable(path, exc.strerror or type(exc).__name__) from exc
    if rest:
        yield rest


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
