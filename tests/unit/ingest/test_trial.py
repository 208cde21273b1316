from pathlib import Path

import pytest

from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.errors import SourceMissing
from ingest.mapping import read_mapping
from ingest.trial import try_source
from tests.support.mappings import write_mapping, write_orders

BOUGHT = EdgeType(NodeLabel.PERSON, RelType.BOUGHT_FROM, NodeLabel.COMPANY)


def test_a_trial_counts_rows_facts_and_missing_values_and_names_refused_rows(tmp_path: Path) -> None:
    write_orders(tmp_path, *["1;ada;Kauf;31.12.2024;1;D;"] * 2, "2;secret;;31.12.2024;x;D;", "3;bob;NA;31.12.2024;1;D;")
    (tmp_path / "other.txt").touch()
    trial = try_source(read_mapping(write_mapping(tmp_path)), tmp_path)
    [table] = trial.tables
    assert (table.tally.read, table.tally.accepted, dict(table.tally.rejected)) == (4, 3, {"bad_number": 1})
    assert table.tally.nulls["shop"] == 1
    assert dict(table.examples) == {"bad_number": [("orders.csv", 4, "total")]}
    assert (table.tally.facts[":".join(BOUGHT)], trial.distinct) == (2, {BOUGHT: 1})
    assert set(trial.unread) == {"other.txt", "shop.yaml"}
    assert "secret" not in str(trial)


def test_of_each_reason_the_first_rows_are_named(tmp_path: Path) -> None:
    write_orders(tmp_path, *["1;ada;Kauf;31.12.2024;x;D;"] * 9)
    [table] = try_source(read_mapping(write_mapping(tmp_path)), tmp_path).tables
    assert [example.row for example in table.examples["bad_number"]] == [2, 3, 4]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="none"):
        try_source(read_mapping(write_mapping(tmp_path)), tmp_path / "none")
