"""Protected groups beside scores: read from the sealed files alone, judged on loans that taught nobody, told in figures."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.model.fairness import ECONOMY, SIZES_OF, UNSEEN
from benchmarks.model.fairness_figures import fairness_figures, find_alternative, write_frontier
from benchmarks.model.groups import CHAMPION, OTHER, PROTECTED, WITHOUT, find_points, read_group, weigh
from benchmarks.scale import Scale
from gnn.evaluation.mitigation import SHARES, Point
from graph.vocabulary import SPECS, Family

LOANS = 600


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("fairness",):
        monkeypatch.setattr(f"gnn.evaluation.{module}.BOOTSTRAP_DRAWS", 30)


@pytest.fixture
def described(tmp_path: Path) -> dict[str, Path]:
    """The group shows in the vectors and lifts the score; without social edges neither is so."""
    draw = np.random.default_rng(0)
    is_member = draw.random(LOANS) < 0.3
    risk = draw.normal(size=LOANS)
    label = (draw.random(LOANS) < 1 / (1 + np.exp(1.5 - risk))).astype(np.int8)
    files = {}
    for name, shows in (("with", 1.0), ("without", 0.0)):
        file = tmp_path / f"{name}.npz"
        files[name] = file
        np.savez(
            file,
            label=label,
            person=np.arange(LOANS),
            group=np.where(is_member, PROTECTED, OTHER),
            log_odds=risk - 1.5 + shows * is_member,
            vectors=np.column_stack([shows * is_member + draw.normal(0, 0.3, LOANS), risk]),
            own=draw.normal(size=(LOANS, 3)),
            validation=risk - 1.5,
        )
    return files


def test_the_group_is_read_by_position_from_the_sealed_file_alone(tmp_path: Path) -> None:
    sealed = tmp_path / "sealed"
    sealed.mkdir()
    (sealed / "people.csv").write_text("person,protected_group\nP0,0\nP1,1\nP2,0\n")
    assert read_group(tmp_path).tolist() == [OTHER, PROTECTED, OTHER]


def test_a_group_that_shows_is_told_and_refused_more_often_with_social_edges_than_without(described: dict[str, Path]) -> None:
    found = weigh(described)
    assert found["telling"]["with_it"]["value"] > 0.9
    assert abs(found["telling"]["without_it"]["value"] - 0.5) < 0.1
    assert abs(found["told_by"]["own_features"]["value"] - 0.5) < 0.1
    for change in found["change"]:
        assert change["with_it"]["value"] < change["without_it"]["value"]
    assert found["protected"] == int((np.load(described["with"])["group"] == PROTECTED).sum())


def test_every_figure_is_told_and_the_frontier_is_drawn(described: dict[str, Path], tmp_path: Path) -> None:
    found, picture = weigh(described), tmp_path / "pictures" / "frontier.png"
    write_frontier(found, picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    figures = {figure.key: figure for figure in fairness_figures(found, picture, 1)}
    told = figures["model.fairness.group_auc"]
    assert (told.rival, told.low is not None) == (0.6, True)
    assert told.note is not None
    assert "above the bar: the group goes with" in told.note
    for share in SHARES:
        key = f"model.fairness.impact.approve_{share:.0%}".rstrip("%")
        assert figures[key].rival == 0.8
        gain = figures[f"{key}.social"]
        assert gain.value == pytest.approx(figures[key].value - figures[f"{key}.without_social"].value)


def test_candidates_learn_from_the_first_loans_and_are_judged_on_the_last(described: dict[str, Path]) -> None:
    one, other = (dict(np.load(described[name])) for name in ("with", "without"))
    points = find_points(one, other)
    assert {CHAMPION, WITHOUT, "plain"} < {point.candidate for point in points}
    last = slice(int(LOANS * 0.65), LOANS)
    one["label"] = one["label"].copy()
    one["label"][last] = 1 - one["label"][last]
    flipped = {(point.candidate, point.share): point for point in find_points(one, other)}
    for point in points:  # outcomes of the judged decide how good a candidate looks, and nothing of whom it approves
        assert flipped[point.candidate, point.share].impact == pytest.approx(point.impact)
        assert flipped[point.candidate, point.share].auc == pytest.approx(1 - point.auc)


def point(name: str, accuracy: float, impact: float, share: float = 0.7) -> Point:
    return Point(name, share, accuracy, 0.7, 0.05, impact)


def test_the_alternative_is_the_fairest_that_is_as_accurate() -> None:
    champion = point(CHAMPION, 0.650, 0.80)
    points = [champion, point("close", 0.646, 0.90), point("poor", 0.600, 0.99), point("elsewhere", 0.70, 1.0, share=0.5)]
    assert find_alternative(points, 0.7) == (champion, points[1])
    assert find_alternative([champion, point("poor", 0.6, 0.99)], 0.7) == (champion, champion)


def test_without_social_edges_no_step_of_that_family_is_taken_and_every_other_may_be() -> None:
    assert {SPECS[step.edge].family for step in UNSEEN["without"]} == {Family.SOCIAL}
    assert not UNSEEN["with"]


def test_the_full_count_is_of_a_medium_economy_of_its_own() -> None:
    assert (SIZES_OF[Scale.FULL].making.persons, ECONOMY.seed) == (50_000, 203)
