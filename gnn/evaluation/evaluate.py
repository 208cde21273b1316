"""Sums up the predictions of a protocol: measures of each model and differences between models, with intervals.

It fits nothing, chooses no model and writes no page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Question:
    """What predictions are judged by: `name` begins the keys, `label` int8 [n] and `cluster` int64 [n] are of all examples.

    Examples of one cluster, a person, share their luck and are drawn together.
    """

    name: str
    label: NDArray[np.int8]
    cluster: NDArray[np.int64]
    measures: Mapping[str, Measure] = field(default_factory=lambda: MEASURES)
    compared: Sequence[tuple[str, str]] = COMPARED


def build_figures(data: Dataset, protocol: Protocol, predictions: Mapping[str, Predictions]) -> list[Figure]:
    """`sum_up` with the usual measures, by the examples' own subjects; keys begin with `TASK.PROTOCOL`."""
    return sum_up(Question(f"{data.task.name}.{protocol}", data.examples.label, data.examples.rows), predictions)


def sum_up(question: Question, predictions: Mapping[str, Predictions]) -> list[Figure]:
    """Sum predictions up: each measure of each model, then the differences in AUC of the pairs compared.

    A measure is taken on each part alone (one fold, or the test period) and averaged, since scores of differently fitted
    models do not share a scale. Intervals resample persons, all parts of a draw together; differences are paired.

    Returns:
        Figures in the order of models, keys `NAME.MEASURE.MODEL` and `NAME.gain.MODEL_over_MODEL`.
    """
    figures = []
    for name, found in predictions.items():
        for title, measure in question.measures.items():
            key = f"{question.name}.{title}.{name}"
            bounded = title not in WITHOUT_INTERVAL
            figures.append(_figure(question, key, found, _over_parts(question, found, measure), bounded=bounded))
    for one, other in question.compared:
        if one in predictions and other in predictions:
            key = f"{question.name}.gain.{one}_over_{other}"
            gain = _gain(question, predictions[one], predictions[other])
            figures.append(_figure(question, key, predictions[one], gain, bounded=True))
    return figures


OverParts = Callable[[NDArray[np.int64]], NDArray[np.float64]]


def _over_parts(question: Question, found: Predictions, measure: Measure) -> OverParts:
    """A measure of each part for a resample given as places in the predictions; NaN where a part lost an outcome."""
    label = question.label[found.index]
    number = int(found.part.max()) + 1

    def measured(places: NDArray[np.int64]) -> NDArray[np.float64]:
        groups = [places[found.part[places] == part] for part in range(number)]
        return np.array([measure(label[g], found.log_odds[g]) if len(g) else np.nan for g in groups])

    return measured


def _gain(question: Question, one: Predictions, other: Predictions) -> OverParts:
    first, second = _over_parts(question, one, auc), _over_parts(question, other, auc)
    return lambda places: first(places) - second(places)


def _figure(question: Question, key: str, found: Predictions, over_parts: OverParts, *, bounded: bool) -> Figure:
    def mean(places: NDArray[np.int64]) -> float:
        values = over_parts(places)
        values = values[~np.isnan(values)]
        return float(values.mean()) if len(values) else float("nan")

    everyone = np.arange(len(found.index))
    interval: Interval | None = None
    if bounded:
        interval = bootstrap_interval(mean, question.cluster[found.index], draws=BOOTSTRAP_DRAWS, seed=BOOTSTRAP_SEED)
    single = over_parts(everyone)
    return Figure(
        key,
        mean(everyone),
        interval.low if interval else None,
        interval.high if interval else None,
        float(np.nanstd(single)) if not np.isnan(single).all() else float("nan"),
        parts=len(single),
        examples=len(np.unique(found.index)),
        bad=int(question.label[np.unique(found.index)].sum()),
    )
