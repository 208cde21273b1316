"""A whole load settled from disk gives what settling it in memory gives."""

from pathlib import Path

import polars as pl
import pytest

from graph.derived import fact_schema
from graph.errors import FactMalformed
from graph.facts import FactBatch
from graph.neo4j import spill
from graph.neo4j.spill import Spill
from graph.store import WriteReport
from graph.versions import Held, settle
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch

PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)
NOTHING = FactBatch(PAID, pl.DataFrame(schema=fact_schema(PAID)))


def with_versions(rows: int) -> list[FactBatch]:
    """Facts of which some come again: the same, at another time, with other content."""
    first = example_batch(PAID, rows).rows
    again = first.head(rows // 2).with_columns(pl.col("known_at_s") - 5)
    other = first.tail(rows // 2).with_columns(pl.lit("elsewhere").alias("origin"))
    return [FactBatch(PAID, rows) for rows in (first, again, other, first)]


@pytest.mark.parametrize(("held", "settled"), [(250_000, 250_000), (7, 3), (1, 1)])
def test_settling_in_pieces_gives_what_settling_at_once_gives(
    held: int, settled: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill, "HELD_ROWS", held)
    monkeypatch.setattr(spill, "SETTLED_ROWS", settled)
    batches = with_versions(40)
    at_once = settle(FactBatch(PAID, pl.concat(b.rows for b in batches)), Held(NOTHING, NOTHING))
    load = Spill(tmp_path / "spill")
    for batch in batches:
        load.add(batch)
    pieces = [settlement for _, settlement in load.settled()]
    order = ["id", "known_at_s", "origin"]
    assert pl.concat(p.facts for p in pieces).sort(order).equals(at_once.facts.sort(order))
    assert pl.concat(p.losers for p in pieces).sort(order).equals(at_once.losers.sort(order))
    assert sum((p.report for p in pieces), WriteReport()) == at_once.report


def test_edge_types_are_settled_in_declared_order(tmp_path: Path) -> None:
    load = Spill(tmp_path / "spill")
    for spec in reversed(RELATIONS):
        load.add(example_batch(spec.edge, 2))
    assert [edge for edge, _ in load.settled()] == [spec.edge for spec in RELATIONS]


def test_a_batch_that_breaks_the_vocabulary_is_refused_when_it_comes(tmp_path: Path) -> None:
    load = Spill(tmp_path / "spill")
    with pytest.raises(FactMalformed, match="attested_by"):
        load.add(FactBatch(PAID, example_batch(PAID).rows.with_columns(pl.lit("rumour").alias("attested_by"))))
