"""A large graph of calls, accounts and payments with a few very busy nodes, as a published snapshot.

Means nothing beyond its size and shape: out-degrees and in-degrees follow a Pareto law, times are uniform.
"""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.snapshot import Snapshot, write_base
from graph.vocabulary import Attestation, Basis, EdgeType, NodeLabel, RelType

PERSON, ACCOUNT = NodeLabel.PERSON, NodeLabel.BANK_ACCOUNT
CALLED = EdgeType(PERSON, RelType.CALLED, PERSON)
HOLDS = EdgeType(PERSON, RelType.HOLDS, ACCOUNT)
PAID = EdgeType(ACCOUNT, RelType.PAID, ACCOUNT)
FIRST_SECOND, LAST_SECOND = 1_500_000_000, 1_600_000_000
FACTS_PER_PERSON, FACTS_PER_ACCOUNT = 16, 10
PARETO_SHAPE = 1.5  # infinite variance: hubs hold thousands of facts

Text = NDArray[np.str_]


def publish_skewed_graph(root: Path, facts: int, seed: int) -> Snapshot:
    """A base snapshot of `facts` facts: two fifths calls, one tenth accounts held, the rest payments."""
    draw = np.random.default_rng(seed)
    persons, accounts = _ids(draw, facts // FACTS_PER_PERSON), _ids(draw, facts // FACTS_PER_ACCOUNT)
    calls = facts * 2 // 5
    payments = facts - calls - len(accounts)
    batches = [
        _batch(draw, HOLDS, _skewed(draw, persons, len(accounts)), accounts),
        _batch(draw, CALLED, _skewed(draw, persons, calls), _skewed(draw, persons, calls)),
        _batch(draw, PAID, _skewed(draw, accounts, payments), _skewed(draw, accounts, payments)),
    ]
    write_base(batches, root, seq=1)
    return Snapshot.open(root)


def _ids(draw: np.random.Generator, count: int) -> Text:
    text = draw.bytes(16 * count).hex()
    return np.array([text[i : i + 32] for i in range(0, len(text), 32)])


def _skewed(draw: np.random.Generator, ids: Text, count: int) -> Text:
    weights = draw.pareto(PARETO_SHAPE, len(ids)) + 0.2
    return ids[draw.choice(len(ids), count, p=weights / weights.sum())]


def _batch(draw: np.random.Generator, edge: EdgeType, sources: Text, targets: Text) -> FactBatch:
    known_at_s = draw.integers(FIRST_SECOND, LAST_SECOND, len(sources))
    columns = {
        "id": _ids(draw, len(sources)),
        "source_id": sources,
        "target_id": targets,
        "at_us": known_at_s * 1_000_000,
        "known_at_s": known_at_s,
    }
    fixed = {
        "attested_by": Attestation.INSTITUTION.value,
        "basis": Basis.CONTRACT.value,
        "undated": False,
        "origin": "benchmark",
        "amount_minor": 100,
        "currency": "CZK",
    }
    schema = fact_schema(edge)
    rows = pl.DataFrame(columns, schema_overrides={c: schema[c] for c in columns})
    others = [pl.lit(fixed.get(c), dtype=dtype).alias(c) for c, dtype in schema.items() if c not in columns]
    return FactBatch(edge, rows.with_columns(others).select(list(schema)))
