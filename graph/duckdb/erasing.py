"""Forgets nodes in a DuckDB file: their facts and the versions that lost; a node is gone when no fact names it.

One write transaction like any other; what it forgets, and what then stands in its stead, is as `graph/store.py` says.
"""

from collections.abc import Collection, Mapping

import polars as pl

from graph.derived import edges_at, fact_schema, table_name
from graph.duckdb import schema
from graph.duckdb.writing import Writing, as_batch
from graph.identity import NodeKey
from graph.store import EraseReport
from graph.versions import replaced_versions
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel


def erase(writing: Writing, nodes: Mapping[NodeLabel, Collection[NodeKey]]) -> EraseReport:
    """Forget nodes within a write that has put nothing yet.

    Args:
        writing: Of an open transaction; still to be finished.
        nodes: Keys by label; those that are not there are passed over.
    """
    erased = versions = 0
    named: dict[NodeLabel, set[str]] = {label: set() for label in NodeLabel}
    for spec in RELATIONS:
        edge = spec.edge
        versions += _take_away(writing, edge, schema.losers_table(edge), nodes).height
        facts = _take_away(writing, edge, table_name(edge), nodes)
        facts = pl.concat([facts, _take_replaced(writing, edge, facts)])
        if facts.height:
            named[edge.source].update(facts["source_id"])
            named[edge.target].update(facts["target_id"])
            _settle_anew(writing, edge, facts.select("id"))
        erased += facts.height
    if erased:
        writing.mark_retired()
    bare = sum(len(keys - _still_named(writing, label, keys)) for label, keys in named.items() if keys)
    return EraseReport(facts=erased, versions=versions, nodes=bare)


def _take_away(writing: Writing, edge: EdgeType, table: str, nodes: Mapping[NodeLabel, Collection[NodeKey]]) -> pl.DataFrame:
    taken = [pl.DataFrame(schema=fact_schema(edge))]
    for label, end in ((edge.source, "source_id"), (edge.target, "target_id")):
        if nodes.get(label):
            rows = writing.read_with(schema.erase_statement(edge, table, end), _keys(nodes[label]))
            taken.append(as_batch(edge, rows).rows)
    return pl.concat(taken)


def _take_replaced(writing: Writing, edge: EdgeType, taken: pl.DataFrame) -> pl.DataFrame:
    """Take away the versions that some version taken away had replaced; they would count again."""
    series = taken.select("series").drop_nulls().unique()
    if not series.height:
        return taken.clear()
    members = as_batch(edge, writing.read_with(schema.members_statement(edge), series))
    replaced = replaced_versions(members.rows, taken)
    writing.run_with(schema.delete_statement(table_name(edge)), replaced.select("id"))
    return replaced


def _settle_anew(writing: Writing, edge: EdgeType, ids: pl.DataFrame) -> None:
    """Where versions between other nodes lost to a fact that is erased, the first of them stands now."""
    losers = schema.losers_table(edge)
    left = as_batch(edge, writing.read_with(schema.held_statement(edge, losers), ids))
    if len(left):
        writing.run_with(schema.delete_statement(losers), ids)
        writing.put(left)


def _still_named(writing: Writing, label: NodeLabel, keys: set[str]) -> set[str]:
    found: set[str] = set()
    for edge in edges_at(label):
        for at, end in ((edge.source, "source_id"), (edge.target, "target_id")):
            if at is label and len(found) < len(keys):
                found.update(writing.read_with(schema.named_statement(table_name(edge), end), _keys(keys))["id"])
    return found


def _keys(keys: Collection[str]) -> pl.DataFrame:
    return pl.DataFrame({"id": sorted(keys)}, {"id": pl.String})
