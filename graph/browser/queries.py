"""Reads the saved queries and runs one, read-only, on a server.

A query is known by its name; its text is in `queries.cypher` alone. Values come back as text fit for a table.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

import neo4j

from graph.neo4j.failure import translated

_BLOCK = re.compile(r"// name: (?P<name>\w+)\n// shows: (?P<shows>[^\n]+)\n(?P<text>[^;]+);", re.MULTILINE)


@dataclass(frozen=True)
class SavedQuery:
    """One query: its name, what it shows in one line, and its statement without the closing semicolon."""

    name: str
    shows: str
    text: str


@dataclass(frozen=True)
class QueryAnswer:
    """Columns and rows of a query's answer, as text; `count` is the number of all rows, of which `rows` are the first."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int


@cache
def read_queries() -> tuple[SavedQuery, ...]:
    """All saved queries, in the order of the file."""
    text = files(__package__).joinpath("queries.cypher").read_text(encoding="utf-8")
    return tuple(SavedQuery(m["name"], m["shows"], m["text"].strip()) for m in _BLOCK.finditer(text))


def run_query(url: str, query: SavedQuery, *, most_rows: int, auth: tuple[str, str] | None = None) -> QueryAnswer:
    """Run one saved query in a transaction that may not write.

    Args:
        url: `bolt://host:port` of the server.
        query: One of `read_queries()`.
        most_rows: How many rows to keep as text; all are counted.
        auth: User and password; None for a server without authentication.

    Raises:
        StoreUnavailable: no server answers there, or it refuses the query.
    """
    with (
        translated(url),
        neo4j.GraphDatabase.driver(url, auth=auth) as driver,
        driver.session(default_access_mode=neo4j.READ_ACCESS) as session,
    ):
        result = session.run(neo4j.Query(query.text))
        kept = tuple(tuple(_text(v) for v in record.values()) for record in islice(result, most_rows))
        return QueryAnswer(tuple(result.keys()), kept, len(kept) + sum(1 for _ in result))


def _text(value: Any) -> str:
    if isinstance(value, neo4j.graph.Path):
        return _path_text(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_text(v) for v in value)
    return str(value)


def _path_text(path: neo4j.graph.Path) -> str:
    """`(Person)-[REFERRED]->(Person)`, arrows as stored."""
    here: neo4j.graph.Node | None = path.start_node
    text = _labels(here)
    for relation in path.relationships:
        forward = relation.start_node == here
        here = relation.end_node if forward else relation.start_node
        text += f"-[{relation.type}]->{_labels(here)}" if forward else f"<-[{relation.type}]-{_labels(here)}"
    return text


def _labels(node: "neo4j.graph.Node | None") -> str:
    return "()" if node is None else "(" + ":".join(sorted(node.labels)) + ")"
