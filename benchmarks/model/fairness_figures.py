"""Figures of how a protected group fares, and the picture of accuracy against adverse impact.

Turns what was measured into figures; it measures nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.model.groups import CHAMPION
from benchmarks.results import Figure
from gnn.evaluation.fairness import FOUR_FIFTHS
from gnn.evaluation.mitigation import Point
from gnn.registry.plots import draw_frontier

AREA = "model.fairness"
MOST_TOLD = 0.60
AS_ACCURATE = 0.005  # of balanced accuracy that a less discriminatory model may lack and still count as accurate
SPOKEN_SHARE = 0.7
Found = Mapping[str, Any]


def write_frontier(found: Found, picture: Path) -> None:
    """Draw every candidate at every cut-off, and the frontier."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(draw_frontier(_points(found)))


def fairness_figures(found: Found, picture: Path, seed: int) -> list[Figure]:
    """All figures of the area, from what `benchmarks.model.groups.weigh` gives."""
    counts = {name: found[name] for name in ("judged", "bad", "protected")}
    return [
        *_telling_figures(found, counts, seed),
        *_impact_figures(found, counts, seed),
        _alternative_figure(found, picture, seed),
    ]


def _telling_figures(found: Found, counts: Mapping[str, int], seed: int) -> list[Figure]:
    telling, by = found["telling"], found["told_by"]
    note = (
        "logistic regression on the networks' last states and what their towers make of the table, each person told by a fit "
        f"on others; told from the own table alone {_bounded(by['own_features'])}, from the score alone {_bounded(by['score'])}"
    )
    if telling["with_it"]["value"] > MOST_TOLD:
        note += (
            "; above the bar: the group goes with neighbourhood, income and thinness of file, which the network reads in order "
            "to score, so that what tells risk tells the group too"
        )
    figures = [_figure("group_auc", telling["with_it"], "auc", counts, seed, note, (MOST_TOLD, "most allowed"))]
    note = "the same of the champion fitted without social relations"
    figures.append(_figure("group_auc.without_social", telling["without_it"], "auc", counts, seed, note))
    note = "with social relations less without them, paired"
    figures.append(_figure("group_auc.social", telling["gain"], "difference in AUC", counts, seed, note))
    for name, interval in by.items():
        figures.append(_figure(f"group_auc.{name}", interval, "auc", counts, seed, f"told from the {name} alone"))
    return figures


def _impact_figures(found: Found, counts: Mapping[str, int], seed: int) -> list[Figure]:
    figures = []
    for one in found["impact"]:
        note = (
            f"share of the {one['group']} group approved, {one['approved_share']:.4f}, over that of the others, "
            f"{one['reference_share']:.4f}; the cut-off is set on the calibration period"
        )
        name = f"impact.{_key(one['cutoff'])}"
        figures.append(_figure(name, one["ratio"], "ratio", counts, seed, note, (FOUR_FIFTHS, "four-fifths rule")))
    for one in found["change"]:
        name = f"impact.{_key(one['what'])}"
        note = "the same of the champion fitted without social relations, at a cut-off of its own"
        figures.append(_figure(f"{name}.without_social", one["without_it"], "ratio", counts, seed, note))
        note = "with social relations less without them, paired"
        figures.append(_figure(f"{name}.social", one["gain"], "difference in ratio", counts, seed, note))
    return figures


def find_alternative(points: Sequence[Point], share: float) -> tuple[Point, Point]:
    """The champion at a cut-off, and the point of least adverse impact there that is as accurate; it may be the champion."""
    there = [point for point in points if point.share == share]
    champion = next(point for point in there if point.candidate == CHAMPION)
    least = champion.balanced_accuracy - AS_ACCURATE
    return champion, max((point for point in there if point.balanced_accuracy >= least), key=lambda point: point.impact)


def _alternative_figure(found: Found, picture: Path, seed: int) -> Figure:
    champion, best = find_alternative(_points(found), SPOKEN_SHARE)
    note = (
        f"least adverse impact among models at least as accurate as the champion less {AS_ACCURATE:g}, at the cut-off that "
        f"approves {SPOKEN_SHARE:.0%}: {best.candidate}, balanced accuracy {best.balanced_accuracy:.4f} beside "
        f"{champion.balanced_accuracy:.4f}, AUC {best.auc:.4f} beside {champion.auc:.4f}; all in {picture.name}"
    )
    counts = {"judged": found["weighed"], "candidates": len({point["candidate"] for point in found["points"]})}
    return Figure(
        f"{AREA}.alternative_impact", best.impact, "ratio", None, None, champion.impact, "the champion's", counts, seed, note
    )


def _points(found: Found) -> list[Point]:
    return [Point(**point) for point in found["points"]]


def _key(cutoff: str) -> str:
    """`approve 70%` as a key has it."""
    return cutoff.replace(" ", "_").rstrip("%")


def _figure(
    name: str,
    found: Mapping[str, float],
    unit: str,
    counts: Mapping[str, int],
    seed: int,
    note: str,
    bar: tuple[float, str] | None = None,
) -> Figure:
    rival, called = bar or (None, None)
    return Figure(f"{AREA}.{name}", found["value"], unit, found["low"], found["high"], rival, called, counts, seed, note)


def _bounded(found: Mapping[str, float]) -> str:
    return f"{found['value']:.4f} [{found['low']:.4f}, {found['high']:.4f}]"
