"""Every Cypher statement, by name, derived from the vocabulary; values always travel as parameters.

Facts are relationships with the fact's columns as properties, its ends being nodes with a `key`. Facts travel packed
(`graph/neo4j/packing.py`). Versions that lost are nodes of their own label, and one node holds the store's identity.
"""

import polars as pl

from graph.derived import FACT_COLUMNS, OPTIONAL_FACT_COLUMNS
from graph.neo4j.packing import FIELD_SEPARATOR, NULL_TEXT, ROW_SEPARATOR, packed_schema
from graph.vocabulary import EdgeType, NodeLabel, RelType

_CASTS = {pl.Int64(): "toInteger", pl.Float64(): "toFloat", pl.Boolean(): "toBoolean"}
_ENDS = {"source_id": "s.key", "target_id": "t.key"}

READ_IDENTITY = """
    MATCH (g:CreditGraph {name: 'store'})
    RETURN g.vocabulary_digest, g.pepper_fingerprint, g.format, g.generation, g.seq, g.retired_seq"""

CREATE_IDENTITY = """
    MERGE (g:CreditGraph {name: 'store'})
    ON CREATE SET g.vocabulary_digest = $vocabulary_digest, g.pepper_fingerprint = $pepper_fingerprint,
                  g.format = $format, g.generation = $generation, g.seq = 0, g.retired_seq = 0"""

LOCK_SEQ = """
    MATCH (g:CreditGraph {name: 'store'})
    SET g.seq = g.seq  // takes the write lock, which is held until the transaction ends
    RETURN g.seq, g.retired_seq"""

SET_SEQ = """
    MATCH (g:CreditGraph {name: 'store'})
    SET g.seq = $seq, g.retired_seq = $retired_seq, g += $last_seq_by_edge"""

SET_GENERATION = "MATCH (g:CreditGraph {name: 'store'}) SET g.generation = $generation"

READ_LAST_SEQS = "MATCH (g:CreditGraph {name: 'store'}) RETURN properties(g)"

READ_LOSERS = "MATCH (v:LosingVersion {edge: $edge}) RETURN collect(v.row)"

READ_LOSERS_OF = (
    "UNWIND split($ids, $separator) AS id MATCH (v:LosingVersion {id: id}) WHERE v.edge = $edge RETURN collect(v.row)"
)

DELETE_LOSERS = "UNWIND split($ids, $separator) AS id MATCH (v:LosingVersion {id: id}) WHERE v.edge = $edge DELETE v"

DELETE_LOSERS_AT = """
    WITH split($keys, $separator) AS keys
    MATCH (v:LosingVersion {edge: $edge}) WHERE split(v.row, $separator)[$field] IN keys
    DELETE v"""

CREATE_LOSERS = """
    WITH split($rows, $row_separator) AS rows, split($ids, $separator) AS ids
    UNWIND range(0, size(ids) - 1) AS i
    CREATE (:LosingVersion {edge: $edge, id: ids[i], row: rows[i]})"""


READ_CHECKPOINTS = "MATCH (c:Checkpoint) WHERE c.key STARTS WITH $prefix RETURN c.key, c.text"

KEEP_CHECKPOINTS = "UNWIND $kept AS kept MERGE (c:Checkpoint {key: kept[0]}) SET c.text = kept[1]"

DELETE_CHECKPOINTS = "UNWIND $keys AS key MATCH (c:Checkpoint {key: key}) DELETE c"


def schema_statements() -> list[str]:
    """Uniqueness of keys for each label and of ids for each relation, and what bookkeeping needs."""
    made = [f"CREATE CONSTRAINT key_{x.lower()} IF NOT EXISTS FOR (n:{x}) REQUIRE n.key IS UNIQUE" for x in NodeLabel]
    made += [f"CREATE CONSTRAINT id_{x.lower()} IF NOT EXISTS FOR ()-[r:{x}]-() REQUIRE r.id IS UNIQUE" for x in RelType]
    made.append("CREATE CONSTRAINT creditgraph_name IF NOT EXISTS FOR (g:CreditGraph) REQUIRE g.name IS UNIQUE")
    made.append("CREATE CONSTRAINT checkpoint_key IF NOT EXISTS FOR (c:Checkpoint) REQUIRE c.key IS UNIQUE")
    made.append("CREATE INDEX losing_version_id IF NOT EXISTS FOR (v:LosingVersion) ON (v.id)")
    return made


def merge_nodes(label: NodeLabel) -> str:
    """Make the nodes that are not there yet; parameter `keys`."""
    return f"UNWIND split($keys, $separator) AS key MERGE (:{label} {{key: key}})"


def create_facts(edge: EdgeType) -> str:
    """Make new relationships between nodes that are there; parameter `rows`, packed."""
    fields = list(packed_schema(edge))
    values = ", ".join(f"{name}: {_value(edge, name, fields.index(name))}" for name in fields if name not in _ENDS)
    source, target = (f"f[{fields.index(end)}]" for end in _ENDS)
    return f"""
    UNWIND split($rows, '{ROW_SEPARATOR}') AS row WITH split(row, '{FIELD_SEPARATOR}') AS f
    MATCH (s:{edge.source} {{key: {source}}}) MATCH (t:{edge.target} {{key: {target}}})
    CREATE (s)-[:{edge.rel} {{{values}}}]->(t)"""


def read_held(edge: EdgeType) -> str:
    """Packed facts among the given ids; parameter `ids`."""
    return f"""
    UNWIND split($ids, $separator) AS id
    MATCH (s:{edge.source})-[r:{edge.rel} {{id: id}}]->(t:{edge.target}) USING INDEX r:{edge.rel}(id)
    RETURN collect({_packed(edge)})"""


def delete_facts(edge: EdgeType) -> str:
    """Delete facts by id; parameter `ids`."""
    return f"""
    UNWIND split($ids, $separator) AS id
    MATCH (s:{edge.source})-[r:{edge.rel} {{id: id}}]->(t:{edge.target}) USING INDEX r:{edge.rel}(id)
    DELETE r"""


def delete_bare_nodes(label: NodeLabel) -> str:
    """Delete those of the given nodes that no fact names; parameter `keys`."""
    return f"UNWIND split($keys, $separator) AS key MATCH (n:{label} {{key: key}}) WHERE NOT (n)--() DELETE n"


def read_ids_at(edge: EdgeType, label: NodeLabel) -> str:
    """Ids of facts at either end of the nodes of this label with the given keys; parameter `keys`."""
    parts = []
    if edge.source is label:
        parts.append(f"MATCH (:{label} {{key: key}})-[r:{edge.rel}]->(:{edge.target})")
    if edge.target is label:
        parts.append(f"MATCH (:{label} {{key: key}})<-[r:{edge.rel}]-(:{edge.source})")
    found = " UNION ".join(f"{part} RETURN r.id AS id" for part in parts)
    return f"UNWIND split($keys, $separator) AS key CALL (key) {{ {found} }} RETURN collect(DISTINCT id)"


def read_members(edge: EdgeType) -> str:
    """Packed versions of the given series; parameter `series`."""
    return f"""
    MATCH (s:{edge.source})-[r:{edge.rel}]->(t:{edge.target}) WHERE r.series IN split($series, $separator)
    RETURN collect({_packed(edge)})"""


def count_facts(edge: EdgeType) -> str:
    """Number of relationships of the edge type's relation, whatever their ends; answered from the count store."""
    return f"MATCH ()-[r:{edge.rel}]->() RETURN count(r)"


def read_page(edge: EdgeType) -> str:
    """Packed facts with `low` <= id < `high` and `seq` > `since` and <= `until`, found through the index of ids."""
    return f"""
    MATCH (s:{edge.source})-[r:{edge.rel}]->(t:{edge.target}) USING INDEX r:{edge.rel}(id)
    WHERE r.id >= $low AND r.id < $high AND r.seq > $since AND r.seq <= $until
    RETURN collect({_packed(edge)})"""


def read_at_node(edge: EdgeType, label: NodeLabel) -> str:
    """Packed facts at either end of the node `key`, known before `as_of_s`; a self relation is found once."""
    parts = []
    if edge.source is label:
        parts.append(f"MATCH (s:{edge.source} {{key: $key}})-[r:{edge.rel}]->(t:{edge.target})")
    if edge.target is label:
        parts.append(f"MATCH (t:{edge.target} {{key: $key}})<-[r:{edge.rel}]-(s:{edge.source})")
    found = " UNION ".join(f"{part} WHERE r.known_at_s < $as_of_s RETURN s, r, t" for part in parts)
    return f"CALL () {{ {found} }} RETURN collect({_packed(edge)})"


def _packed(edge: EdgeType) -> str:
    return f" + '{FIELD_SEPARATOR}' + ".join(_text(edge, name) for name in packed_schema(edge))


def _text(edge: EdgeType, name: str) -> str:
    if name in _ENDS:
        return _ENDS[name]
    field = f"r.{name}"
    if packed_schema(edge)[name] == pl.String:
        given = name in FACT_COLUMNS and name not in OPTIONAL_FACT_COLUMNS
        return field if given else f"coalesce({field}, '{NULL_TEXT}')"
    return f"coalesce(toString({field}), '')"


def _value(edge: EdgeType, name: str, position: int) -> str:
    field = f"f[{position}]"
    dtype = packed_schema(edge)[name]
    return f"nullIf({field}, '{NULL_TEXT}')" if dtype == pl.String else f"{_CASTS[dtype]}({field})"
