"""The JSON Schema of a mapping file: what checks a mapping, and what is published for editors, is this one declaration.

python -m ingest.mapping > docs/mapping.schema.json
"""

import json
from collections.abc import Mapping
from typing import Any

from graph.vocabulary import RELATIONS, Attestation, Basis, EdgeType, Purpose
from ingest.mapping.types import COLUMN_TYPES, SHAPES
from ingest.source import Format

Schema = dict[str, Any]

FORMAT_VERSION = 1
FORMATS = (Format.DELIMITED, Format.JSON_LINES, Format.PARQUET)
ENCODINGS = ("utf-8", "windows-1252", "iso-8859-1", "iso-8859-15", "iso-8859-2", "windows-1250", "windows-1251", "gb18030")
INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$"
NAME = "^[a-z][a-z0-9_]{0,62}$"
COMPARISONS = ("equals", "in", "present", "above", "at_least", "below", "at_most")


def relation_text(edge: EdgeType) -> str:
    """An edge type as mappings write it: `Person RATED Person`."""
    return " ".join(edge)


EDGES: Mapping[str, EdgeType] = {relation_text(spec.edge): spec.edge for spec in RELATIONS}

_NAME: Schema = {"type": "string", "pattern": NAME}
_SENTENCE: Schema = {"type": "string", "minLength": 3}
_HEADER: Schema = {"type": "string"}
_SCALAR: Schema = {"type": ["string", "integer", "number", "boolean"]}
_NUMBER: Schema = {"type": ["integer", "number"]}
_FLAG: Schema = {"type": "boolean"}
_INSTANT: Schema = {"type": "string", "pattern": INSTANT, "description": "UTC, as in 2024-01-31T00:00:00Z"}
_ATTESTATION: Schema = {"enum": [member.value for member in Attestation]}


def _closed(properties: Schema, *required: str, **more: Any) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False} | more


def _list(items: Schema, least: int = 1) -> Schema:
    return {"type": "array", "items": items, "minItems": least}


_OPTIONS: dict[str, Schema] = {
    "pattern": {"type": "string", "description": "Rust regular expression the text must match"},
    "codes": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
    "least": {"type": "integer"},
    "most": {"type": "integer"},
    "decimal_mark": {"enum": [".", ","]},
    "group_mark": {"enum": ["", ".", ",", " ", "'"]},
    "signed": _FLAG,
    "unit": {"enum": [10**power for power in range(7)], "description": "how many major units one is"},
    "finer_digits": {"enum": ["refuse", "cut"], "description": "what becomes of digits finer than a minor unit"},
    "zone": {"type": "string", "minLength": 3, "description": "IANA zone, as in Europe/Berlin"},
    "format": {"type": "string", "description": "strptime format of " + ", ".join(f"%{letter}" for letter in SHAPES)},
    "promise": _FLAG | {"description": "may lie after the delivery, as a due date may"},
    "country_code": {"type": "string", "pattern": "^[1-9][0-9]{0,2}$"},
}
_COMMON = ("header", "name", "type", "optional")
COLUMN_KEYS = frozenset({*_COMMON, *_OPTIONS})
"""Every key that a column of some type may have."""


def _column() -> Schema:
    properties = {"header": _HEADER, "name": _NAME, "type": {"enum": list(COLUMN_TYPES)}, "optional": _FLAG} | _OPTIONS
    by_type = [
        {
            "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
            "then": {"propertyNames": {"enum": [*_COMMON, *kind.options]}, "required": list(kind.required)},
        }
        for name, kind in COLUMN_TYPES.items()
    ]
    return _closed(properties, "header", "type", allOf=by_type)


_VALUE: Schema = {
    "type": ["string", "object"],
    "description": "a column's name, or a value made of columns",
    "properties": {
        "column": _NAME,
        "columns": _list(_NAME),
        "prefix": {"type": "string", "minLength": 1},
        "separator": {"type": "string", "minLength": 1},
        "constant": {"type": ["string", "integer", "number"]},
        "absolute": _FLAG | {"description": "without the sign"},
    },
    "additionalProperties": False,
    "minProperties": 1,
}
_CONDITION: Schema = _closed(
    {
        "all": _list({"$ref": "#/$defs/condition"}),
        "any": _list({"$ref": "#/$defs/condition"}),
        "not": {"$ref": "#/$defs/condition"},
        "column": _NAME,
        "equals": _SCALAR,
        "in": _list(_SCALAR),
        "present": _FLAG,
        **{name: _NUMBER for name in ("above", "at_least", "below", "at_most")},
    },
    minProperties=1,
)
_RELATION: Schema = _closed(
    {
        "relation": {"enum": list(EDGES)},
        "source": {"$ref": "#/$defs/value"},
        "target": {"$ref": "#/$defs/value"},
        "at": _NAME,
        "known": _NAME,
        "undated": _INSTANT | {"description": "when the fact counts as known, where the source gives no date"},
        "identity": _list(_NAME),
        "properties": {"type": "object", "additionalProperties": {"$ref": "#/$defs/value"}},
        "where": {"$ref": "#/$defs/condition"},
        "attested_by": _ATTESTATION,
    },
    *("relation", "source", "target", "identity"),
)
_FORMAT: Schema = _closed(
    {
        "kind": {"enum": [member.value for member in FORMATS]},
        "delimiter": {"enum": [",", ";", "\t", "|", ":", "^", "~"]},
        "encoding": {"enum": list(ENCODINGS)},
        "header": _FLAG,
    },
    "kind",
)


def _table() -> Schema:
    return _closed(
        {
            "name": _NAME,
            "file": {"type": "string", "pattern": r"^[^/\\\x00]+$"},
            "format": _FORMAT,
            "optional": _FLAG,
            "missing": _list({"type": "string"}, least=0),
            "columns": _list(_column()),
            "ignored": {"type": "object", "additionalProperties": _SENTENCE},
            "constants": {"type": "object", "propertyNames": {"pattern": NAME}, "additionalProperties": {"type": "string"}},
            "numbered_repeats": _list(_NAME),
            "not_before": _list(_closed({"later": _NAME, "earlier": _NAME}, "later", "earlier")),
            "where": {"$ref": "#/$defs/condition"},
            "corrections": _FLAG | {"description": "a row replaces those of the same identity that were known before it"},
            "deleted_when": _closed({"column": _NAME, "values": _list(_SCALAR)}, "column", "values")
            | {"description": "which rows state that the facts of their identity are over"},
            "relations": _list(_RELATION, least=0),
        },
        *("name", "file", "format", "columns", "relations"),
    )


def build_schema() -> Schema:
    """The schema of a whole mapping file (JSON Schema 2020-12)."""
    whole = _closed(
        {
            "mapping": {"const": FORMAT_VERSION, "description": "version of this format"},
            "draft": _FLAG | {"description": "a draft can be checked and not loaded"},
            "name": _NAME,
            "publisher": _SENTENCE,
            "basis": {"enum": [member.value for member in Basis]},
            "purpose": {"enum": [member.value for member in Purpose]},
            "delivered_at": _INSTANT,
            "attested_by": _ATTESTATION,
            "unread": {"type": "object", "additionalProperties": _SENTENCE},
            "tables": _list(_table()),
        },
        *("mapping", "name", "publisher", "purpose", "delivered_at", "tables"),
    )
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:creditgraph:mapping:{FORMAT_VERSION}",
        "title": "A source of facts, declared by a file",
    }
    return head | whole | {"$defs": {"value": _VALUE, "condition": _CONDITION}}


def build_text() -> str:
    """The schema as it is published."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"
