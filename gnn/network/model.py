"""The graph network as a model: encoder, standardiser, a few networks that differ in seed, and a calibrator.

Fits every part on the training part of a split and holds what a bundle must keep. It knows no file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Split
from gnn.features.plan import Scope
from gnn.features.removal import held_by
from gnn.features.standardise import Standardiser, fit_standardiser
from gnn.models.baselines import TrainingTable, table_of, training_table
from gnn.models.calibrate import Calibrator, fit_calibrator
from gnn.network.encode import LABELS, encode_trees, fit_encoder
from gnn.network.encoder_plan import EncoderPlan, StepPlan
from gnn.network.forest import Ints, TreeStore, Variants
from gnn.network.layers import ConvShape, NetworkShape, TreeNetwork
from gnn.network.train import Lessons, LinearStart, TrainingSettings, score_trees, train_network
from graph.neighbourhood import neighbourhood
from graph.snapshot import Snapshot
from graph.vocabulary import BORROWER, NodeLabel

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
        encoder = self.encoder
        unseen = frozenset(encoder.unseen)
        trees = neighbourhood(snapshot, encoder.label, rows, as_of_s, encoder.fanouts, unseen=unseen)
        return encode_trees(snapshot, encoder, trees, as_of_s, self.standardiser.apply(own))

    def score(self, trees: TreeStore, index: Ints, variants: Variants | None = None) -> Floats:
        """Raw log-odds float64 [n]: the mean over the networks."""
        total = np.zeros(len(index))
        for network in self.networks:  # one after the other: the order of a sum is part of its bits
            total += score_trees(network, trees, index, variants)
        return total / len(self.networks)


@dataclass
class GraphNetwork:
    """The heterogeneous temporal network, `members` of them averaged.

    Its linear part reads the table that also tells of neighbours; what its messages add is told by comparing it with a
    logistic regression on that table. Messages are learnt from loans before the cohort as well. `epochs` says after how
    many each member was best on the stop period.

    Of `Scope.OWN`, table and messages tell of the subject's own facts alone: a tie to another node is read, and nothing of
    what stands at that node.
    """

    name: str = "gnn"
    members: int = MEMBERS
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    scope: Scope = Scope.NEIGHBOURS  # of the table that the linear part and the seed's first state read
    fitted: FittedGraph | None = None
    calibrator: Calibrator | None = None
    epochs: tuple[int, ...] = ()
    first_log_odds: Floats = field(default_factory=lambda: np.empty(0))

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Fit on `split.fit`, stop on `split.stop`, calibrate on `split.calibrate`, then fit again on all three."""
        first = self._train(data, split.fit, split.stop, seed)
        self.first_log_odds = _score(first, data, split.calibrate, self.scope)
        self.calibrator = fit_calibrator(self.first_log_odds, data.examples.label[split.calibrate])
        self.fitted = self._train(data, split.train, split.train[:0], seed, self.epochs)

    def raw_log_odds(self, data: Dataset, index: Ints) -> Floats:
        """Log-odds before calibration, float64 [k]."""
        assert self.fitted is not None, "fit first"
        return _score(self.fitted, data, index, self.scope)

    def log_odds(self, data: Dataset, index: Ints) -> Floats:
        """Calibrated log-odds of going bad, float64 [k], for examples at these positions."""
        assert self.calibrator is not None, "fit first"
        return self.calibrator.apply(self.raw_log_odds(data, index))

    def _train(self, data: Dataset, fit: Ints, stop: Ints, seed: int, epochs: Sequence[int] = ()) -> FittedGraph:
        """Train the members on the examples at `fit` and on loans before the cohort, stopped by `stop` or at `epochs`."""
        table, past, examples = training_table(data, self.scope, fit), data.earlier, data.examples
        prepared = _prepare(data, fit, table, self.scope)
        rows, as_of_s = examples.rows[fit], examples.as_of_s[fit]
        if past is not None:
            rows, as_of_s = np.append(rows, past.examples.rows), np.append(as_of_s, past.examples.as_of_s)
        learnt, later = np.arange(len(rows)), np.arange(len(rows), len(rows) + len(stop))
        rows, as_of_s = np.append(rows, examples.rows[stop]), np.append(as_of_s, examples.as_of_s[stop])
        values = np.concatenate([table.values, table_of(data, self.scope).values[stop]])
        trees = prepared.encode(data.snapshot, rows, as_of_s, values)
        label = np.append(table.label, examples.label[stop])
        lessons = Lessons(learnt[: len(fit)], learnt[len(fit) :], past.weight if past is not None else 0.0)
        start = LinearStart(trees.own[learnt], table.label, table.weight)
        shape = _shape(prepared, self.settings)
        trained = [
            train_network(
                trees,
                label,
                lessons,
                epochs[member] if epochs else later,
                shape,
                self.settings,
                start,
                seed=seed * self.members + member,  # no two seeds share a member
            )
            for member in range(self.members)
        ]
        self.epochs = tuple(one.epoch for one in trained)
        return replace(prepared, networks=tuple(one.network for one in trained))


def _score(fitted: FittedGraph, data: Dataset, index: Ints, scope: Scope) -> Floats:
    chosen, table = data.examples.take(index), table_of(data, scope)
    trees = fitted.encode(data.snapshot, chosen.rows, chosen.as_of_s, table.values[index])
    return fitted.score(trees, np.arange(len(index)))


def _prepare(data: Dataset, index: Ints, table: TrainingTable, scope: Scope) -> FittedGraph:
    chosen, label, unseen = data.examples.take(index), data.task.subject, data.task.unseen
    trees = neighbourhood(data.snapshot, label, chosen.rows, chosen.as_of_s, FANOUTS, unseen=unseen)
    encoder = replace(fit_encoder(data.snapshot, label, FANOUTS, trees), unseen=tuple(sorted(unseen)))
    if scope is Scope.OWN:
        encoder = replace(encoder, steps=tuple(step for step in encoder.steps if _is_own(step, label)))
    return FittedGraph(encoder, fit_standardiser(table.values), ())


def _is_own(plan: StepPlan, subject: NodeLabel) -> bool:
    """Whether facts of a step are the subject's: at itself, or at a loan or an account where they lead to no borrower."""
    return plan.depth == 0 or (plan.step.near in held_by(subject) and plan.step.far not in BORROWER)


def _shape(fitted: FittedGraph, settings: TrainingSettings) -> NetworkShape:
    convolutions = tuple(
        ConvShape(position, step.width, tuple(c.codes for c in step.categories))
        for position, step in enumerate(fitted.encoder.steps)
    )
    return NetworkShape(fitted.standardiser.width, len(LABELS), settings.hidden, settings.dropout, convolutions)
