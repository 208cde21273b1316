"""Reading JSON Lines: dotted paths are headers, one bad line is one refusal, the first lines stand for a header."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.checks import RejectReason
from ingest.errors import SourceEncodingWrong, SourceLayoutChanged
from ingest.formats import json_lines, read_table
from ingest.formats.text import FEW_LINES
from ingest.source import ColumnSpec, Format, TableSpec
from ingest.values import Text

SPEC = TableSpec(
    name="t",
    file="t.jsonl",
    format=Format.JSON_LINES,
    columns=(
        ColumnSpec("id", "id", Text()),
        ColumnSpec("who.number", "who", Text(), optional=True),
        ColumnSpec("items.0.count", "count", Text(), optional=True),
    ),
    ignored={"@type": "says nothing", "items.0.thing": "not needed"},
)
Rows = list[tuple[object, ...]]


def read(folder: Path, *lines: str) -> tuple[Rows, Rows]:
    (folder / SPEC.file).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
    rows, rejections = read_table("s", folder, SPEC)
    return rows.rows(), rejections.select("row", "reason", "column").rows()


def test_values_are_found_by_their_path_and_absent_ones_are_missing(tmp_path: Path) -> None:
    rows, rejections = read(
        tmp_path,
        '{"@type": "T", "id": "a", "who": {"number": " 7 "}, "items": [{"count": 2, "thing": {"name": "x"}}, {"count": 9}]}',
        '{"id": "b", "items": [], "who": null}',
    )

    assert rows == [(1, "a", "7", "2"), (2, "b", None, None)]
    assert rejections == []


@pytest.mark.parametrize("line", ['{"id": "b"', "", "[1]", "5", "null", '{"id": "b"} x', '{"id": "b", "who": 5}'])
def test_a_line_that_is_no_such_object_is_one_refusal_among_its_neighbours(tmp_path: Path, line: str) -> None:
    rows, rejections = read(tmp_path, '{"id": "a"}', line, '{"id": "c"}')

    assert rows == [(1, "a", None, None), (3, "c", None, None)]
    assert rejections == [(2, RejectReason.BROKEN_RECORD, "")]


def test_a_line_is_numbered_rightly_in_every_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "CHUNK_LINES", 2)

    rows, rejections = read(tmp_path, '{"id": "a"}', '{"id": "b"}', "x", '{"id": "d"}', '{"id": "e"}')

    assert [row[:2] for row in rows] == [(1, "a"), (2, "b"), (4, "d"), (5, "e")]
    assert [row[0] for row in rejections] == [3]


def test_a_control_character_is_refused_however_it_is_written(tmp_path: Path) -> None:
    rows, rejections = read(tmp_path, '{"id": "a"}', '{"id": "a\\u001fb"}')

    assert [row[0] for row in rows] == [1]
    assert rejections == [(2, RejectReason.CONTROL_CHARACTER, "id")]


def test_money_written_as_a_number_keeps_its_cents(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, '{"id": 123.4}', '{"id": 9007199254740.99}', '{"id": 70}')

    assert [row[1] for row in rows] == ["123.4", "9007199254740.99", "70"]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('{"id": "a", "colour": 1}', "colour"),
        ('{"id": "a", "who": {"name": 1}}', "who.name"),
        ('{"who": {"number": "7"}}', "lacks 'id'"),
        ("broken", "lacks 'id'"),
    ],
)
def test_first_lines_that_differ_from_the_declaration_stop_the_load(tmp_path: Path, line: str, named: str) -> None:
    with pytest.raises(SourceLayoutChanged, match=named):
        read(tmp_path, line)


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path) == ([], [])


def test_a_file_of_another_encoding_stops_the_load(tmp_path: Path) -> None:
    (tmp_path / SPEC.file).write_bytes('{"id": "\xfc"}\n'.encode("latin-1") * FEW_LINES)

    with pytest.raises(SourceEncodingWrong):
        read_table("s", tmp_path, SPEC)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_line_of_another_encoding_is_refused_alone_wherever_it_stands(tmp_path: Path, place: int) -> None:
    lines = [b'{"id": "a"}\n', b'{"id": "b"}\n']
    lines.insert(place, b'{"id\xff": "c"}\n')
    (tmp_path / SPEC.file).write_bytes(b"".join(lines))

    rows, rejections = read_table("s", tmp_path, SPEC)

    assert rows["id"].to_list() == ["a", "b"]
    assert rejections.select("row", "reason").rows() == [(place + 1, RejectReason.BAD_ENCODING)]


@pytest.mark.parametrize("text", ["[" * 100, "{" * 100, "]" * 100])
def test_brackets_within_a_text_are_no_depth(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, json.dumps({"id": text})) == ([(1, text, None, None)], [])


@pytest.mark.parametrize("deep", ["[" * 50_000, "[[]," * 50_000, '{"a":' * 50_000, '{"a":[],"a":' * 50_000, '["\\"",' * 50_000])
def test_a_line_nested_beyond_reason_is_one_refusal(tmp_path: Path, deep: str) -> None:
    rows, rejections = read(tmp_path, '{"id": "a"}', f'{{"id": "b", "items": {deep}', '{"id": "c"}')

    assert [row[1] for row in rows] == ["a", "c"]
    assert rejections == [(2, RejectReason.BROKEN_RECORD, "")]


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=2))
LINES = st.one_of(
    st.text(alphabet='{}[]":,aid 1', max_size=12),
    st.builds(lambda value: json.dumps({"id": value}), JSON),
    st.builds(lambda value: json.dumps({"who": value}), JSON),
)


@settings(deadline=None)
@given(st.lists(LINES, max_size=6))
def test_whatever_the_lines_hold_each_is_a_row_or_refused_once(lines: list[str]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_lines, "HEAD_LINES", 1)
        rows, rejections = read(Path(folder), '{"id": "first"}', *lines)

    numbers = [row[0] for row in rows] + [row[0] for row in rejections]
    assert sorted(map(int, map(str, numbers))) == list(range(1, 2 + len(lines)))
