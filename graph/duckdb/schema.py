"""Tables of a DuckDB store, derived from the vocabulary: one of facts and one of losing versions for each edge type.

Decides names, column types and the statements that move facts in and out. Opens no file.
"""

import polars as pl

from graph.derived import FACT_COLUMNS, OPTIONAL_FACT_COLUMNS, fact_schema, table_name
from graph.vocabulary import RELATIONS, EdgeType

META_TABLE = "creditgraph"
CHECKPOINTS_TABLE = "creditgraph_checkpoints"
IDENTIFIERS = ("id", "source_id", "target_id")
INCOMING = "incoming"
"""Name under which rows, or the ids to look for, are handed to a statement; identifiers in it are UUID."""

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
        " generation BIGINT, seq BIGINT, retired_seq BIGINT)",
        f"CREATE TABLE {CHECKPOINTS_TABLE} (key VARCHAR NOT NULL, text VARCHAR NOT NULL)",
    ]
    for spec in RELATIONS:
        columns = ", ".join(_column(spec.edge, name) for name in fact_schema(spec.edge))
        made.append(f'CREATE TABLE "{table_name(spec.edge)}" ({columns}, seq BIGINT NOT NULL)')
        made.append(f'CREATE TABLE "{losers_table(spec.edge)}" ({columns})')
    return made


def select_columns(edge: EdgeType, *, seq: bool = False) -> str:
    """Select list of the columns of `derived.fact_schema`."""
    names = [f'"{name}"' for name in fact_schema(edge)]
    return ", ".join([*names, "seq"] if seq else names)


def insert_statement(edge: EdgeType, table: str, *, seq: bool = False) -> str:
    """Statement that inserts the rows of `incoming` into a table of this edge type."""
    names = [*fact_schema(edge), "seq"] if seq else list(fact_schema(edge))
    columns = ", ".join(f'"{c}"' for c in names)
    return f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM {INCOMING}'


def delete_statement(table: str) -> str:
    """Statement that deletes the rows whose id is in `incoming`."""
    return f'DELETE FROM "{table}" WHERE id IN (SELECT id FROM {INCOMING})'


def held_statement(edge: EdgeType, table: str) -> str:
    """Statement that reads the rows whose id is in `incoming`."""
    return f'SELECT {select_columns(edge)} FROM "{table}" WHERE id IN (SELECT id FROM {INCOMING})'


def erase_statement(edge: EdgeType, table: str, end: str) -> str:
    """Statement that deletes the rows with this end among the ids of `incoming`, and gives them."""
    return f'DELETE FROM "{table}" WHERE {end} IN (SELECT id FROM {INCOMING}) RETURNING {select_columns(edge)}'


def members_statement(edge: EdgeType) -> str:
    """Statement that reads the versions of the series whose ids are in `incoming`."""
    table = table_name(edge)
    return f'SELECT {select_columns(edge)} FROM "{table}" WHERE series IN (SELECT series FROM {INCOMING})'


def named_statement(table: str, end: str) -> str:
    """Statement that gives those ids of `incoming` that some row has at this end."""
    return f'SELECT DISTINCT {end} AS id FROM "{table}" WHERE {end} IN (SELECT id FROM {INCOMING})'


def _column(edge: EdgeType, name: str) -> str:
    # A withdrawn version may lack any property, which no column can tell: `facts.check_batch` asks for those of others.
    required = name in FACT_COLUMNS and name not in OPTIONAL_FACT_COLUMNS
    kind = "UUID" if name in IDENTIFIERS else _SQL[fact_schema(edge)[name]]
    return f'"{name}" {kind}{" NOT NULL" if required else ""}'
