"""What all formats share: a file that is missing, and one that may be."""

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.checks import RejectReason
from ingest.errors import SourceEncodingWrong, SourceMissing
from ingest.formats import read_table, text
from ingest.formats.reading import cut_blocks, parse_block
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

    assert len(pieces) > 3
    assert sum(piece.texts.height for piece in pieces) == 3
    assert [row for piece in pieces for row in piece.refused["row"]] == list(range(5, 25))
    assert {code for piece in pieces for code in piece.refused["reason"]} == {RejectReason.BAD_ENCODING}
