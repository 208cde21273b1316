import random
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import SnapshotCorrupt
from graph.neighbourhood import recent
from graph.snapshot import Snapshot, write_base
from graph.snapshot.columns import Ints
from graph.snapshot.merges import NEVER, Sameness, build_merges
from graph.snapshot.segment import pack_hex
from graph.steps import Direction, Step
from tests.support.snapshots import (
    CALLED,
    DESCRIBED,
    FANOUTS,
    HOLDS,
    PERSON,
    SAME_AS,
    batches,
    expected_standing,
    expected_tree,
    fact,
    forest,
    graphs,
    in_memory,
    key,
    published,
    rows_of,
)

OUT, IN = (Step(CALLED, direction) for direction in Direction)
OFTEN_SAME = (CALLED, CALLED, HOLDS, DESCRIBED, SAME_AS)


def standing(snapshot: Snapshot, number: int, as_of_s: int) -> str:
    return snapshot.key_of(PERSON, int(snapshot.standing(PERSON, rows_of(snapshot, PERSON, [number]), np.array([as_of_s]))[0]))


def found_ids(snapshot: Snapshot, step: Step, number: int, as_of_s: int, limit: int = 99) -> list[str]:
    found = recent(snapshot, step, rows_of(snapshot, PERSON, [number]), np.array([as_of_s]), limit)
    return snapshot.fact_ids(step.edge, found.ref)


def ids(*facts) -> list[str]:
    return [row["id"] for _, row in facts]


def persons(snapshot: Snapshot) -> list[int]:
    return [n for n in range(6) if snapshot.row_of(PERSON, key(PERSON, n)) is not None]


@given(graphs(25, edges=(SAME_AS,)), st.integers(0, 11))
@settings(max_examples=80, deadline=None)
def test_standing_is_as_joining_groups_one_by_one_says(rows, as_of_s):
    snapshot, expected = in_memory(rows), expected_standing(rows, PERSON, as_of_s)
    for number in persons(snapshot):
        assert standing(snapshot, number, as_of_s) == expected.get(key(PERSON, number), key(PERSON, number))


@given(graphs(30, edges=OFTEN_SAME), st.integers(0, 11))
@settings(max_examples=60, deadline=None)
def test_members_of_a_node_are_the_rows_that_stand_under_it(rows, as_of_s):
    snapshot = in_memory(rows)
    merges, everyone = snapshot.merges(PERSON), np.arange(snapshot.num_nodes(PERSON))
    if merges is None:
        return
    times = np.full(len(everyone), as_of_s)
    stands = merges.standing(everyone, times)
    leaders = np.flatnonzero(stands == everyone)
    members = merges.members(leaders, times[: len(leaders)])
    owner, row = (np.arange(len(leaders)), leaders) if members is None else members
    assert sorted(zip(leaders[owner], row, strict=True)) == sorted(zip(stands, everyone, strict=True))
    assert (np.diff(owner) >= 0).all()


@given(graphs(30, edges=OFTEN_SAME), graphs(25, 1000, OFTEN_SAME), st.integers(0, 9), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_what_is_known_at_or_after_t_joins_nobody_at_t(rows, others, as_of_s, shuffler):
    past = [(e, r) for e, r in rows if r["known_at_s"] < as_of_s]
    mixed = past + [(e, r | {"known_at_s": r["known_at_s"] + as_of_s}) for e, r in others]
    shuffler.shuffle(mixed)
    before, after = in_memory(past), in_memory(mixed)
    numbers = persons(before)
    times = [as_of_s] * len(numbers)
    assert forest(before, numbers, times) == forest(after, numbers, times)


@given(*(graphs(14, 100 * n, OFTEN_SAME) for n in range(3)), st.integers(0, 11))
@settings(max_examples=15, deadline=None)
def test_base_delta_and_overlay_answer_as_a_walk_fact_by_fact(first, second, third, as_of_s):
    rows = [*first, *second, *third]
    with TemporaryDirectory() as folder:
        snapshot = published(Path(folder), first, second).with_overlay(batches(third))
        numbers = persons(snapshot)
        expected = [expected_tree(rows, PERSON, key(PERSON, n), as_of_s, FANOUTS) for n in numbers]
        assert forest(snapshot, numbers, [as_of_s] * len(numbers)) == expected


@given(graphs(25, edges=OFTEN_SAME), st.randoms(use_true_random=False), st.integers(1, 3))
@settings(max_examples=10, deadline=None)
def test_order_and_split_of_the_facts_leave_the_files_the_same(rows, shuffler, parts):
    shuffled = shuffler.sample(rows, len(rows))
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        write_base(batches(rows), Path(first), seq=1)
        write_base([b for part in range(parts) for b in batches(shuffled[part::parts])], Path(second), seq=1)
        assert Snapshot.open(Path(first)).manifest == Snapshot.open(Path(second)).manifest


def test_persons_are_one_from_the_second_after_the_statement_on():
    rows = [fact(CALLED, 1, 0, 5, 2), fact(CALLED, 2, 1, 5, 3), fact(SAME_AS, 3, 0, 1, 6)]
    snapshot = in_memory(rows)
    assert [found_ids(snapshot, OUT, n, 6) for n in (0, 1)] == [ids(rows[0]), ids(rows[1])]
    assert [found_ids(snapshot, OUT, n, 7) for n in (0, 1)] == [ids(*rows[:2])] * 2


def test_most_recent_facts_of_a_joined_person_are_those_last_known_and_not_those_last_joined():
    rows = [*(fact(CALLED, n, n % 2, 5, n) for n in range(8)), fact(SAME_AS, 20, 0, 1, 8)]
    assert found_ids(in_memory(rows), OUT, 0, 9, limit=3) == ids(*rows[5:8])


def test_the_other_end_is_the_joined_person():
    rows = [fact(CALLED, 1, 5, 0, 2), fact(CALLED, 2, 5, 1, 3), fact(SAME_AS, 3, 0, 1, 4)]
    snapshot = in_memory(rows)
    found = recent(snapshot, OUT, rows_of(snapshot, PERSON, [5, 5]), np.array([4, 5]), 9)
    assert [len(np.unique(found.other[found.owner == i])) for i in (0, 1)] == [2, 1]


def test_what_became_a_relation_to_oneself_is_left_out_before_the_limit():
    rows = [fact(CALLED, 1, 0, 5, 1), *(fact(CALLED, n, 0, 1, 5) for n in range(2, 40)), fact(SAME_AS, 50, 0, 1, 6)]
    snapshot = in_memory(rows)
    assert [found_ids(snapshot, OUT, n, 9, limit=1) for n in (0, 1)] == [ids(rows[0])] * 2
    assert found_ids(snapshot, IN, 1, 9) == []
    assert len(found_ids(snapshot, OUT, 0, 6, limit=1)) == 1


def test_what_describes_either_key_describes_the_person():
    rows = [fact(DESCRIBED, 1, 0, 0, 1), fact(DESCRIBED, 2, 1, 1, 2), fact(SAME_AS, 3, 0, 1, 3)]
    assert found_ids(in_memory(rows), Step(DESCRIBED, Direction.OUT), 1, 9) == ids(*rows[:2])


def test_what_the_subject_alone_says_joins_nobody():
    snapshot = in_memory([fact(CALLED, 1, 0, 5, 2), fact(SAME_AS, 3, 0, 1, 4, attested_by="subject")])
    assert found_ids(snapshot, OUT, 1, 9) == []


def test_facts_of_an_overlay_reach_the_joined_person(tmp_path):
    snapshot = published(tmp_path, [fact(CALLED, 1, 0, 5, 2), fact(SAME_AS, 3, 0, 1, 4)])
    late = fact(CALLED, 9, 1, 5, 6)
    wider = snapshot.with_overlay(batches([late]), as_of_s=9)
    assert [found_ids(wider, OUT, n, 9)[-1] for n in (0, 1)] == ids(late, late)


def test_overlay_cannot_tell_of_an_event_again_under_another_key_of_the_person(tmp_path):
    snapshot = published(tmp_path, [fact(CALLED, 1, 0, 5, 2), fact(SAME_AS, 3, 0, 1, 4)])
    again = batches([fact(CALLED, 9, 1, 5, 2)])
    assert [snapshot.with_overlay(again, as_of_s=t).num_facts(CALLED) for t in (4, 5)] == [2, 1]


def test_a_graph_without_statements_has_no_merges(tmp_path):
    snapshot = published(tmp_path, [fact(CALLED, 1, 0, 5, 2)])
    assert snapshot.merges(PERSON) is None
    assert not list(tmp_path.glob("*/merges.*"))


def test_merges_are_mapped_and_verified(tmp_path):
    snapshot = published(tmp_path, [fact(CALLED, 1, 0, 5, 2), fact(SAME_AS, 3, 0, 1, 4)])
    snapshot.verify()
    (file,) = tmp_path.glob("*/merges.person.merged_s.npy")
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.write_bytes(raw)
    with pytest.raises(SnapshotCorrupt, match="merged_s"):
        snapshot.verify()


def _chain(count: int) -> tuple[Sameness, Ints]:
    rows = np.arange(count)
    draw = random.Random(4)
    keys = pack_hex([f"{draw.randrange(2**128):032x}" for _ in rows])
    return Sameness(rows[:-1], rows[1:], rows[:-1], keys[:-1]), keys


def test_a_long_chain_of_statements_makes_a_shallow_tree():
    same, keys = _chain(3000)
    merges = build_merges(same, np.arange(3000), keys, 3000)
    depth = np.zeros(3000, int)
    at = np.arange(3000)
    while (merges.merged_s[at] < NEVER).any():
        depth += merges.merged_s[at] < NEVER
        at = merges.parent[at]
    assert depth.max() <= 12
    assert (merges.merged_s <= merges.merged_s[merges.parent]).all()


@given(graphs(30, edges=(SAME_AS, SAME_AS, CALLED)))
@settings(max_examples=60, deadline=None)
def test_rows_are_joined_from_the_second_after_which_they_stand_as_one(rows):
    snapshot = in_memory(rows)
    merges, size = snapshot.merges(PERSON), snapshot.num_nodes(PERSON)
    if merges is None:
        return
    left, right = (ends.ravel() for ends in np.meshgrid(np.arange(size + 1), np.arange(size + 1)))  # one row beyond all
    joined_s = merges.joined_s(left, right)
    assert (joined_s[left == right] == -1).all()
    for as_of_s in (*range(12), NEVER):
        seconds = np.full(len(left), as_of_s)
        assert ((joined_s < as_of_s) == (merges.standing(left, seconds) == merges.standing(right, seconds))).all()
