"""The scorecard a bank would build: a few binned columns, a regression on their weights of evidence, whole points to add up.

What it fits is a `Card`, whose points are the model. Bins and columns are chosen on the earlier two parts of a training
set, the calibrator is fitted on the third, and the weights of the chosen columns are learnt once more from all three.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from gnn.dataset import Dataset, Split
from gnn.features.plan import Scope
from gnn.models.baselines import TrainingTable, table_of, training_table
from gnn.models.binning import Bins, fit_bins
from gnn.models.calibrate import Calibrator, fit_calibrator
from gnn.models.forest import distinct_columns
from gnn.models.points_card import POINTS_A_LOG_ODDS, Card, Line
from gnn.scores import ANCHOR_ODDS, ANCHOR_POINTS

Floats = NDArray[np.float64]
SCORECARD_VERSION = 1  # raise when a setting here or in binning changes: cached predictions are named by it
MOST_COLUMNS = 25
BAD_LOANS_A_COLUMN = 10  # fewer bad loans than this for each column, and weights follow chance (Peduzzi et al. 1996)
LEAST_VALUE = 0.02  # information value beyond chance below which a column says nothing
HIGHEST_CORRELATION = 0.7  # of weights of evidence, with any column chosen before
PENALTY = 1.0  # scikit-learn's C: inverse strength of the squared penalty on weights of evidence


@dataclass
class Scorecard:
    """A scorecard on one table of features; `calibrator` is a part of `card` already, and kept to be looked at."""

    name: str = "scorecard"
    scope: Scope = Scope.OWN
    calibrator: Calibrator = field(default=Calibrator(1.0, 0.0), init=False)
    card: Card = field(default=Card(ANCHOR_POINTS), init=False)
    first_log_odds: Floats = field(default_factory=lambda: np.empty(0), init=False)

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Choose, learn, calibrate, and learn the weights again; the seed changes nothing, the optimum is unique."""
        table = table_of(data, self.scope)
        rows = training_table(data, self.scope, np.concatenate([split.fit, split.stop]))
        chosen = choose_columns(rows)
        first = _regress(rows, chosen)
        self.first_log_odds = first.raw(table.values[split.calibrate])
        self.calibrator = fit_calibrator(self.first_log_odds, data.examples.label[split.calibrate])
        self.card = _regress(training_table(data, self.scope, split.train), chosen).card(table.names, self.calibrator)

    def log_odds(self, data: Dataset, index: NDArray[np.int64]) -> Floats:
        """Calibrated log-odds, float64 [k]."""
        table = table_of(data, self.scope)
        return self.card.log_odds(table.names, table.values[index])


def choose_columns(rows: TrainingTable) -> dict[int, Bins]:
    """Columns that say most beyond chance, best first, none of them near another, by their place in the table."""
    binned = [(int(c), fit_bins(rows.values[:, c], rows.label, rows.weight)) for c in distinct_columns(rows.values)]
    told = [(c, bins) for c, bins in binned if bins is not None and bins.value_beyond_chance > LEAST_VALUE]
    told.sort(key=lambda pair: (-pair[1].value_beyond_chance, pair[0]))
    most = min(MOST_COLUMNS, int(rows.label.sum()) // BAD_LOANS_A_COLUMN)
    chosen: dict[int, Bins] = {}
    held: list[Floats] = []
    for column, bins in told:
        if len(chosen) >= most:
            break
        evidence = _standard(_evidence(bins, rows.values[:, column]))
        if all(abs(float(np.mean(evidence * other))) <= HIGHEST_CORRELATION for other in held):
            chosen[column] = bins
            held.append(evidence)
    return chosen


@dataclass(frozen=True)
class _Weights:
    """A regression on weights of evidence: `slopes` float64 [len(bins)], each below 0."""

    bins: dict[int, Bins]
    slopes: tuple[float, ...]
    shift: float

    def raw(self, values: Floats) -> Floats:
        total = np.full(len(values), self.shift)
        for (column, bins), slope in zip(self.bins.items(), self.slopes, strict=True):
            total += slope * _evidence(bins, values[:, column])
        return total

    def card(self, names: Sequence[str], calibrator: Calibrator) -> Card:
        at_anchor = -math.log(ANCHOR_ODDS)
        base = ANCHOR_POINTS + POINTS_A_LOG_ODDS * (at_anchor - (calibrator.slope * self.shift + calibrator.intercept))
        lines = []
        for (column, bins), slope in zip(self.bins.items(), self.slopes, strict=True):
            points = tuple(round(-POINTS_A_LOG_ODDS * calibrator.slope * slope * woe) for woe in bins.woe)
            lines.append(Line(names[column], bins, points))
        return Card(round(base), tuple(lines))


def _regress(rows: TrainingTable, chosen: dict[int, Bins]) -> _Weights:
    """Weights of the chosen columns; one that would count against its own evidence is left out, the worst first."""
    kept = dict(chosen)
    while kept:
        design = np.column_stack([_evidence(bins, rows.values[:, column]) for column, bins in kept.items()])
        model = LogisticRegression(C=PENALTY, max_iter=2000)
        with threadpool_limits(limits=1, user_api="blas"):  # the sums of two threads need not agree to the last bit
            model.fit(design, rows.label, sample_weight=rows.weight)
        slopes = np.asarray(model.coef_[0], np.float64)
        if slopes.max() < 0:
            return _Weights(kept, tuple(slopes.tolist()), float(model.intercept_[0]))
        del kept[list(kept)[int(slopes.argmax())]]
    bad = float(rows.weight[rows.label == 1].sum())
    return _Weights({}, (), math.log(bad / (float(rows.weight.sum()) - bad)))


def _evidence(bins: Bins, values: Floats) -> Floats:
    return np.asarray(np.array(bins.woe)[bins.place(values)])


def _standard(values: Floats) -> Floats:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 0 else np.zeros(len(values))
