"""The model that is served: graph network and trees on neighbour aggregates, their log-odds averaged and calibrated.

Everything needed to turn a snapshot, subjects and instants into log-odds and into what is told with them, and nothing of how
it was trained.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import lightgbm
import numpy as np
from numpy.typing import NDArray

from gnn.features.fact_counts import FactCounts, count_facts
from gnn.features.masked import FeatureMask
from gnn.features.plan import FeaturePlan
from gnn.features.removal import Without
from gnn.features.table import FeatureReader
from gnn.features.walk import Walk
from gnn.models.baselines import raw_log_odds
from gnn.models.calibrate import Calibrator
from gnn.models.interval import Intervals
from gnn.models.thickness import ScorableRule
from gnn.network.forest import Ints, TreeStore, Variants
from gnn.network.model import FittedGraph
from gnn.serving.subscores import SubScales
from graph.snapshot import Snapshot
from graph.snapshot.reader import EMPTY
from graph.vocabulary import Family, NodeLabel

Floats = NDArray[np.float64]


class Combination(StrEnum):
    """Which parts of a served model make its log-odds."""

    AVERAGE = "average"
    NETWORK = "network"
    TREES = "trees"

    @property
    def has_network(self) -> bool:
        """Whether the graph network has a say."""
        return self is not Combination.TREES


@dataclass(frozen=True)
class Inputs:
    """What the model reads of n subjects: its columns float64 [n, f] of their features, and encoded trees."""

    features: Floats
    trees: TreeStore
    walk: Walk

    @cached_property
    def facts(self) -> FactCounts:
        """How many facts speak of each, whether or not the model reads them; no log-odds depend on it."""
        return count_facts(self.walk)


@dataclass(frozen=True)
class ServedModel:
    """Equal-weight mean of the log-odds of `graph` and `boosted`, or one of them alone, then `calibrator`.

    `plan` lists the features that `boosted` was trained on; `own` names those among them that `graph` was trained on.
    Only columns that either of them reads are computed. `intervals`, `scorable` and `subscales` are
    what is told with the log-odds.
    """

    task: str
    plan: FeaturePlan
    own: tuple[str, ...]
    graph: FittedGraph
    boosted: tuple[lightgbm.Booster, ...]
    calibrator: Calibrator
    intervals: Intervals
    scorable: ScorableRule
    subscales: SubScales
    combination: Combination = Combination.AVERAGE

    @property
    def label(self) -> NodeLabel:
        """Label of the subjects that can be scored."""
        return self.plan.label

    @property
    def names_read(self) -> tuple[str, ...]:
        """Names of the columns of `Inputs.features`."""
        return self._read_plan.names

    def read(self, snapshot: Snapshot, rows: Ints, as_of_s: Ints) -> Inputs:
        """Read what was known of subjects at `rows` int64 [n] before `as_of_s` int64 [n]."""
        walk = Walk(snapshot, rows, as_of_s, self.plan.label, unseen=frozenset(self.plan.unseen))
        features = self._reader.read_walk(walk)
        trees = self.graph.encode_walked(walk, self._own(features))
        return Inputs(features, trees, walk)

    def log_odds(self, inputs: Inputs) -> Floats:
        """Calibrated log-odds of going bad, float64 [n]."""
        index = np.arange(len(inputs.trees))
        return self._combine(lambda: self.graph.score(inputs.trees, index), inputs.features)

    def log_odds_without(self, inputs: Inputs, removed: Sequence[Without]) -> Floats:
        """Calibrated log-odds of one subject as if the graph lacked some of its facts, float64 [len(removed)].

        Args:
            inputs: What was read of this subject alone.
            removed: What to do without, one set a variant.
        """
        features = self._mask.apply(inputs.features[0], self._nothing, removed)
        own = self.graph.table(self._own(features))
        variants = Variants(own, self.graph.encoder.kept(removed))
        return self._combine(lambda: self.graph.score(inputs.trees, np.zeros(len(removed), np.int64), variants), features)

    def families_read(self, inputs: Inputs) -> tuple[Family, ...]:
        """Families that say anything of one subject; switching off any other changes no input."""
        alone: list[Without] = [frozenset({family}) for family in Family]
        steps = self.graph.encoder.kept(alone)
        read = np.zeros(len(self.graph.encoder.steps), dtype=bool)
        read[[hop.step for hop in inputs.trees.hops if len(hop.via)]] = True
        features = self._mask.apply(inputs.features[0], self._nothing, alone)
        return tuple(
            family
            for family, kept, values in zip(Family, steps, features, strict=True)
            if (read & ~kept).any() or not np.array_equal(values, inputs.features[0], equal_nan=True)
        )

    def _combine(self, graph: Callable[[], Floats], features: Floats) -> Floats:
        if self.combination is Combination.NETWORK:
            return self.calibrator.apply(graph())
        wide = np.full((len(features), len(self.plan.columns)), np.nan)
        wide[:, self._read_places] = features
        boosted = raw_log_odds(self.boosted, wide)
        return self.calibrator.apply(boosted if self.combination is Combination.TREES else (graph() + boosted) / 2)

    def _own(self, features: Floats) -> Floats:
        """The columns `own` float64 [n, len(own)], NaN where the standardiser reads none."""
        wide = np.full((len(features), len(self.plan.columns)), np.nan)
        wide[:, self._read_places] = features
        return wide[:, self._own_places]

    @cached_property
    def _own_places(self) -> Ints:
        places = {name: place for place, name in enumerate(self.plan.names)}
        return np.array([places[name] for name in self.own], np.int64)

    @cached_property
    def _read_places(self) -> Ints:
        """Columns that a tree splits on or the standardiser reads, and those that their ratios are made of; ascending."""
        split = [np.flatnonzero(booster.feature_importance("split")) for booster in self.boosted]
        standardiser = self.graph.standardiser
        own = self._own_places[np.concatenate([standardiser.columns, standardiser.flags])]
        read = np.unique(np.concatenate([*split, own]))
        places = {name: place for place, name in enumerate(self.plan.names)}
        parts = [places[name] for place in read for name in self.plan.columns[place].over or ()]
        return np.unique(np.concatenate([read, np.array(parts, np.int64)]))

    @cached_property
    def _read_plan(self) -> FeaturePlan:
        return self.plan.only(self._read_places)

    @cached_property
    def _reader(self) -> FeatureReader:
        return FeatureReader(self._read_plan)

    @cached_property
    def _mask(self) -> FeatureMask:
        return FeatureMask(self._read_plan)

    @cached_property
    def _nothing(self) -> Floats:
        """Features float64 [f] in a graph without facts."""
        return np.asarray(self._reader.read(EMPTY, np.zeros(1, np.int64), np.zeros(1, np.int64))[0])
