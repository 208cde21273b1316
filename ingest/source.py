"""The shape of a declared source: its files, columns, checks, look-ups and the facts each accepted row gives.

Only declarations; reading is in ingest/formats, building facts in ingest/facts.py. A declaration that contradicts
the vocabulary or itself is refused when it is made, so a source that imports can be loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import polars as pl

from graph.derived import properties
from graph.vocabulary import UNCORRECTED, Attestation, Basis, EdgeType, Purpose
from ingest.checks import Check
from ingest.values import Parser

RESERVED = frozenset({"linkage", "request"})
"""Origins of facts that no file states."""


class Format(StrEnum):
    """How the text of a file becomes rows; each has a module in ingest/formats."""

    DELIMITED = "delimited"
    JSON_LINES = "json_lines"
    CAMT_053 = "camt_053"
    VCARD = "vcard"
    PARQUET = "parquet"


@dataclass(frozen=True)
class ColumnSpec:
    """One column that is read: its header in the file, the name used in rules, how its text is understood.

    What a header is depends on the format: a name in the first line, a dotted path, a field of a statement's entry, a
    property of a card.
    """

    header: str
    name: str
    parser: Parser
    optional: bool = False


@dataclass(frozen=True)
class Lookup:
    """Takes columns from accepted rows of an earlier table; a row without exactly one counterpart is refused.

    `where` restricts the rows looked in, `take` maps their column names to new ones. Where a counterpart is not
    `required`, a row without exactly one is kept and has null in the taken columns.
    """

    table: str
    on: str
    take: Mapping[str, str]
    key: str | None = None
    where: pl.Expr | None = None
    required: bool = True


@dataclass(frozen=True)
class Dated:
    """The fact happened at moment `at` and was known when moment `known` was; both name Moment columns."""

    at: str
    known: str | None = None


@dataclass(frozen=True)
class Undated:
    """The source gives no date; the fact counts as known from an instant declared here."""

    known_at: datetime


@dataclass(frozen=True, eq=False)
class FactRule:
    """One fact for every accepted row where `where` holds (all rows without it).

    `source` and `target` are the raw ids of the two ends, `identity` the fewest stable columns that tell the fact
    apart within its source and relation; strings name columns. `attested_by` overrides the source's own. A row without a
    value in one of the columns that it `needs` states no fact.
    """

    edge: EdgeType
    source: str | pl.Expr
    target: str | pl.Expr
    when: Dated | Undated
    identity: tuple[str, ...]
    properties: Mapping[str, str | pl.Expr] = field(default_factory=dict)
    where: pl.Expr | None = None
    attested_by: Attestation | None = None
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        declared = {p.name for p in properties(self.edge)}
        required = {p.name for p in properties(self.edge) if p.required}
        given = set(self.properties)
        if given - declared or required - given:
            raise ValueError(
                f"{':'.join(self.edge)}: undeclared {sorted(given - declared)}, lacking {sorted(required - given)}"
            )


@dataclass(frozen=True, eq=False)
class Corrections:
    """Declares that each row of a table is a version of its facts, which replaces those known before it.

    Where `deleted` holds, which is never null, a row states that its facts are over from when it is known; it may then lack
    the columns `may_lack`.
    """

    deleted: pl.Expr | None = None
    may_lack: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class TableSpec:
    """One file: how it is written, its columns, and what its rows become.

    `ignored` names headers that are known and not read, with the reason; `missing` lists texts that mean no value;
    `derived` adds columns, one after the other, computed from those before it, and then `checks` are applied. A file that
    is `optional` may be absent from a delivery. A table is read in pieces, and what becomes of a row must not depend on other
    rows; where it does (look-ups into it, windows in `derived`), the table is `whole` and its file read as one piece. In a
    delimited file that does not have a header the columns' headers are their places: `1`, `2` and so on. Where the table has
    `corrections`, facts of one identity are versions of one fact.
    """

    name: str
    file: str
    columns: tuple[ColumnSpec, ...]
    rules: tuple[FactRule, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)
    lookups: tuple[Lookup, ...] = ()
    derived: Mapping[str, pl.Expr] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    format: Format = Format.DELIMITED
    optional: bool = False
    whole: bool = False
    delimiter: str = ","
    has_header: bool = True
    encoding: str = "utf-8"
    missing: tuple[str, ...] = ("",)
    least_rows: int = 1
    most_rows: int = 20_000_000
    corrections: Corrections | None = None

    def __post_init__(self) -> None:
        for rule in self.rules if self.corrections is not None else ():
            if rule.edge.rel in UNCORRECTED or isinstance(rule.when, Undated):
                raise ValueError(f"table {self.name}: {rule.edge.rel} takes no corrections, or its rows tell no time")


@dataclass(frozen=True, eq=False)
class SourceSpec:
    """A source of facts. `delivered_at` is the recorded time of the delivery, against which "future" is judged.

    Tables are read in declared order, so look-ups may only name earlier ones. `unread` names files of the delivery
    that are known and left alone, with the reason.
    """

    name: str
    publisher: str
    basis: Basis
    delivered_at: datetime
    tables: tuple[TableSpec, ...]
    unread: Mapping[str, str] = field(default_factory=dict)
    attested_by: Attestation = Attestation.INSTITUTION
    purpose: Purpose = Purpose.CREDIT_SCORING

    @property
    def needs_consent(self) -> bool:
        """Whether its facts stand on the consent of the persons they are about."""
        return self.basis is Basis.CONSENT

    def is_looked_into(self, table: TableSpec) -> bool:
        """Whether another table takes columns from its rows."""
        return any(lookup.table == table.name for other in self.tables for lookup in other.lookups)

    def __post_init__(self) -> None:
        if self.name in RESERVED:
            raise ValueError(f"source {self.name}: the name is kept for facts that no file states; take another")
        if self.delivered_at.tzinfo is None:
            raise ValueError(f"source {self.name}: delivered_at needs a zone")
        seen: set[str] = set()
        for table in self.tables:
            unknown = {lookup.table for lookup in table.lookups} - seen
            if unknown or table.name in seen:
                raise ValueError(f"source {self.name}: table {table.name} is repeated or looks up {sorted(unknown)} too early")
            seen.add(table.name)
