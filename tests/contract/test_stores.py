"""The rule of `graph/store.py`, held by both stores: the graph is a function of the set of facts handed in."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from graph.canonical import canonical_hash
from graph.errors import FactMalformed, FormatMismatch, PepperMismatch, StoreUnavailable, VocabularyMismatch
from graph.facts import FactBatch, content_digests
from graph.identity import NodeKey
from graph.opening import check_identity, open_store
from graph.store import STORE_FORMAT, GraphStore, StoreIdentity, WriteReport
from graph.vocabulary import RELATIONS, EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch, example_key

PEPPER = "0123456789abcdef"
PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)
HOLDS = EdgeType(NodeLabel.PERSON, RelType.HOLDS, NodeLabel.BANK_ACCOUNT)
ROWS = 20


@pytest.fixture
def store(store_address: str) -> Iterator[GraphStore]:
    with open_store(store_address, PEPPER) as opened:
        yield opened


def everything() -> list[FactBatch]:
    return [example_batch(spec.edge, 3) for spec in RELATIONS]


def shuffled(batch: FactBatch, seed: int = 1) -> FactBatch:
    return FactBatch(batch.edge, batch.rows.sample(fraction=1.0, shuffle=True, seed=seed))


def changed(batch: FactBatch, *expressions: pl.Expr) -> FactBatch:
    return FactBatch(batch.edge, batch.rows.with_columns(*expressions))


def facts_of(store: GraphStore) -> list[tuple[EdgeType, list[dict[str, object]]]]:
    return [(b.edge, b.rows.drop("seq").sort("id").to_dicts()) for b in store.export()]


def losers_of(store: GraphStore) -> list[tuple[EdgeType, list[dict[str, object]]]]:
    return [(b.edge, b.rows.to_dicts()) for b in store.conflicts()]


def test_what_is_written_comes_back_value_for_value(store: GraphStore) -> None:
    handed = everything()
    report = store.write(handed)
    assert report == WriteReport(written=3 * len(RELATIONS))
    assert facts_of(store) == [(b.edge, b.rows.sort("id").to_dicts()) for b in handed]


def test_an_empty_write_changes_nothing(store: GraphStore) -> None:
    assert store.write([]) == WriteReport()
    assert list(store.export()) == []
    assert store.identity().seq == 0


def test_a_batch_without_facts_changes_nothing(store: GraphStore) -> None:
    empty = FactBatch(PAID, example_batch(PAID, 1).rows.clear())
    assert store.write([empty, example_batch(HOLDS, ROWS), empty]) == WriteReport(written=ROWS)


def test_loading_again_is_counted_as_duplicates(store: GraphStore) -> None:
    batch = example_batch(PAID, ROWS)
    store.write([batch])
    first, seq = canonical_hash(store), store.identity().seq
    assert store.write([shuffled(batch)]) == WriteReport(duplicates=ROWS)
    assert canonical_hash(store) == first
    assert store.identity().seq == seq


def test_two_halves_give_the_graph_of_the_whole(store_address: str, duckdb_address: str) -> None:
    batch = example_batch(PAID, ROWS)
    halves = [FactBatch(PAID, piece) for piece in shuffled(batch).rows.iter_slices(ROWS // 2)]
    with open_store(store_address, PEPPER) as store:
        reports = [store.write([half]) for half in halves]
        in_halves = canonical_hash(store)
    Path(duckdb_address).unlink(missing_ok=True)
    with open_store(duckdb_address, PEPPER) as store:
        store.write([batch])
        assert canonical_hash(store) == in_halves
    assert [r.written for r in reports] == [ROWS // 2, ROWS // 2]


def test_a_fact_repeated_in_one_batch_is_written_once(store: GraphStore) -> None:
    batch = example_batch(PAID, ROWS)
    twice = FactBatch(PAID, pl.concat([batch.rows, batch.rows]))
    assert store.write([twice, batch]) == WriteReport(written=ROWS, duplicates=2 * ROWS)
    assert facts_of(store) == [(PAID, batch.rows.sort("id").to_dicts())]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_contents_the_one_known_earlier_stands(store: GraphStore, order: tuple[int, int]) -> None:
    early = example_batch(PAID, ROWS)
    late = changed(early, pl.lit("elsewhere").alias("origin"), pl.col("known_at_s") + 1)
    reports = [store.write([(early, late)[i]]) for i in order]
    assert facts_of(store) == [(PAID, early.rows.sort("id").to_dicts())]
    assert losers_of(store) == [(PAID, late.rows.sort("id").to_dicts())]
    assert reports == [WriteReport(written=ROWS), WriteReport(conflicts=ROWS)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_contents_known_at_one_time_are_told_apart_by_digest(store: GraphStore, order: tuple[int, int]) -> None:
    one = example_batch(PAID, ROWS)
    other = changed(one, pl.lit("elsewhere").alias("origin"))
    store.write([(one, other)[i] for i in order])
    both = pl.concat([b.rows.with_columns(content_digests(b)) for b in (one, other)]).sort("id", "digest")
    expected = both.unique("id", keep="first", maintain_order=True).drop("digest")
    assert facts_of(store) == [(PAID, expected.to_dicts())]


def test_a_loser_loaded_again_is_a_duplicate(store: GraphStore) -> None:
    early = example_batch(PAID, ROWS)
    late = changed(early, pl.lit("elsewhere").alias("origin"), pl.col("known_at_s") + 1)
    store.write([early, late])
    assert store.write([late]) == WriteReport(duplicates=ROWS)


def test_a_version_with_other_ends_can_win_and_leaves_no_trace_at_the_old_ends(store: GraphStore) -> None:
    late = example_batch(PAID, 1)
    early = changed(late, pl.lit("a" * 32).alias("target_id"), pl.col("known_at_s") - 1)
    store.write([late])
    store.write([early])
    assert facts_of(store) == [(PAID, early.rows.to_dicts())]
    assert store.read_facts(PAID.target, NodeKey(late.rows["target_id"][0]), 2**34) == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_restated_fact_keeps_its_earliest_times(store: GraphStore, order: tuple[int, int]) -> None:
    early = example_batch(PAID, ROWS)
    late = changed(early, pl.col("known_at_s") + 60, pl.col("at_us") + 1)
    reports = [store.write([(early, late)[i]]) for i in order]
    assert reports == [WriteReport(written=ROWS), WriteReport(restated=ROWS)]
    assert facts_of(store) == [(PAID, early.rows.sort("id").to_dicts())]
    assert losers_of(store) == []


@pytest.mark.neo4j
def test_both_stores_hold_the_same_graph(duckdb_address: str, neo4j_address: str) -> None:
    batches = everything()
    conflicting = changed(example_batch(PAID, 3), pl.lit("elsewhere").alias("origin"))
    with open_store(duckdb_address, PEPPER) as one, open_store(neo4j_address, PEPPER) as other:
        assert one.write([*batches, conflicting]) == other.write([conflicting, *reversed(batches)])
        assert canonical_hash(one) == canonical_hash(other)
        assert losers_of(one) == losers_of(other)


def test_the_hash_changes_with_one_more_fact(store: GraphStore) -> None:
    store.write([example_batch(HOLDS, ROWS)])
    before = canonical_hash(store)
    store.write([example_batch(HOLDS, 1, seed=9)])
    assert canonical_hash(store) != before


def test_a_malformed_batch_leaves_the_graph_as_before(store: GraphStore) -> None:
    store.write([example_batch(HOLDS, ROWS)])
    before, identity = facts_of(store), store.identity()
    malformed = changed(example_batch(PAID, ROWS), pl.lit("rumour").alias("attested_by"))
    with pytest.raises(FactMalformed, match="BankAccount:PAID:BankAccount"):
        store.write([example_batch(HOLDS, ROWS, seed=2), malformed])
    assert facts_of(store) == before
    assert store.identity() == identity


def test_an_exception_between_batches_leaves_the_graph_as_before(store: GraphStore) -> None:
    def breaking() -> Iterator[FactBatch]:
        yield example_batch(HOLDS, ROWS)
        raise RuntimeError("the source ended early")

    with pytest.raises(RuntimeError, match="ended early"):
        store.write(breaking())
    assert facts_of(store) == []
    assert store.write([example_batch(HOLDS, ROWS)]) == WriteReport(written=ROWS)


def test_facts_of_a_node_are_read_strictly_before_the_instant(store: GraphStore) -> None:
    batch = example_batch(PAID, ROWS, nodes=3)
    store.write([batch, example_batch(HOLDS, ROWS, nodes=3)])
    key = example_key(NodeLabel.BANK_ACCOUNT, 1)
    touching = batch.rows.filter((pl.col("source_id") == key) | (pl.col("target_id") == key)).sort("known_at_s", "id")
    as_of_s = touching["known_at_s"][touching.height // 2]
    found = {b.edge: b.rows for b in store.read_facts(NodeLabel.BANK_ACCOUNT, key, as_of_s)}
    assert found[PAID].to_dicts() == touching.filter(pl.col("known_at_s") < as_of_s).to_dicts()
    assert found[HOLDS]["known_at_s"].max() < as_of_s


def test_a_fact_from_a_node_to_itself_is_read_once(store: GraphStore) -> None:
    described = EdgeType(NodeLabel.PERSON, RelType.DESCRIBED_AS, NodeLabel.PERSON)
    batch = example_batch(described, 1)
    store.write([batch])
    [found] = store.read_facts(NodeLabel.PERSON, NodeKey(batch.rows["source_id"][0]), 2**34)
    assert found.rows.to_dicts() == batch.rows.to_dicts()


def test_an_unknown_node_has_no_facts(store: GraphStore) -> None:
    assert store.read_facts(NodeLabel.PERSON, NodeKey("f" * 32), 2**34) == []


def test_export_since_a_watermark_gives_what_came_after_it(store: GraphStore) -> None:
    first, second = example_batch(PAID, ROWS), example_batch(HOLDS, ROWS)
    store.write([first])
    watermark = store.identity().seq
    restated = changed(FactBatch(PAID, first.rows.head(2)), pl.col("known_at_s") - 1)
    store.write([second, restated])
    late = list(store.export(since=watermark))
    assert {b.edge: set(b.rows["id"]) for b in late} == {PAID: set(restated.rows["id"]), HOLDS: set(second.rows["id"])}
    assert all(b.rows["seq"].is_sorted() and b.rows["seq"].min() > watermark for b in late)
    assert list(store.export(since=store.identity().seq)) == []


def test_edge_types_are_exported_in_declared_order(store: GraphStore) -> None:
    store.write(reversed(everything()))
    assert [b.edge for b in store.export()] == [spec.edge for spec in RELATIONS]


def test_a_store_opened_again_holds_its_facts(store_address: str) -> None:
    with open_store(store_address, PEPPER) as store:
        store.write([example_batch(PAID, ROWS)])
        before = (canonical_hash(store), store.identity())
    with open_store(store_address, PEPPER) as store:
        assert (canonical_hash(store), store.identity()) == before


def test_a_store_of_another_pepper_is_refused(store_address: str) -> None:
    open_store(store_address, PEPPER).close()
    with pytest.raises(PepperMismatch, match="CREDITGRAPH_PEPPER"):
        open_store(store_address, "f" * 16)


def test_a_store_of_another_vocabulary_is_refused(store_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(store_address, PEPPER).close()
    monkeypatch.setattr("graph.opening.vocabulary_digest", lambda: "0" * 64)
    with pytest.raises(VocabularyMismatch, match="rebuild it"):
        open_store(store_address, PEPPER)


def test_a_store_of_another_format_is_refused(store_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(store_address, PEPPER).close()
    monkeypatch.setattr("graph.opening.STORE_FORMAT", STORE_FORMAT + 1)
    with pytest.raises(FormatMismatch, match=f"format {STORE_FORMAT}"):
        open_store(store_address, PEPPER)


def test_the_format_is_judged_before_vocabulary_and_pepper() -> None:
    alien = StoreIdentity("0" * 64, "f" * 16, format=0, generation=1, seq=0, retired_seq=0)
    with pytest.raises(FormatMismatch):
        check_identity("a.duckdb", alien, PEPPER)


def test_an_address_of_neither_kind_is_refused() -> None:
    with pytest.raises(StoreUnavailable, match=r"\.duckdb"):
        open_store("postgres://localhost", PEPPER)
