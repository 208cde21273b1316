import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.neighbourhood import neighbourhood
from graph.question import ask
from graph.recent import PLAIN_SEARCH_LIMIT, recent_of
from graph.recent_together import recent_over
from graph.steps import steps_at
from tests.support.snapshots import CALLED, PERSON, fact, graphs, in_memory


@given(graphs(), st.sampled_from([0, 1, 2, 5]), st.integers(0, 11))
@settings(max_examples=60, deadline=None)
def test_several_steps_together_are_each_step_by_itself(rows, limit, as_of_s):
    snapshot = in_memory(rows)
    nodes = np.unique(
        snapshot.standing(PERSON, np.arange(snapshot.num_nodes(PERSON)), np.full(snapshot.num_nodes(PERSON), as_of_s))
    )
    question = ask(snapshot, PERSON, nodes, np.full(len(nodes), as_of_s))
    together = recent_over(snapshot, [(step, question) for step in steps_at(PERSON)], limit)
    assert list(together) == list(steps_at(PERSON))
    for step, found in together.items():
        alone = recent_of(snapshot, step, question, limit)
        assert [column.tolist() for column in found] == [column.tolist() for column in alone]


@pytest.mark.parametrize("nodes", [3, PLAIN_SEARCH_LIMIT + 3])
def test_ties_in_time_are_ordered_by_fact_id_however_many_ask(nodes):
    snapshot = in_memory([fact(CALLED, n, n % 4, n % 3, 5 + n % 2) for n in range(60)])
    rows = np.arange(nodes) % snapshot.num_nodes(PERSON)
    question = ask(snapshot, PERSON, rows, np.full(nodes, 9))
    for step, found in recent_over(snapshot, [(step, question) for step in steps_at(PERSON)], 7).items():
        assert found.ref.tolist() == recent_of(snapshot, step, question, 7).ref.tolist()


@given(graphs(), st.integers(0, 11))
@settings(max_examples=30, deadline=None)
def test_facts_looked_up_before_lead_to_the_same_neighbourhood(rows, as_of_s):
    snapshot = in_memory(rows)
    seeds = np.arange(snapshot.num_nodes(PERSON))
    times = np.full(len(seeds), as_of_s)
    question = ask(snapshot, PERSON, snapshot.standing(PERSON, seeds, times), times)
    near = recent_over(snapshot, [(step, question) for step in snapshot.steps(PERSON)], 5)
    asked, told = (neighbourhood(snapshot, PERSON, seeds, times, (3, 2), near=known) for known in (None, near))
    for asked_hops, told_hops in zip(asked.hops, told.hops, strict=True):
        assert [hop.step for hop in told_hops] == [hop.step for hop in asked_hops]
        for one, other in zip(asked_hops, told_hops, strict=True):
            assert [one.parent.tolist(), one.child.tolist(), one.ref.tolist()] == [
                other.parent.tolist(),
                other.child.tolist(),
                other.ref.tolist(),
            ]
