"""Ratios worked out by hand; a group is told from vectors that hold it and not from those that do not."""

import numpy as np
import pytest

from gnn.evaluation import fairness
from gnn.evaluation.fairness import (
    Groups,
    compare_impact,
    compare_telling,
    cutoffs_at,
    largest_group,
    measure_impact,
    measure_telling,
    tell_group,
)


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fairness, "BOOTSTRAP_DRAWS", 100)


def _groups(letters: str) -> Groups:
    named = np.array([letter.strip("-") for letter in letters])
    return Groups(named, np.arange(len(named)), "a")


def test_ratio_is_of_approval_rates_against_the_reference():
    # Of a, 3 of 4 are approved; of b 1 of 2; of c none of 1. Who did not tell counts nowhere.
    scores = np.array([0, 0, 0, 9, 0, 9, 9, 0.0])
    found = measure_impact(scores, _groups("aaaabbc-"), {"at 1": 1.0})
    assert [(one.group, one.examples, one.approved_share, one.reference_share) for one in found] == [
        ("b", 2, 0.5, 0.75),
        ("c", 1, 0.0, 0.75),
    ]
    assert [one.ratio.value for one in found] == pytest.approx([2 / 3, 0.0])
    assert all(one.is_adverse for one in found)


def test_every_cutoff_has_a_ratio_and_none_where_nobody_of_the_reference_is_approved():
    found = measure_impact(np.array([1.0, 2.0, 0.0]), _groups("aab"), {"low": 0.5, "high": 5.0})
    assert [one.cutoff for one in found] == ["low", "high"]
    assert np.isnan(found[0].ratio.value)
    assert (found[0].is_adverse, found[0].is_adverse_to_reference) == (False, True)
    assert found[1].ratio.value == 1.0


def test_impact_is_adverse_against_the_group_approved_most_often_and_not_the_declared_reference_alone():
    # Of a and c half are approved, of b all: beside a nobody does badly, beside b both do.
    found = {one.group: one for one in measure_impact(np.array([0, 9, 0, 0, 0, 9.0]), _groups("aabbcc"), {"at 1": 1.0})}
    assert found["c"].ratio.value == 1.0
    assert {name: one.is_adverse for name, one in found.items()} == {"b": False, "c": True}
    assert found["c"].highest_share == 1.0
    assert found["c"].is_adverse_to_reference


def test_a_group_at_both_extremes_is_not_told_as_telling_is_linear():
    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(600, 1))
    extreme = np.where(np.abs(vectors[:, 0]) > 1, "b", "a")
    told = measure_telling(vectors, Groups(extreme, np.arange(600), "a"), 0)
    assert abs(told["b"].value - 0.5) < 0.15


def test_interval_resamples_persons_and_not_their_loans():
    group = np.array(["a", "b"]).repeat(200)
    scores = np.tile([0.0, 9.0], 200)
    apart = measure_impact(scores, Groups(group, np.arange(400), "a"), {"at 1": 1.0})[0].ratio
    few = measure_impact(np.repeat(scores[:40], 10), Groups(group, np.arange(400) // 10, "a"), {"at 1": 1.0})[0].ratio
    assert apart.low < apart.value < apart.high
    assert few.high - few.low > 2 * (apart.high - apart.low)


def test_same_arguments_give_the_same_interval():
    scores, groups = np.tile([0.0, 9.0, 1.0, 3.0], 10), _groups("aabb" * 10)
    assert measure_impact(scores, groups, {"at 2": 2.0}) == measure_impact(scores, groups, {"at 2": 2.0})


def test_ratio_agrees_with_fairlearn():
    metrics = pytest.importorskip("fairlearn.metrics", reason="the extra ml is not installed")
    generator = np.random.default_rng(0)
    scores, group = generator.normal(size=500), generator.choice(["a", "b"], 500, p=[0.7, 0.3])
    (one,) = measure_impact(scores, Groups(group, np.arange(500), "a"), {"at 0": 0.0})
    expected = metrics.demographic_parity_ratio(scores, scores <= 0, sensitive_features=group)
    assert min(one.ratio.value, 1 / one.ratio.value) == pytest.approx(expected)


def test_social_edges_that_hurt_a_group_show_in_the_change():
    group = np.array(["a", "b"]).repeat(100)
    alike = np.tile([0.0, 0.0, 0.0, 9.0], 50)
    hurt = alike + 9.0 * ((group == "b") & (np.arange(200) % 4 == 0))
    (change,) = compare_impact((hurt, {"at 1": 1.0}), (alike, {"at 1": 1.0}), Groups(group, np.arange(200), "a"))
    assert (change.what, change.group) == ("at 1", "b")
    assert (change.with_it.value, change.without_it.value) == pytest.approx((2 / 3, 1.0))
    assert change.gain.value == pytest.approx(-1 / 3)
    assert change.gain.high < 0


def test_cutoffs_compared_must_bear_the_same_names():
    with pytest.raises(ValueError, match="do not go together"):
        compare_impact((np.zeros(3), {"x": 0.0}), (np.zeros(3), {"y": 0.0}), _groups("aab"))


def test_cutoffs_are_named_by_the_share_they_approve():
    assert cutoffs_at(np.arange(10.0), (0.5, 0.7)) == {"approve 50%": 4.0, "approve 70%": 6.0}


def test_group_is_told_from_vectors_that_hold_it_alone():
    generator = np.random.default_rng(0)
    group = np.array(["a", "b"]).repeat(150)
    blind = generator.normal(size=(300, 4))
    telling = blind + np.where(group == "b", 2.0, 0.0)[:, None]
    groups = Groups(group, np.arange(300), "a")
    assert measure_telling(telling, groups, seed=0)["b"].low > 0.9
    hidden = measure_telling(blind, groups, seed=0)["b"]
    assert hidden.low < 0.5 < hidden.high
    (change,) = compare_telling(telling, blind, groups, seed=0)
    assert change.gain.low > 0.2


def test_person_is_told_by_others_alone():
    # Each person has a vector of their own twice: seen in the lessons, it would give the group away.
    generator = np.random.default_rng(0)
    person = np.arange(60).repeat(2)
    member = generator.permutation(60) < 30
    told = tell_group(np.eye(60)[person], member[person], person, seed=0)
    assert np.ptp(told[member[person]]) < 1
    assert abs(told[member[person]].mean() - told[~member[person]].mean()) < 0.5


def test_who_did_not_tell_is_neither_learnt_from_nor_judged():
    generator = np.random.default_rng(0)
    group = np.array(["a", "b", ""]).repeat(40)
    vectors = generator.normal(size=(120, 2)) + (group == "b")[:, None]
    other = vectors.copy()
    other[group == ""] = 1e6
    groups = Groups(group, np.arange(120), "a")
    assert measure_telling(vectors, groups, seed=0)["b"].value == measure_telling(other, groups, seed=0)["b"].value


def test_group_of_few_persons_is_not_told():
    with pytest.raises(ValueError, match="5 folds"):
        tell_group(np.zeros((20, 2)), np.arange(20) < 4, np.arange(20), seed=0)


@pytest.mark.parametrize("letters", ["bbc", "aaa", "a-"])
def test_groups_need_the_reference_and_another(letters: str):
    with pytest.raises(ValueError, match="compared with 'a'"):
        _groups(letters)


def test_largest_group_counts_those_who_told():
    assert largest_group(np.array(["", "", "", "b", "b", "a"])) == "b"
