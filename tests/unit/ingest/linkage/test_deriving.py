"""Derived facts in a store: written once, taken away when they no longer hold, and left alone when nothing changed."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from graph.canonical import canonical_hash
from graph.opening import open_store
from graph.store import GraphStore
from graph.vocabulary import NodeLabel
from ingest.linkage import derive, derived_batches
from ingest.linkage.deriving import SAME_AS
from ingest.linkage.model import COMPARED, SAME, committed_weights
from tests.support.people import PEPPER, People, person


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GraphStore]:
    with open_store(f"duckdb:///{tmp_path / 'graph.duckdb'}", PEPPER.fingerprint) as opened:
        yield opened


def three() -> People:
    people = People()
    for day, where in enumerate(("shop", "bank", "phone")):
        people.named(where, "Anna Klein", "1980-05-17", day).has(where, day, document="D")
    return people


def standing(store: GraphStore) -> set[str]:
    return {fact for batch in store.export(edges=[SAME_AS]) for fact in batch.rows["id"]}


def test_what_is_derived_in_a_store_is_what_is_derived_in_memory(store):
    batches = three().batches()
    store.write(batches)
    report = derive(store, PEPPER)
    assert (report.same_as, report.written, report.retired) == (2, 2, 0)
    assert standing(store) == {fact for batch in derived_batches(batches, PEPPER) for fact in batch.rows["id"]}


def test_nothing_is_done_where_nothing_changed(store):
    store.write(three().batches())
    derive(store, PEPPER)
    before = store.identity()
    again = derive(store, PEPPER)
    assert (again.same_as, again.written, again.review) == (2, 0, None)
    assert store.identity() == before


def test_a_fact_known_earlier_moves_a_join_and_the_graph_is_as_if_it_had_been_there(store, tmp_path):
    early, late = People().named("bank", "Anna Klein", "1980-05-17", 0), three()
    store.write(late.batches())
    derive(store, PEPPER)
    store.write(early.batches())
    report = derive(store, PEPPER)
    assert report.same_as == 2
    with open_store(f"duckdb:///{tmp_path / 'other.duckdb'}", PEPPER.fingerprint) as other:
        other.write([*early.batches(), *late.batches()])
        derive(other, PEPPER)
        assert canonical_hash(other) == canonical_hash(store)


def test_after_an_erasure_those_who_are_left_are_joined_anew(store):
    store.write(three().batches())
    derive(store, PEPPER)
    store.erase({NodeLabel.PERSON: [person("bank")]})
    assert derive(store, PEPPER).same_as == 1


def test_doubtful_pairs_are_written_by_key_with_the_weight_of_each_comparison(store, tmp_path):
    people = People().named("a", "Anna Klein", "1980-05-17", 0).named("b", "Lena Klein", "1980-05-17", 0)
    store.write(people.has("a", 1, phone="1", address="A").has("b", 1, phone="1", address="A").batches())
    path = tmp_path / "review" / "doubtful.parquet"
    derive(store, PEPPER, path)
    row = pl.read_parquet(path).row(0, named=True)
    assert {row["source_id"], row["target_id"]} == {person("a"), person("b")}
    assert row["given_name_bits"] < 0 < row["phone_bits"]


def test_committed_weights_speak_for_agreement_and_against_difference():
    weights = committed_weights()
    for compared in COMPARED:
        bits = weights.bits(compared)
        assert bits[SAME[compared]] > 0 > bits[0]
        assert bits[-1] == 0
