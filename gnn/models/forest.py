"""A random forest on a table of features: what small undated graphs are best described by, and so a bar for a network.

Fitted and calibrated as the other baselines are. How small its leaves are is chosen on what it learns from, by the loss of
each row in the trees that did not see it.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from gnn.dataset import Dataset, Split
from gnn.features.plan import Scope
from gnn.models.baselines import Floats, TrainingTable, table_of, training_table
from gnn.models.calibrate import Calibrator, fit_calibrator, log_odds_of

FOREST_VERSION = 2  # raise when a setting below changes: cached predictions are named by it
TREES = 500
LEAVES = (1, 2, 5, 10, 20)  # rows a leaf holds at least, tried in this order
CHOOSING_TREES = 100  # of each forest that a choice is made by
LEAST_CHANCE = 1 / (2 * TREES)  # no share of trees proves that something never happens


@dataclass
class RandomForest:
    """Random forest on one table of features; a missing value goes where it parts the outcomes best."""

    name: str = "forest"
    scope: Scope = Scope.NEIGHBOURS
    calibrator: Calibrator = field(default=Calibrator(1.0, 0.0), init=False)

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Learn, calibrate, and learn again from the whole training part."""
        table = table_of(data, self.scope)
        first = training_table(data, self.scope, np.concatenate([split.fit, split.stop]))
        self._leaf = choose_leaf(first, seed)
        self._learn(first, seed)
        self.calibrator = fit_calibrator(self._raw(table.values[split.calibrate]), data.examples.label[split.calibrate])
        self._learn(training_table(data, self.scope, split.train), seed)

    def log_odds(self, data: Dataset, index: NDArray[np.int64]) -> Floats:
        """Calibrated log-odds of going bad, float64 [k], for examples at these positions."""
        return self.calibrator.apply(self._raw(table_of(data, self.scope).values[index]))

    def _learn(self, rows: TrainingTable, seed: int) -> None:
        self._columns = distinct_columns(rows.values)
        self._forest = RandomForestClassifier(TREES, min_samples_leaf=self._leaf, random_state=seed, n_jobs=1)
        self._forest.fit(rows.values[:, self._columns], rows.label, sample_weight=rows.weight)

    def _raw(self, values: Floats) -> Floats:
        return log_odds_of(self._forest.predict_proba(values[:, self._columns])[:, 1], LEAST_CHANCE)


def choose_leaf(rows: TrainingTable, seed: int) -> int:
    """The one of `LEAVES` with the lowest weighted log loss out of bag; of equal ones the first."""
    values = rows.values[:, distinct_columns(rows.values)]

    def loss(leaf: int) -> float:
        forest = RandomForestClassifier(CHOOSING_TREES, min_samples_leaf=leaf, oob_score=True, random_state=seed, n_jobs=1).fit(
            values, rows.label, sample_weight=rows.weight
        )
        chance = np.clip(forest.oob_decision_function_[:, 1], 1 / (2 * CHOOSING_TREES), 1 - 1 / (2 * CHOOSING_TREES))
        each = -np.log(np.where(rows.label == 1, chance, 1 - chance))
        told = ~np.isnan(each)  # by a small chance a row is in every bag
        return float(np.average(each[told], weights=rows.weight[told]))

    return min(LEAVES, key=loss)


def distinct_columns(values: Floats) -> NDArray[np.int64]:
    """Of columns with the same values the first, ascending: a draw of columns must not favour what is told many times."""
    first: dict[bytes, int] = {}
    for column in range(values.shape[1]):
        first.setdefault(values[:, column].tobytes(), column)
    return np.array(sorted(first.values()), np.int64)
