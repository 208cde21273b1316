"""The model that is served: graph network and trees on neighbour aggregates, their log-odds averaged and calibrated.

Everything needed to turn a snapshot, subjects and instants into log-odds, and nothing of how it was trained.
"""

from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from gnn.calibrate import Calibrator
from gnn.feature_plan import FeaturePlan
from gnn.features import FeatureTable, build_features
from gnn.forest import Ints, TreeStore, Variants
from gnn.graph_network import FittedGraph
from graph.snapshot import Snapshot
from graph.vocabulary import Family, NodeLabel, RelType

Without = frozenset[Family | RelType]


@dataclass(frozen=True)
class Inputs:
    """What the model reads of n subjects: both tables of features and the encoded trees."""

    own: FeatureTable
    neighbours: FeatureTable
    trees: TreeStore


@dataclass(frozen=True)
class ServedModel:
    """Equal-weight mean of the log-odds of `graph` and `boosted`, then `calibrator`; scores subjects of `label`."""

    task: str
    own_plan: FeaturePlan
    neighbours_plan: FeaturePlan
    graph: FittedGraph
    boosted: lightgbm.Booster
    calibrator: Calibrator

    @property
    def label(self) -> NodeLabel:
        """Label of the subjects that can be scored."""
        return self.own_plan.label

    def read(self, snapshot: Snapshot, rows: Ints, as_of_s: Ints) -> Inputs:
        """Read what was known of subjects at `rows` int64 [n] before `as_of_s` int64 [n]."""
        own = build_features(snapshot, self.own_plan, rows, as_of_s)
        neighbours = build_features(snapshot, self.neighbours_plan, rows, as_of_s)
        return Inputs(own, neighbours, self.graph.encode(snapshot, rows, as_of_s, own))

    def log_odds(self, inputs: Inputs) -> NDArray[np.float64]:
        """Calibrated log-odds of going bad, float64 [n]."""
        index = np.arange(len(inputs.trees))
        return self._combine(self.graph.score(inputs.trees, index), inputs.neighbours.values)

    def log_odds_without(
        self, snapshot: Snapshot, row: int, as_of_s: int, inputs: Inputs, removed: list[Without]
    ) -> NDArray[np.float64]:
        """Calibrated log-odds of one subject as if the graph lacked some families or relations, float64 [len(removed)].

        Args:
            snapshot: Where `inputs` were read.
            row: Row of the subject.
            as_of_s: Instant, UTC seconds.
            inputs: What was read of this subject alone.
            removed: Families or relations to do without, one set a variant.
        """
        rows, times = np.array([row]), np.array([as_of_s])
        own = [build_features(snapshot, self.own_plan, rows, times, without).values for without in removed]
        neighbours = [build_features(snapshot, self.neighbours_plan, rows, times, without).values for without in removed]
        standardised = self.graph.standardiser.apply(np.concatenate(own))
        variants = Variants(standardised, self.graph.encoder.kept(removed))
        index = np.zeros(len(removed), np.int64)
        return self._combine(self.graph.score(inputs.trees, index, variants), np.concatenate(neighbours))

    def reads(self, snapshot: Snapshot, row: int, as_of_s: int, family: Family) -> bool:
        """Whether any feature of a subject changes when a family is switched off."""
        rows, times = np.array([row]), np.array([as_of_s])
        for plan in (self.own_plan, self.neighbours_plan):
            full = build_features(snapshot, plan, rows, times).values
            if not np.array_equal(
                full, build_features(snapshot, plan, rows, times, frozenset({family})).values, equal_nan=True
            ):
                return True
        return False

    def _combine(self, graph: NDArray[np.float64], neighbours: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.calibrator.apply((graph + boosted_log_odds(self.boosted, neighbours)) / 2)


def boosted_log_odds(boosted: lightgbm.Booster, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Raw log-odds float64 [n] of boosted trees for a table float64 [n, f]."""
    return np.asarray(boosted.predict(values, raw_score=True, num_threads=1), dtype=np.float64)
