"""The section of the trials says of each bar whether it is kept, as the figures have it."""

from dataclasses import asdict

import pytest

from benchmarks.page import build_page
from benchmarks.results import Figure
from benchmarks.trials_page import BARS, PICTURE, trial_keys, trial_lines


def _told(*figures: Figure) -> list[str]:
    return list(trial_lines({figure.key: asdict(figure) for figure in figures}))


def test_nothing_measured_is_said_of_every_bar_and_no_picture_is_shown() -> None:
    assert sum("not measured yet" in line for line in _told()) == len(BARS)
    page = build_page({})
    assert "## The served model on trial" in page
    assert PICTURE not in page


@pytest.mark.parametrize(
    ("key", "value", "verdict"),
    [
        ("model.drift.restored_share", 0.8, "keeps"),
        ("model.drift.restored_share", 0.79, "**misses**"),
        ("model.drift.rollback_commands", 1.0, "keeps"),
        ("model.sybil.flips", 0.01, "keeps"),
        ("model.sybil.flips", 0.011, "**misses**"),
        ("model.sybil.auc_drop", 0.021, "**misses**"),
        ("model.sybil.auc_drop", -0.01, "keeps"),
        ("model.fairness.group_auc", 0.60, "keeps"),
        ("model.fairness.group_auc", 0.61, "**misses**"),
    ],
)
def test_a_bar_is_kept_or_missed(key: str, value: float, verdict: str) -> None:
    [line] = [line for line in _told(Figure(key, value, "")) if line.startswith(f"- {key} is")]
    assert f"{verdict} the bar" in line


@pytest.mark.parametrize(("days", "false", "verdict"), [(31.0, 0, "keeps"), (31.0, 1, "**misses**"), (59.0, 0, "**misses**")])
def test_an_alarm_that_also_rang_in_the_calm_is_no_alarm(days: float, false: int, verdict: str) -> None:
    figure = Figure("model.drift.alarm_days", days, "days", counts={"calm_months": 4, "false_alarms": false})
    assert f"{verdict} the bar, within a month" in _told(figure)[0]
    assert f"given at {false} of 4 month-ends" in _told(figure)[0]


def test_every_figure_of_the_trials_stands_in_the_section() -> None:
    keys = ["model.fairness.impact.approve_70", "model.sybil.flips.fifth", "model.sandbox.auc.gnn", "model.drift.loss"]
    figures = {key: asdict(Figure(key, 0.5, "")) for key in keys}
    assert trial_keys(figures) == ["model.drift.loss", "model.sybil.flips.fifth", "model.fairness.impact.approve_70"]
    assert any(PICTURE in line for line in trial_lines(figures))
