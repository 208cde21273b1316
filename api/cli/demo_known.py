"""What the demo's store knew of a person at an instant: the facts of all whom it held to be that person by then.

Follows `SAME_AS` facts in the store itself, where persons stay apart. Decides nothing about who is the same.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from graph.facts import FactBatch
from graph.identity import NodeKey
from graph.store import GraphStore
from graph.vocabulary import EdgeType, NodeLabel, RelType

PERSON = NodeLabel.PERSON
SAME_AS = EdgeType(PERSON, RelType.SAME_AS, PERSON)
BESIDE_THE_POINT = frozenset({SAME_AS.rel, RelType.KNOWN_AS, RelType.CONSENTED})
"""Relations that say who somebody is and what they allow, and nothing of what they did."""


@dataclass(frozen=True)
class Known:
    """Facts at a person, and the keys under which the store has that person."""

    keys: frozenset[NodeKey]
    facts: Sequence[FactBatch]


def read_known(store: GraphStore, key: NodeKey, as_of_s: int) -> Known:
    """Every fact with `known_at_s` < as_of_s at a person or whoever was held to be that person by then, each once."""
    asked: dict[NodeKey, list[FactBatch]] = {}
    todo = [key]
    while todo:
        one = todo.pop()
        asked[one] = store.read_facts(PERSON, one, as_of_s)
        ends = {NodeKey(end) for b in asked[one] if b.edge == SAME_AS for end in (*b.rows["source_id"], *b.rows["target_id"])}
        todo += sorted(ends - asked.keys() - set(todo))
    frames: dict[EdgeType, list[pl.DataFrame]] = defaultdict(list)
    for batches in asked.values():
        for batch in batches:
            if batch.edge.rel not in BESIDE_THE_POINT:
                frames[batch.edge].append(batch.rows)
    facts = [FactBatch(edge, pl.concat(parts).unique("id", maintain_order=True)) for edge, parts in frames.items()]
    return Known(frozenset(asked), facts)
