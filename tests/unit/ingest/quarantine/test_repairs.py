"""Repair files: written for one reader, read back as they were, refused where they would lose something."""

import json
from pathlib import Path

import polars as pl
import pytest

from ingest.checks import LINE, NAMES, REFUSAL_SCHEMA, RejectReason
from ingest.errors import RepairMalformed
from ingest.quarantine.repairs import check_columns, read_repairs, write_repairs
from ingest.quarantine.shelf import LONGEST_LINE, Origin, Shelf

ORIGIN = Origin("telecom", "calls", "calls.csv", "ab" * 32, 1)


def shelf_with(tmp_path: Path, *rows: tuple[int, RejectReason, dict[str, object]]) -> Shelf:
    shelf = Shelf(tmp_path / "shelf")
    told = [(row, reason.value, "", json.dumps(fields)) for row, reason, fields in rows]
    shelf.put(ORIGIN, 0, pl.DataFrame(told, schema=REFUSAL_SCHEMA, orient="row"))
    return shelf


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    rows = [(1, RejectReason.BAD_DATE, {"a": 'x "é"'}), (2, RejectReason.BROKEN_QUOTES, {LINE: "q", NAMES: ["a"]})]
    entries = shelf_with(tmp_path, *rows).entries()

    assert write_repairs(tmp_path / "mend.jsonl", entries) == 2
    assert list(read_repairs(tmp_path / "mend.jsonl").values()) == [fields for _, _, fields in rows]


def test_a_repair_file_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    entries = shelf_with(tmp_path, (1, RejectReason.BAD_DATE, {"a": "x"})).entries()
    write_repairs(tmp_path / "mend.jsonl", entries)

    assert (tmp_path / "mend.jsonl").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_repairs(tmp_path / "mend.jsonl", entries)


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"entry": "a"}', '{"entry": 1, "fields": {}}', '{"entry": "a", "fields": {"x": 1}}',
     '{"entry": "a", "fields": {"(names)": [1]}}', '{"entry": "a", "fields": {"(line)": null}}'],
)  # fmt: skip
def test_a_line_that_is_no_repair_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "mend.jsonl"
    path.write_text('{"entry": "b", "fields": {"x": null}}\n\n' + line + "\n")

    with pytest.raises(RepairMalformed, match="line 3"):
        read_repairs(path)


def test_an_entry_named_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mend.jsonl"
    path.write_text('{"entry": "b", "fields": {}}\n' * 2)

    with pytest.raises(RepairMalformed, match="second time"):
        read_repairs(path)


def test_a_misspelt_column_is_refused(tmp_path: Path) -> None:
    columns = {"b": frozenset({"amount"})}
    check_columns(tmp_path, {"b": {"amount": "1"}, "c": {"anything": "1"}}, columns)

    with pytest.raises(RepairMalformed, match="amuont"):
        check_columns(tmp_path, {"b": {"amuont": "1"}}, columns)


def test_a_long_row_is_kept_whole_and_an_endless_line_cut(tmp_path: Path) -> None:
    text = 'é"' * LONGEST_LINE
    entries = shelf_with(
        tmp_path, (1, RejectReason.BAD_DATE, {"a": text}), (2, RejectReason.LINE_TOO_LONG, {LINE: text})
    ).entries()

    assert [len(next(iter(json.loads(fields).values()))) for fields in entries["fields"]] == [2 * LONGEST_LINE, LONGEST_LINE]
