"""The digest of a fact tells every value apart, and lacking from empty."""

import polars as pl
import pytest

from graph.canonical import row_digests
from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch

PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)
OTHER = {pl.String(): pl.lit("e" * 32), pl.Int64(): pl.lit(7), pl.Float64(): pl.lit(0.5), pl.Boolean(): pl.lit(value=True)}


def digest(batch: FactBatch) -> bytes:
    (found,) = row_digests(batch)
    return found


@pytest.mark.parametrize(("edge", "column"), [(r.edge, c) for r in RELATIONS for c in fact_schema(r.edge)])
def test_another_value_in_any_column_is_another_digest(edge: EdgeType, column: str) -> None:
    batch = example_batch(edge, 1)
    other = ~pl.col(column) if column == "undated" else OTHER[fact_schema(edge)[column]].cast(fact_schema(edge)[column])
    changed = FactBatch(edge, batch.rows.with_columns(other.alias(column)))
    assert digest(changed) != digest(batch)


@pytest.mark.parametrize(("column", "empty"), [("channel", ""), ("source_balance_minor", 0)])
def test_a_value_that_is_lacking_is_not_an_empty_one(column: str, empty: str | int) -> None:
    batch = example_batch(PAID, 1)
    kind = fact_schema(PAID)[column]
    lacking, blank = (
        FactBatch(PAID, batch.rows.with_columns(pl.lit(value, dtype=kind).alias(column))) for value in (None, empty)
    )
    assert digest(lacking) != digest(blank)


def test_the_edge_type_is_part_of_the_digest() -> None:
    one, other = (EdgeType(source, RelType.CLOSED, NodeLabel.LOAN) for source in (NodeLabel.PERSON, NodeLabel.COMPANY))
    batch = example_batch(one, 1)
    assert digest(batch) != digest(FactBatch(other, batch.rows))
