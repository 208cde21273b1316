"""Makes the `SourceSpec` of a mapping that was found sound; knows no other way in than through the checks."""

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import and_
from pathlib import Path
from typing import Any

import polars as pl

from graph.vocabulary import Attestation, Basis, Purpose
from ingest.checks import not_before
from ingest.errors import MappingInvalid, MappingUndecided
from ingest.mapping.check import find_problems
from ingest.mapping.conditions import build_condition, build_value, value_columns
from ingest.mapping.document import Document, read_document
from ingest.mapping.names import REPEAT, Name, column_name, table_names
from ingest.mapping.rules import deletion_names, required_names
from ingest.mapping.schema import EDGES
from ingest.mapping.types import COLUMN_TYPES
from ingest.source import ColumnSpec, Corrections, Dated, FactRule, Format, SourceSpec, TableSpec, Undated

Names = Mapping[str, Name]
Values = Mapping[str, Any]


def read_mapping(path: Path, *, drafts: bool = False) -> SourceSpec:
    """The source that a mapping file declares.

    Args:
        path: The mapping.
        drafts: Also take a mapping that says it is still a draft.

    Raises:
        MappingUnreadable: it is not there or no YAML.
        MappingInvalid: it breaks the schema, the vocabulary or itself; names every fault.
        MappingUndecided: it is a draft.
    """
    return build_source(read_document(path), drafts=drafts)


def build_source(document: Document, *, drafts: bool = False) -> SourceSpec:
    """As `read_mapping`, of a file that was read."""
    problems = find_problems(document)
    if problems:
        raise MappingInvalid(problems)
    mapping = document.values
    if mapping.get("draft") and not drafts:
        raise MappingUndecided(document.path)
    return SourceSpec(
        name=mapping["name"],
        publisher=mapping["publisher"],
        basis=Basis(mapping.get("basis", Basis.CONSENT)),
        purpose=Purpose(mapping["purpose"]),
        delivered_at=datetime.fromisoformat(mapping["delivered_at"]),
        tables=tuple(_table(table) for table in mapping["tables"]),
        unread=mapping.get("unread", {}),
        attested_by=Attestation(mapping.get("attested_by", Attestation.INSTITUTION)),
    )


def _table(table: Values) -> TableSpec:
    names, form = table_names(table), table["format"]
    derived = {name: pl.lit(value) for name, value in table.get("constants", {}).items()}
    if "numbered_repeats" in table:
        alike = [names[name].column for name in table["numbered_repeats"]]
        derived[REPEAT] = pl.int_range(1, pl.len() + 1).over(alike)
    return TableSpec(
        name=table["name"],
        file=table["file"],
        format=Format(form["kind"]),
        columns=tuple(_column(column) for column in table["columns"]),
        rules=tuple(_rule(relation, table, names) for relation in table["relations"]),
        ignored=table.get("ignored", {}),
        derived=derived,
        checks=tuple(not_before(order["later"], order["earlier"]) for order in table.get("not_before", ())),
        optional=table.get("optional", False),
        whole="numbered_repeats" in table,
        delimiter=form.get("delimiter", ","),
        has_header=form.get("header", True),
        encoding=form.get("encoding", "utf-8"),
        missing=tuple(dict.fromkeys(["", *table.get("missing", ())])),
        corrections=_corrections(table, names) if table.get("corrections") else None,
    )


def _corrections(table: Values, names: Names) -> Corrections:
    if "deleted_when" not in table:
        return Corrections()
    deleted = table["deleted_when"]
    needed = {names[name].column for name in deletion_names(table)}
    may_lack = {
        column_name(column)
        for column in table["columns"]
        if not needed & {column_name(column) + ending for ending in ("", *COLUMN_TYPES[column["type"]].endings)}
    }
    condition = {"column": deleted["column"], "in": deleted["values"]}
    return Corrections(build_condition(condition, names), frozenset(may_lack))


def _column(column: Values) -> ColumnSpec:
    parser = COLUMN_TYPES[column["type"]].parser(column)
    return ColumnSpec(column["header"], column_name(column), parser, column.get("optional", False))


def _rule(relation: Values, table: Values, names: Names) -> FactRule:
    if "at" in relation:
        when: Dated | Undated = Dated(relation["at"], relation.get("known"))
    else:
        when = Undated(datetime.fromisoformat(relation["undated"]))
    return FactRule(
        EDGES[relation["relation"]],
        source=build_value(relation["source"], names),
        target=build_value(relation["target"], names),
        when=when,
        identity=tuple(names[name].column for name in relation["identity"]),
        properties=_properties(relation, names),
        where=_where(relation, table, names),
        needs=tuple(dict.fromkeys(names[name].column for name in required_names(relation) if names[name].optional)),
        attested_by=Attestation(relation["attested_by"]) if "attested_by" in relation else None,
    )


def _properties(relation: Values, names: Names) -> dict[str, str | pl.Expr]:
    """As declared; a currency is left out where the row has none of the amounts it belongs to."""
    given = relation.get("properties", {})
    made = {name: build_value(value, names) for name, value in given.items()}
    amounts = [names[n] for name, value in given.items() for n in value_columns(value) if name.endswith("_minor")]
    if "currency" in made and amounts and all(amount.optional for amount in amounts):
        any_given = pl.any_horizontal(pl.col(amount.column).is_not_null() for amount in amounts)
        currency = made["currency"]
        made["currency"] = pl.when(any_given).then(pl.col(currency) if isinstance(currency, str) else currency)
    return made


def _where(relation: Values, table: Values, names: Names) -> pl.Expr | None:
    """The declared conditions."""
    conditions = [build_condition(part["where"], names) for part in (table, relation) if "where" in part]
    return reduce(and_, conditions) if conditions else None
