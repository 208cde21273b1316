"""A forgotten node leaves a store as if nothing had ever been said of it."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from graph.canonical import canonical_hash
from graph.derived import edges_at
from graph.facts import FactBatch, content_digests
from graph.identity import NodeKey
from graph.opening import open_store
from graph.store import EraseReport, GraphStore, WriteReport
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch, example_key

PEPPER = "0123456789abcdef"
PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)
HOLDS = EdgeType(NodeLabel.PERSON, RelType.HOLDS, NodeLabel.BANK_ACCOUNT)
LIVES_AT = EdgeType(NodeLabel.PERSON, RelType.LIVES_AT, NodeLabel.ADDRESS)
DESCRIBED = EdgeType(NodeLabel.PERSON, RelType.DESCRIBED_AS, NodeLabel.PERSON)
PERSON = example_key(NodeLabel.PERSON, 1)
ELSEWHERE = NodeKey("a" * 32)


@pytest.fixture
def store(store_address: str) -> Iterator[GraphStore]:
    with open_store(store_address, PEPPER) as opened:
        yield opened


def everything() -> list[FactBatch]:
    return [example_batch(spec.edge, 12, nodes=4) for spec in RELATIONS]


def some() -> list[FactBatch]:
    """Facts of few edge types: a database plans a statement for each, which takes most of a small test's time."""
    return [example_batch(edge, 12, nodes=4) for edge in (HOLDS, PAID, LIVES_AT, DESCRIBED)]


def changed(batch: FactBatch, *expressions: pl.Expr) -> FactBatch:
    return FactBatch(batch.edge, batch.rows.with_columns(*expressions))


def without(batch: FactBatch, label: NodeLabel, key: str) -> FactBatch:
    rows = batch.rows
    for at, end in ((batch.edge.source, "source_id"), (batch.edge.target, "target_id")):
        if at is label:
            rows = rows.filter(pl.col(end) != key)
    return FactBatch(batch.edge, rows)


def versions(batches: list[FactBatch]) -> int:
    """Different contents; two batches of one fact may say the same."""
    return len({pair for b in batches for pair in zip(b.rows["id"], content_digests(b), strict=True)})


def contents(store: GraphStore) -> tuple[str, list[object]]:
    return canonical_hash(store), [(b.edge, b.rows.to_dicts()) for b in store.conflicts()]


def test_a_store_after_erasing_is_the_store_that_never_heard_of_the_node(store_address: str, tmp_path: Path) -> None:
    early = everything()
    # Of each fact a second version, at other ends: some touch the person in one version alone.
    late = [
        changed(b, pl.col("target_id").reverse(), pl.col("known_at_s") + 1)
        for b in early
        if b.edge.source is not b.edge.target or b.edge == PAID
    ]
    with open_store(store_address, PEPPER) as store:
        store.write([*early, *late])
        report = store.erase({NodeLabel.PERSON: [PERSON]})
        erased = contents(store)
    with open_store(str(tmp_path / "other.duckdb"), PEPPER) as other:
        other.write([without(b, NodeLabel.PERSON, PERSON) for b in (*early, *late)])
        assert erased == contents(other)
    assert report.facts + report.versions == versions([*early, *late]) - versions(
        [without(b, NodeLabel.PERSON, PERSON) for b in (*early, *late)]
    )
    assert min(report.facts, report.versions, report.nodes) > 0


def test_nothing_is_read_at_an_erased_node(store: GraphStore) -> None:
    store.write(some())
    assert store.read_facts(NodeLabel.PERSON, PERSON, 2**34)
    store.erase({NodeLabel.PERSON: [PERSON]})
    assert store.read_facts(NodeLabel.PERSON, PERSON, 2**34) == []


def test_nodes_that_nothing_names_any_more_go_too(store: GraphStore) -> None:
    one = example_batch(HOLDS, 1)
    shared = changed(example_batch(PAID, 1), pl.lit(example_key(NodeLabel.BANK_ACCOUNT, 2)).alias("source_id"))
    also = changed(one, pl.lit("b" * 32).alias("id"), pl.lit(shared.rows["source_id"][0]).alias("target_id"))
    store.write([one, also, shared])
    owner = NodeKey(one.rows["source_id"][0])
    expected = 1 + (one.rows["target_id"][0] not in (*shared.rows["source_id"], *shared.rows["target_id"]))
    assert store.erase({NodeLabel.PERSON: [owner]}) == EraseReport(facts=2, versions=0, nodes=expected)
    assert [b.edge for b in store.export()] == [PAID]


def test_a_key_of_one_label_leaves_the_same_key_of_another_alone(store: GraphStore) -> None:
    one = example_batch(HOLDS, 1)
    same_key = changed(one, pl.col("source_id").alias("target_id"))
    store.write([same_key])
    assert store.erase({NodeLabel.COMPANY: [NodeKey(one.rows["source_id"][0])]}) == EraseReport()
    assert store.erase({NodeLabel.BANK_ACCOUNT: [NodeKey(one.rows["source_id"][0])]}) == EraseReport(facts=1, nodes=2)


def test_a_version_between_others_stands_once_the_one_it_lost_to_is_erased(store: GraphStore) -> None:
    early = example_batch(HOLDS, 1)
    late = changed(early, pl.lit(ELSEWHERE).alias("source_id"), pl.col("known_at_s") + 1)
    latest = changed(early, pl.lit("c" * 32).alias("source_id"), pl.col("known_at_s") + 2)
    store.write([early, late, latest])
    report = store.erase({NodeLabel.PERSON: [NodeKey(early.rows["source_id"][0])]})
    assert report == EraseReport(facts=1, versions=0, nodes=1)
    assert [b.rows.drop("seq").to_dicts() for b in store.export()] == [late.rows.to_dicts()]
    assert [b.rows.to_dicts() for b in store.conflicts()] == [latest.rows.to_dicts()]


def test_erasing_draws_a_new_generation_and_raises_the_watermark(store: GraphStore) -> None:
    store.write(some(), checkpoints={"a": "1"})
    before = store.identity()
    store.erase({NodeLabel.PERSON: [PERSON]})
    after = store.identity()
    assert after.generation != before.generation
    assert before.seq < after.retired_seq <= after.seq
    assert store.checkpoints() == {"a": "1"}


def test_an_unknown_node_takes_nothing_away(store: GraphStore) -> None:
    store.write(some())
    before = canonical_hash(store)
    assert store.erase({label: [NodeKey("f" * 32)] for label in NodeLabel}) == EraseReport()
    assert canonical_hash(store) == before


@pytest.mark.parametrize("label", list(NodeLabel))
def test_nodes_of_every_label_can_be_erased(duckdb_address: str, label: NodeLabel) -> None:
    with open_store(duckdb_address, PEPPER) as store:
        store.write(everything())
        store.erase({label: [example_key(label, number) for number in range(4)]})
        assert not {b.edge for b in store.export()} & set(edges_at(label))


def test_what_was_erased_can_be_said_again(store: GraphStore) -> None:
    batch = example_batch(HOLDS, 5, nodes=1)
    store.write([batch])
    before = canonical_hash(store)
    store.erase({NodeLabel.PERSON: [example_key(NodeLabel.PERSON, 0)]})
    assert store.write([batch]) == WriteReport(written=5)
    assert canonical_hash(store) == before
