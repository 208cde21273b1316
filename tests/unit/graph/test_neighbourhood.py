from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import KeySpaceExceeded
from graph.neighbourhood import Neighbourhood, neighbourhood, steps_at
from graph.snapshot.reader import EMPTY, Snapshot
from graph.steps import Direction, Step
from graph.vocabulary import EdgeType, Family, NodeLabel, RelType
from tests.support.snapshots import (
    CALLED,
    DESCRIBED,
    EDGES,
    FANOUTS,
    HOLDS,
    PAID,
    PERSON,
    Rows,
    batches,
    expected_tree,
    fact,
    forest,
    graphs,
    in_memory,
    key,
    published,
    rows_of,
    trees,
)


def persons_in(rows: Rows) -> list[int]:
    named = {
        row[end]
        for edge, row in rows
        for end, label in zip(("source_id", "target_id"), edge[::2], strict=True)
        if label == PERSON
    }
    return [n for n in range(6) if key(PERSON, n) in named]


def values(snapshot: Snapshot, found: Neighbourhood) -> list:
    taken = []
    for hop in (h for hops in found.hops for h in hops):
        columns = ["at_us", "known_at_s", "undated"] + (["amount_minor"] if hop.step.edge == PAID else [])
        taken.append([snapshot.take(hop.step.edge, c, hop.ref).tolist() for c in columns])
    return taken


def only(tree, steps):
    """What is left of a tree when at each distance these steps alone are taken."""
    node, taken = tree
    left = [(step, facts) for step, facts in taken if step in steps[0]] if steps else []
    return node, tuple((step, tuple((told, only(far, steps[1:])) for told, far in facts)) for step, facts in left)


@given(graphs(), st.data())
@settings(max_examples=60, deadline=None)
def test_neighbourhood_over_some_steps_is_what_is_left_of_the_whole_one(rows, data):
    snapshot, numbers = in_memory(rows), persons_in(rows)
    times = data.draw(st.lists(st.integers(0, 11), min_size=len(numbers), max_size=len(numbers)))
    every = sorted({step for label in (PERSON, NodeLabel.BANK_ACCOUNT) for step in steps_at(label) if step.edge in EDGES})
    some = tuple(data.draw(st.frozensets(st.sampled_from(every))) for _ in FANOUTS)
    whole = forest(snapshot, numbers, times)
    assert forest(snapshot, numbers, times, steps=some) == [only(tree, some) for tree in whole]
    assert forest(snapshot, numbers, times, steps=tuple(frozenset(every) for _ in FANOUTS)) == whole


@pytest.mark.parametrize("taken", [(True, False), (False, True), (True, True)])
def test_steps_are_taken_at_their_own_distance_alone(taken):
    rows = [fact(CALLED, 1, 1, 2, 1), fact(CALLED, 2, 2, 3, 2)]
    call = frozenset({Step(CALLED, Direction.OUT)})
    (found,) = forest(in_memory(rows), [1], [9], steps=[call if one else frozenset() for one in taken])
    near = [far for _, facts in found[1] for _, far in facts]
    assert len(near) == taken[0]
    assert all(len(far[1]) == taken[1] for far in near)


@given(graphs(), st.data())
@settings(max_examples=60, deadline=None)
def test_neighbourhood_equals_a_walk_fact_by_fact(rows, data):
    numbers = persons_in(rows)
    times = data.draw(st.lists(st.integers(0, 11), min_size=len(numbers), max_size=len(numbers)))
    expected = [expected_tree(rows, PERSON, key(PERSON, n), t, FANOUTS) for n, t in zip(numbers, times, strict=True)]
    assert forest(in_memory(rows), numbers, times) == expected


@given(graphs(15), graphs(10, first=100), graphs(10, first=200), st.integers(0, 11))
@settings(max_examples=8, deadline=None)
def test_base_deltas_and_overlay_answer_like_one_base(first, second, third, as_of_s):
    everything = [*first, *second, *third]
    numbers = persons_in(everything)
    times = [as_of_s] * len(numbers)
    with TemporaryDirectory() as folder:
        layered = published(Path(folder), first, second).with_overlay(batches(third))
        whole = in_memory(everything)
        assert forest(layered, numbers, times) == forest(whole, numbers, times)


@given(graphs(), graphs(25, first=1000), st.integers(0, 9), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_facts_known_at_or_after_t_change_nothing(rows, others, as_of_s, random):
    past = [(e, r) for e, r in rows if r["known_at_s"] < as_of_s]
    # Whatever the later facts say, and whatever nodes they bring, which shift the row numbers.
    future = [(e, r | {"known_at_s": r["known_at_s"] + as_of_s, "at_us": random.randrange(10**6)}) for e, r in others]
    mixed = past + future
    random.shuffle(mixed)
    numbers = persons_in(past)
    answers = []
    for snapshot in (in_memory(past), in_memory(mixed)):
        seeds, times = rows_of(snapshot, PERSON, numbers), np.full(len(numbers), as_of_s)
        found = neighbourhood(snapshot, PERSON, seeds, times, FANOUTS)
        answers.append((trees(snapshot, found, PERSON), values(snapshot, found)))
    assert answers[0] == answers[1]


@given(graphs(), st.integers(0, 11))
@settings(max_examples=60, deadline=None)
def test_seed_has_the_same_tree_alone_and_among_others(rows, as_of_s):
    snapshot, numbers = in_memory(rows), persons_in(rows)
    alone = [forest(snapshot, [n], [as_of_s])[0] for n in numbers]
    assert forest(snapshot, numbers, [as_of_s] * len(numbers)) == alone


@given(graphs(), st.sampled_from([Family.SOCIAL, Family.DATA, RelType.CALLED, RelType.HOLDS]))
@settings(max_examples=25, deadline=None)
def test_left_out_relations_count_as_if_the_graph_had_none(rows, left_out):
    numbers, without = persons_in(rows), frozenset({left_out})
    expected = [expected_tree(rows, PERSON, key(PERSON, n), 9, FANOUTS, without) for n in numbers]
    assert forest(in_memory(rows), numbers, [9] * len(numbers), without=without) == expected


def test_nodes_of_a_level_keep_their_order_alone_and_among_others():
    # Alone, seed 0 reaches its lender before its loan; seed 9 brings loans into the level before any lender.
    invested, guaranteed, applied = (
        EdgeType(PERSON, rel, label)
        for rel, label in (
            (RelType.INVESTED_IN, NodeLabel.LENDER),
            (RelType.GUARANTEES, NodeLabel.LOAN),
            (RelType.APPLIED_FOR, NodeLabel.LOAN),
        )
    )
    amount = {"amount_minor": 1, "currency": "CZK"}
    snapshot = in_memory(
        [
            *(fact(invested, n, n, 0, n, **amount) for n in range(3)),
            *(fact(guaranteed, 10 + n, 3 * n, 0, n) for n in range(2)),
            fact(applied, 20, 9, 7, 1, **amount),
        ]
    )
    alone, both = (
        neighbourhood(snapshot, PERSON, rows_of(snapshot, PERSON, numbers), np.full(len(numbers), 9), FANOUTS).levels[2]
        for numbers in ([0], [0, 9])
    )
    assert both.rows[PERSON][both.seed[PERSON] == 0].tolist() == alone.rows[PERSON].tolist()
    assert len(alone.rows[PERSON]) == 4


def test_levels_tell_each_node_whose_tree_it_stands_in():
    snapshot = in_memory([fact(CALLED, 1, 0, 1, 5), fact(CALLED, 2, 2, 3, 5)])
    found = neighbourhood(snapshot, PERSON, rows_of(snapshot, PERSON, [0, 2]), np.array([9, 9]), (4,))
    (hop,) = found.hops[0]
    assert found.levels[1].seed[PERSON].tolist() == [0, 1]
    assert (hop.parent.tolist(), hop.child.tolist()) == ([0, 1], [0, 1])


def test_child_of_a_self_relation_is_a_leaf():
    snapshot = in_memory([fact(DESCRIBED, 1, 0, 0, 1), fact(CALLED, 2, 0, 1, 2)])
    (tree,) = forest(snapshot, [0], [9])
    steps = {step.edge.rel: children for step, children in tree[1]}
    assert steps[RelType.DESCRIBED_AS][0][1] == (key(PERSON, 0), ())
    assert steps[RelType.CALLED][0][1][1] != ()


def test_isolated_node_has_a_tree_of_itself_alone():
    snapshot = in_memory([fact(CALLED, 1, 0, 1, 5, attested_by="subject")])
    assert forest(snapshot, [0], [9]) == [(key(PERSON, 0), ())]


def test_empty_graph_gives_an_empty_forest():
    found = neighbourhood(EMPTY, PERSON, np.empty(0, np.int64), np.empty(0, np.int64))
    assert [len(level.rows.get(PERSON, ())) for level in found.levels] == [0, 0, 0]
    assert found.hops == ((), ())


@pytest.mark.parametrize("as_of_s", [-1, 2**34])
def test_as_of_time_outside_the_key_is_refused(as_of_s):
    snapshot = in_memory([fact(CALLED, 1, 0, 1, 5)])
    with pytest.raises(KeySpaceExceeded, match="as-of second"):
        neighbourhood(snapshot, PERSON, np.array([0]), np.array([as_of_s]))


def test_steps_take_each_end_and_self_relations_once():
    steps = steps_at(PERSON)
    assert Step(CALLED, Direction.OUT) in steps
    assert Step(CALLED, Direction.IN) in steps
    assert Step(HOLDS, Direction.IN) not in steps
    assert [s.direction for s in steps if s.edge == DESCRIBED] == [Direction.OUT]


@pytest.mark.parametrize("label", list(NodeLabel))
def test_every_step_of_a_label_starts_there(label):
    assert {step.near for step in steps_at(label)} <= {label}
