"""Tables of a DuckDB store, derived from the vocabulary: one of facts and one of losing versions for each edge type.

Decides names, column types and the statements that move facts in and out. Opens no file.
"""

import polars as pl

from graph.derived import FACT_COLUMNS, fact_schema, properties, table_name
from graph.vocabulary import RELATIONS, EdgeType

META_TABLE = "creditgraph"
IDENTIFIERS = ("id", "source_id", "target_id")
INCOMING = "incoming"
"""Name under which rows, or the ids to look for, are handed to a statement."""

_SQL: dict[pl.DataType, str] = {
    pl.String(): "VARCHAR",
    pl.Int64(): "BIGINT",
    pl.Float64(): "DOUBLE",
    pl.Boolean(): "BOOLEAN",
}


def losers_table(edge: EdgeType) -> str:
    """Name of the table of versions that lost against another version of their id."""
    return table_name(edge) + "__losers"


def create_statements() -> list[str]:
    """Statements that make every table of an empty store."""
    made = [
        f"CREATE TABLE {META_TABLE} (vocabulary_digest VARCHAR, pepper_fingerprint VARCHAR, format INTEGER,"
        " generation BIGINT, seq BIGINT)"
    ]
    for spec in RELATIONS:
        columns = ", ".join(_column(spec.edge, name) for name in fact_schema(spec.edge))
        made.append(f'CREATE TABLE "{table_name(spec.edge)}" ({columns}, seq BIGINT NOT NULL)')
        made.append(f'CREATE TABLE "{losers_table(spec.edge)}" ({columns})')
    return made


def select_columns(edge: EdgeType, *, seq: bool = False) -> str:
    """Select list that gives a fact as `derived.fact_schema` has it, ids as 32 hexadecimal digits."""
    texts = [f"replace({c}::VARCHAR, '-', '') AS {c}" if c in IDENTIFIERS else f'"{c}"' for c in fact_schema(edge)]
    return ", ".join([*texts, "seq"] if seq else texts)


def insert_statement(edge: EdgeType, table: str, *, seq: bool = False) -> str:
    """Statement that inserts the rows of `incoming` into a table of this edge type."""
    names = [*fact_schema(edge), "seq"] if seq else list(fact_schema(edge))
    values = ", ".join(f"{c}::UUID" if c in IDENTIFIERS else f'"{c}"' for c in names)
    columns = ", ".join(f'"{c}"' for c in names)
    return f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM {INCOMING}'


def delete_statement(table: str) -> str:
    """Statement that deletes the rows whose id is in `incoming`."""
    return f'DELETE FROM "{table}" WHERE id IN (SELECT id::UUID FROM {INCOMING})'


def held_statement(edge: EdgeType, table: str) -> str:
    """Statement that reads the rows whose id is in `incoming`."""
    return f'SELECT {select_columns(edge)} FROM "{table}" WHERE id IN (SELECT id::UUID FROM {INCOMING})'


def _column(edge: EdgeType, name: str) -> str:
    required = name in FACT_COLUMNS or any(p.required for p in properties(edge) if p.name == name)
    kind = "UUID" if name in IDENTIFIERS else _SQL[fact_schema(edge)[name]]
    return f'"{name}" {kind}{" NOT NULL" if required else ""}'
