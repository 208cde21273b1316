"""Shuffled ends keep every degree of every month and lose who knows whom; shifted futures touch nothing before T."""

from collections import Counter

import numpy as np
import polars as pl
import pytest

from benchmarks.sandbox.variants import SHUFFLED, delete_future, entity_disjoint, move_future, shuffle_ends
from gnn.evaluation.protocols import out_of_time
from graph.facts import FactBatch, check_batch
from graph.snapshot.build import merge_batches
from graph.vocabulary import EdgeType, NodeLabel
from tests.support.sandbox_economy import CALLED, DEVICE, FUNDED

T_S = 1_700_000_000
P = NodeLabel.PERSON


def _of(batches: list[FactBatch], edge: EdgeType) -> pl.DataFrame:
    (found,) = [batch.rows for batch in batches if batch.edge == edge]
    return found


def _degrees(rows: pl.DataFrame, end: str) -> Counter[tuple[str, str]]:
    month = pl.from_epoch(pl.col("known_at_s"), time_unit="s").dt.strftime("%Y-%m")
    return Counter(rows.select(end, month).iter_rows())


@pytest.fixture(scope="module")
def shuffled(economy) -> list[FactBatch]:
    return shuffle_ends(economy.batches, seed=1)


def test_relations_between_persons_and_to_shared_identifiers_are_shuffled_and_no_others():
    named = {(edge.rel.value, edge.target.value) for edge in SHUFFLED}
    assert {("CALLED", "Person"), ("KNOWS", "Person"), ("REFERRED", "Person"), ("USES_DEVICE", "Device")} <= named
    assert {("HAS_PHONE", "Phone"), ("HAS_EMAIL", "Email"), ("HAS_DOCUMENT", "Document"), ("LIVES_AT", "Address")} <= named
    assert ("DELIVERED_TO", "Address") in named  # or households would stay together by their parcels
    assert (
        not {
            ("SAME_AS", "Person"),
            ("DESCRIBED_AS", "Person"),
            ("LIVES_AT", "Place"),
            ("APPLIED_FOR", "Loan"),
            ("HOLDS", "BankAccount"),
        }
        & named
    )


@pytest.mark.parametrize("edge", [CALLED, DEVICE], ids=lambda edge: edge.rel)
@pytest.mark.parametrize("end", ["source_id", "target_id"])
def test_every_node_keeps_its_number_of_facts_in_every_month(economy, shuffled, edge, end):
    assert _degrees(_of(shuffled, edge), end) == _degrees(_of(economy.batches, edge), end)


@pytest.mark.parametrize("edge", [CALLED, DEVICE], ids=lambda edge: edge.rel)
def test_most_ties_are_others_afterwards_and_all_else_of_a_fact_stays(economy, shuffled, edge):
    before, after = (_of(batches, edge).sort("id") for batches in (economy.batches, shuffled))
    assert before.drop("target_id").equals(after.drop("target_id"))
    assert (before["target_id"] != after["target_id"]).mean() > 0.8


def test_nobody_is_tied_to_oneself(shuffled):
    rows = _of(shuffled, CALLED)
    assert not (rows["source_id"] == rows["target_id"]).any()


def test_other_facts_are_left_alone(economy, shuffled):
    kept = [batch for batch in economy.batches if batch.edge not in SHUFFLED]
    assert [batch.edge for batch in shuffled if batch.edge not in SHUFFLED] == [batch.edge for batch in kept]
    assert all(_of(shuffled, batch.edge).equals(batch.rows) for batch in kept)


def test_same_seed_gives_the_same_world_in_whatever_order_facts_come(economy, shuffled):
    turned = [FactBatch(batch.edge, batch.rows.reverse()) for batch in reversed(economy.batches)]
    again = shuffle_ends(turned, seed=1)
    assert _of(again, CALLED).sort("id").equals(_of(shuffled, CALLED).sort("id"))
    assert not _of(shuffle_ends(turned, seed=2), CALLED).sort("id").equals(_of(shuffled, CALLED).sort("id"))


def test_fact_stated_twice_is_shuffled_once(economy, shuffled):
    calls = FactBatch(CALLED, _of(economy.batches, CALLED))
    twice = shuffle_ends([*economy.batches, calls], seed=1)
    assert _of(twice, CALLED).sort("id").equals(_of(shuffled, CALLED).sort("id"))


def test_altered_worlds_keep_to_the_vocabulary(economy, shuffled):
    for batches in (shuffled, move_future(economy.batches, T_S, 200), delete_future(economy.batches, T_S)):
        for batch in batches:
            check_batch(batch)


def test_moved_facts_are_those_known_at_t_or_later(economy):
    rows = _of(economy.batches, FUNDED)
    second = int(rows["known_at_s"].sort()[len(rows) // 2])
    moved = _of(move_future(economy.batches, second, 200), FUNDED)
    later = rows["known_at_s"] >= second
    assert 0 < later.sum() < len(rows)
    assert (moved["known_at_s"] - rows["known_at_s"]).to_list() == (later.cast(pl.Int64) * 200 * 86_400).to_list()
    assert (moved["at_us"] - rows["at_us"]).to_list() == (later.cast(pl.Int64) * 200 * 86_400_000_000).to_list()


def test_deleted_facts_are_those_known_at_t_or_later(economy):
    rows = _of(economy.batches, FUNDED)
    second = int(rows["known_at_s"].sort()[len(rows) // 2])
    left = _of(delete_future(economy.batches, second), FUNDED)
    assert left.equals(rows.filter(pl.col("known_at_s") < second))
    assert 0 < len(left) < len(rows)


def test_no_person_judged_was_a_subject_in_training(data, truth):
    (part,) = entity_disjoint(data.examples, truth.person)
    (whole,) = out_of_time(data.examples)
    judged, taught = (set(truth.person[index].tolist()) for index in (part.split.test, part.split.train))
    assert judged
    assert not judged & taught
    assert set(part.split.test.tolist()) <= set(whole.split.test.tolist())
    assert set(part.split.train.tolist()) <= set(whole.split.train.tolist())
    assert data.examples.as_of_s[part.split.train].max() <= data.examples.as_of_s[part.split.test].min()


def test_persons_kept_for_judging_are_not_picked_by_how_they_fared(data, truth):
    parts = entity_disjoint(data.examples, truth.person, seeds=40)
    shares = [data.examples.label[part.split.train].mean() for part in parts]
    whole = data.examples.label[out_of_time(data.examples)[0].split.train].mean()
    assert np.mean(shares) == pytest.approx(whole, abs=0.01)


def test_facts_of_the_hand_made_economy_are_each_stated_once(economy):
    assert sum(map(len, merge_batches(economy.batches))) == sum(map(len, economy.batches))
