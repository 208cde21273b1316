"""Labels made from the marks a user received: nothing a model reads of that user may tell of one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.features.plan import FeaturePlan, Scope
from gnn.features.planning import plan_features
from gnn.features.table import build_features
from gnn.features.walk import HUB_LIMIT
from gnn.network.encode import fit_encoder
from gnn.network.encoder_plan import EncoderPlan
from gnn.tasks import NODE_TASKS
from graph.neighbourhood import neighbourhood
from graph.snapshot import Snapshot
from graph.steps import Direction, Step
from graph.vocabulary import EdgeType, RelType
from tests.support.snapshots import PERSON, Rows, fact, in_memory, key, rows_of, trees

RATED = EdgeType(PERSON, RelType.RATED, PERSON)
GIVEN, RECEIVED = Step(RATED, Direction.OUT), Step(RATED, Direction.IN)
UNSEEN = NODE_TASKS["bitcoin_otc"].unseen
AS_OF_S = 10_000
SUBJECT = 1


def rated(
    number: int, rater: int, whom: int, rating: int = 5, known_s: int | None = None
) -> tuple[EdgeType, dict[str, object]]:
    return fact(RATED, number, rater, whom, 100 + number if known_s is None else known_s, rating=rating)


def planned(snapshot: Snapshot, unseen: frozenset[Step] = UNSEEN) -> FeaturePlan:
    return plan_features(snapshot, PERSON, AS_OF_S, Scope.NEIGHBOURS, currency="USD", unseen=unseen)


def table(snapshot: Snapshot, plan: FeaturePlan) -> dict[str, float]:
    row = rows_of(snapshot, PERSON, [SUBJECT])
    found = build_features(snapshot, plan, row, np.array([AS_OF_S]))
    return dict(zip(found.names, found.values[0].tolist(), strict=True))


def tree(snapshot: Snapshot, fanouts: tuple[int, int] = (4, 3)) -> object:
    row = rows_of(snapshot, PERSON, [SUBJECT])
    return trees(snapshot, neighbourhood(snapshot, PERSON, row, np.array([AS_OF_S]), fanouts, unseen=UNSEEN), PERSON)[0]


def without_received(rows: Rows) -> Rows:
    return [(edge, row) for edge, row in rows if row["target_id"] != key(PERSON, SUBJECT)]


def test_declared_task_leaves_out_the_marks_received():
    assert frozenset({RECEIVED}) == UNSEEN


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(-10, 10)), min_size=1, max_size=40))
def test_marks_the_subject_received_change_no_bit_of_what_is_read(marks):
    rows = [rated(n, rater, whom, rating) for n, (rater, whom, rating) in enumerate(marks) if rater != whom]
    rows.append(rated(900, SUBJECT, 2))
    whole, less = in_memory(rows), in_memory(without_received(rows))
    plan = planned(whole)
    first, second = (build_features(s, plan, rows_of(s, PERSON, [SUBJECT]), np.array([AS_OF_S])).values for s in (whole, less))
    assert first.tobytes() == second.tobytes()
    assert tree(whole) == tree(less)


def test_mark_returned_takes_no_place_among_the_most_recent():
    others = [rated(n, 2, 3 + n % 3, known_s=200 + n) for n in range(HUB_LIMIT)]
    rows = [rated(900, SUBJECT, 2), *others, rated(901, 2, SUBJECT, -10, known_s=5000)]
    whole, less = in_memory(rows), in_memory(without_received(rows))
    plan = planned(whole)
    assert table(whole, plan) == pytest.approx(table(less, plan), nan_ok=True)
    assert table(whole, plan)["RATED.out.Person/RATED.out.Person:count"] == HUB_LIMIT
    assert tree(whole) == tree(less)


def test_columns_take_no_unseen_step_at_any_distance():
    rows = [rated(1, 1, 2), rated(2, 2, 3), rated(3, 3, 1)]
    assert any(RECEIVED in column.path for column in planned(in_memory(rows), frozenset()).columns)
    assert not any(RECEIVED in column.path for column in planned(in_memory(rows)).columns)


def test_what_those_rated_gave_to_others_is_read():
    rows = [rated(1, 1, 2), rated(2, 2, 3, -4), rated(3, 2, 4, 8), rated(4, 2, SUBJECT, -10)]
    snapshot = in_memory(rows)
    found = table(snapshot, planned(snapshot))
    assert found["RATED.out.Person/RATED.out.Person:count"] == 2
    assert found["RATED.out.Person/RATED.out.Person:mean:rating"] == 2
    assert found["RATED.out.Person/RATED.out.Person:positive_share:rating"] == 0.5
    assert found["(RATED.out.Person/RATED.out.Person:count)/(RATED.out.Person:peers)"] == 2


def test_plans_keep_what_is_unseen_through_their_files():
    snapshot = in_memory([rated(1, 1, 2), rated(2, 2, 3)])
    plan = planned(snapshot)
    assert FeaturePlan.from_json(plan.to_json()) == plan
    found = neighbourhood(snapshot, PERSON, rows_of(snapshot, PERSON, [SUBJECT]), np.array([AS_OF_S]), (4, 3), unseen=UNSEEN)
    encoder = replace(fit_encoder(snapshot, PERSON, (4, 3), found), unseen=tuple(UNSEEN))
    assert EncoderPlan.from_json(encoder.to_json()) == encoder
    assert all(step.step == GIVEN for step in encoder.steps)
