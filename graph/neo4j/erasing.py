"""Forgets nodes on Neo4j: their facts, the versions that lost, and every node that then stands bare.

One write transaction like any other; what it forgets, and what then stands in its stead, is as `graph/store.py` says.
"""

from collections.abc import Collection, Mapping

import polars as pl

from graph.derived import fact_schema, table_name
from graph.facts import FactBatch
from graph.identity import NodeKey
from graph.neo4j import statements
from graph.neo4j.packing import packed_schema, unpack
from graph.neo4j.writing import Writing, pieces
from graph.store import EraseReport, draw_generation
from graph.versions import replaced_versions
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel


def erase(writing: Writing, nodes: Mapping[NodeLabel, Collection[NodeKey]]) -> EraseReport:
    """Forget nodes within a write that has put nothing yet; draws a new generation.

    Args:
        writing: Of an open transaction; still to be finished.
        nodes: Keys by label; those that are not there are passed over.
    """
    versions, taken = 0, []
    for spec in RELATIONS:
        ends = [
            (label, end)
            for label, end in ((spec.edge.source, "source_id"), (spec.edge.target, "target_id"))
            if nodes.get(label)
        ]
        if ends:
            versions += sum(_drop_losers_at(writing, spec.edge, end, nodes[label]) for label, end in ends)
            facts = pl.concat(
                [_take_away_at(writing, spec.edge, label, nodes[label]) for label in {label for label, _ in ends}]
            )
            facts = pl.concat([facts, _take_replaced(writing, spec.edge, facts)])
            _settle_anew(writing, spec.edge, facts["id"])
            taken.append((spec.edge, facts))
    bare = sum(writing.drop_bare_nodes(edge, facts) for edge, facts in taken)
    erased = sum(facts.height for _, facts in taken)
    if erased:
        writing.mark_retired()
    writing.run(statements.SET_GENERATION, generation=draw_generation())
    return EraseReport(facts=erased, versions=versions, nodes=bare)


def _take_away_at(writing: Writing, edge: EdgeType, label: NodeLabel, keys: Collection[NodeKey]) -> pl.DataFrame:
    taken = [pl.DataFrame(schema=packed_schema(edge))]
    for piece in pieces(sorted(keys)):
        taken.append(writing.take_away(edge, writing.read(statements.read_ids_at(edge, label), keys=piece)))
    return pl.concat(taken)


def _take_replaced(writing: Writing, edge: EdgeType, taken: pl.DataFrame) -> pl.DataFrame:
    """Take away the versions that some version taken away had replaced; they would count again."""
    replaced = [taken.clear()]
    for piece in pieces(taken["series"].drop_nulls().unique().sort()):
        members = unpack(writing.read(statements.read_members(edge), series=piece), packed_schema(edge))
        replaced.append(writing.take_away(edge, replaced_versions(members, taken)["id"]))
    return pl.concat(replaced)


def _drop_losers_at(writing: Writing, edge: EdgeType, end: str, keys: Collection[NodeKey]) -> int:
    field = list(fact_schema(edge)).index(end)
    return sum(
        writing.run(statements.DELETE_LOSERS_AT, edge=table_name(edge), field=field, keys=piece).nodes_deleted
        for piece in pieces(sorted(keys))
    )


def _settle_anew(writing: Writing, edge: EdgeType, ids: pl.Series) -> None:
    """Where versions between other nodes lost to a fact that is erased, the first of them stands now."""
    left: list[str] = []
    for piece in pieces(ids):
        left += writing.read(statements.READ_LOSERS_OF, ids=piece, edge=table_name(edge))
    if left:
        writing.drop_losers(edge, ids)
        writing.put(FactBatch(edge, unpack(left, fact_schema(edge))))
