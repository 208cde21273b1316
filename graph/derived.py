"""What follows from the vocabulary: its digest, the columns of each kind of fact, PyG types, reverse names.

Pure functions of `graph/vocabulary.py`; nothing here is declared a second time.
"""

import json
from functools import cache
from hashlib import sha256

import polars as pl

from graph.vocabulary import NODES, RELATIONS, SPECS, VOCABULARY_VERSION, EdgeType, Kind, NodeLabel, PropSpec

REVERSE_PREFIX = "rev_"

FACT_COLUMNS: dict[str, pl.DataType] = {
    "id": pl.String(),
    "source_id": pl.String(),
    "target_id": pl.String(),
    "at_us": pl.Int64(),
    "known_at_s": pl.Int64(),
    "attested_by": pl.String(),
    "basis": pl.String(),
    "undated": pl.Boolean(),
    "origin": pl.String(),
    "series": pl.String(),
    "withdrawn": pl.Boolean(),
}
"""Columns every fact has, before its own properties; ids are 32 hexadecimal digits, times UTC.

Of a source that declares corrections each version is a fact of its own: `series` is the id that its versions share, and
`withdrawn` is true where a version states nothing but that those before it are over. Both are null elsewhere.
"""

OPTIONAL_FACT_COLUMNS = frozenset({"series", "withdrawn"})

_POLARS: dict[Kind, pl.DataType] = {
    Kind.INTEGER: pl.Int64(),
    Kind.MONEY: pl.Int64(),
    Kind.DECIMAL: pl.Float64(),
    Kind.CATEGORY: pl.String(),
}


@cache
def vocabulary_digest() -> str:
    """SHA-256 of the whole declaration, 64 hexadecimal digits; equal digests mean interchangeable stores."""
    declared = {
        "version": VOCABULARY_VERSION,
        "nodes": [[n.label, n.key] for n in sorted(NODES, key=lambda n: n.label)],
        "relations": [
            [
                *r.edge,
                r.family,
                sorted(r.crossed_by),
                r.retention_days,
                r.owned,
                [[p.name, p.kind, p.unit, p.required] for p in r.properties],
            ]
            for r in sorted(RELATIONS, key=lambda r: r.edge)
        ],
    }
    return sha256(json.dumps(declared, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def fact_schema(edge: EdgeType) -> dict[str, pl.DataType]:
    """Polars columns of a fact of this edge type, in stored order."""
    return FACT_COLUMNS | {p.name: _POLARS[p.kind] for p in properties(edge)}


def properties(edge: EdgeType) -> tuple[PropSpec, ...]:
    """Declared properties of an edge type, in declared order."""
    return SPECS[edge].properties


def table_name(edge: EdgeType) -> str:
    """Name of an edge type in lower snake, for tables and files: `person__applied_for__loan`."""
    return "__".join(part.lower() for part in edge)


def reverse_edge(edge: EdgeType) -> tuple[str, str, str]:
    """PyG triple of the edge type read from target to source."""
    return (edge.target, REVERSE_PREFIX + edge.rel, edge.source)


def edges_at(label: NodeLabel) -> tuple[EdgeType, ...]:
    """Edge types that have this label at either end, in declared order."""
    return tuple(r.edge for r in RELATIONS if label in (r.edge.source, r.edge.target))
