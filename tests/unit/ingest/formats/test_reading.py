"""What all formats share: a file that is missing, and one that may be."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from ingest.checks import RejectReason
from ingest.errors import SourceEncodingWrong, SourceInParts, SourceLayoutChanged, SourceMissing
from ingest.formats import read_table, text
from ingest.formats.reading import check_file, cut_blocks, parse_block
from ingest.source import ColumnSpec, Format, TableSpec
from ingest.values import Text

SPEC = TableSpec(name="t", file="t", columns=(ColumnSpec("a", "first", Text()),))


@pytest.mark.parametrize("form", Format)
def test_a_missing_file_stops_the_load_unless_it_is_optional(tmp_path: Path, form: Format) -> None:
    with pytest.raises(SourceMissing):
        read_table("s", tmp_path, replace(SPEC, format=form))

    rows, rejections = read_table("s", tmp_path, replace(SPEC, format=form, optional=True))
    assert (rows.columns, rows.height, rejections.height) == (["row", "first"], 0, 0)


@pytest.mark.parametrize("size", [1, 2, 7, 64])
@pytest.mark.parametrize(
    "content", [b"a,b\n1,\n22,2\n\n333,3\n", b"\xef\xbb\xbfa,b\r\n1,1\r\n\r\n\xc3\xa9,2", b"a,b", b"a,b\n", b"a,b\n\n"]
)
def test_rows_do_not_depend_on_the_blocks_a_file_is_read_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, size: int
) -> None:
    spec = replace(SPEC, ignored={"b": "not needed"})
    (tmp_path / "t").write_bytes(content)
    whole = [frame.rows() for frame in read_table("s", tmp_path, spec)]
    monkeypatch.setattr(text, "BLOCK_BYTES", size)

    assert [frame.rows() for frame in read_table("s", tmp_path, spec)] == whole


def test_a_file_that_is_mostly_of_another_encoding_stops_the_load(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"a\n" + b"\xff\n" * text.FEW_LINES)

    with pytest.raises(SourceEncodingWrong, match="byte 0"):
        read_table("s", tmp_path, SPEC)


@pytest.mark.parametrize("ignored", [{}, {"b": "so that no line needs a closer look but those at fault"}])
def test_bytes_of_another_encoding_behind_the_first_block_are_refused_line_by_line(
    tmp_path: Path, ignored: dict[str, str]
) -> None:
    more = b",x" * len(ignored)
    good, bad = b"1" + more + b"\n", b"\xff" + more + b"\n"
    (tmp_path / "t").write_bytes(b"a" + b",b" * len(ignored) + b"\n" + good * 3 + bad * 20)
    spec = replace(SPEC, ignored=ignored)

    pieces = [parse_block(block, spec) for block in cut_blocks(tmp_path / "t", spec, block_bytes=16)]

    assert len(pieces) >= 3
    assert sum(piece.texts.height for piece in pieces) == 3
    assert [row for piece in pieces for row in piece.refused["row"]] == list(range(5, 25))
    assert {code for piece in pieces for code in piece.refused["reason"]} == {RejectReason.BAD_ENCODING}


LATER = {
    Format.DELIMITED: (b"a,b\n", b"%d,1\n", b"\xff,1\n"),
    Format.JSON_LINES: (b"", b'{"a": "%d", "b": 1}\n', b'{"a": "x", "colour": 1}\n'),
    Format.VCARD: (
        b"",
        b"BEGIN:VCARD\nVERSION:4.0\nA:%d\nB:1\nEND:VCARD\n",
        b"BEGIN:VCARD\nVERSION:4.0\nA:x\nCOLOUR:1\nEND:VCARD\n",
    ),
}


@pytest.mark.parametrize("form", LATER)
@pytest.mark.parametrize("whole", [False, True])
def test_what_stands_behind_the_head_refuses_no_file_that_was_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Format, *, whole: bool
) -> None:
    monkeypatch.setattr(text, "HEAD_BYTES", 300)
    header, good, other = LATER[form]
    names = ("A", "B") if form is Format.VCARD else ("a", "b")
    spec = replace(
        SPEC, format=form, columns=(ColumnSpec(names[0], "first", Text()),), ignored={names[1]: "not needed"}, whole=whole
    )
    (tmp_path / "t").write_bytes(header + b"".join(good % i for i in range(100)) + other * 3000)

    check_file(tmp_path / "t", spec)
    rows, rejections = read_table("s", tmp_path, spec)

    assert rows["first"].to_list()[:100] == [str(i) for i in range(100)]
    assert rows.height + rejections.height == 3100


@pytest.mark.parametrize("form", LATER)
def test_what_stands_in_the_head_refuses_the_file_when_it_is_looked_through(tmp_path: Path, form: Format) -> None:
    header, good, other = LATER[form]
    names = ("A", "B") if form is Format.VCARD else ("a", "b")
    spec = replace(SPEC, format=form, columns=(ColumnSpec(names[0], "first", Text()),), ignored={names[1]: "not needed"})
    (tmp_path / "t").write_bytes(header + good % 1 + other * 20)

    with pytest.raises((SourceEncodingWrong, SourceLayoutChanged)):
        check_file(tmp_path / "t", spec)


def test_the_head_is_the_same_however_long_the_block_is() -> None:
    lines = b"".join(b"%d\n" % i for i in range(100_000))

    assert text.head_of(lines) == text.head_of(lines[: text.HEAD_BYTES + 3])
    assert len(text.head_of(lines)) in range(text.HEAD_BYTES - 7, text.HEAD_BYTES + 1)
    assert text.head_of(b"a" * text.HEAD_BYTES + b"\nb\n") == b"a" * text.HEAD_BYTES + b"\n"


def test_a_table_whose_equal_rows_are_numbered_does_not_come_in_parts(tmp_path: Path) -> None:
    spec = replace(SPEC, file="t.csv", derived={"n": pl.int_range(pl.len()).over("first")}, whole=True)
    (tmp_path / "t.csv").write_bytes(b"a\n1\n")
    assert read_table("s", tmp_path, spec)[0].height == 1
    (tmp_path / "t.2.csv").write_bytes(b"a\n1\n")

    with pytest.raises(SourceInParts, match=r"t\.2\.csv"):
        read_table("s", tmp_path, spec)
