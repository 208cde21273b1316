"""A random forest on a table of features: what small undated graphs are best described by, and so a bar for a network.

Fitted and calibrated as the other baselines are. Settings were set on the validation part of one data set and are the same
for all.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from gnn.dataset import Dataset, Split
from gnn.features.plan import Scope
from gnn.models.baselines import Floats, TrainingTable, table_of, training_table
from gnn.models.calibrate import Calibrator, fit_calibrator

FOREST_VERSION = 1  # raise when a setting below changes: cached predictions are named by it
TREES = 500
LEAST_IN_LEAF = 5
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
        self._learn(training_table(data, self.scope, np.concatenate([split.fit, split.stop])), seed)
        self.calibrator = fit_calibrator(self._raw(table.values[split.calibrate]), data.examples.label[split.calibrate])
        self._learn(training_table(data, self.scope, split.train), seed)

    def log_odds(self, data: Dataset, index: NDArray[np.int64]) -> Floats:
        """Calibrated log-odds of going bad, float64 [k], for examples at these positions."""
        return self.calibrator.apply(self._raw(table_of(data, self.scope).values[index]))

    def _learn(self, rows: TrainingTable, seed: int) -> None:
        self._columns = distinct_columns(rows.values)
        self._forest = RandomForestClassifier(TREES, min_samples_leaf=LEAST_IN_LEAF, random_state=seed, n_jobs=1)
        self._forest.fit(rows.values[:, self._columns], rows.label, sample_weight=rows.weight)

    def _raw(self, values: Floats) -> Floats:
        chance = np.clip(self._forest.predict_proba(values[:, self._columns])[:, 1], LEAST_CHANCE, 1 - LEAST_CHANCE)
        return np.asarray(np.log(chance) - np.log1p(-chance))


def distinct_columns(values: Floats) -> NDArray[np.int64]:
    """Of columns with the same values the first, ascending: a draw of columns must not favour what is told many times."""
    first: dict[bytes, int] = {}
    for column in range(values.shape[1]):
        first.setdefault(values[:, column].tobytes(), column)
    return np.array(sorted(first.values()), np.int64)
