"""Pictures of a model card and of trade-offs, as PNG bytes; the only module that knows matplotlib."""

import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gnn.errors import ExtraMissing
from gnn.evaluation.fairness import FOUR_FIFTHS
from gnn.evaluation.metrics import CALIBRATION_BINS
from gnn.evaluation.mitigation import Point, frontier
from gnn.models.calibrate import probability

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
SIZE_INCHES = (5.0, 4.0)
DOTS_AN_INCH = 110


def calibration_points(label: NDArray[np.int8], log_odds: Floats) -> list[tuple[float, float, int]]:
    """Mean stated probability, share gone bad and number of loans, by bins of equal count, safest first."""
    parts = np.array_split(np.argsort(log_odds, kind="stable"), min(CALIBRATION_BINS, len(label)))
    chance = probability(log_odds)
    return [(float(chance[part].mean()), float(label[part].mean()), len(part)) for part in parts]


def draw_calibration(label: NDArray[np.int8], log_odds: Floats) -> bytes:
    """Stated probability against the share that went bad; on the diagonal both agree."""
    figure = _figure()
    axes = figure.subplots()
    points = calibration_points(label, log_odds)
    most = max(max(stated, bad) for stated, bad, _ in points) * 1.05
    axes.plot([0, most], [0, most], color="0.7", linewidth=1)
    axes.plot([stated for stated, _, _ in points], [bad for _, bad, _ in points], marker="o", color="tab:blue")
    axes.set(
        xlabel="stated probability of going bad", ylabel="share that went bad", title="Calibration, loans unseen in training"
    )
    return _png(figure)


def draw_scores(label: NDArray[np.int8], log_odds: Floats) -> bytes:
    """How stated probabilities spread, of loans that went well and that went bad."""
    figure = _figure()
    axes = figure.subplots()
    chance = probability(log_odds)
    edges = np.linspace(0, float(chance.max()), 21).tolist()
    for outcome, name, colour in ((0, "went well", "tab:green"), (1, "went bad", "tab:red")):
        axes.hist(chance[label == outcome], bins=edges, density=True, alpha=0.5, label=name, color=colour)
    axes.set(xlabel="stated probability of going bad", ylabel="density", title="Scores by outcome, loans unseen in training")
    axes.legend()
    return _png(figure)


def draw_months(months: dict[str, float]) -> bytes:
    """AUC by calendar month."""
    figure = _figure()
    axes = figure.subplots()
    axes.plot(list(months), list(months.values()), marker="o", color="tab:blue")
    axes.axhline(0.5, color="0.7", linewidth=1)
    axes.tick_params(axis="x", rotation=60)
    axes.set(ylabel="AUC", title="Ranking by month, loans unseen in training")
    return _png(figure)


def draw_frontier(points: Sequence[Point]) -> bytes:
    """Accuracy against adverse impact of every candidate at every cut-off, and the frontier of them all."""
    figure = _figure()
    axes = figure.subplots()
    for name in dict.fromkeys(point.candidate for point in points):
        own = [point for point in points if point.candidate == name]
        axes.scatter([point.impact for point in own], [point.balanced_accuracy for point in own], s=14, label=name)
    best = frontier(points)
    axes.plot([point.impact for point in best], [point.balanced_accuracy for point in best], color="0.3", linewidth=1)
    axes.axvline(FOUR_FIFTHS, color="0.7", linewidth=1)
    axes.set(
        xlabel="lowest approval rate of a group over the highest",
        ylabel="balanced accuracy",
        title="Accuracy against adverse impact",
    )
    axes.legend(fontsize="x-small")
    return _png(figure)


def _figure() -> "Figure":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own use of its libraries, on import
        try:
            from matplotlib.figure import Figure
        except ModuleNotFoundError as exc:
            raise ExtraMissing(str(exc.name)) from exc
    return Figure(figsize=SIZE_INCHES, dpi=DOTS_AN_INCH, layout="tight")


def _png(figure: "Figure") -> bytes:
    held = io.BytesIO()
    figure.savefig(held, format="png", metadata={"Software": None})  # the version of a library is no part of a picture
    return held.getvalue()
