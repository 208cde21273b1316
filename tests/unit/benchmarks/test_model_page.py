"""The section of the risk model says of each bar whether it is kept, as the figures have it."""

from dataclasses import asdict

import pytest

from benchmarks.model_page import HEADLINE, INTRODUCTION, model_keys, model_lines
from benchmarks.page import build_page
from benchmarks.results import Figure
from benchmarks.tried import TRIED


def _told(*figures: Figure) -> str:
    return "\n".join(model_lines({figure.key: asdict(figure) for figure in figures}))


def test_nothing_measured_is_said_of_every_bar() -> None:
    assert _told().count("not measured yet") == 9
    assert "## The risk model on economies it was not made with" in build_page({})


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure("champion_minus_best_tree", 0.005, "", 0.001, 0.009, 0.005), "keeps"),
        (Figure("champion_minus_best_tree", 0.008, "", -0.001, 0.02, 0.005), "**misses**"),
        (Figure("champion_minus_control", 0.0029, "", 0.001, 0.004, 0.003), "**misses**"),
        (Figure("calibration_slope", 0.9, "", 0.8, 1.0, 1.0), "keeps"),
        (Figure("calibration_slope", 0.94, "", 0.9, 0.98, 1.0), "**misses**"),
        (Figure("calibration_error", 0.01, "", rival=0.01), "keeps"),
        (Figure("calibration_error", 0.011, "", rival=0.01), "**misses**"),
        (Figure("null_economy_gain", 0.001, "", -0.001, 0.003, 0.003), "keeps"),
        (Figure("null_economy_gain", 0.001, "", 0.0001, 0.002, 0.003), "**misses**"),
        (Figure("gain_edges_shuffled", 0.0, "", -0.004, 0.001, 0.003), "**misses**"),
    ],
)
def test_a_bar_is_kept_or_missed(figure: Figure, verdict: str) -> None:
    named = Figure(**{**asdict(figure), "key": f"model.sandbox.{figure.key}"})
    [line] = [line for line in _told(named).splitlines() if line.startswith(f"- {figure.key} is")]
    assert f"{verdict} the bar" in line


def test_what_was_tried_stands_at_a_missed_bar_alone() -> None:
    kept, missed = (
        _told(Figure("model.sandbox.champion_minus_control", value, "", 0.001, 0.009, 0.003)) for value in (0.003, 0.002)
    )
    assert TRIED["model.sandbox.champion_minus_control"] in missed
    assert "Tried" not in kept


@pytest.mark.parametrize(("keeping", "verdict"), [(5, "keeps"), (4, "keeps"), (3, "**misses**")])
def test_a_headline_that_keeps_the_bar_is_not_enough_where_two_economies_miss_it(keeping: int, verdict: str) -> None:
    counts = {"keeping_bar": keeping, "economies": 5}
    line = _told(Figure("model.sandbox.champion_minus_best_tree", 0.006, "", 0.001, 0.009, 0.005, counts=counts))
    assert f"{verdict} the bar, at least 0.005 AUC with an interval above 0. {keeping} of 5 economies keep it." in line
    gap = Figure("model.sandbox.gap_closed.champion", 0.26, "", 0.1, 0.3, 0.26, counts=counts)
    assert f"{verdict} the bar, at least 1.3 times" in _told(
        gap, Figure("model.sandbox.gap_closed.best_tree", 0.2, "", 0.1, 0.3)
    )


def _economy(seed: int, gain: float, slope: float) -> list[Figure]:
    area = f"model.sandbox.{seed}"
    return [
        Figure(f"{area}.champion_minus_best_tree", gain, "", 0.001, 0.02, 0.005),
        Figure(f"{area}.champion_minus_control", 0.004, "", 0.001, 0.02, 0.003),
        Figure(f"{area}.calibration_slope", slope, "", slope - 0.01, slope + 0.01, 1.0),
        Figure(f"{area}.calibration_error", 0.004, "", rival=0.01),
        Figure(f"{area}.gap_closed.champion", 0.3, "", 0.2, 0.4, 0.26),
    ]


def test_it_is_told_in_how_many_economies_all_bars_are_kept_at_once() -> None:
    # Each bar is kept by two of three, both by one only.
    figures = [*_economy(101, 0.006, 1.0), *_economy(102, 0.004, 1.0), *_economy(103, 0.006, 0.8)]
    assert "- All bars at once, each economy by itself: kept in 1 of 3 economies (101)." in _told(*figures)
    assert "economy 103 lacks gap_closed.champion" in _told(*figures[:-1])


@pytest.mark.parametrize(("champion", "verdict"), [(0.26, "keeps"), (0.25, "**misses**")])
def test_the_gap_is_beside_that_of_the_trees(champion: float, verdict: str) -> None:
    ours = Figure(
        "model.sandbox.gap_closed.champion", champion, "", 0.1, 0.3, 1.3 * 0.2, counts={"keeping_bar": 4, "economies": 5}
    )
    trees = Figure("model.sandbox.gap_closed.best_tree", 0.2, "", 0.1, 0.3)
    line = _told(ours, trees)
    assert f"beside the trees' 0.2000 [0.1000, 0.3000]: {verdict} the bar" in line
    assert "4 of 5 economies keep it." in line


def test_a_family_without_gain_is_said_so_with_thin_and_thick_files() -> None:
    key = "model.sandbox.family_gain.community"
    told = _told(
        Figure(key, 0.001, "", -0.001, 0.002),
        Figure(f"{key}.thin", 0.003, "", 0.001, 0.005),
        Figure(f"{key}.thick", 0.0, "", -0.001, 0.001),
    )
    assert "- community is without gain: 0.0010 [-0.0010, 0.0020] AUC; thin files 0.0030" in told


def test_the_page_says_of_every_key_without_a_seed_what_it_is_of_and_what_no_interval_holds() -> None:
    told = " ".join(build_page({}).split())
    assert [name for name in HEADLINE if name not in INTRODUCTION] == []
    assert "A figure without a seed" not in told
    for caveat in (
        "hold fixed the one fit of each model: the chance of its seed is not in them",
        "is of one seed of the models",
        "shares of the gap closed and the monthly error above the truth's own are slightly flattered",
        "None of these divisions is purged",
    ):
        assert caveat in told


def test_headlines_come_before_the_figures_of_each_economy() -> None:
    keys = ["model.sandbox.101.auc.gnn", "model.sandbox.auc.gnn", "model.sandbox.calibration_error", "model.smesd.auc.gnn"]
    ordered = ["model.sandbox.auc.gnn", "model.sandbox.calibration_error", "model.sandbox.101.auc.gnn"]
    assert model_keys({key: {} for key in keys}) == ordered
