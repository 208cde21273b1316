"""Weights and the frontier worked out by hand; candidates are blind to groups and fairer as they are made to be."""

import sys

import numpy as np
import pytest

from gnn.errors import ExtraMissing
from gnn.evaluation import mitigation
from gnn.evaluation.mitigation import (
    BOUNDS,
    STRENGTHS,
    Candidate,
    Lessons,
    Point,
    build_candidates,
    frontier,
    measure_points,
    reweigh,
)

N = 1200


def _lessons(seed: int) -> Lessons:
    """A group that fares worse by a feature standing for it; another feature tells the outcome for everyone."""
    generator = np.random.default_rng(seed)
    group = generator.choice(["a", "b"], N, p=[0.6, 0.4])
    fate = generator.normal(size=N)
    stands_for = (group == "b") + 0.3 * generator.normal(size=N)
    bad = generator.random(N) < 1 / (1 + np.exp(1.5 - 1.5 * fate - 1.5 * (group == "b")))
    return Lessons(np.column_stack([fate, stands_for]), bad.astype(np.int8), group)


def _point(impact: float, accuracy: float, name: str = "x") -> Point:
    return Point(name, 0.7, accuracy, 0.7, 0.1, impact)


def test_reweighed_outcome_does_not_depend_on_the_group():
    # Of a 1 of 4 is bad, of b 3 of 4; with the weights half of each.
    label = np.array([1, 0, 0, 0, 1, 1, 1, 0], np.int8)
    group = np.array(list("aaaabbbb"))
    weight = reweigh(label, group, 1.0)
    assert weight == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3, 2 / 3, 2 / 3, 2 / 3, 2])
    for name in "ab":
        inside = group == name
        assert np.average(label[inside], weights=weight[inside]) == pytest.approx(0.5)
    assert reweigh(label, group, 0.0).tolist() == [1.0] * 8
    assert reweigh(label, group, 0.5)[0] == pytest.approx(1.5)


def test_group_of_one_outcome_keeps_a_finite_weight():
    assert np.isfinite(reweigh(np.array([1, 1, 0], np.int8), np.array(["a", "a", "b"]), 1.0)).all()


def test_point_is_measured_at_the_cutoff_of_validation():
    # The cut-off is 2: of the good 2 of 3 are approved, of the bad none; of a 2 of 2, of b 0 of 1; the last did not tell.
    candidate = Candidate("ours", np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0, 9.0]))
    label, group = np.array([0, 0, 0, 1], np.int8), np.array(["a", "a", "b", ""])
    (point,) = measure_points([candidate], label, group, shares=(0.5,))
    assert (point.candidate, point.share, point.bad_share, point.impact, point.auc) == ("ours", 0.5, 0.0, 0.0, 1.0)
    assert point.balanced_accuracy == pytest.approx((2 / 3 + 1) / 2)


def test_point_has_no_impact_where_nobody_is_approved():
    candidate = Candidate("ours", np.array([1.0, 1.0]), np.array([2.0, 3.0]))
    (point,) = measure_points([candidate], np.array([0, 1], np.int8), np.array(["a", "b"]), shares=(0.5,))
    assert np.isnan([point.impact, point.bad_share]).all()
    assert frontier([point]) == []


def test_frontier_leaves_out_what_another_beats():
    best, fair, beaten, twin = _point(0.6, 0.8), _point(0.9, 0.7), _point(0.6, 0.7), _point(0.9, 0.7, "y")
    assert frontier([fair, twin, beaten, best]) == [best, fair]
    assert frontier([]) == []


def test_candidates_are_fairer_as_they_are_made_to_be():
    pytest.importorskip("fairlearn", reason="the extra ml is not installed")
    lessons, validation, judged = _lessons(0), _lessons(1), _lessons(2)
    candidates = build_candidates(lessons, validation.features, judged.features, break_even=0.4)
    points = {point.candidate: point for point in measure_points(candidates, judged.label, judged.group, (0.7,))}
    assert len(points) == 1 + len(STRENGTHS) + len(BOUNDS)
    plain = points["plain"]
    assert plain.impact < 0.75
    assert plain.impact < points["reweighed 0.5"].impact < points["reweighed 1"].impact
    assert points["exponentiated gradient 0.02"].impact > 0.9
    assert all(point.auc > 0.6 for point in points.values())
    assert plain.auc == max(point.auc for point in points.values())


def test_candidates_score_without_groups_and_the_same_each_time(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("fairlearn", reason="the extra ml is not installed")
    monkeypatch.setattr(mitigation, "BOUNDS", BOUNDS[:1])
    lessons, judged = _lessons(0), _lessons(2)
    one, again = (build_candidates(lessons, judged.features, judged.features[::-1], break_even=0.4) for _ in range(2))
    for first, second in zip(one, again, strict=True):
        assert np.array_equal(first.validation, second.validation)
        # A score follows from the features of the one scored, in whatever company.
        assert first.judged[::-1] == pytest.approx(first.validation)


def test_who_did_not_tell_their_group_teaches_the_plain_model_alone(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("fairlearn", reason="the extra ml is not installed")
    monkeypatch.setattr(mitigation, "BOUNDS", BOUNDS[:1])
    lessons = _lessons(0)
    silent = Lessons(lessons.features[:200] + 3, 1 - lessons.label[:200], np.full(200, ""))
    both = Lessons(*(np.concatenate(pair) for pair in zip(vars(lessons).values(), vars(silent).values(), strict=True)))
    before, after = (
        build_candidates(one, lessons.features[:50], lessons.features[:50], break_even=0.4) for one in (lessons, both)
    )
    changed = [first.name for first, second in zip(before, after, strict=True) if not np.allclose(first.judged, second.judged)]
    assert changed == ["plain"]


@pytest.mark.parametrize("break_even", [0.0, 1.0, -0.1])
def test_probability_to_break_even_at_lies_within(break_even: float):
    with pytest.raises(ValueError, match="break even"):
        build_candidates(_lessons(0), np.zeros((1, 2)), np.zeros((1, 2)), break_even=break_even)


def test_without_fairlearn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "fairlearn", None)
    with pytest.raises(ExtraMissing, match=r"fairlearn is not installed.*creditgraph\[ml\]"):
        build_candidates(_lessons(0), np.zeros((1, 2)), np.zeros((1, 2)), break_even=0.5)


def test_frontier_is_drawn_the_same_each_time():
    pytest.importorskip("matplotlib", reason="the extra ml is not installed")
    from gnn.registry.plots import draw_frontier

    points = [_point(0.6, 0.8), _point(0.9, 0.7, "y")]
    picture = draw_frontier(points)
    assert picture.startswith(b"\x89PNG")
    assert picture == draw_frontier(points)
