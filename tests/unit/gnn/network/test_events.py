"""Own facts of all steps become one sequence: oldest first, the most recent kept, nobody else's among them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from gnn.network.encode import encode_trees, fit_encoder
from gnn.network.encoder_plan import AGE_COLUMNS, CategoryPlan, EncoderPlan, NumberPlan, StepPlan
from gnn.network.events import KNOWN_AGE, UNDATED, EventSequences, join_events, order_events, own_steps
from gnn.network.forest import FAR, NEAR, StoredHop, TreeStore
from graph.neighbourhood import neighbourhood
from graph.steps import Direction, Step
from graph.vocabulary import NodeLabel
from tests.support.snapshots import CALLED, HOLDS, KNOWS, PAID, PERSON, fact, in_memory, rows_of

DAY_S = 86_400
NAMED = AGE_COLUMNS + 2  # where the tests keep an event's name
STEPS = (
    StepPlan(NEAR, Step(CALLED, Direction.OUT), (NumberPlan("amount_minor", 0.0, 1.0),), ()),
    StepPlan(FAR, Step(PAID, Direction.OUT), (NumberPlan("amount_minor", 0.0, 1.0),), (CategoryPlan("kind", ("a", "b")),)),
)
PLAN = EncoderPlan(NodeLabel.PERSON, (8, 8), STEPS)


def hop(step: int, start: list[int], known_age: list[float], name: list[int], undated: list[int] | None = None) -> StoredHop:
    """Facts of one step over all trees, known so long ago, each with a name among its numbers."""
    numbers = np.zeros((len(name), STEPS[step].width), np.float32)
    numbers[:, KNOWN_AGE], numbers[:, NAMED] = known_age, name
    numbers[:, UNDATED] = undated or [0] * len(name)
    nothing = np.zeros(len(name), np.int64)
    codes = np.full((len(name), len(STEPS[step].categories)), 2)
    return StoredHop(STEPS[step].depth, step, 0, 0, np.array(start), nothing, nothing, nothing, numbers, codes)


def trees(*hops: StoredHop) -> TreeStore:
    return TreeStore(0, np.empty((len(hops[0].start) - 1, 0), np.float32), {}, hops)


def names(events: EventSequences) -> list[list[int]]:
    """Names of the events of each sequence, in order."""
    parts = np.split(events.numbers[:, NAMED].astype(int), events.start[1:-1])
    return [part.tolist() for part in parts]


def test_steps_are_merged_by_the_day_a_fact_was_known_the_oldest_first() -> None:
    near = hop(0, [0, 2, 3], [0.9, 0.2, 0.5], [1, 2, 3])
    far = hop(1, [0, 2, 2], [0.5, 0.1], [4, 5])
    events = order_events(trees(far, near), PLAN, 9)
    assert names(events) == [[1, 4, 2, 5], [3]]
    assert events.step.tolist() == [0, 1, 0, 1, 0]
    assert events.codes[:, 0].tolist() == [0, 2, 0, 2, 0]


def test_facts_of_one_day_stand_by_step_and_then_as_in_the_tree_and_those_without_a_date_first() -> None:
    near = hop(0, [0, 3], [0.5, 0.5, 0.5], [3, 1, 2])
    far = hop(1, [0, 3], [0.5, 0.0, 0.9], [4, 5, 6], undated=[0, 1, 0])
    assert names(order_events(trees(near, far), PLAN, 9)) == [[5, 6, 3, 1, 2, 4]]


def test_no_more_than_the_most_recent_are_kept_of_each_sequence() -> None:
    near = hop(0, [0, 3, 3, 5], [0.9, 0.5, 0.2, 0.4, 0.3], [1, 2, 3, 7, 8])
    far = hop(1, [0, 1, 1, 1], [0.7], [4])
    events = order_events(trees(near, far), PLAN, 2)
    assert names(events) == [[2, 3], [], [7, 8]]
    assert events.start.tolist() == [0, 2, 2, 4]


def test_selection_places_each_event_and_parts_join_as_if_read_together() -> None:
    near = hop(0, [0, 2, 2, 3], [0.9, 0.5, 0.4], [1, 2, 3])
    whole = order_events(trees(near), PLAN, 4)
    parts = [
        order_events(trees(hop(0, [0, 2, 2], [0.9, 0.5], [1, 2])), PLAN, 4),
        order_events(trees(hop(0, [0, 1], [0.4], [3])), PLAN, 4),
    ]
    joined = join_events(parts)
    assert all(np.array_equal(getattr(joined, name), getattr(whole, name)) for name in ("start", "step", "numbers", "codes"))
    batch = joined.select(np.array([2, 1, 0, 2]))
    assert batch.counts.tolist() == [1, 0, 2, 1]
    assert batch.place.tolist() == [0, 8, 9, 12]
    assert batch.numbers[:, NAMED].tolist() == [3, 1, 2, 3]


def test_who_has_no_facts_has_an_empty_sequence() -> None:
    events = order_events(TreeStore(0, np.empty((2, 0), np.float32), {}, ()), PLAN, 4)
    assert events.start.tolist() == [0, 0, 0]
    assert len(events.select(np.arange(2)).place) == 0


@pytest.fixture(scope="module")
def read() -> EventSequences:
    """Person 0 calls 1, holds an account that pays and is paid; what person 1 does is another's."""
    day = [number * DAY_S for number in range(10)]
    rows = [
        *(fact(CALLED, 1, 0, 1, day[1]), fact(HOLDS, 2, 0, 0, day[2]), fact(PAID, 3, 0, 7, day[3])),
        *(fact(PAID, 4, 7, 0, day[4]), fact(KNOWS, 5, 0, 1, day[5]), fact(CALLED, 6, 0, 2, day[6])),
        *(
            fact(CALLED, 7, 1, 3, day[2]),
            fact(HOLDS, 8, 1, 1, day[3]),
            fact(PAID, 9, 1, 7, day[4]),
            fact(HOLDS, 10, 1, 0, day[5]),
        ),
    ]
    snapshot = in_memory(rows)
    subjects, as_of_s, steps = rows_of(snapshot, PERSON, [0]), np.array([day[6]]), own_steps(snapshot, PERSON)
    found = neighbourhood(snapshot, PERSON, subjects, as_of_s, (8, 8), steps=steps)
    plan = fit_encoder(snapshot, PERSON, (8, 8), found)
    return order_events(encode_trees(snapshot, plan, found, as_of_s, np.empty((1, 0), np.float32)), plan, 8)


def days_known(events: EventSequences) -> NDArray[np.float64]:
    return np.round(np.expm1(events.numbers[:, KNOWN_AGE].astype(np.float64) * 8.0))


def test_events_are_the_facts_at_the_subject_and_at_its_account_known_before_the_instant(read: EventSequences) -> None:
    assert days_known(read).tolist() == [5, 4, 3, 2, 1]
