"""The graph network as a model: encoder, standardiser, a few networks that differ in seed, and a calibrator.

Fits every part on the training part of a split and holds what a bundle must keep. It knows no file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gnn.baselines import training_table
from gnn.calibrate import Calibrator, fit_calibrator
from gnn.dataset import Dataset, Split
from gnn.encode import LABELS, encode_trees, fit_encoder
from gnn.encoder_plan import EncoderPlan
from gnn.feature_plan import Scope
from gnn.forest import Ints, TreeStore, Variants
from gnn.network import ConvShape, NetworkShape, TreeNetwork
from gnn.standardise import Standardiser, fit_standardiser
from gnn.train import LinearStart, TrainingSettings, score_trees, train_network
from graph.neighbourhood import neighbourhood
from graph.snapshot import Snapshot

Floats = NDArray[np.float64]
FANOUTS = (12, 8)
MEMBERS = 2


@dataclass(frozen=True)
class FittedGraph:
    """What training found: everything that turns a snapshot and subjects into raw log-odds."""

    encoder: EncoderPlan
    standardiser: Standardiser
    networks: tuple[TreeNetwork, ...]

    def encode(self, snapshot: Snapshot, rows: Ints, as_of_s: Ints, own: Floats) -> TreeStore:
        """Encoded trees of subjects at `rows` int64 [n], as of `as_of_s` int64 [n], with their own tables float64 [n, f]."""
        trees = neighbourhood(snapshot, self.encoder.label, rows, as_of_s, self.encoder.fanouts)
        return encode_trees(snapshot, self.encoder, trees, as_of_s, self.standardiser.apply(own))

    def score(self, trees: TreeStore, index: Ints, variants: Variants | None = None) -> Floats:
        """Raw log-odds float64 [n]: the mean over the networks."""
        total = np.zeros(len(index))
        for network in self.networks:  # one after the other: the order of a sum is part of its bits
            total += score_trees(network, trees, index, variants)
        return total / len(self.networks)


@dataclass
class GraphNetwork:
    """The heterogeneous temporal network, `members` of them averaged.

    `epochs` says after how many epochs each member was best on the stop period.
    """

    name: str = "gnn"
    members: int = MEMBERS
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    fitted: FittedGraph | None = None
    calibrator: Calibrator | None = None
    epochs: tuple[int, ...] = ()
    first_log_odds: Floats = field(default_factory=lambda: np.empty(0))

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Fit on `split.fit`, stop on `split.stop`, calibrate on `split.calibrate`, then fit again on all three."""
        first = self._train(data, split.fit, split.stop, seed)
        chosen = data.examples.take(split.calibrate)
        trees = first.encode(data.snapshot, chosen.rows, chosen.as_of_s, data.own.values[split.calibrate])
        self.first_log_odds = first.score(trees, np.arange(len(trees)))
        self.calibrator = fit_calibrator(self.first_log_odds, chosen.label)
        self.fitted = self._train(data, split.train, split.train[:0], seed, self.epochs)

    def raw_log_odds(self, data: Dataset, index: Ints) -> Floats:
        """Log-odds before calibration, float64 [k]."""
        assert self.fitted is not None, "fit first"
        chosen = data.examples.take(index)
        trees = self.fitted.encode(data.snapshot, chosen.rows, chosen.as_of_s, data.own.values[index])
        return self.fitted.score(trees, np.arange(len(index)))

    def log_odds(self, data: Dataset, index: Ints) -> Floats:
        """Calibrated log-odds of going bad, float64 [k], for examples at these positions."""
        assert self.calibrator is not None, "fit first"
        return self.calibrator.apply(self.raw_log_odds(data, index))

    def _train(self, data: Dataset, fit: Ints, stop: Ints, seed: int, epochs: Sequence[int] = ()) -> FittedGraph:
        """Train all members on `fit`, stopped by `stop`, or each as long as `epochs` says."""
        used = np.concatenate([fit, stop])
        chosen, own = data.examples.take(used), data.own.values[used]
        prepared = _prepare(data, fit)
        trees = prepared.encode(data.snapshot, chosen.rows, chosen.as_of_s, own)
        shape = _shape(prepared, self.settings)
        table = training_table(data, Scope.OWN, fit)
        start = LinearStart(prepared.standardiser.apply(table.values), table.label, table.weight)
        places = np.arange(len(used))
        trained = [
            train_network(
                trees,
                chosen.label,
                places[: len(fit)],
                places[len(fit) :],
                shape,
                self.settings,
                start,
                seed=seed * self.members + member,  # no two seeds share a member
                epochs=epochs[member] if epochs else None,
            )
            for member in range(self.members)
        ]
        self.epochs = tuple(t.epoch for t in trained)
        return replace(prepared, networks=tuple(t.network for t in trained))


def _prepare(data: Dataset, index: Ints) -> FittedGraph:
    chosen, label = data.examples.take(index), data.task.subject
    trees = neighbourhood(data.snapshot, label, chosen.rows, chosen.as_of_s, FANOUTS)
    encoder = fit_encoder(data.snapshot, label, FANOUTS, trees)
    return FittedGraph(encoder, fit_standardiser(data.own.values[index]), ())


def _shape(fitted: FittedGraph, settings: TrainingSettings) -> NetworkShape:
    convolutions = tuple(
        ConvShape(position, step.width, tuple(c.codes for c in step.categories))
        for position, step in enumerate(fitted.encoder.steps)
    )
    return NetworkShape(fitted.standardiser.width, len(LABELS), settings.hidden, settings.dropout, convolutions)
