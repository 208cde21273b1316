"""The page about all declared sources, from their declarations: fields, what rows become, basis, what is refused.

python -m ingest.documentation > docs/sources.md
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest.catalogue import SOURCES
from ingest.checks import RejectReason
from ingest.mapping.build import build_source
from ingest.mapping.conditions import show_condition
from ingest.mapping.document import read_document
from ingest.mapping.names import column_name
from ingest.mapping.parsers import MarkedInteger, MarkedMoney, Tidied
from ingest.source import Dated, FactRule, Format, SourceSpec, TableSpec
from ingest.values import Code, Integer, Moment, Money, Parser, Text

MAPPINGS = Path(__file__).parent.parent / "mappings"

HEAD = """# Sources

Derived from the declarations by `python -m ingest.documentation`. A source is declared in code (`ingest/catalogue.py`) or by a
mapping file ([mapping.md](mapping.md)); both become the same thing. Every row read is in the graph once or in quarantine once.

Whatever the source, a file is refused as a whole where a column seems to hold religion, genes, biometrics, blood type, disease
or ethnicity, told by its name or by its values; and a row is refused, and kept in quarantine, for these reasons at least:
{reasons}.
"""

ANYWHERE = (
    RejectReason.BAD_ENCODING,
    RejectReason.LINE_TOO_LONG,
    RejectReason.CONTROL_CHARACTER,
    RejectReason.BROKEN_RECORD,
    RejectReason.BROKEN_QUOTES,
    RejectReason.TRUNCATED_ROW,
    RejectReason.SURPLUS_FIELD,
)
"""Reasons that no declaration can take away."""

_FORMATS: Mapping[Format, str] = {
    Format.DELIMITED: "delimited text",
    Format.JSON_LINES: "JSON Lines",
    Format.CAMT_053: "ISO 20022 camt.053",
    Format.VCARD: "vCard",
    Format.PARQUET: "Parquet",
}
Wheres = Mapping[tuple[str, int], str]
"""Conditions in words, by table and number of the rule, where the declaration has words for them."""


def build_page() -> str:
    """The page as Markdown: sources declared in code, then those declared by a mapping of this repository."""
    parts = [HEAD.format(reasons=", ".join(f"`{reason}`" for reason in ANYWHERE))]
    for source in SOURCES.values():
        parts += _source(source, "declared in code", {})
    for path in sorted(MAPPINGS.glob("*.yaml")):
        document = read_document(path)
        parts += _source(build_source(document), f"declared by `mappings/{path.name}`", _wheres(document.values))
    return "\n".join(parts) + "\n"


def _source(source: SourceSpec, declared: str, wheres: Wheres) -> Iterator[str]:
    yield f"\n## {source.name}\n"
    yield f"{source.publisher}; {declared}."
    yield f"Basis `{source.basis}`, purpose `{source.purpose}`, delivered {source.delivered_at:%Y-%m-%d},"
    yield f"attested by `{source.attested_by}` unless a relation says otherwise."
    for table in source.tables:
        yield from _table(source, table, wheres)
    if source.unread:
        yield "\nNot read: " + "; ".join(f"`{name}` ({why})" for name, why in source.unread.items()) + "."


def _table(source: SourceSpec, table: TableSpec, wheres: Wheres) -> Iterator[str]:
    title = f"\n### {source.name}: {table.name}\n"
    optional = "; the file may be absent" if table.optional else ""
    yield f"{title}\n`{table.file}`, {_FORMATS[table.format]}{_details(table)}{optional}.\n"
    yield "| field | read as | |"
    yield "|---|---|---|"
    for column in table.columns:
        named = "" if column.name == column.header else f" `{column.name}`,"
        yield f"| `{_cell(column.header)}` |{named} {_parser(column.parser)} | {'may be missing' if column.optional else ''} |"
    for header, why in table.ignored.items():
        yield f"| `{_cell(header)}` | not read | {_cell(why)} |"
    if table.rules:
        versions = " a version of each of these, or that they are over" if table.corrections else ""
        yield f"\nEvery accepted row states{versions}:\n"
    for number, rule in enumerate(table.rules):
        yield f"- {_rule(rule, source, wheres.get((table.name, number), ''))}"
    reasons = dict.fromkeys(_reasons(table))
    if reasons:
        yield "\nRefused besides: " + ", ".join(reasons) + "."


def _details(table: TableSpec) -> str:
    if table.format is not Format.DELIMITED:
        return ""
    mark = {"\t": "tab"}.get(table.delimiter, table.delimiter)
    return f" (`{mark}`, {table.encoding}, {'with' if table.has_header else 'without'} header)"


def _parser(parser: Parser) -> str:
    if isinstance(parser, Code):
        return f"code: {', '.join(dict.fromkeys(parser.table.values()))}"
    if isinstance(parser, Moment):
        return f"time, zone {parser.zone}" + (", may lie ahead" if parser.promise else "")
    if isinstance(parser, Text):
        return "text" + (f" of the shape `{_cell(parser.pattern)}`" if parser.pattern else "")
    if isinstance(parser, Integer | MarkedInteger):
        return f"whole number, {parser.least:,} to {parser.most:,}"
    if isinstance(parser, Money | MarkedMoney):
        return "amount of money" + (", below zero too" if parser.signed else "")
    if isinstance(parser, Tidied):
        return f"{parser.kind}, brought into one form"
    words = (type(parser).__doc__ or "").partition("\n")[0].strip().rstrip(".")
    return _cell(words[:1].lower() + words[1:]).partition(";")[0]


def _rule(rule: FactRule, source: SourceSpec, where: str) -> str:
    if isinstance(rule.when, Dated):
        times = f"at `{rule.when.at}`, known at `{rule.when.known or rule.when.at}`"
    else:
        times = f"undated, known from {rule.when.known_at:%Y-%m-%d}"
    told = f"`{rule.edge.source}` `{rule.edge.rel}` `{rule.edge.target}`, {times}"
    if rule.properties:
        told += ", with " + ", ".join(f"`{name}`" for name in rule.properties)
    if rule.attested_by and rule.attested_by is not source.attested_by:
        told += f", attested by `{rule.attested_by}`"
    if where:
        told += f"; where {where}"
    elif rule.where is not None or rule.needs:
        told += "; of some rows"
    return f"{told}. One fact for each {', '.join(f'`{name}`' for name in rule.identity)}."


def _reasons(table: TableSpec) -> Iterator[str]:
    if any(not column.optional for column in table.columns):
        yield f"`{RejectReason.MISSING_VALUE}`"
    for column in table.columns:
        if column.parser.fault is not RejectReason.MISSING_VALUE:
            yield f"`{column.parser.fault}`"
        yield from (f"`{check.reason}`" for check in column.parser.checks(column.name, 0))
    for lookup in table.lookups:
        if lookup.required:
            yield f"`{RejectReason.UNKNOWN_PARENT}`"
            yield f"`{RejectReason.AMBIGUOUS_PARENT}`"
    yield from (f"`{check.reason}`" + (f" of `{check.column}`" if check.column else "") for check in table.checks)


def _wheres(mapping: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    wheres: dict[tuple[str, int], str] = {}
    for table in mapping["tables"]:
        optional = {column_name(column) for column in table["columns"] if column.get("optional")}
        for number, relation in enumerate(table["relations"]):
            told = [show_condition(part["where"]) for part in (table, relation) if "where" in part]
            if told or optional:
                wheres[table["name"], number] = " and ".join(told)
    return wheres


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    print(build_page(), end="")
