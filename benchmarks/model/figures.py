"""Figures of the proof: each economy under its seed, and the one that all but one reach without.

Turns measures into figures; it measures nothing and reads no file.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from benchmarks.model.bars import (
    OVER_BEST_TREE,
    OVER_CONTROL,
    SLOPES,
    all_but_one,
    is_above,
    is_at_most,
    is_calibrated,
    slope_distance,
)
from benchmarks.model.drawn import mean_of
from benchmarks.model.measured import TIMES_THE_TREES, Measured
from benchmarks.model.roster import Roster
from benchmarks.results import Figure
from gnn.evaluation.metrics import Interval
from gnn.evaluation.slices import EXCESS_BOUND

AREA, CHAMPION = "model.sandbox", "champion"
GAIN_UNIT, GAP_UNIT = "difference in AUC", "share of the gap"
GAP_NOTE = "(AUC - AUC of own history) / (AUC of the true probability - AUC of own history), own history being lightgbm"
BEST_TREE_NOTE = "best tree: the trees alone with the highest AUC on this very test"
SLOPE_NOTE = "slope of the outcome on the log-odds, whole test period; within 0.95 to 1.05, or the interval covers 1"
MONTH_NOTE = "worst month: error in 10 bins of equal count less the true probability's own on the same loans; no interval"
By = Mapping[int, Measured]
"""What was measured, by seed."""


def sandbox_figures(by_seed: By, roster: Roster) -> list[Figure]:
    """Every figure of the economies that the bars are about."""
    figures = []
    for seed, one in by_seed.items():
        figures += auc_figures(seed, one)
    figures += _mean_aucs(by_seed, roster)
    figures += _differences(by_seed, roster)
    figures += _gaps(by_seed, roster)
    figures += _spoken(
        by_seed,
        lambda seed, one: _slope(f"{AREA}.{seed}.calibration_slope", one, seed),
        lambda figure: -slope_distance(figure.value),
        lambda figure: is_calibrated(interval(figure)),
    )
    figures += _spoken(
        by_seed,
        lambda seed, one: _month(f"{AREA}.{seed}.calibration_error", one, seed),
        lambda figure: -figure.value,
        lambda figure: is_at_most(figure.value, EXCESS_BOUND),
    )
    return figures


def auc_figures(seed: int, one: Measured) -> list[Figure]:
    """AUC of every model of one economy, the true probability among them."""
    return [
        bounded_figure(f"{AREA}.{seed}.auc.{name}", drawn.interval, "auc", counts_of(one), seed)
        for name, drawn in one.auc.items()
    ]


def counts_of(one: Measured) -> dict[str, int]:
    """On how much a figure rests."""
    return {"judged": one.judged, "bad": one.bad, "learnt": one.learnt}


def interval(figure: Figure) -> Interval:
    """A figure's value with its bounds, which it must have."""
    assert figure.low is not None
    assert figure.high is not None
    return Interval(figure.value, figure.low, figure.high)


def _mean_aucs(by_seed: By, roster: Roster) -> list[Figure]:
    """Of every model, and of the champion under that name too, so that its figure stays where it is if the model changes."""
    every = list(by_seed.values())
    counts = {name: sum(counts_of(one)[name] for one in every) for name in ("judged", "bad", "learnt")}
    counts["economies"] = len(every)
    note = f"mean over the economies {', '.join(map(str, by_seed))}"
    called = {name: name for name in every[0].auc} | {CHAMPION: roster.champion}
    return [
        replace(
            bounded_figure(f"{AREA}.auc.{key}", mean_of([one.auc[name] for one in every]).interval, "auc", counts, None),
            note=note if key == name else f"{name}, named beforehand; {note}",
        )
        for key, name in called.items()
    ]


def _differences(by_seed: By, roster: Roster) -> list[Figure]:
    def over_tree(seed: int, one: Measured) -> Figure:
        best = one.best_tree(roster)
        gain = one.auc[roster.champion].minus(one.auc[best]).interval
        found = bounded_figure(f"{AREA}.{seed}.champion_minus_best_tree", gain, GAIN_UNIT, counts_of(one), seed)
        note = f"{roster.champion} less {best}; {BEST_TREE_NOTE}"
        return replace(found, rival=OVER_BEST_TREE, rival_name="bar", note=note)

    def over_control(seed: int, one: Measured) -> Figure:
        assert roster.control is not None
        gain = one.auc[roster.champion].minus(one.auc[roster.control]).interval
        found = bounded_figure(f"{AREA}.{seed}.champion_minus_control", gain, GAIN_UNIT, counts_of(one), seed)
        return replace(found, rival=OVER_CONTROL, rival_name="bar", note=f"{roster.champion} less {roster.control}")

    figures = _spoken(by_seed, over_tree, lambda one: one.value, lambda one: is_above(interval(one), OVER_BEST_TREE))
    if roster.control is not None:
        figures += _spoken(by_seed, over_control, lambda one: one.value, lambda one: is_above(interval(one), OVER_CONTROL))
    return figures


def _gaps(by_seed: By, roster: Roster) -> list[Figure]:
    """Shares of the gap, both of the economy that is fourth best by what the champion closes above 1.3 times the trees."""
    of_seed = {seed: _gaps_of(seed, one, roster) for seed, one in by_seed.items()}
    margins = [one.gap_margin(roster) for one in by_seed.values()]
    spoken = all_but_one(margins, lambda margin: margin, lambda margin: is_at_most(0.0, margin))
    seed = list(by_seed)[spoken.place]
    note = (
        f"economy {seed}, number {spoken.rank} of {len(by_seed)} by the champion's share less 1.3 times the trees'; {GAP_NOTE}"
    )
    counts = {"economies": len(by_seed), "keeping_bar": spoken.keeping}
    headline = [
        replace(figure, key=_without_seed(figure.key, seed), note=note, counts={**figure.counts, **counts})
        for figure in of_seed[seed]
    ]
    return [*(figure for figures in of_seed.values() for figure in figures), *headline]


def _gaps_of(seed: int, one: Measured, roster: Roster) -> list[Figure]:
    best = one.best_tree(roster)
    trees = one.gap_closed(best)
    figures = [
        bounded_figure(f"{AREA}.{seed}.gap_closed.{role}", share.interval, GAP_UNIT, counts_of(one), seed)
        for role, share in (("champion", one.gap_closed(roster.champion)), ("best_tree", trees))
    ]
    champion = replace(
        figures[0],
        rival=TIMES_THE_TREES * trees.value,
        rival_name="1.3 times the best trees'",
        note=f"{roster.champion}; {GAP_NOTE}",
    )
    return [champion, replace(figures[1], note=f"{best}; {GAP_NOTE}")]


def _slope(key: str, one: Measured, seed: int) -> Figure:
    found = bounded_figure(key, one.slope.interval, "slope", counts_of(one), seed)
    return replace(found, rival=1.0, rival_name=f"best; {SLOPES[0]} to {SLOPES[1]} allowed", note=SLOPE_NOTE)


def _month(key: str, one: Measured, seed: int) -> Figure:
    worst = one.worst_month
    counts = counts_of(one) | {"months": len(one.months), "judged_in_month": worst.examples, "bad_in_month": worst.bad}
    note = f"{worst.month}; {MONTH_NOTE}"
    return Figure(key, worst.excess, "probability", None, None, EXCESS_BOUND, "most allowed", counts, seed, note)


def _spoken(
    by_seed: By,
    figure_of: Callable[[int, Measured], Figure],
    goodness: Callable[[Figure], float],
    keeps: Callable[[Figure], bool],
) -> list[Figure]:
    """A figure of each economy, then the one that all but one reach under the key without a seed."""
    figures = [figure_of(seed, one) for seed, one in by_seed.items()]
    spoken = all_but_one(figures, goodness, keeps)
    one, seed = figures[spoken.place], list(by_seed)[spoken.place]
    return [
        *figures,
        replace(
            one,
            key=_without_seed(one.key, seed),
            counts={**one.counts, "economies": len(figures), "keeping_bar": spoken.keeping},
            note=f"economy {seed}, number {spoken.rank} of {len(figures)}; {one.note}",
        ),
    ]


def bounded_figure(key: str, found: Interval, unit: str, counts: Mapping[str, int], seed: int | None) -> Figure:
    """A figure with the bounds of what was found."""
    return Figure(key, found.value, unit, found.low, found.high, counts=counts, seed=seed)


def _without_seed(key: str, seed: int) -> str:
    return key.replace(f"{AREA}.{seed}.", f"{AREA}.", 1)
