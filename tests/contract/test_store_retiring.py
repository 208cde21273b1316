"""What both stores promise besides facts: those retired are gone, checkpoints are kept, an export can be of some edge types."""

from collections.abc import Iterator

import polars as pl
import pytest

from graph.canonical import canonical_hash
from graph.facts import FactBatch
from graph.identity import FactId, NodeKey
from graph.opening import open_store
from graph.store import GraphStore, WriteReport
from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch

PEPPER = "0123456789abcdef"
PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)
HOLDS = EdgeType(NodeLabel.PERSON, RelType.HOLDS, NodeLabel.BANK_ACCOUNT)
KNOWS = EdgeType(NodeLabel.PERSON, RelType.KNOWS, NodeLabel.PERSON)
ROWS = 20
UNKNOWN = FactId("f" * 32)


@pytest.fixture
def store(store_address: str) -> Iterator[GraphStore]:
    with open_store(store_address, PEPPER) as opened:
        yield opened


def ids(batch: FactBatch) -> list[FactId]:
    return [FactId(text) for text in batch.rows["id"]]


def held(store: GraphStore) -> dict[EdgeType, set[str]]:
    found: dict[EdgeType, set[str]] = {}
    for batch in store.export():
        found.setdefault(batch.edge, set()).update(batch.rows["id"])
    return found


def test_retired_facts_are_gone_and_the_others_stay(store: GraphStore) -> None:
    knows, holds = example_batch(KNOWS, ROWS), example_batch(HOLDS, ROWS)
    store.write([knows, holds])
    report = store.write([], retire={KNOWS: ids(knows)[:5]})
    assert report == WriteReport(retired=5)
    assert held(store) == {KNOWS: set(ids(knows)[5:]), HOLDS: set(ids(holds))}


def test_a_store_after_retiring_is_the_store_that_never_held_them(store: GraphStore) -> None:
    stay, go = example_batch(KNOWS, ROWS), example_batch(KNOWS, ROWS, seed=1)
    store.write([stay])
    before = canonical_hash(store)
    store.write([go])
    store.write([], retire={KNOWS: ids(go)})
    assert canonical_hash(store) == before


def test_retiring_raises_the_watermark_and_says_where(store: GraphStore) -> None:
    knows = example_batch(KNOWS, ROWS)
    store.write([knows])
    assert (store.identity().seq, store.identity().retired_seq) == (ROWS, 0)
    store.write([], retire={KNOWS: ids(knows)[:1]})
    assert ROWS < store.identity().retired_seq <= store.identity().seq
    retired_seq = store.identity().retired_seq
    store.write([example_batch(HOLDS, ROWS)])
    assert store.identity().retired_seq == retired_seq


def test_ids_that_are_not_there_are_passed_over(store: GraphStore) -> None:
    knows = example_batch(KNOWS, ROWS)
    store.write([knows])
    before, identity = canonical_hash(store), store.identity()
    assert store.write([], retire={KNOWS: [UNKNOWN], HOLDS: ids(knows)}) == WriteReport()
    assert (canonical_hash(store), store.identity()) == (before, identity)
    assert store.write([], retire={KNOWS: [UNKNOWN, ids(knows)[0], ids(knows)[0]]}) == WriteReport(retired=1)


def test_the_versions_that_lost_to_a_retired_fact_go_with_it(store: GraphStore) -> None:
    early = example_batch(KNOWS, ROWS)
    late = FactBatch(KNOWS, early.rows.with_columns(pl.lit("elsewhere").alias("origin"), pl.col("known_at_s") + 1))
    store.write([early, late])
    store.write([], retire={KNOWS: ids(early)[:5]})
    assert {i for b in store.conflicts() for i in b.rows["id"]} == set(ids(early)[5:])
    assert store.write([FactBatch(KNOWS, late.rows.head(5))]) == WriteReport(written=5)


def test_what_is_retired_is_taken_away_before_what_is_written(store: GraphStore) -> None:
    late = example_batch(KNOWS, ROWS)
    store.write([late])
    # By the rule for versions it would lose against the one held; retired first, there is none.
    later = FactBatch(KNOWS, late.rows.with_columns(pl.lit("elsewhere").alias("origin"), pl.col("known_at_s") + 1))
    assert store.write([later], retire={KNOWS: ids(late)}) == WriteReport(written=ROWS, retired=ROWS)
    assert held(store) == {KNOWS: set(ids(late))}
    assert list(store.conflicts()) == []
    [exported] = store.export(since=store.identity().retired_seq)
    assert set(exported.rows["id"]) == set(ids(late))


def test_a_node_can_be_named_again_after_its_facts_were_retired(store: GraphStore) -> None:
    one = example_batch(KNOWS, 1)
    store.write([one])
    again = FactBatch(KNOWS, one.rows.with_columns(pl.lit("a" * 32).alias("id")))
    store.write([again], retire={KNOWS: ids(one)})
    [found] = store.read_facts(NodeLabel.PERSON, NodeKey(one.rows["source_id"][0]), 2**34)
    assert found.rows.to_dicts() == again.rows.to_dicts()


def test_a_write_that_fails_retires_nothing_and_keeps_no_checkpoint(store: GraphStore) -> None:
    knows = example_batch(KNOWS, ROWS)
    store.write([knows], checkpoints={"a": "1"})
    before, identity = canonical_hash(store), store.identity()

    def breaking() -> Iterator[FactBatch]:
        yield example_batch(HOLDS, ROWS)
        raise RuntimeError("the source ended early")

    with pytest.raises(RuntimeError, match="ended early"):
        store.write(breaking(), retire={KNOWS: ids(knows)}, checkpoints={"a": "2", "b": "2"})
    assert (canonical_hash(store), store.identity(), store.checkpoints()) == (before, identity, {"a": "1"})


def test_checkpoints_are_kept_replaced_and_removed(store: GraphStore) -> None:
    assert store.checkpoints() == {}
    store.write([], checkpoints={"file:b": '{"rows": 1}', "file:a": "Grüße\x1f", "derived": "x"})
    assert list(store.checkpoints("file:").items()) == [("file:a", "Grüße\x1f"), ("file:b", '{"rows": 1}')]
    store.write([], checkpoints={"file:a": "new", "derived": None, "never there": None})
    assert store.checkpoints() == {"file:a": "new", "file:b": '{"rows": 1}'}


def test_a_prefix_is_taken_literally(store: GraphStore) -> None:
    store.write([], checkpoints={"a%b": "1", "axb": "2", "a_": "3"})
    assert store.checkpoints("a%") == {"a%b": "1"}
    assert store.checkpoints("a_") == {"a_": "3"}


def test_checkpoints_are_no_part_of_the_graph(store: GraphStore) -> None:
    store.write([example_batch(HOLDS, ROWS)])
    before, identity = canonical_hash(store), store.identity()
    store.write([], checkpoints={"a": "1"})
    assert (canonical_hash(store), store.identity()) == (before, identity)


def test_checkpoints_outlive_the_session(store_address: str) -> None:
    with open_store(store_address, PEPPER) as store:
        store.write([example_batch(HOLDS, ROWS)], checkpoints={"a": "1"})
    with open_store(store_address, PEPPER) as store:
        assert store.checkpoints() == {"a": "1"}


def test_an_export_can_be_of_some_edge_types(store: GraphStore) -> None:
    store.write([example_batch(edge, ROWS) for edge in (PAID, HOLDS, KNOWS)])
    assert {b.edge for b in store.export(edges={KNOWS, PAID})} == {KNOWS, PAID}
    assert [b.edge for b in store.export(since=ROWS, edges=[PAID, HOLDS])] == [HOLDS]
    assert list(store.export(edges=())) == []
