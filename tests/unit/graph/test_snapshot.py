from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from time import sleep

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.derived import OPTIONAL_FACT_COLUMNS
from graph.errors import FactMalformed, KeySpaceExceeded
from graph.facts import FactBatch
from graph.snapshot import MISSING, Snapshot, write_base
from graph.snapshot.columns import KEY_DTYPE
from graph.snapshot.reader import EMPTY
from graph.snapshot.segment import NodeTable, check_facts, check_rows, find_keys, pack_hex, unpack_hex
from graph.steps import Direction
from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch
from tests.support.snapshots import ACCOUNT, CALLED, HOLDS, PAID, PERSON, batches, fact, graphs, in_memory, key, published

PLACE = NodeLabel.PLACE
STATISTICS = EdgeType(PLACE, RelType.DESCRIBED_AS, PLACE)
ONE_CALL = [fact(CALLED, 1, 0, 1, 5)]
REPAID = EdgeType(PERSON, RelType.REPAID, NodeLabel.LOAN)
APPLIED = EdgeType(PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)


@given(graphs(20), st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=8, deadline=None)
def test_order_and_split_of_the_facts_leave_digest_and_files_the_same(rows, random, parts):
    shuffled = random.sample(rows, len(rows))
    split = [batch for part in range(parts) for batch in batches(shuffled[part::parts])]
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        write_base(batches(rows), Path(first), seq=1)
        write_base(split, Path(second), seq=1)
        assert Snapshot.open(Path(first)).manifest == Snapshot.open(Path(second)).manifest


def test_base_with_deltas_has_the_digest_of_one_base(tmp_path):
    rows = [fact(CALLED, n, n % 3, n % 5, n) for n in range(12)]
    layered = published(tmp_path / "layered", rows[:5], rows[5:9], rows[9:])
    assert layered.digest == published(tmp_path / "whole", rows).digest


def test_any_changed_fact_changes_the_digest(tmp_path):
    edge, row = ONE_CALL[0]
    changes = ({}, {"at_us": 7}, {"known_at_s": 6}, {"undated": True}, {"duration_seconds": 3})
    digests = {published(tmp_path / str(n), [(edge, row | change)]).digest for n, change in enumerate(changes)}
    assert len(digests) == 5


@pytest.mark.parametrize("edge", [PAID, STATISTICS, CALLED])
def test_take_returns_what_was_written(tmp_path, edge):
    rows = example_batch(edge, 60, seed=4).rows
    write_base([FactBatch(edge, rows)], tmp_path, seq=1)
    snapshot = Snapshot.open(tmp_path)
    refs = np.arange(snapshot.num_facts(edge))
    by_id = {row["id"]: row for row in rows.iter_rows(named=True)}
    expected = [by_id[i] for i in snapshot.fact_ids(edge, refs)]
    for column in set(rows.columns) - {"id", "source_id", "target_id", *OPTIONAL_FACT_COLUMNS}:
        values = snapshot.take(edge, column, refs)
        if values.dtype == np.int32:
            texts = snapshot.categories(edge, column)
            found = [None if code < 0 else texts[code] for code in values]
        else:
            found = [None if v == MISSING or v != v else v for v in values.tolist()]
        assert found == [row[column] for row in expected], column
    for end, label, row_column in (("source_id", edge.source, "source_row"), ("target_id", edge.target, "target_row")):
        assert unpack_hex(snapshot.keys_of(label, snapshot.take(edge, row_column, refs))) == [row[end] for row in expected]


def test_facts_lie_by_known_at_then_id():
    snapshot = in_memory([fact(CALLED, n, 0, 1, n % 3) for n in range(9)])
    refs = np.arange(9)
    pairs = list(zip(snapshot.take(CALLED, "known_at_s", refs).tolist(), snapshot.fact_ids(CALLED, refs), strict=True))
    assert pairs == sorted(pairs)


def test_keys_and_rows_lead_back_to_each_other(tmp_path):
    snapshot = published(tmp_path, [fact(CALLED, n, n, n + 1, n) for n in range(6)], [fact(HOLDS, 9, 40, 1, 3)])
    snapshot = snapshot.with_overlay(batches([fact(HOLDS, 10, 41, 2, 3)]))
    assert [snapshot.key_of(PERSON, row) for row in range(snapshot.num_nodes(PERSON))] == [
        k for part in ([*range(7)], [40], [41]) for k in sorted(key(PERSON, n) for n in part)
    ]
    assert all(snapshot.row_of(PERSON, snapshot.key_of(PERSON, row)) == row for row in range(snapshot.num_nodes(PERSON)))


def test_unknown_node_has_no_row(tmp_path):
    snapshot = published(tmp_path, ONE_CALL)
    assert snapshot.row_of(PERSON, key(PERSON, 77)) is None
    assert snapshot.row_of(ACCOUNT, key(ACCOUNT, 1)) is None


def test_keys_that_end_in_zero_bytes_stay_apart():
    texts = ["00" * 16, "61" + "00" * 15, "6100" + "61" * 14, "00" * 15 + "61"]
    packed = pack_hex(texts)
    assert unpack_hex(packed) == texts
    table = NodeTable(0, np.sort(packed))
    assert sorted(find_keys(table, packed)) == [0, 1, 2, 3]


def test_category_codes_go_on_over_deltas(tmp_path):
    rows = [fact(PAID, n, 0, 1, n, channel=channel) for n, channel in enumerate(["cash", "card", None, "wire"])]
    snapshot = published(tmp_path, rows[:3], rows[3:])
    texts = snapshot.categories(PAID, "channel")
    assert texts == ["card", "cash", "wire"]
    assert snapshot.take(PAID, "channel", np.arange(4)).tolist() == [1, 0, -1, 2]


def test_empty_graph_is_a_snapshot_too(tmp_path):
    snapshot = published(tmp_path, [])
    assert (snapshot.num_nodes(PERSON), snapshot.num_facts(CALLED), snapshot.currencies) == (0, 0, ())
    assert snapshot.take(CALLED, "known_at_s", np.empty(0, np.int64)).dtype == np.int64
    assert snapshot.keys_of(PERSON, np.empty(0, np.int64)).dtype == KEY_DTYPE


def test_asking_values_where_nothing_is_stored_is_refused():
    with pytest.raises(IndexError, match="nothing is stored"):
        EMPTY.take(CALLED, "known_at_s", np.array([0]))


def test_research_and_currencies_are_told(tmp_path):
    plain = published(tmp_path / "a", ONE_CALL)
    research = published(tmp_path / "b", ONE_CALL, [fact(PAID, 2, 0, 1, 5, basis="research")])
    assert (plain.has_research, plain.currencies) == (False, ())
    assert (research.has_research, research.currencies) == (True, ("CZK",))


def test_of_several_versions_of_a_fact_the_one_that_stands_is_written(tmp_path):
    versions = [fact(CALLED, 1, 0, 1, 7), fact(CALLED, 1, 0, 1, 5), fact(CALLED, 1, 0, 2, 6)]
    snapshot = published(tmp_path, versions)
    assert snapshot.num_facts(CALLED) == 1
    assert snapshot.take(CALLED, "known_at_s", np.array([0])).tolist() == [5]


def test_overlay_adds_nodes_and_facts_and_leaves_the_snapshot_alone(tmp_path):
    snapshot = published(tmp_path, ONE_CALL)
    wider = snapshot.with_overlay(batches([fact(HOLDS, 2, 50, 1, 6)]))
    assert (snapshot.num_nodes(PERSON), wider.num_nodes(PERSON)) == (2, 3)
    assert (snapshot.num_facts(HOLDS), wider.num_facts(HOLDS)) == (0, 1)
    assert wider.version == snapshot.version


def test_overlay_cannot_restate_a_published_fact(tmp_path):
    snapshot = published(tmp_path, ONE_CALL)
    wider = snapshot.with_overlay(batches([fact(CALLED, 1, 0, 1, 2), fact(CALLED, 3, 0, 1, 6)]))
    assert wider.take(CALLED, "known_at_s", np.arange(2)).tolist() == [5, 6]
    assert wider.num_facts(CALLED) == 2


@pytest.mark.parametrize(
    ("edge", "at_s", "values", "facts"),
    [
        (CALLED, 5, {}, 1),
        (CALLED, 6, {}, 2),
        (REPAID, 5, {"instalment": 1, "days_late": -9}, 1),
        (REPAID, 6, {"instalment": 1, "days_late": -9}, 1),
        (REPAID, 5, {"instalment": 2, "days_late": -9}, 2),
        (APPLIED, 6, {"amount_minor": 9, "currency": "CZK"}, 1),
    ],
)
def test_overlay_cannot_tell_of_a_published_event_again(tmp_path, edge, at_s, values, facts):
    once = {REPAID: {"instalment": 1, "days_late": 3}, APPLIED: {"amount_minor": 7, "currency": "CZK"}}.get(edge, {})
    snapshot = published(tmp_path, [fact(edge, 1, 0, 1, 5, **once)])
    again = batches([fact(edge, 2, 0, 1, at_s, **values)])
    assert snapshot.with_overlay(again, as_of_s=9).num_facts(edge) == facts
    assert snapshot.with_overlay(again, as_of_s=5).num_facts(edge) == 2  # what becomes known later changes nothing


def test_subject_attested_facts_are_stored_but_stand_in_no_run():
    snapshot = in_memory([fact(CALLED, 1, 0, 1, 5, attested_by="subject")])
    assert snapshot.num_facts(CALLED) == 1
    assert [snapshot.runs(CALLED, d) for d in Direction] == [(), ()]


@pytest.mark.parametrize("second", [-1, 2**34])
def test_second_outside_the_key_is_refused(tmp_path, second):
    with pytest.raises(KeySpaceExceeded, match="known_at_s"):
        published(tmp_path, [fact(CALLED, 1, 0, 1, second)])


def test_more_nodes_than_the_key_numbers_are_refused():
    check_rows(PERSON, 2**30)
    with pytest.raises(KeySpaceExceeded, match="Person"):
        check_rows(PERSON, 2**30 + 1)


def test_more_facts_than_a_ref_numbers_are_refused():
    check_facts(CALLED, 2**31)
    with pytest.raises(KeySpaceExceeded, match="CALLED"):
        check_facts(CALLED, 2**31 + 1)


def test_malformed_batch_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(FactMalformed):
        published(tmp_path / "root", [fact(CALLED, 1, 0, 1, 5, attested_by="nobody")])
    assert not (tmp_path / "root").exists()


def test_what_is_kept_with_a_version_is_made_by_one_thread_only():
    snapshot, made = in_memory([]), []
    together = Barrier(6)

    def build() -> str:
        made.append(1)
        sleep(0.05)  # long enough for the others to come and ask
        return "kept"

    def ask() -> str:
        together.wait()
        return snapshot.keep("it", build)

    with ThreadPoolExecutor(6) as pool:
        answers = [task.result() for task in [pool.submit(ask) for _ in range(6)]]
    assert (answers, len(made)) == (["kept"] * 6, 1)


def test_version_below_a_request_is_what_it_was_made_for():
    snapshot = in_memory([fact(CALLED, 1, 0, 1, 1)])
    asked = snapshot.with_overlay(batches([fact(CALLED, 2, 1, 0, 1)]), as_of_s=5)
    assert asked.before_request is snapshot
    assert asked.with_overlay(batches([fact(CALLED, 3, 1, 0, 1)]), as_of_s=5).before_request is snapshot
    assert snapshot.before_request is snapshot
