"""Whether a mapping that keeps to the schema also keeps to the vocabulary and to itself. Builds nothing, reads no data."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from polars.exceptions import PolarsError

from ingest.forbidden import find_in_name, find_in_values
from ingest.mapping.conditions import condition_columns
from ingest.mapping.document import Document, Place
from ingest.mapping.names import REPEAT, column_name, table_names
from ingest.mapping.problems import Problem, find_schema_problems
from ingest.mapping.rules import find_condition_problems, find_correction_problems, find_relation_problems, used_names
from ingest.mapping.types import date_shape
from ingest.source import Format

Values = Mapping[str, Any]


def find_problems(document: Document) -> list[str]:
    """One sentence for each fault: of the schema, or else of the vocabulary and of the mapping itself."""
    problems = find_schema_problems(document.values) or list(_find(document.values))
    return [f"{document.locate(problem.place)}: {problem.sentence}" for problem in problems]


def _find(mapping: Values) -> Iterator[Problem]:
    yield from _repeated((("tables", i, "name"), table["name"]) for i, table in enumerate(mapping["tables"]))
    if not mapping.get("draft") and not any(table["relations"] for table in mapping["tables"]):
        yield Problem(("tables",), "no table makes a fact; add a relation to one")
    for i, table in enumerate(mapping["tables"]):
        place: Place = ("tables", i)
        yield from _find_in_columns(table, place)
        names = table_names(table)
        if "where" in table:
            yield from find_condition_problems(table["where"], names, (*place, "where"))
        yield from find_correction_problems(table, names, place)
        for j, name in enumerate(table.get("numbered_repeats", ())):
            if name not in names:
                yield Problem((*place, "numbered_repeats", j), f"no column is called {name!r}; use one of {', '.join(names)}")
        for j, order in enumerate(table.get("not_before", ())):
            for end in ("later", "earlier"):
                if order[end] not in names or not names[order[end]].moment:
                    yield Problem((*place, "not_before", j, end), f"{order[end]!r} is no column that tells a time; name one")
        for j, relation in enumerate(table["relations"]):
            yield from find_relation_problems(relation, names, (*place, "relations", j))
            if REPEAT in relation["identity"]:
                yield from _find_unnumbered(relation, table, (*place, "relations", j))


def _find_unnumbered(relation: Values, table: Values, place: Place) -> Iterator[Problem]:
    """Rows that differ in what a fact says must not be told apart by their order in the file."""
    numbered = {*table.get("numbered_repeats", ()), *table.get("constants", {}), REPEAT}
    for name in sorted((used_names(relation) | {*condition_columns(table.get("where", {}))}) - numbered):
        yield Problem(place, f"{name!r} is part of facts told apart by {REPEAT!r}; add it to `numbered_repeats`")


def _find_in_columns(table: Values, place: Place) -> Iterator[Problem]:
    columns, ignored = table["columns"], table.get("ignored", {})
    yield from _repeated(((*place, "columns", i, "name"), column_name(column)) for i, column in enumerate(columns))
    yield from _repeated(((*place, "columns", i, "header"), column["header"]) for i, column in enumerate(columns))
    names = {column_name(column) for column in columns}
    for name in table.get("constants", {}):
        if name in names:
            yield Problem((*place, "constants", name), f"a column is called {name!r} already; call the constant something else")
    for i, column in enumerate(columns):
        yield from _find_in_options(column, (*place, "columns", i))
        if column["header"] in ignored:
            yield Problem((*place, "ignored", column["header"]), "this column is read above; remove it there or here")
    yield from _find_in_format(table, [column["header"] for column in columns] + list(ignored), place)
    yield from _find_forbidden(table, place)


def _find_in_options(column: Values, place: Place) -> Iterator[Problem]:
    if "name" not in column and column_name(column) != column_name(column).lower():
        yield Problem((*place, "name"), "a header with capitals needs a name of its own; add `name:` in lower case")
    if "zone" in column:
        try:
            ZoneInfo(column["zone"])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield Problem((*place, "zone"), f"{column['zone']!r} is no time zone; write one such as Europe/Berlin or UTC")
    if "format" in column:
        try:
            date_shape(column["format"])
        except ValueError as exc:
            yield Problem((*place, "format"), f"{exc} is not read in dates; use %Y %y %m %d %H %M %S %b")
    if "pattern" in column:
        try:
            pl.Series([""]).str.contains(column["pattern"])
        except PolarsError:
            yield Problem((*place, "pattern"), "this is no regular expression that can be read; repair it")
    if column.get("decimal_mark", ".") == column.get("group_mark", ""):
        yield Problem((*place, "group_mark"), "decimal mark and group mark are the same; say which it is")
    if column.get("least", 0) > column.get("most", column.get("least", 0)):
        yield Problem((*place, "least"), "`least` is above `most`; exchange them")


def _find_in_format(table: Values, headers: list[str], place: Place) -> Iterator[Problem]:
    form = table["format"]
    if form["kind"] != Format.DELIMITED:
        for option in ("delimiter", "header"):
            if option in form:
                yield Problem((*place, "format", option), f"{option!r} goes with delimited files alone; remove it")
    if form["kind"] == Format.PARQUET and "encoding" in form:
        yield Problem((*place, "format", "encoding"), "a Parquet file has no encoding; remove it")
    if form.get("header", True) is False and sorted(headers) != sorted(str(i + 1) for i in range(len(headers))):
        yield Problem(
            (*place, "columns"),
            'a file without a header has its columns called "1", "2" and so on; declare or ignore each place',
        )


def _find_forbidden(table: Values, place: Place) -> Iterator[Problem]:
    called: list[tuple[Place, str]] = [((*place, "ignored", header), header) for header in table.get("ignored", {})]
    for i, column in enumerate(table["columns"]):
        called += [((*place, "columns", i, key), column[key]) for key in ("header", "name") if key in column]
        codes = column.get("codes", {})
        category = find_in_values([*codes, *codes.values()])
        if category:
            yield Problem(
                (*place, "columns", i, "codes"), f"these codes tell {category}, which must not be used; remove the column"
            )
    for where, name in called:
        category = find_in_name(name)
        if category:
            remedy = "remove the column from the file and from here, or rename it if it means something else"
            yield Problem(where, f"{name!r} seems to hold {category}, which must not be used; {remedy}")


def _repeated(named: Iterator[tuple[Place, str]] | Any) -> Iterator[Problem]:
    listed = list(named)
    counts = Counter(name for _, name in listed)
    seen: set[str] = set()
    for place, name in listed:
        if counts[name] > 1 and name in seen:
            yield Problem(place, f"{name!r} is used twice; call one something else")
        seen.add(name)
