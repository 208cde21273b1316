"""Every relation is in one part; shares add up to the log-odds; a score is a place in the population, or nothing."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from gnn.features.removal import OwnFacts, removed_on
from gnn.serving.subscores import (
    GRID,
    LEAST_SUBJECTS,
    PARTS,
    Share,
    SubScales,
    SubScore,
    build_shares,
    fit_subscales,
    part_without,
)
from graph.neighbourhood import Direction, Step
from graph.vocabulary import EdgeType, NodeLabel, RelType

SAYS = {SubScore.HISTORY: 0.7, SubScore.CAPACITY: -0.4, SubScore.RELATIONSHIPS: 0.2}
TOGETHER = 0.3  # what history and relationships say only with each other


def additive(removed):
    """Log-odds of a model of which everything is known."""
    values = []
    for without in removed:
        there = {part for part in SubScore if not part_without(part) <= without}
        said = sum(effect for part, effect in SAYS.items() if part in there)
        values.append(-2.0 + said + TOGETHER * ({SubScore.HISTORY, SubScore.RELATIONSHIPS} <= there))
    return np.array(values)


def shares_of(**values: float) -> Share:
    return Share(-2.0, {part: values.get(part.value, 0.0) for part in SubScore})


def population(n: int = 1001) -> list[Share]:
    return [shares_of(history=value) for value in np.linspace(-1, 1.5, n).tolist()]


def test_every_relation_is_in_exactly_one_part():
    counted = Counter(relation for part in PARTS.values() for relation in part)
    assert set(counted) == set(RelType)
    assert set(counted.values()) == {1}
    assert set(PARTS) == set(SubScore)


def test_loans_of_a_neighbour_go_with_the_tie_and_own_ones_with_history():
    applied = Step(EdgeType(NodeLabel.PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN), Direction.OUT)
    missed = Step(EdgeType(NodeLabel.PERSON, RelType.MISSED, NodeLabel.LOAN), Direction.OUT)
    knows = Step(EdgeType(NodeLabel.PERSON, RelType.KNOWS, NodeLabel.PERSON), Direction.OUT)
    gone = {
        part: {path for path in ((missed,), (applied, missed), (knows, missed)) if removed_on(path) & part_without(part)}
        for part in SubScore
    }
    assert gone[SubScore.HISTORY] == {(missed,), (applied, missed)}
    assert gone[SubScore.RELATIONSHIPS] == {(knows, missed)}
    assert OwnFacts(RelType.MISSED) in part_without(SubScore.HISTORY)


def test_strangers_met_through_the_lender_of_ones_loan_go_with_relationships_and_never_with_history():
    applied = Step(EdgeType(NodeLabel.PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN), Direction.OUT)
    funded = Step(EdgeType(NodeLabel.LENDER, RelType.FUNDED, NodeLabel.LOAN), Direction.IN)
    repaid = Step(EdgeType(NodeLabel.PERSON, RelType.REPAID, NodeLabel.LOAN), Direction.OUT)
    strangers = (applied, funded, funded.back, applied.back)
    for path in (strangers, (*strangers, repaid), (repaid, repaid.back, repaid)):
        gone = {part for part in SubScore if removed_on(path) & part_without(part)}
        assert gone == {SubScore.RELATIONSHIPS}
    for path in ((applied, funded), (repaid,)):
        assert {part for part in SubScore if removed_on(path) & part_without(part)} == {SubScore.HISTORY}


def test_shares_add_up_and_what_two_parts_say_together_is_halved():
    share = build_shares(additive)
    assert share.base == -2.0
    assert share.base + sum(share.shares.values()) == pytest.approx(-1.2)
    assert share.shares[SubScore.HISTORY] == pytest.approx(0.7 + TOGETHER / 2)
    assert share.shares[SubScore.CAPACITY] == pytest.approx(-0.4)
    assert share.shares[SubScore.IDENTITY] == 0.0


@pytest.mark.parametrize(("value", "score"), [(-1.0, 850), (1.5, 300), (0.25, 575), (-9.0, 850), (9.0, 300), (0.875, 438)])
def test_score_is_the_place_in_the_population(value, score):
    assert fit_subscales(population()).score(shares_of(history=value))[SubScore.HISTORY] == score


def test_score_never_rises_with_the_risk_and_stays_on_the_scale():
    rng = np.random.default_rng(0)
    scales = fit_subscales([shares_of(history=round(float(v), 1)) for v in rng.normal(size=400) + 5])
    scores = [scales.score(shares_of(history=v))[SubScore.HISTORY] for v in np.linspace(0.5, 10, 500).tolist()]
    assert all(one >= other for one, other in pairwise(scores))
    assert (max(scores), min(scores)) == (850, 300)


def test_shares_that_many_have_lie_in_their_middle():
    scales = fit_subscales([shares_of(capacity=v) for v in [-1.0] * 25 + [0.5] * 50 + [1.0] * 25])
    assert scales.score(shares_of(capacity=0.5))[SubScore.CAPACITY] == pytest.approx(575, abs=3)


def test_part_the_model_read_nothing_of_has_no_score_and_few_subjects_give_no_scale():
    few = [shares_of(history=0.1 * i, identity=0.1 if 0 < i < LEAST_SUBJECTS else 0.0) for i in range(1, 200)]
    scores = fit_subscales(few).score(shares_of(history=0.0, identity=0.1))
    assert scores == dict.fromkeys(SubScore)


def test_scales_read_back_bit_for_bit_and_broken_ones_are_refused():
    scales = fit_subscales(population())
    back = SubScales.from_json(json.loads(json.dumps(scales.to_json())))
    assert back == scales
    assert back.to_json() == scales.to_json()
    values = list(scales.shares[SubScore.HISTORY])
    for broken in (values[:-1], values[::-1]):
        with pytest.raises(ValueError, match=f"not {GRID} ascending"):
            SubScales.from_json(SubScales({SubScore.HISTORY: tuple(broken)}).to_json())
