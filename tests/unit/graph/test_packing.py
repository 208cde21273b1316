import polars as pl
import pytest

from graph.errors import FactMalformed
from graph.facts import RESERVED_CHARACTERS, FactBatch, check_batch
from graph.neo4j.packing import FIELD_SEPARATOR, NULL_TEXT, ROW_SEPARATOR, pack, packed_schema, unpack
from graph.vocabulary import SPECS, EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch

HOLDS = EdgeType(NodeLabel.PERSON, RelType.HOLDS, NodeLabel.BANK_ACCOUNT)
OWNS = EdgeType(NodeLabel.PERSON, RelType.OWNS, NodeLabel.COMPANY)


@pytest.mark.parametrize("edge", SPECS, ids=":".join)
def test_packed_facts_come_back_value_for_value(edge: EdgeType) -> None:
    rows = example_batch(edge, 30).rows.with_columns(pl.int_range(pl.len()).alias("seq"))
    assert unpack(pack(rows, packed_schema(edge)).split(ROW_SEPARATOR), packed_schema(edge)).equals(rows)


def test_nothing_unpacks_to_no_rows() -> None:
    assert unpack([], packed_schema(HOLDS)).height == 0


def test_what_packing_reserves_is_what_a_batch_may_not_hold() -> None:
    assert set(RESERVED_CHARACTERS) == {FIELD_SEPARATOR, ROW_SEPARATOR, NULL_TEXT}


@pytest.mark.parametrize("character", RESERVED_CHARACTERS)
def test_a_value_with_a_reserved_character_is_malformed(character: str) -> None:
    batch = example_batch(HOLDS, 1)
    rows = batch.rows.with_columns(pl.lit(f"a{character}b").alias("origin"))
    with pytest.raises(FactMalformed, match="control character"):
        check_batch(FactBatch(HOLDS, rows))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_decimal_that_is_not_finite_is_malformed(value: float) -> None:
    rows = example_batch(OWNS, 1).rows.with_columns(pl.lit(value).alias("share_pct"))
    with pytest.raises(FactMalformed, match="finite"):
        check_batch(FactBatch(OWNS, rows))
