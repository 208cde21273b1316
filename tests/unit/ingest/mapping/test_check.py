import re
from pathlib import Path

import pytest

from ingest.errors import MappingInvalid, MappingUndecided, MappingUnreadable
from ingest.mapping import read_mapping
from tests.support.mappings import EXAMPLES, write_mapping


def problems_of(path: Path) -> list[str]:
    with pytest.raises(MappingInvalid) as caught:
        read_mapping(path)
    return list(caught.value.problems)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_mapping_of_the_repository_is_sound(path: Path) -> None:
    assert read_mapping(path).name == path.stem


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("type: money", "type: monney", "line 17, tables[0].columns[4].type: 'monney' is not known; use one of text"),
        ("mapping: 1", "mapping: 2", "line 1, mapping: 2 is not a version"),
        ("publisher: An example shop\n", "", "line 1: 'publisher' is missing; add it"),
        ("publisher:", "publishr:", "publishr: there is no 'publishr' here; use one of mapping"),
        ("Person BOUGHT_FROM Company", "Person BUYS Company", "'Person BUYS Company' is not known; use one of"),
        ("signed: true", "zone: UTC", "'zone' does not go with this type"),
        (", zone: Europe/Berlin", "", "'zone' is missing"),
        ("Europe/Berlin", "Europe/Atlantis", "'Europe/Atlantis' is no time zone"),
        ("%d.%m.%Y", "%d.%m.%Q", "%Q is not read in dates"),
        ("at: placed", "at: customer", "'customer' tells no time"),
        ("at: placed", "at: placed\n        undated: 2025-01-01T00:00:00Z", "either `at`, a column, or `undated`"),
        ("source: customer", "source: nobody", "no column is called 'nobody'; use one of order"),
        ("source: customer", "source: placed", "'placed' tells a time and can be no node"),
        ("source: customer", "source: {columns: [customer], constant: x}", "a value is one of column, columns or constant"),
        ("source: customer", "source: {column: customer, absolute: true}", "only a number has a sign"),
        ("identity: [order]", "identity: []", "too short or empty"),
        ("amount_minor: total, ", "", "needs the property 'amount_minor'"),
        (", currency: currency}", "}", "an amount needs its currency"),
        (
            "amount_minor: total",
            "amount_minor: customer",
            "'amount_minor' is money (minor units), but 'customer' fills category",
        ),
        ("amount_minor: total", "amount: total", "has no property 'amount'; it has amount_minor"),
        ("currency: currency}", "currency: {constant: 7}}", "a constant cannot fill 'currency'"),
        ("equals: delivered", "above: 3", "'state' is no number; use equals or in"),
        ("equals: delivered", "equals: 3", "'state' is compared with 3; write text"),
        ("{column: state, equals: delivered}", "{column: state}", "a condition is one of all, any, not, or a column"),
        ("{column: state, equals: delivered}", "{column: total, equals: '3'}", "'total' is compared with '3'; write a number"),
        ("{column: state, equals: delivered}", "{column: placed, above: 3}", "a time can only be asked whether it is present"),
        (
            "constants:",
            "deleted_when: {column: state, values: [returned]}\n    constants:",
            "only a table with `corrections: true`",
        ),
        (
            "constants:",
            "corrections: true\n    deleted_when: {column: state, values: [returned]}\n    constants:",
            "rows that 'state' marks as deletions must meet `where` too",
        ),
        (
            "constants:",
            "corrections: true\n    deleted_when: {column: total, values: [x]}\n    constants:",
            "'total' is compared with 'x'; write a number",
        ),
        (
            "constants:",
            "corrections: true\n    numbered_repeats: [order, customer, shop, placed, total, state]\n    constants:",
            "rows told apart by their number have no versions",
        ),
        ("name: customer,", "name: order,", "'order' is used twice"),
        ("header: No,", "header: Note,", "this column is read above; remove it there or here"),
        ("constants: {currency: EUR}", "constants: {order: EUR}", "a column is called 'order' already"),
        ("Note: free text", "Blutgruppe: not read", "'Blutgruppe' seems to hold blood type, which must not be used"),
        ("name: customer,", "name: religion,", "'religion' seems to hold religion"),
        ("{D: delivered, R: returned}", "{K: katholisch, E: evangelisch}", "these codes tell religion"),
        ("header: No,", "header: 1,", "1 stands where text (put it in quotes) belongs"),
        ('delimiter: ";"', "header: false", 'a file without a header has its columns called "1", "2"'),
        ("kind: delimited", "kind: parquet", "'delimiter' goes with delimited files alone"),
        ('decimal_mark: ","', 'decimal_mark: ",", group_mark: ","', "decimal mark and group mark are the same"),
        ("name: order, type: text", 'name: order, type: text, pattern: "("', "no regular expression"),
        ("identity: [order]", "identity: [order, repeat]", "no column is called 'repeat'"),
        ("delivered_at: 2025-01-31T12:00:00Z", "delivered_at: 2025-01-31", "write it as UTC, as in 2024-01-31T00:00:00Z"),
    ],
)
def test_each_fault_names_its_place_and_the_remedy(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = write_mapping(tmp_path, (old, new))
    problems = problems_of(path)
    assert any(told in problem for problem in problems), problems
    assert all(re.match(rf"{re.escape(str(path))}, line [0-9]+", problem) for problem in problems)


def test_facts_told_apart_by_a_number_must_be_numbered_within_all_they_say(tmp_path: Path) -> None:
    relations = ("    constants", "    numbered_repeats: [customer, placed]\n    constants")
    path = write_mapping(tmp_path, relations, ("identity: [order]", "identity: [customer, placed, repeat]"))
    assert [re.search("'([a-z]+)' is part of facts", p).group(1) for p in problems_of(path)] == ["shop", "state", "total"]  # type: ignore[union-attr]


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = write_mapping(tmp_path, ("at: placed", "at: when"), ("source: customer", "source: who"))
    assert len(problems_of(path)) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [1", "line"),
        ("a: 1\na: 2", "'a' is said twice"),
        ("a: &x 1\nb: *x", "aliases are not read"),
        ("a: !!python/object:os.system x", "tags are not read"),
        ("? [1, 2]\n: x", "a key must be one word"),
        ("[" * 5_000, "nested too deeply"),
        ("a: \x01", "character that YAML does not allow"),
        ("x" * 1_000_001, "longer than"),
    ],
)
def test_yaml_that_means_more_than_it_shows_is_not_read(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(MappingUnreadable, match=told):
        read_mapping(path)


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingUnreadable, match=r"none\.yaml"):
        read_mapping(tmp_path / "none.yaml")


def test_a_draft_can_be_checked_and_not_loaded(tmp_path: Path) -> None:
    path = write_mapping(tmp_path, ("mapping: 1", "mapping: 1\ndraft: true"))
    assert read_mapping(path, drafts=True).name == "shop"
    with pytest.raises(MappingUndecided, match="remove the line"):
        read_mapping(path)


def test_words_are_flags_and_dates_only_where_they_say_so(tmp_path: Path) -> None:
    path = write_mapping(tmp_path, ("{D: delivered, R: returned}", "{NO: delivered, on: returned, 007: lost, 2024-01-01: new}"))
    [table] = read_mapping(path).tables
    [state] = [column for column in table.columns if column.name == "state"]
    assert dict(state.parser.table) == {"NO": "delivered", "on": "returned", "007": "lost", "2024-01-01": "new"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("Person BOUGHT_FROM Company", "Person LIVES_AT Address"), "Person LIVES_AT Address takes no corrections"),
        (("at: placed", "undated: 2025-01-01T00:00:00Z"), "a version counts from when it is known"),
    ],
)
def test_what_cannot_be_corrected_is_told(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    mapping = write_mapping(tmp_path, ("constants:", "corrections: true\n    constants:"), change)
    assert any(told in problem for problem in problems_of(mapping))
