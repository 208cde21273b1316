import pickle
from pathlib import Path

import polars as pl
import pytest

from graph.vocabulary import Basis, NodeLabel, RelType
from ingest.checks import RejectReason
from ingest.mapping import read_mapping
from ingest.mapping.conditions import build_condition
from ingest.mapping.names import Name
from tests.support.mappings import PEPPER, read_mapped, write_mapping, write_orders

NAMES = {"t": Name("t"), "n": Name("n", frozenset({"integer"})), "m": Name("m", frozenset({"money"}))}  # type: ignore[arg-type]


def test_a_row_becomes_the_fact_its_relation_says(tmp_path: Path) -> None:
    write_orders(tmp_path)
    [batch], report = read_mapped(write_mapping(tmp_path), tmp_path)
    fact = batch.rows.row(0, named=True)
    assert (report.read, report.accepted, batch.rows.height) == (3, 3, 1)  # returned, and without a shop: no fact
    assert fact["source_id"] == PEPPER.node_key(NodeLabel.PERSON, "shop", "ada")
    assert (fact["amount_minor"], fact["currency"], fact["basis"]) == (1250, "EUR", "research")
    assert fact["at_us"] == 1_735_599_600_000_000  # midnight of 31 December in Berlin
    assert fact["known_at_s"] == 1_735_686_000  # the next one


def test_rows_that_cannot_be_read_are_refused_by_code(tmp_path: Path) -> None:
    bad = ("1;ada;Kauf;31.02.2024;1;D;", "2;;Kauf;31.12.2024;1;D;", "3;a;K;31.12.2024;x;D;", "4;a;K;31.12.2024;1;X;", "5;a;K")
    write_orders(tmp_path, *bad, "6;a;K;01.02.2025;1;D;")
    _, report = read_mapped(write_mapping(tmp_path), tmp_path)
    assert report.rejected == {
        RejectReason.BAD_DATE: 1,
        RejectReason.MISSING_VALUE: 1,
        RejectReason.BAD_NUMBER: 1,
        RejectReason.UNKNOWN_CODE: 1,
        RejectReason.TRUNCATED_ROW: 1,
        RejectReason.AFTER_DELIVERY: 1,
    }


def test_the_order_of_rows_does_not_change_the_facts(tmp_path: Path) -> None:
    found = []
    for rows in (("1;a;K;01.01.2025;1;D;", "1;a;K;01.01.2025;1;D;", "2;b;K;01.01.2025;1;D;"),) * 2:
        write_orders(tmp_path, *(rows if not found else rows[::-1]))
        numbered = ("    constants", "    numbered_repeats: [customer, shop, placed, total, state]\n    constants")
        mapping = write_mapping(tmp_path, numbered, ("identity: [order]", "identity: [customer, placed, total, repeat]"))
        [batch], _ = read_mapped(mapping, tmp_path)
        found.append(batch.rows.sort("id"))
    assert found[0].equals(found[1])
    assert found[0]["id"].n_unique() == 3


def test_a_basis_that_is_not_said_is_consent(tmp_path: Path) -> None:
    assert read_mapping(write_mapping(tmp_path, ("basis: research\n", ""))).basis is Basis.CONSENT


def test_ends_can_be_made_of_columns_and_constants(tmp_path: Path) -> None:
    write_orders(tmp_path)
    changes = (
        ("source: customer", 'source: {column: customer, prefix: "no:"}'),
        ("target: shop", "target: {columns: [state, order]}"),
    )
    [batch], _ = read_mapped(write_mapping(tmp_path, *changes), tmp_path)
    assert batch.rows["source_id"].to_list()[0] == PEPPER.node_key(NodeLabel.PERSON, "shop", "no:ada")
    assert batch.rows["target_id"].to_list()[0] == PEPPER.node_key(NodeLabel.COMPANY, "shop", "delivered|1")


def test_facts_without_dates_are_marked(tmp_path: Path) -> None:
    write_orders(tmp_path)
    [batch], _ = read_mapped(write_mapping(tmp_path, ("at: placed", "undated: 2025-01-01T00:00:00Z")), tmp_path)
    assert batch.rows["undated"].all()
    assert batch.rows["known_at_s"].to_list() == [1_735_689_600]


def test_a_mapped_source_can_go_to_another_process(tmp_path: Path) -> None:
    source = read_mapping(write_mapping(tmp_path))
    assert pickle.loads(pickle.dumps(source)).tables[0].rules[0].edge.rel is RelType.BOUGHT_FROM


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ({"column": "t", "equals": "a"}, [True, False, False]),
        ({"column": "t", "in": ["a", "b"]}, [True, True, False]),
        ({"column": "t", "present": False}, [False, False, True]),
        ({"not": {"column": "t", "equals": "a"}}, [False, True, True]),
        ({"column": "n", "above": 1}, [False, True, False]),
        ({"column": "n", "at_least": 1}, [True, True, False]),
        ({"column": "n", "below": 2}, [True, False, False]),
        ({"column": "n", "at_most": 2}, [True, True, False]),
        ({"column": "m", "above": 1.5}, [False, True, False]),
        ({"all": [{"column": "n", "above": 0}, {"column": "t", "equals": "b"}]}, [False, True, False]),
        ({"any": [{"column": "n", "above": 1}, {"column": "t", "present": False}]}, [False, True, True]),
    ],
)
def test_conditions_hold_as_they_read_and_never_for_a_missing_value(condition: dict[str, object], rows: list[bool]) -> None:
    frame = pl.DataFrame({"t": ["a", "b", None], "n": [1, 2, None], "m": [150, 151, None]})
    assert frame.select(build_condition(condition, NAMES).alias("holds"))["holds"].to_list() == rows
