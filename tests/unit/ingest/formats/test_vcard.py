"""Reading vCards: one row a card, folded lines and escapes undone, a broken card refused alone."""

from pathlib import Path

import pytest

from ingest.checks import RejectReason
from ingest.errors import SourceLayoutChanged
from ingest.formats import read_table, vcard
from ingest.source import ColumnSpec, Format, TableSpec
from ingest.values import Text

SPEC = TableSpec(
    name="t",
    file="t.vcf",
    format=Format.VCARD,
    columns=(
        ColumnSpec("UID", "id", Text()),
        ColumnSpec("FN", "name", Text()),
        ColumnSpec("TEL", "phone", Text(), optional=True),
    ),
    ignored={"REV": "not needed"},
)
Rows = list[tuple[object, ...]]


def card(*lines: str) -> str:
    return "".join(f"{line}\r\n" for line in ("BEGIN:VCARD", "VERSION:4.0", *lines, "END:VCARD"))


def read(folder: Path, text: str) -> tuple[Rows, Rows]:
    (folder / SPEC.file).write_text(text, encoding="utf-8", newline="")
    rows, rejections = read_table("s", folder, SPEC)
    return rows.rows(), rejections.select("row", "reason", "column").rows()


def test_a_card_is_a_row_numbered_by_the_line_it_begins_on(tmp_path: Path) -> None:
    text = card("UID:1", "FN:Ada", "TEL;VALUE=uri:tel:+49156", "REV:x") + card("UID:2", "FN:Bob")

    assert read(tmp_path, text) == ([(1, "1", "Ada", "tel:+49156"), (8, "2", "Bob", None)], [])


def test_the_first_of_several_values_is_taken(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, card("UID:1", "FN:Ada", "TEL:1", "TEL:2"))

    assert rows == [(1, "1", "Ada", "1")]


def test_folded_lines_and_escapes_are_undone(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, card("UID:1", "FN:Mu", " ster\\, Ada\\; \\\\ & <x>"))

    assert rows == [(1, "1", "Muster, Ada; \\ & <x>", None)]


def test_bare_line_feeds_blank_lines_and_lower_case_do_not_matter(tmp_path: Path) -> None:
    rows, rejections = read(tmp_path, "\n\nbegin:vcard\nversion:4.0\nuid:1\nfn:Ada\nend:vcard\n\n")

    assert (rows, rejections) == ([(3, "1", "Ada", None)], [])


@pytest.mark.parametrize(
    "broken",
    [
        "BEGIN:VCARD\r\nUID:2\r\nno colon here\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nUID:2\r\n",
        "UID:2\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nBEGIN:VEVENT\r\nUID:2\r\nEND:VCARD\r\n",
    ],
)
def test_what_is_no_card_is_one_refusal_among_its_neighbours(tmp_path: Path, broken: str) -> None:
    good = card("UID:1", "FN:Ada")

    rows, rejections = read(tmp_path, good + broken + good)

    assert [row[1:] for row in rows] == [("1", "Ada", None)] * 2
    assert rejections == [(6, RejectReason.BROKEN_RECORD, "")]


def test_a_line_break_within_a_value_is_refused(tmp_path: Path) -> None:
    rows, rejections = read(tmp_path, card("UID:1", "FN:Ada\\nBob"))

    assert (rows, rejections) == ([], [(1, RejectReason.CONTROL_CHARACTER, "name")])


@pytest.mark.parametrize(("line", "named"), [("NOTE:x", "NOTE"), ("REV:x", "lacks 'FN'")])
def test_cards_with_other_properties_stop_the_load(tmp_path: Path, line: str, named: str) -> None:
    with pytest.raises(SourceLayoutChanged, match=named):
        read(tmp_path, card("UID:1", line))


def test_cards_are_read_in_blocks_without_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vcard, "BLOCK_BYTES", 100)

    rows, _ = read(tmp_path, "".join(card(f"UID:{i}", "FN:Ada") for i in range(5)))

    assert [row[1] for row in rows] == ["0", "1", "2", "3", "4"]


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, "") == ([], [])
