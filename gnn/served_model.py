"""The model that is served: graph network and trees on neighbour aggregates, their log-odds averaged and calibrated.

Everything needed to turn a snapshot, subjects and instants into log-odds, and nothing of how it was trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import lightgbm
import numpy as np
from numpy.typing import NDArray

from gnn.baselines import raw_log_odds
from gnn.calibrate import Calibrator
from gnn.feature_plan import FeaturePlan
from gnn.features import build_features
from gnn.forest import Ints, TreeStore, Variants
from gnn.graph_network import FittedGraph
from gnn.masked_features import EVERYTHING, Without, mask_features
from graph.snapshot import Snapshot
from graph.vocabulary import Family, NodeLabel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Inputs:
    """What the model reads of n subjects: features float64 [n, f] in the order of its plan, and encoded trees."""

    features: Floats
    trees: TreeStore


@dataclass(frozen=True)
class ServedModel:
    """Equal-weight mean of the log-odds of `graph` and `boosted`, then `calibrator`.

    `plan` lists the features that the trees read; `own` names those among them that the graph network reads too.
    """

    task: str
    plan: FeaturePlan
    own: tuple[str, ...]
    graph: FittedGraph
    boosted: tuple[lightgbm.Booster, ...]
    calibrator: Calibrator
    _own_places: Ints = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {name: place for place, name in enumerate(self.plan.names)}
        object.__setattr__(self, "_own_places", np.array([places[name] for name in self.own], np.int64))

    @property
    def label(self) -> NodeLabel:
        """Label of the subjects that can be scored."""
        return self.plan.label

    def read(self, snapshot: Snapshot, rows: Ints, as_of_s: Ints) -> Inputs:
        """Read what was known of subjects at `rows` int64 [n] before `as_of_s` int64 [n]."""
        features = build_features(snapshot, self.plan, rows, as_of_s).values
        return Inputs(features, self.graph.encode(snapshot, rows, as_of_s, features[:, self._own_places]))

    def log_odds(self, inputs: Inputs) -> Floats:
        """Calibrated log-odds of going bad, float64 [n]."""
        index = np.arange(len(inputs.trees))
        return self._combine(self.graph.score(inputs.trees, index), inputs.features)

    def log_odds_without(self, inputs: Inputs, empty: Floats, removed: Sequence[Without]) -> Floats:
        """Calibrated log-odds of one subject as if the graph lacked some families or relations, float64 [len(removed)].

        Args:
            inputs: What was read of this subject alone.
            empty: Its features in a graph without facts, as `read_nothing` gives them.
            removed: Families or relations to do without, one set a variant.
        """
        features = mask_features(self.plan, inputs.features[0], empty, removed)
        own = self.graph.standardiser.apply(features[:, self._own_places])
        variants = Variants(own, self.graph.encoder.kept(removed))
        return self._combine(self.graph.score(inputs.trees, np.zeros(len(removed), np.int64), variants), features)

    def read_nothing(self, snapshot: Snapshot, row: int, as_of_s: int) -> Floats:
        """Features float64 [f] of a subject as if the graph held no facts."""
        empty: Floats = build_features(snapshot, self.plan, np.array([row]), np.array([as_of_s]), EVERYTHING).values[0]
        return empty

    def families_read(self, inputs: Inputs, empty: Floats) -> tuple[Family, ...]:
        """Families that say anything of one subject; switching off any other changes no input."""
        steps = self.graph.encoder.kept([frozenset({family}) for family in Family])
        read = np.zeros(len(self.graph.encoder.steps), dtype=bool)
        read[[hop.step for hop in inputs.trees.hops if len(hop.via)]] = True
        alone = mask_features(self.plan, inputs.features[0], empty, [frozenset({family}) for family in Family])
        return tuple(
            family
            for family, kept, values in zip(Family, steps, alone, strict=True)
            if (read & ~kept).any() or not np.array_equal(values, inputs.features[0], equal_nan=True)
        )

    def _combine(self, graph: Floats, features: Floats) -> Floats:
        return self.calibrator.apply((graph + raw_log_odds(self.boosted, features)) / 2)
