"""The models a graph network has to beat: logistic regression and gradient-boosted trees on tables of features.

Each is fitted once on the earlier two parts of a training set to calibrate on the third, then once more on all three;
the calibrator stays. Settings are fixed: with thirty bad loans a stopping period of four says nothing. They were set on
splits inside training parts. No test position is read here.
"""

from dataclasses import asdict, dataclass, field

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from gnn.dataset import Dataset, Split
from gnn.errors import EmptyTrainingSet
from gnn.examples import UNKNOWN
from gnn.features.plan import Scope
from gnn.features.standardise import fit_standardiser
from gnn.features.table import FeatureTable
from gnn.models.calibrate import Calibrator, fit_calibrator

Floats = NDArray[np.float64]
SETTINGS_VERSION = 2  # raise when a setting below changes: cached predictions are named by it
PENALTY = 0.003  # scikit-learn's C: inverse strength of the squared penalty on standardised columns
BAGS = 3  # boosters that differ by seed; their log-odds are averaged
_TREES = {
    "objective": "binary",
    "extra_trees": True,  # random cut points: many columns say nearly the same
    "bagging_freq": 1,
    "max_bin": 63,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 1,  # the sums of two threads need not agree to the last bit
    "verbosity": -1,
}


@dataclass(frozen=True)
class TreeSettings:
    """What of the trees may be tuned; names are LightGBM's, `rounds` aside."""

    rounds: int = 300
    learning_rate: float = 0.03
    num_leaves: int = 8
    min_data_in_leaf: int = 20
    feature_fraction: float = 0.2
    bagging_fraction: float = 0.7
    lambda_l2: float = 10.0


@dataclass(frozen=True)
class TrainingTable:
    """Rows to fit on: `values` float64 [n, f], `label` int8 [n], `weight` float64 [n]."""

    values: Floats
    label: NDArray[np.int8]
    weight: Floats


@dataclass
class Logistic:
    """Logistic regression on one table of features, with a squared penalty."""

    name: str = "logistic"
    scope: Scope = Scope.OWN
    calibrator: Calibrator = field(default=Calibrator(1.0, 0.0), init=False)
    first_log_odds: Floats = field(default_factory=lambda: np.empty(0), init=False)

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Learn and calibrate; the seed changes nothing, the optimum is unique."""
        table = table_of(data, self.scope)
        self._learn(training_table(data, self.scope, np.concatenate([split.fit, split.stop])))
        self.first_log_odds = self._raw(table.values[split.calibrate])
        self.calibrator = fit_calibrator(self.first_log_odds, data.examples.label[split.calibrate])
        self._learn(training_table(data, self.scope, split.train))

    def log_odds(self, data: Dataset, index: NDArray[np.int64]) -> Floats:
        """Calibrated log-odds, float64 [k]."""
        return self.calibrator.apply(self._raw(table_of(data, self.scope).values[index]))

    def _learn(self, rows: TrainingTable) -> None:
        self._standard = fit_standardiser(rows.values)
        model = LogisticRegression(C=PENALTY, max_iter=2000)
        with threadpool_limits(limits=1, user_api="blas"):  # the sums of two threads need not agree to the last bit
            model.fit(self._standard.apply(rows.values).astype(np.float64), rows.label, sample_weight=rows.weight)
        self._slopes, self._shift = np.asarray(model.coef_[0]), float(model.intercept_[0])

    def _raw(self, values: Floats) -> Floats:
        # Summed row by row: a matrix product may give a row other bits in other company.
        return np.asarray((self._standard.apply(values) * self._slopes).sum(axis=1) + self._shift)


@dataclass
class Trees:
    """Bagged LightGBM on one table of features.

    With `milestones` there is one more booster for each telling milestone of the task, which learns from loans too young to
    tell how they end as well; a log-odds is then the mean over all, and comes near that of the outcome when calibrated.
    `first_log_odds` are those of the first fit for `split.calibrate`, before calibration: what an average calibrates on;
    `first_young` are the same for `split.young`.
    """

    name: str
    scope: Scope
    settings: TreeSettings = field(default_factory=TreeSettings)
    milestones: bool = False
    calibrator: Calibrator = field(default=Calibrator(1.0, 0.0), init=False)
    boosters: tuple[lightgbm.Booster, ...] = field(default=(), init=False)
    first_log_odds: Floats = field(default_factory=lambda: np.empty(0), init=False)
    first_young: Floats = field(default_factory=lambda: np.empty(0), init=False)

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Learn, calibrate, and learn again from the whole training part."""
        self._learn(data, split.first, np.concatenate([split.fit, split.stop]), seed)
        self.first_log_odds = self.raw_log_odds(data, split.calibrate)
        self.first_young = self.raw_log_odds(data, split.young)
        self.calibrator = fit_calibrator(self.first_log_odds, data.examples.label[split.calibrate])
        self._learn(data, split, split.train, seed)

    def _learn(self, data: Dataset, split: Split, index: NDArray[np.int64], seed: int) -> None:
        self.boosters = boost(self._rows(data, index), seed, self.settings, BAGS)
        if not self.milestones:
            return
        tall = np.concatenate([index, split.young])
        values, signs = self._values(data, tall), data.milestones.taught(tall, split.taught_to_s, telling=True)
        for sign in signs.T:
            known = sign != UNKNOWN
            rows = TrainingTable(values[known], sign[known], np.ones(int(known.sum())))
            self.boosters += boost(rows, seed, self.settings, 1)

    def _rows(self, data: Dataset, index: NDArray[np.int64]) -> TrainingTable:
        """What examples at these positions teach, and the loans decided before the cohort."""
        return training_table(data, self.scope, index)

    def _values(self, data: Dataset, index: NDArray[np.int64]) -> Floats:
        """What is told of examples at these positions, float64 [k, f]."""
        return table_of(data, self.scope).values[index]

    def log_odds(self, data: Dataset, index: NDArray[np.int64]) -> Floats:
        """Calibrated log-odds, float64 [k]."""
        return self.calibrator.apply(self.raw_log_odds(data, index))

    def raw_log_odds(self, data: Dataset, index: NDArray[np.int64]) -> Floats:
        """Mean log-odds of the boosters before calibration, float64 [k]."""
        return raw_log_odds(self.boosters, self._values(data, index))


def raw_log_odds(boosters: tuple[lightgbm.Booster, ...], values: Floats) -> Floats:
    """Mean of the boosters' log-odds for rows float64 [n, f], row by row the same in any company."""
    total = np.zeros(len(values))
    for booster in boosters:
        total += np.asarray(booster.predict(values, raw_score=True, num_threads=1))
    return total / len(boosters)


def table_of(data: Dataset, scope: Scope) -> FeatureTable:
    """The table of features that reaches as far as `scope`."""
    return data.own if scope is Scope.OWN else data.neighbours


def training_table(data: Dataset, scope: Scope, index: NDArray[np.int64]) -> TrainingTable:
    """Examples at these positions, and after them the loans decided before the cohort at their lower weight.

    Raises:
        EmptyTrainingSet: the examples know one outcome only.
    """
    label = data.examples.label[index]
    bad = int(label.sum())
    if not 0 < bad < len(label):
        raise EmptyTrainingSet(data.task.name, "training", good=len(label) - bad, bad=bad, needed=1)
    values, weight = table_of(data, scope).values[index], np.ones(len(index))
    if data.earlier is not None:
        past = data.earlier
        values = np.concatenate([values, (past.own if scope is Scope.OWN else past.neighbours).values])
        label = np.concatenate([label, past.examples.label])
        weight = np.concatenate([weight, np.full(len(past.examples), past.weight)])
    return TrainingTable(values, label, weight)


def logistic() -> Logistic:
    """Logistic regression on own history."""
    return Logistic()


def logistic_neighbours() -> Logistic:
    """The same on what is known of neighbours too: what the graph network starts from, before any message."""
    return Logistic("logistic_neighbours", Scope.NEIGHBOURS)


def lightgbm_own() -> Trees:
    """LightGBM on own history."""
    return Trees("lightgbm", Scope.OWN)


def lightgbm_neighbours(settings: TreeSettings | None = None) -> Trees:
    """LightGBM on own history and what is known of neighbours."""
    return Trees("lightgbm_neighbours", Scope.NEIGHBOURS, settings or TreeSettings())


def lightgbm_milestones(settings: TreeSettings | None = None) -> Trees:
    """The same, taught by a task's milestones too: the baseline a graph network has to beat."""
    return Trees("lightgbm_milestones", Scope.NEIGHBOURS, settings or TreeSettings(), milestones=True)


def boost(rows: TrainingTable, seed: int, settings: TreeSettings, bags: int) -> tuple[lightgbm.Booster, ...]:
    """So many boosters on the same rows, each from a seed of its own."""
    given = asdict(settings)
    rounds, params = given.pop("rounds"), _TREES | given
    held = lightgbm.Dataset(rows.values, label=rows.label, weight=rows.weight, params=params, free_raw_data=False)
    return tuple(lightgbm.train(params | {"seed": seed * BAGS + bag}, held, num_boost_round=rounds) for bag in range(bags))
