"""Draws curves of judged loans into PNG files: reliability, ROC, lift, and the two shares whose gap is KS.

Figures are drawn on canvases of their own, so nothing is shared between two of them. It measures nothing that is recorded.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gnn.evaluation.metrics import CALIBRATION_BINS, auc, ks
from gnn.models.calibrate import probability

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
Scores = Mapping[str, Floats]
SIZE_INCHES, DOTS_PER_INCH = (6.4, 5.0), 110
COLOURS = ("#1b6ca8", "#d1495b", "#2e8b57", "#8e6bbf", "#e08e1b", "#5c6b73")
DASHES = ("-", "-.", ":")  # once for each time all colours have been used
TRUTH_COLOUR = "#111111"
TRUTH = "truth"


def reliability(label: Labels, scores: Scores) -> bytes:
    """Stated probability against the share that went bad, in bins of equal count, on logarithmic axes."""
    figure, axes = _axes("Reliability", "stated probability of default", "share that defaulted (bins with none are not drawn)")
    points = {name: _bins(label, log_odds) for name, log_odds in scores.items()}
    seen = np.concatenate([part[part > 0] for pair in points.values() for part in pair])
    low, high = float(seen.min()) * 0.7, min(float(seen.max()) * 1.4, 1.0)
    axes.plot([low, high], [low, high], color="#999999", linewidth=1, linestyle=":", label="perfect")
    for name, (stated, came) in points.items():
        shown = came > 0  # a bin without a default has no place on a logarithmic axis
        axes.plot(stated[shown], came[shown], marker="o", markersize=4, **_style(name, scores))
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
    ticks = [tick for tick in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if low <= tick <= high]
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(ticks, [f"{100 * tick:g} %" for tick in ticks])
        axis.set_ticks([], minor=True)
    return _png(figure, axes)


def roc(label: Labels, scores: Scores) -> bytes:
    """Share of defaults found against share of good loans refused, at every cut-off."""
    figure, axes = _axes("ROC", "share of good loans refused", "share of defaults found")
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle=":")
    for name, log_odds in scores.items():
        bad, good, _ = _shares(label, log_odds)
        axes.plot(good, bad, **_style(name, scores, f"AUC {auc(label, log_odds):.3f}"))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    return _png(figure, axes)


def lift(label: Labels, scores: Scores) -> bytes:
    """How many times more defaults than by chance there are among the loans scored worst, by their share of all."""
    figure, axes = _axes("Lift", "share of loans, worst scores first", "defaults found over those found by chance")
    axes.axhline(1.0, color="#999999", linewidth=1, linestyle=":")
    for name, log_odds in scores.items():
        bad, _, every = _shares(label, log_odds)
        shown = every >= 0.01  # of the first few loans the ratio says little
        axes.plot(every[shown], bad[shown] / every[shown], **_style(name, scores))
    axes.set(xlim=(0, 1), ylim=(0, None))
    return _png(figure, axes)


def gaps(label: Labels, scores: Scores) -> bytes:
    """Gap between the shares of defaults and of good loans above a cut-off; its highest point is KS."""
    figure, axes = _axes("KS", "share of loans above the cut-off", "share of defaults less share of good loans")
    for name, log_odds in scores.items():
        bad, good, every = _shares(label, log_odds)
        axes.plot(every, bad - good, **_style(name, scores, f"KS {ks(label, log_odds):.3f}"))
    axes.set(xlim=(0, 1), ylim=(0, None))
    return _png(figure, axes)


PLOTS = {"reliability": reliability, "roc": roc, "lift": lift, "ks": gaps}
"""By the name of the file."""


def _shares(label: Labels, log_odds: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares of bad, of good and of all loans above each cut-off, from none to all; a cut-off takes all of a tie."""
    order = np.argsort(-log_odds, kind="stable")
    ends = np.append(np.diff(log_odds[order]) != 0, True)
    bad, good = (np.cumsum(label[order] == outcome)[ends] for outcome in (1, 0))
    start = np.zeros(1)
    shares = (np.concatenate([start, part / max(int(part[-1]), 1)]) for part in (bad, good, bad + good))
    first, second, third = shares
    return first, second, third


def _bins(label: Labels, log_odds: Floats) -> tuple[Floats, Floats]:
    parts = np.array_split(np.argsort(log_odds, kind="stable"), min(CALIBRATION_BINS, len(label)))
    chance = probability(log_odds)
    return np.array([chance[part].mean() for part in parts]), np.array([label[part].mean() for part in parts])


def _axes(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set(xlabel=x, ylabel=y)
    axes.grid(color="#e4e4e4", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _style(name: str, scores: Scores, told: str = "") -> dict[str, Any]:
    label = f"{name}, {told}" if told else name
    if name == TRUTH:
        return {"color": TRUTH_COLOUR, "linestyle": "--", "linewidth": 1.4, "label": label}
    turn, place = divmod([other for other in scores if other != TRUTH].index(name), len(COLOURS))
    return {"color": COLOURS[place], "linestyle": DASHES[turn % len(DASHES)], "linewidth": 1.6, "label": label}


def _png(figure: Figure, axes: Axes) -> bytes:
    axes.legend(frameon=False, fontsize=9)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})  # the same curves give the same bytes
    return buffer.getvalue()
