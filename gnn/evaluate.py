"""Runs a protocol for several models over one data set, keeps each part's predictions, and sums them up with intervals.

A finished part is a file named by everything that decides it, so an interrupted run goes on where it stopped. It chooses
no model and writes no page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Model, Split
from gnn.feature_plan import PLAN_FORMAT
from gnn.metrics import Interval, auc, bootstrap_interval, brier, expected_calibration_error, ks
from gnn.protocols import Part, Protocol

BOOTSTRAP_DRAWS = 1000
BOOTSTRAP_SEED = 20_170_701
COMPARED = (
    ("lightgbm_neighbours", "lightgbm"),
    ("gnn", "lightgbm_neighbours"),
    ("average", "lightgbm_neighbours"),
)
"""Pairs whose difference in AUC is stated: what the graph adds, each step over the one before."""

Measure = Callable[[NDArray[np.int8], NDArray[np.float64]], float]
MEASURES: Mapping[str, Measure] = {"auc": auc, "ks": ks, "brier": brier, "ece": expected_calibration_error}
Progress = Callable[[str], None]


Fitted = Callable[[str], Model]
"""Gives the model of that name as fitted on the part at hand."""


@dataclass(frozen=True)
class Contender:
    """A model to be measured: `fit` gives it fitted on a split with a seed, and may build on other contenders' models.

    Raise `settings_version` when its settings change: kept predictions are named by it.
    """

    name: str
    fit: Callable[[Dataset, Split, int, Fitted], Model]
    settings_version: int


@dataclass(frozen=True)
class Predictions:
    """Log-odds of one model for every judged example, by repeat: `index` int64 [k], `log_odds` float64 [k], `part` int64 [k].

    `part` numbers the parts of the protocol; scores of different parts come from differently fitted models.
    """

    index: NDArray[np.int64]
    log_odds: NDArray[np.float64]
    part: NDArray[np.int64]


@dataclass(frozen=True)
class Figure:
    """One result: `key` as the results page names it, the mean over parts or repeats, and its 95 % interval.

    `deviation` is the standard deviation over parts, the figure after +- where others report one; 0 for a single part.
    """

    key: str
    value: float
    low: float
    high: float
    deviation: float
    parts: int
    examples: int
    bad: int


def run_protocol(
    data: Dataset, parts: Sequence[Part], contenders: Sequence[Contender], cache: Path, progress: Progress | None = None
) -> dict[str, Predictions]:
    """Fit and apply every model on every part, or read what an earlier run left.

    Args:
        data: Examples and features.
        parts: Splits of the protocol.
        contenders: Models.
        cache: Folder for finished parts; made when lacking.
        progress: Told the name of each part as it is done.

    Returns:
        Predictions by model name.
    """
    cache.mkdir(parents=True, exist_ok=True)
    scores: dict[str, list[NDArray[np.float64]]] = {contender.name: [] for contender in contenders}
    for part in parts:
        fits = _PartFits(data, part, {contender.name: contender for contender in contenders})
        for contender in contenders:
            scores[contender.name].append(_predict(fits, contender, cache))
            if progress:
                progress(f"{data.task.name} repeat {part.repeat} fold {part.fold}: {contender.name}")
    index = np.concatenate([part.split.test for part in parts])
    number = np.repeat(np.arange(len(parts)), [len(part.split.test) for part in parts])
    return {name: Predictions(index, np.concatenate(found), number) for name, found in scores.items()}


def build_figures(data: Dataset, protocol: Protocol, predictions: Mapping[str, Predictions]) -> list[Figure]:
    """Sum predictions up: each measure of each model, then the differences of `COMPARED`.

    A measure is taken on each part alone (one fold, or the test period) and averaged, since scores of differently fitted
    models do not share a scale. Intervals resample persons, all parts of a draw together; differences are paired.

    Returns:
        Figures in the order of models, keys `TASK.PROTOCOL.MEASURE.MODEL` and `TASK.PROTOCOL.auc_gain.MODEL_over_MODEL`.
    """
    figures = []
    for name, found in predictions.items():
        for title, measure in MEASURES.items():
            key = f"{data.task.name}.{protocol}.{title}.{name}"
            figures.append(_figure(data, key, found, _over_parts(data, found, measure)))
    for one, other in COMPARED:
        if one in predictions and other in predictions:
            key = f"{data.task.name}.{protocol}.auc_gain.{one}_over_{other}"
            figures.append(_figure(data, key, predictions[one], _gain(data, predictions[one], predictions[other])))
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


def _figure(data: Dataset, key: str, found: Predictions, over_parts: OverParts) -> Figure:
    def mean(places: NDArray[np.int64]) -> float:
        values = over_parts(places)
        values = values[~np.isnan(values)]
        return float(values.mean()) if len(values) else float("nan")

    persons = data.examples.rows[found.index]
    interval: Interval = bootstrap_interval(mean, persons, draws=BOOTSTRAP_DRAWS, seed=BOOTSTRAP_SEED)
    single = over_parts(np.arange(len(found.index)))
    return Figure(
        key,
        interval.value,
        interval.low,
        interval.high,
        float(np.nanstd(single)),
        parts=len(single),
        examples=len(np.unique(found.index)),
        bad=int(data.examples.label[np.unique(found.index)].sum()),
    )


class _PartFits:
    """Models fitted on one part, each once, when first asked for."""

    def __init__(self, data: Dataset, part: Part, contenders: Mapping[str, Contender]) -> None:
        self.data, self.part = data, part
        self._contenders = contenders
        self._models: dict[str, Model] = {}

    def model(self, name: str) -> Model:
        if name not in self._models:
            self._models[name] = self._contenders[name].fit(self.data, self.part.split, self.part.seed, self.model)
        return self._models[name]


def _predict(fits: _PartFits, contender: Contender, cache: Path) -> NDArray[np.float64]:
    data, part = fits.data, fits.part
    file = cache / f"{data.task.name}-{contender.name}-{part.repeat}-{part.fold}-{_digest(data, part, contender)[:16]}.npy"
    if file.exists():
        return np.asarray(np.load(file, allow_pickle=False), np.float64)
    log_odds = fits.model(contender.name).log_odds(data, part.split.test)
    beside = file.with_suffix(".part")
    with beside.open("wb") as out:
        np.save(out, log_odds, allow_pickle=False)
    beside.replace(file)
    return log_odds


def _digest(data: Dataset, part: Part, contender: Contender) -> str:
    state = sha256()
    for fact in (data.snapshot.digest, contender.name, contender.settings_version, PLAN_FORMAT, part.seed):
        state.update(f"{fact}\n".encode())
    state.update(data.own_plan.to_json().encode())
    state.update(data.neighbours_plan.to_json().encode())
    for positions in asdict(part.split).values():
        state.update(positions.tobytes() + b"\n")
    return state.hexdigest()
