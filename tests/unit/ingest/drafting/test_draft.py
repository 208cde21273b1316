import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from ingest.drafting.draft import build_draft
from ingest.drafting.guess import guess_column
from ingest.drafting.look import look_at
from ingest.errors import CategoryForbidden, DraftRefused
from ingest.mapping import read_mapping
from ingest.source import SourceSpec
from ingest.trial import try_source

ORDERS = "order_no;customer_id;shop_id;orderDate;price;comment\n" + "".join(
    f"{i};C{i % 7};S{i % 3}x{i % 2};{i % 28 + 1:02}.0{i % 9 + 1}.2024;{i}.234,50;some words about it {i}\n"
    for i in range(1, 60)
)


def write(folder: Path, text: str | bytes, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def drafted(path: Path) -> tuple[str, SourceSpec]:
    """The draft, and what the checks make of it: every draft must pass them."""
    text = build_draft(look_at(path))
    draft = path.parent / "draft.yaml"
    draft.write_text(text, encoding="utf-8")
    return text, read_mapping(draft, drafts=True)


def test_a_draft_has_what_was_seen_and_marks_what_was_not(tmp_path: Path) -> None:
    text, source = drafted(write(tmp_path, ORDERS))
    assert 'delimiter: ";", encoding: utf-8, header: true' in text
    assert '{header: orderDate, name: order_date, type: date, zone: UTC, format: "%d.%m.%Y"} # CHOOSE: the zone' in text
    assert '{header: price, type: money, decimal_mark: ",", group_mark: "."}' in text
    assert "- relation: Person BOUGHT_FROM Company # CHOOSE" in text
    assert "identity: [order_no] # CHOOSE" in text
    assert "comment: free text, which may name people" in text
    assert "basis: consent # CHOOSE" in text
    assert text.count("draft: true\n") == 1
    assert len(source.tables[0].rules) == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_divides_the_lines_evenly(tmp_path: Path, delimiter: str) -> None:
    rows = [["id", "city", "day"], *[[str(i), f"a.b:{i}", "2024-01-05"] for i in range(9)]]
    look = look_at(write(tmp_path, "\n".join(delimiter.join(row) for row in rows)))
    assert (look.delimiter, list(look.columns), look.has_header) == (delimiter, ["id", "city", "day"], True)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("id;ort\n1;Köln\n2;Würzburg\n", "utf-8", "utf-8"),
        ("id;ort\n1;Köln\n2;Würzburg\n", "windows-1252", "windows-1252"),
        ("id;城市\n1;北京朝阳\n2;上海\n", "gb18030", "gb18030"),
    ],
)
def test_the_encoding_is_found_and_a_doubtful_one_marked(tmp_path: Path, text: str, encoding: str, expected: str) -> None:
    look = look_at(write(tmp_path, text.encode(encoding)))
    assert (look.encoding, "encoding" in look.doubts) == (expected, expected != "utf-8")


def test_a_file_without_a_header_has_its_places_for_names(tmp_path: Path) -> None:
    look = look_at(write(tmp_path, "6,2,4,1289241911.72\n6,5,2,1289241941.53\n"))
    assert (look.has_header, list(look.columns)) == (False, ["1", "2", "3", "4"])
    assert "unix_seconds" in drafted(look.path)[0]


def test_json_lines_are_drafted_by_path(tmp_path: Path) -> None:
    rows = [
        {"id": f"n{i}", "customer": {"id": f"c{i % 5}"}, "shop": {"id": f"s{i % 4}"}, "at": "2024-01-05T10:00:00Z"}
        for i in range(30)
    ]
    text, source = drafted(write(tmp_path, "\n".join(map(json.dumps, rows)), "orders.jsonl"))
    assert "{header: customer.id, name: customer_id, type: text}" in text
    assert source.tables[0].format == "json_lines"


def test_parquet_is_drafted_and_nested_columns_left_out(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    pl.DataFrame({"caller": ["+493012345", "+493012346"], "callee": ["+493012347"] * 2, "tags": [{"a": 1}] * 2}).write_parquet(
        path
    )
    text, _ = drafted(path)
    assert "tags: it is nested or binary" in text
    assert "relation: Person CALLED Person" in text


def test_a_compressed_file_is_looked_into(tmp_path: Path) -> None:
    text, _ = drafted(write(tmp_path, gzip.compress(ORDERS.encode()), "orders.csv.gz"))
    assert "file: orders.csv\n" in text


def test_no_draft_is_made_of_a_file_with_a_forbidden_column(tmp_path: Path) -> None:
    with pytest.raises(CategoryForbidden, match="'religion'"):
        build_draft(look_at(write(tmp_path, "id,religion\n1,x\n2,y\n")))


@pytest.mark.parametrize("raw", [b"", b" \n", b"one column\nof words\n", b"\xff\xfea\x00,\x00", b"{not json\n", b"PAR1 no"])
def test_what_cannot_be_drafted_is_refused_with_the_reason(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(DraftRefused):
        look_at(write(tmp_path, raw))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DraftRefused, match="cannot be read"):
        look_at(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("header", "values", "kind", "options"),
    [
        ("x", ["2024-01-05T10:00:00Z"], "instant", {}),
        ("x", ["2024-01-05"], "date", {"zone": "UTC"}),
        ("x", ["13/01/2024"], "date", {"zone": "UTC", "format": "%d/%m/%Y"}),
        ("x", ["2024-01-05 10:00:00.250000"], "datetime", {"zone": "UTC"}),
        ("time", ["1289241911"], "unix_seconds", {}),
        ("x", ["ada@example.org"], "email", {}),
        ("x", ["DE89370400440532013000"], "iban", {}),
        ("x", ["+49 30 123456"], "phone", {}),
        ("telefon", ["030 123456"], "phone", {}),
        ("x", ["EUR", "USD"], "currency", {}),
        ("loanamount", ["10", "12"], "money", {}),
        ("betrag", ["-1.000,50", "12,00"], "money", {"decimal_mark": ",", "group_mark": ".", "signed": True}),
        ("x", ["1.5", "2"], "decimal", {}),
        ("x", ["1", "2"], "integer", {}),
        ("customer_id", ["1", "2"], "text", {}),
        ("x", ["007", "008"], "text", {}),
        ("x", ["a b", "c d"] * 10, "category", {"codes": {"a b": "a_b", "c d": "c_d"}}),
    ],
)
def test_a_column_is_guessed_by_its_values_and_its_header(
    header: str, values: list[str], kind: str, options: dict[str, object]
) -> None:
    guess = guess_column(header, values)
    assert (guess.type, guess.options) == (kind, options)


def test_a_date_that_can_be_read_two_ways_is_a_choice() -> None:
    [doubt] = guess_column("x", ["01/02/2024", "03/04/2024"]).doubts
    assert "%m/%d/%Y" in doubt


def test_texts_that_mean_no_value_are_named() -> None:
    guess = guess_column("amount", ["1.50", "NA", "2.25", None])
    assert (guess.type, guess.missing, guess.optional) == ("money", ("NA",), True)


@pytest.mark.parametrize(("header", "values"), [("x", [None, None]), ("Vorname", ["Ada"]), ("x", ["same"] * 30)])
def test_a_column_that_tells_nothing_is_left_out_with_a_reason(header: str, values: list[str | None]) -> None:
    guess = guess_column(header, values)
    assert guess.type is None
    assert guess.reason


@pytest.mark.parametrize(
    "header",
    [
        '"a,b"',
        '"say ""x"""',
        "a: b",
        "x # y",
        "- z",
        "null",
        "true",
        "{x",
        "[y",
        "&a",
        "*b",
        "!t",
        "%p",
        "@q",
        "客户",
        "😀",
        "  pad ",
    ],
)
def test_whatever_a_column_is_called_the_draft_keeps_to_the_schema_and_reads_the_file(tmp_path: Path, header: str) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    path = write(folder, f"customer_id,{header},shop_id,day\n" + "".join(f"c{i},true,s{i},2024-01-05\n" for i in range(25)))
    draft = tmp_path / "draft.yaml"
    draft.write_text(build_draft(look_at(path)), encoding="utf-8")
    [table] = try_source(read_mapping(draft, drafts=True), folder).tables
    assert (table.tally.read, table.tally.accepted) == (25, 25)
