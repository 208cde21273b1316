import json
from pathlib import Path

import polars as pl
import pytest

from ingest.door import check_source
from ingest.errors import CategoryForbidden
from ingest.mapping import read_mapping
from tests.support.mappings import HEADER, MAPPING, read_mapped, write_mapping, write_orders

JSON = MAPPING.replace('{kind: delimited, delimiter: ";"}', "{kind: json_lines}").replace("orders.csv", "orders.jsonl")


def test_an_ignored_column_of_blood_types_stops_the_load(tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path)
    write_orders(tmp_path, *(f"{i};ada;Kauf;31.12.2024;12,50;D;{blood}" for i, blood in enumerate(["A+", "AB-", "0+", "B+"])))
    with pytest.raises(CategoryForbidden, match=r"orders.csv: the column 'Note' .* \(told by its values\)"):
        read_mapped(mapping, tmp_path)


def test_grades_in_an_ignored_column_do_not(tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path)
    write_orders(tmp_path, *(f"{i};ada;Kauf;31.12.2024;12,50;D;{grade}" for i, grade in enumerate(["A", "B", "C", "A"])))
    _, report = read_mapped(mapping, tmp_path)
    assert report.accepted == 4


def test_what_lies_within_an_ignored_object_counts_too(tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path, text=JSON)
    row = dict(zip(HEADER.split(";"), ["1", "ada", "Kauf", "31.12.2024", "12,50", "D", {"religion": "x"}], strict=True))
    (tmp_path / "orders.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(CategoryForbidden, match=r"'Note\.religion'"):
        check_source(read_mapping(mapping), tmp_path)


def test_a_nested_ignored_column_of_a_parquet_file_is_looked_into(tmp_path: Path) -> None:
    text = MAPPING.replace('{kind: delimited, delimiter: ";"}', "{kind: parquet}").replace("orders.csv", "orders.parquet")
    mapping = write_mapping(tmp_path, text=text)
    values = dict(zip(HEADER.split(";"), ["1", "ada", "Kauf", "31.12.2024", "12,50", "D"], strict=False))
    for inner, refused in (("icd10", True), ("colour", False)):
        pl.DataFrame([values | {"Note": {inner: "x"}}]).write_parquet(tmp_path / "orders.parquet")
        if refused:
            with pytest.raises(CategoryForbidden, match="health"):
                check_source(read_mapping(mapping), tmp_path)
        else:
            check_source(read_mapping(mapping), tmp_path)
