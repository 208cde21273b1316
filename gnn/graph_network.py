"""The graph network as a model: encoder, standardiser, a few networks that differ in seed, and a calibrator.

Fits every part on the training part of a split and holds what a bundle must keep. It knows no file.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gnn.calibrate import Calibrator, fit_calibrator
from gnn.dataset import Dataset, Split
from gnn.encode import LABELS, encode_trees, fit_encoder
from gnn.encoder_plan import EncoderPlan
from gnn.features import FeatureTable
from gnn.forest import Ints, TreeStore, Variants
from gnn.network import ConvShape, NetworkShape, TreeNetwork
from gnn.standardise import Standardiser, fit_standardiser
from gnn.tasks import Examples
from gnn.train import TrainingSettings, score_trees, train_network
from graph.neighbourhood import neighbourhood
from graph.snapshot import Snapshot

FANOUTS = (12, 8)


@dataclass(frozen=True)
class FittedGraph:
    """What training found: everything that turns a snapshot and subjects into raw log-odds."""

    encoder: EncoderPlan
    standardiser: Standardiser
    networks: tuple[TreeNetwork, ...]

    def encode(self, snapshot: Snapshot, rows: Ints, as_of_s: Ints, own: FeatureTable) -> TreeStore:
        """Encoded trees of subjects at `rows` int64 [n], as of `as_of_s` int64 [n], with their own tables."""
        trees = neighbourhood(snapshot, self.encoder.label, rows, as_of_s, self.encoder.fanouts)
        return encode_trees(snapshot, self.encoder, trees, as_of_s, self.standardiser.apply(own.values))

    def score(self, trees: TreeStore, index: Ints, variants: Variants | None = None) -> NDArray[np.float64]:
        """Raw log-odds float64 [n]: the mean over the networks."""
        total = np.zeros(len(index))
        for network in self.networks:  # one after the other: the order of a sum is part of its bits
            total += score_trees(network, trees, index, variants)
        return total / len(self.networks)


@dataclass
class GraphNetwork:
    """The heterogeneous temporal network, `members` of them averaged."""

    name: str = "gnn"
    members: int = 3
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    fitted: FittedGraph | None = None
    calibrator: Calibrator | None = None
    epochs: tuple[int, ...] = ()

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Fit on `split.fit`, stop on `split.stop`, calibrate on `split.calibrate`, then fit again on all three."""
        first = self._prepare(data, split.fit)
        trees = _encode(first, data, data.examples)
        label = data.examples.label
        shape = _shape(first, self.settings)
        found = [
            train_network(trees, label, split.fit, split.stop, shape, self.settings, seed=seed + member)
            for member in range(self.members)
        ]
        first = replace(first, networks=tuple(t.network for t in found))
        self.epochs = tuple(t.epoch for t in found)
        self.calibrator = fit_calibrator(first.score(trees, split.calibrate), label[split.calibrate])
        self.fitted = first

    def raw_log_odds(self, data: Dataset, index: Ints) -> NDArray[np.float64]:
        """Log-odds before calibration, float64 [k]."""
        assert self.fitted is not None, "fit first"
        chosen = data.examples.take(index)
        trees = self.fitted.encode(data.snapshot, chosen.rows, chosen.as_of_s, data.own.take(index))
        return self.fitted.score(trees, np.arange(len(index)))

    def log_odds(self, data: Dataset, index: Ints) -> NDArray[np.float64]:
        """Calibrated log-odds of going bad, float64 [k], for examples at these positions."""
        assert self.calibrator is not None, "fit first"
        return self.calibrator.apply(self.raw_log_odds(data, index))

    def _prepare(self, data: Dataset, index: Ints) -> FittedGraph:
        chosen = data.examples.take(index)
        trees = neighbourhood(data.snapshot, data.task.subject, chosen.rows, chosen.as_of_s, FANOUTS)
        encoder = fit_encoder(data.snapshot, data.task.subject, FANOUTS, trees)
        return FittedGraph(encoder, fit_standardiser(data.own.values[index]), ())


def _encode(fitted: FittedGraph, data: Dataset, examples: Examples) -> TreeStore:
    return fitted.encode(data.snapshot, examples.rows, examples.as_of_s, data.own)


def _shape(fitted: FittedGraph, settings: TrainingSettings) -> NetworkShape:
    convolutions = tuple(
        ConvShape(position, step.width, tuple(c.codes for c in step.categories))
        for position, step in enumerate(fitted.encoder.steps)
    )
    return NetworkShape(fitted.standardiser.width, len(LABELS), settings.hidden, settings.dropout, convolutions)
