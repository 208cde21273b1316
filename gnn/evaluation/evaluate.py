"""Sums up the predictions of a protocol: measures of each model and differences between models, with intervals.

It fits nothing, chooses no model and writes no page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset
from gnn.evaluation.metrics import Interval, auc, bootstrap_interval, brier, expected_calibration_error, ks
from gnn.evaluation.protocol_run import Predictions
from gnn.evaluation.protocols import Protocol

BOOTSTRAP_DRAWS = 1000
BOOTSTRAP_SEED = 20_170_701
COMPARED = (
    ("logistic_neighbours", "logistic"),
    ("lightgbm_neighbours", "lightgbm"),
    ("gnn", "logistic"),
    ("gnn", "logistic_neighbours"),
    ("gnn", "lightgbm_neighbours"),
    ("average", "lightgbm_neighbours"),
)
"""Pairs whose difference in AUC is stated: what the graph adds, each step over the one before."""
WITHOUT_INTERVAL = frozenset({"ks", "ece"})
"""Measures that a person drawn twice pushes up, since both are largest gaps or sums of absolute ones: the interval of such
draws lies above the value itself."""

Measure = Callable[[NDArray[np.int8], NDArray[np.float64]], float]
MEASURES: Mapping[str, Measure] = {"auc": auc, "ks": ks, "brier": brier, "ece": expected_calibration_error}


@dataclass(frozen=True)
class Figure:
    """One result: `key` as the results page names it, the mean over parts, and its 95 % interval if one can be had.

    `deviation` is the standard deviation over parts, the figure after +- where others report one; 0 for a single part.
    """

    key: str
    value: float
    low: float | None
    high: float | None
    deviation: float
    parts: int
    examples: int
    bad: int


def build_figures(data: Dataset, protocol: Protocol, predictions: Mapping[str, Predictions]) -> list[Figure]:
    """Sum predictions up: each measure of each model, then the differences of `COMPARED`.

    A measure is taken on each part alone (one fold, or the test period) and averaged, since scores of differently fitted
    models do not share a scale. Intervals resample persons, all parts of a draw together; differences are paired.

    Returns:
        Figures in the order of models, keys `TASK.PROTOCOL.MEASURE.MODEL` and `TASK.PROTOCOL.gain.MODEL_over_MODEL`.
    """
    figures = []
    for name, found in predictions.items():
        for title, measure in MEASURES.items():
            key = f"{data.task.name}.{protocol}.{title}.{name}"
            bounded = title not in WITHOUT_INTERVAL
            figures.append(_figure(data, key, found, _over_parts(data, found, measure), bounded=bounded))
    for one, other in COMPARED:
        if one in predictions and other in predictions:
            key = f"{data.task.name}.{protocol}.gain.{one}_over_{other}"
            figures.append(
                _figure(data, key, predictions[one], _gain(data, predictions[one], predictions[other]), bounded=True)
            )
    return figures


OverParts = Callable[[NDArray[np.int64]], NDArray[np.float64]]


def _over_parts(data: Dataset, found: Predictions, measure: Measure) -> OverParts:
    """A measure of each part for a resample given as places in the predictions; NaN where a part lost an outcome."""
    label = data.examples.label[found.index]
    number = int(found.part.max()) + 1

    def measured(places: NDArray[np.int64]) -> NDArray[np.float64]:
        groups = [places[found.part[places] == part] for part in range(number)]
        return np.array([measure(label[g], found.log_odds[g]) if len(g) else np.nan for g in groups])

    return measured


def _gain(data: Dataset, one: Predictions, other: Predictions) -> OverParts:
    first, second = _over_parts(data, one, auc), _over_parts(data, other, auc)
    return lambda places: first(places) - second(places)


def _figure(data: Dataset, key: str, found: Predictions, over_parts: OverParts, *, bounded: bool) -> Figure:
    def mean(places: NDArray[np.int64]) -> float:
        values = over_parts(places)
        values = values[~np.isnan(values)]
        return float(values.mean()) if len(values) else float("nan")

    everyone = np.arange(len(found.index))
    interval: Interval | None = None
    if bounded:
        interval = bootstrap_interval(mean, data.examples.rows[found.index], draws=BOOTSTRAP_DRAWS, seed=BOOTSTRAP_SEED)
    single = over_parts(everyone)
    return Figure(
        key,
        mean(everyone),
        interval.low if interval else None,
        interval.high if interval else None,
        float(np.nanstd(single)),
        parts=len(single),
        examples=len(np.unique(found.index)),
        bad=int(data.examples.label[np.unique(found.index)].sum()),
    )
