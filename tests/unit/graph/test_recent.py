import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import KeySpaceExceeded
from graph.recent import PLAIN_SEARCH_LIMIT, Selection, recent
from graph.snapshot.reader import EMPTY, Snapshot
from graph.snapshot.segment import unpack_hex
from graph.steps import Direction, Step
from tests.support.snapshots import (
    CALLED,
    EDGES,
    KNOWS,
    PERSON,
    batches,
    expected_recent,
    fact,
    graphs,
    in_memory,
    key,
    rows_of,
)

OUT = Step(CALLED, Direction.OUT)


def spelled(snapshot: Snapshot, step: Step, found: Selection, owners: int) -> list[list[tuple[str, str]]]:
    """Per query node the (fact id, other key) pairs selected."""
    pairs = list(zip(snapshot.fact_ids(step.edge, found.ref), unpack_hex(snapshot.keys_of(step.far, found.other)), strict=True))
    return [[p for p, o in zip(pairs, found.owner, strict=True) if o == owner] for owner in range(owners)]


@given(graphs(), st.sampled_from(EDGES), st.sampled_from(list(Direction)), st.integers(0, 5), st.data())
@settings(max_examples=80, deadline=None)
def test_recent_equals_sorting_all_facts(rows, edge, direction, limit, data):
    snapshot, step = in_memory(rows), Step(edge, direction)
    numbers = [n for n in range(6) if snapshot.row_of(step.near, key(step.near, n)) is not None]
    times = data.draw(st.lists(st.integers(0, 11), min_size=len(numbers), max_size=len(numbers)))
    found = recent(snapshot, step, rows_of(snapshot, step.near, numbers), np.array(times, np.int64), limit)
    expected = [expected_recent(rows, step, key(step.near, n), t, limit) for n, t in zip(numbers, times, strict=True)]
    assert not len(found.ref) or spelled(snapshot, step, found, len(numbers)) == expected
    assert len(found.ref) == sum(map(len, expected))


@pytest.mark.parametrize("limit", [1, 2, 7, 8, 12, 63, 64, 500])
@pytest.mark.parametrize("layers", [1, 3])
def test_many_nodes_are_answered_like_one_by_one(limit, layers):
    draw = np.random.default_rng(limit)
    rows = [fact(CALLED, n, int(draw.zipf(1.5)) % 40, int(draw.integers(40)), int(draw.integers(300))) for n in range(900)]
    snapshot = EMPTY
    for layer in range(layers):
        snapshot = snapshot.with_overlay(batches(rows[layer::layers]))
    nodes = draw.integers(0, snapshot.num_nodes(PERSON), 4 * PLAIN_SEARCH_LIMIT)
    times = draw.integers(0, 310, len(nodes))
    together = recent(snapshot, OUT, nodes, times, limit)
    alone = [recent(snapshot, OUT, nodes[i : i + 1], times[i : i + 1], limit) for i in range(len(nodes))]
    assert together.ref.tolist() == [ref for one in alone for ref in one.ref.tolist()]
    assert together.other.tolist() == [row for one in alone for row in one.other.tolist()]
    assert together.owner.tolist() == [i for i, one in enumerate(alone) for _ in one.ref]


def test_fact_known_exactly_at_t_is_not_seen():
    snapshot = in_memory([fact(CALLED, 1, 0, 1, 5)])
    nodes = rows_of(snapshot, PERSON, [0, 0])
    assert recent(snapshot, OUT, nodes, np.array([5, 6]), 3).owner.tolist() == [1]


def test_ties_in_time_are_ordered_by_the_bytes_of_the_fact_id():
    rows = [fact(CALLED, n, 0, 1, 5) for n in range(20)]
    snapshot = in_memory(rows)
    found = recent(snapshot, OUT, rows_of(snapshot, PERSON, [0]), np.array([6]), 4)
    assert snapshot.fact_ids(CALLED, found.ref) == sorted(row["id"] for _, row in rows)[-4:]


def test_ties_between_base_and_overlay_are_ordered_by_the_fact_id_too():
    rows = [fact(CALLED, n, 0, 1, 5) for n in range(20)]
    snapshot = in_memory(rows[::2]).with_overlay(batches(rows[1::2]))
    found = recent(snapshot, OUT, rows_of(snapshot, PERSON, [0]), np.array([6]), 7)
    assert snapshot.fact_ids(CALLED, found.ref) == sorted(row["id"] for _, row in rows)[-7:]


@pytest.mark.parametrize(("attested_by", "crossed"), [("subject", 0), ("counterparty", 1), ("both", 1), ("institution", 1)])
def test_facts_that_the_subject_alone_asserts_are_never_crossed(attested_by, crossed):
    snapshot = in_memory([fact(CALLED, 1, 0, 1, 5, attested_by=attested_by), fact(CALLED, 2, 2, 3, 5)])
    assert len(recent(snapshot, OUT, rows_of(snapshot, PERSON, [0]), np.array([9]), 4).ref) == crossed


def test_attestation_is_filtered_before_the_limit():
    rows = [fact(KNOWS, 1, 0, 1, 1), *(fact(KNOWS, n, 0, 1, 5, attested_by="counterparty") for n in range(2, 9))]
    snapshot = in_memory(rows)
    found = recent(snapshot, Step(KNOWS, Direction.OUT), rows_of(snapshot, PERSON, [0]), np.array([9]), 1)
    assert snapshot.fact_ids(KNOWS, found.ref) == [rows[0][1]["id"]]


def test_last_second_of_the_key_space_belongs_to_its_own_node():
    rows = [fact(CALLED, 1, 0, 1, 2**34 - 2), fact(CALLED, 2, 1, 0, 0)]
    snapshot = in_memory(rows)
    found = recent(snapshot, OUT, rows_of(snapshot, PERSON, [0, 1]), np.array([2**34 - 1] * 2), 4)
    assert spelled(snapshot, OUT, found, 2) == [[(rows[0][1]["id"], key(PERSON, 1))], [(rows[1][1]["id"], key(PERSON, 0))]]


def test_time_beyond_the_key_is_refused():
    with pytest.raises(KeySpaceExceeded, match="as-of second"):
        recent(EMPTY, OUT, np.array([0]), np.array([2**34]), 1)
