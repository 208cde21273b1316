"""The section of speed says of each bar whether it is kept, and of a missed one what was tried."""

from dataclasses import asdict

import pytest

from benchmarks.page import build_page
from benchmarks.results import Figure
from benchmarks.speed_page import BARS, speed_lines
from benchmarks.tried import TRIED


def _told(*figures: Figure) -> list[str]:
    return list(speed_lines({figure.key: asdict(figure) for figure in figures}))


def test_nothing_measured_is_said_of_every_bar() -> None:
    assert sum("not measured yet" in line for line in _told()) == len(BARS)
    assert all(line in build_page({}) for line in _told())


@pytest.mark.parametrize(
    ("key", "value", "verdict"),
    [
        ("model.sampler.edges_per_s", 5e6, "keeps"),
        ("model.sampler.edges_per_s", 4.9e6, "**misses**"),
        ("model.time_to_auc.ratio_full_batch", 4.9, "**misses**"),
        ("model.incremental.ratio_rebuild", 30.0, "keeps"),
        ("model.aggregates.seconds_20m", 61.0, "**misses**"),
        ("model.score_all.minutes", 9.9, "keeps"),
        ("model.champion.pass_ms", 4.1, "**misses**"),
        ("model.champion.shapley_ms", 12.0, "keeps"),
    ],
)
def test_a_bar_is_kept_or_missed(key: str, value: float, verdict: str) -> None:
    [line] = [line for line in _told(Figure(key, value, "")) if line.startswith(f"- {key} is")]
    assert f"{verdict} the bar" in line


@pytest.mark.parametrize(("value", "is_told"), [(3.9, False), (4.1, True)])
def test_what_was_tried_stands_at_a_missed_bar_alone(value: float, is_told: bool) -> None:
    told = "\n".join(_told(Figure("model.champion.pass_ms", value, "ms")))
    assert (TRIED["model.champion.pass_ms"] in told) is is_told
