"""Example facts of every edge type, made from a seed; they mean nothing and keep to the vocabulary."""

import random

import polars as pl

from graph.derived import fact_schema, properties
from graph.facts import FactBatch
from graph.identity import FactId, NodeKey
from graph.vocabulary import DESCRIBING, Attestation, Basis, EdgeType, Kind, NodeLabel, PropSpec

FIRST_SECOND = 1_500_000_000
SPAN_SECONDS = 10_000_000
MICROSECONDS = 1_000_000
CATEGORIES = ("red", "grün", "", "a b,c;d")


def example_batch(edge: EdgeType, n: int = 5, seed: int = 0, *, nodes: int = 50) -> FactBatch:
    """`n` facts of one edge type with ids of their own, among at most `nodes` nodes a label.

    Every property is filled in some rows, and the optional ones are null in others.
    """
    draw = random.Random(f"{seed}:{':'.join(edge)}")
    rows = [_fact(edge, draw, nodes) for _ in range(n)]
    return FactBatch(edge, pl.DataFrame(rows, schema=fact_schema(edge)))


def example_key(label: NodeLabel, number: int) -> NodeKey:
    """Key of the example node with this number."""
    return NodeKey(random.Random(f"{label}:{number}").randbytes(16).hex())


def _fact(edge: EdgeType, draw: random.Random, nodes: int) -> dict[str, object]:
    source = example_key(edge.source, draw.randrange(nodes))
    same = edge.rel in DESCRIBING
    known_at_s = FIRST_SECOND + draw.randrange(SPAN_SECONDS)
    fact: dict[str, object] = {
        "id": FactId(draw.randbytes(16).hex()),
        "source_id": source,
        "target_id": source if same else example_key(edge.target, draw.randrange(nodes)),
        "at_us": known_at_s * MICROSECONDS - draw.randrange(MICROSECONDS),
        "known_at_s": known_at_s,
        "attested_by": draw.choice(list(Attestation)).value,
        "basis": draw.choice(list(Basis)).value,
        "undated": draw.random() < 0.1,
        "origin": "example",
    }
    return fact | _values(edge, draw)


def _values(edge: EdgeType, draw: random.Random) -> dict[str, object]:
    values = {p.name: None if not p.required and draw.random() < 0.3 else _value(p, draw) for p in properties(edge)}
    if "currency" in values:
        values["currency"] = "CZK"
    return values


def _value(prop: PropSpec, draw: random.Random) -> object:
    if prop.kind is Kind.CATEGORY:
        return draw.choice(CATEGORIES)
    if prop.kind is Kind.DECIMAL:
        return draw.uniform(-1, 1) * 10.0 ** draw.randrange(-3, 9)
    return draw.randrange(-(2**53) - 1, 2**53 + 2) if draw.random() < 0.2 else draw.randrange(1000)
