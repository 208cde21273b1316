"""Reading a delimited file: what is split, what is refused line by line, what stops the load."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.checks import RejectReason
from ingest.errors import SourceEncodingWrong, SourceLayoutChanged, SourceMissing, SourceUnreadable
from ingest.formats import read_table
from ingest.source import ColumnSpec, TableSpec
from ingest.values import Text

SPEC = TableSpec(
    name="t",
    file="t.csv",
    delimiter=";",
    columns=(ColumnSpec("code", "id", Text()), ColumnSpec("k", "kind", Text()), ColumnSpec("z", "last", Text())),
    ignored={"other": "not needed here"},
    missing=("", "?"),
)
HEADER = b"code;k;other;z\n"


def read(folder: Path, content: bytes) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    (folder / SPEC.file).write_bytes(content)
    rows, rejections = read_table("s", folder, SPEC)
    return rows.rows(), rejections.select("row", "reason").rows()


def test_rows_are_numbered_by_their_line_and_ignored_columns_left_out(tmp_path: Path) -> None:
    rows, rejections = read(tmp_path, HEADER + b"a;b;x;c\nd;e;x;f\n")

    assert rows == [(2, "a", "b", "c"), (3, "d", "e", "f")]
    assert rejections == []


def test_columns_are_found_by_name_in_any_order(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, b"z;other;k;code\nc;x;b;a\n")

    assert rows == [(2, "a", "b", "c")]


@pytest.mark.parametrize(
    "content",
    [
        b"code;k;other;z\r\na;b;x;c\r\n",
        b"code;k;other;z\r\na;b;x;c",
        b"code;k;other;z\na;b;x;c",
        b"\xef\xbb\xbfcode;k;other;z\na;b;x;c\n",
        b'"code";"k";"other";"z"\na;"b";x;"c"\n',
        b"code ; k;other ;z \n a;b ;x; c\n",
    ],
)
def test_line_ends_marks_quotes_and_blanks_do_not_matter(tmp_path: Path, content: bytes) -> None:
    rows, rejections = read(tmp_path, content)

    assert (rows, rejections) == ([(2, "a", "b", "c")], [])


def test_quoted_fields_may_hold_delimiters_and_doubled_quotes(tmp_path: Path) -> None:
    rows, rejections = read(tmp_path, HEADER + b'"a;a";"say ""b""";x;""\n')

    assert (rows, rejections) == ([(2, "a;a", 'say "b"', None)], [])


def test_declared_texts_and_blanks_mean_no_value(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, HEADER + b"?; ;x;\n")

    assert rows == [(2, None, None, None)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"a;b;x", RejectReason.TRUNCATED_ROW),
        (b"", RejectReason.TRUNCATED_ROW),
        (b"a;b;x;c;d", RejectReason.SURPLUS_FIELD),
        (b"a;b;x;c;", RejectReason.SURPLUS_FIELD),
        (b"a;b\x00;x;c", RejectReason.CONTROL_CHARACTER),
        (b"a;b\x1f;x;c", RejectReason.CONTROL_CHARACTER),
        (b"a;b\tb;x;c", RejectReason.CONTROL_CHARACTER),
        (b"a;b\rb;x;c", RejectReason.CONTROL_CHARACTER),
        (b"a;b\xc2\x85;x;c", RejectReason.CONTROL_CHARACTER),
        (b"a;b;\x07;c", RejectReason.CONTROL_CHARACTER),  # in an ignored column
        (b'a;"b;x;c', RejectReason.BROKEN_QUOTES),
        (b'a;b";x;c', RejectReason.BROKEN_QUOTES),
        (b'a;"b"b;x;c', RejectReason.BROKEN_QUOTES),
        (b'a;b"b;x"c;x;c', RejectReason.BROKEN_QUOTES),
        (b'a;";x;c', RejectReason.BROKEN_QUOTES),
    ],
)
def test_a_line_that_cannot_be_split_is_refused_and_its_neighbours_are_kept(
    tmp_path: Path, line: bytes, reason: RejectReason
) -> None:
    rows, rejections = read(tmp_path, HEADER + b"1;1;x;1\n" + line + b'\n"2";2;x;2\n')

    assert rows == [(2, "1", "1", "1"), (4, "2", "2", "2")]
    assert rejections == [(3, reason.value)]


def test_a_line_of_empty_fields_is_a_row_without_values(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER + b";;;\n") == ([(2, None, None, None)], [])


@settings(deadline=None)
@given(st.lists(st.text(alphabet='a;" ?,#é\r\x00\x1f', max_size=12), max_size=8))
def test_whatever_the_lines_hold_each_is_a_row_or_refused_once(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        rows, rejections = read(Path(folder), HEADER + "".join(f"{line}\n" for line in lines).encode())

    numbers = [row[0] for row in rows] + [row[0] for row in rejections]
    assert sorted(map(int, map(str, numbers))) == list(range(2, 2 + len(lines)))


def test_a_last_line_cut_short_is_a_truncated_row(tmp_path: Path) -> None:
    rows, rejections = read(tmp_path, HEADER + b"a;b;x;c\nd;e")

    assert rows == [(2, "a", "b", "c")]
    assert rejections == [(3, RejectReason.TRUNCATED_ROW.value)]


def test_a_file_of_bad_lines_alone_gives_no_rows(tmp_path: Path) -> None:
    rows, rejections = read(tmp_path, HEADER + b"a;b\nc\n")

    assert rows == []
    assert len(rejections) == 2


def test_a_header_without_rows_is_read_as_empty(tmp_path: Path) -> None:
    (tmp_path / SPEC.file).write_bytes(HEADER)

    rows, rejections = read_table("s", tmp_path, SPEC)

    assert (rows.height, rejections.height) == (0, 0)
    assert rows.schema == {"row": pl.Int64(), "id": pl.String(), "kind": pl.String(), "last": pl.String()}


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (b"code;k;other\n", "lacks 'z'"),
        (b"code;k;z\n", "lacks 'other'"),
        (b"code;k;other;z;new\n", "has undeclared 'new'"),
        (b"code;k;other;z;k\n", "repeats 'k'"),
        (b"code,k,other,z\n", "lacks 'code', 'k', 'z', 'other'; nothing"),
        (b"17;18;secret;20\n", "lacks 'code', 'k', 'z', 'other'; nothing"),  # a row, not to be repeated in a message
        (b"", "lacks 'code', 'k', 'z', 'other'"),
    ],
)
def test_another_header_stops_the_load_and_names_the_columns(tmp_path: Path, header: bytes, sentence: str) -> None:
    with pytest.raises(SourceLayoutChanged) as raised:
        read(tmp_path, header)

    assert sentence in str(raised.value)
    assert "t.csv" in str(raised.value)


def test_a_byte_outside_the_encoding_refuses_its_line_alone(tmp_path: Path) -> None:
    rows, rejections = read(tmp_path, HEADER + b"a;\xe9;x;c\n1;2;3;4\n")

    assert rows == [(3, "1", "2", "4")]
    assert rejections == [(2, RejectReason.BAD_ENCODING.value)]


def test_a_header_outside_the_encoding_stops_the_load_and_is_located(tmp_path: Path) -> None:
    with pytest.raises(SourceEncodingWrong, match=r"t\.csv is not utf-8: byte 15 does"):
        read(tmp_path, HEADER.replace(b"z\n", b"z;\xe9\n"))


def test_sixteen_bit_text_is_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(SourceEncodingWrong, match="byte 1 does"):
        read(tmp_path, HEADER.decode().encode("utf-16-le"))


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match=r"source s needs .*t\.csv"):
        read_table("s", tmp_path, SPEC)


def test_a_file_the_system_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, mode: str) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / SPEC.file).write_bytes(HEADER)
    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(SourceUnreadable, match=r"t\.csv cannot be read \(Permission denied\)"):
        read_table("s", tmp_path, SPEC)
