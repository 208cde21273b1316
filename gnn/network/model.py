"""The graph network as a model: encoder, standardiser, a few networks that differ in seed or in kind, and a calibrator.

Fits every part on the training part of a split and holds what a bundle must keep. It knows no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Split
from gnn.features.levels import latest_level, usual_levels
from gnn.features.plan import FeaturePlan, Scope
from gnn.features.removal import held_by
from gnn.features.standardise import Standardiser, fit_standardiser
from gnn.features.walk import OWN_LIMIT, Walk
from gnn.models.baselines import table_of
from gnn.models.calibrate import Calibrator, fit_calibrator
from gnn.network.encode import LABELS, encode_trees, fit_encoder
from gnn.network.encoder_plan import EncoderPlan, StepPlan
from gnn.network.forest import Ints, TreeStore, Variants
from gnn.network.layers import ConvShape, NetworkShape, TreeNetwork
from gnn.network.lessons import LinearStart, teach
from gnn.network.settings import TrainingSettings
from gnn.network.tower import NO_PIECES, Pieces, cut_in_pieces
from gnn.network.train import score_trees, train_network
from graph.neighbourhood import Selection, neighbourhood
from graph.snapshot import Snapshot
from graph.steps import Step
from graph.vocabulary import BORROWER, NodeLabel

Floats = NDArray[np.float64]
FANOUTS = (12, 8)
MEMBERS = 2


@dataclass(frozen=True)
class FittedGraph:
    """What training found: everything that turns a snapshot and subjects into raw log-odds.

    `level` float32 [f] is what was usual of each column of the standardised table when training ended; networks read what
    lies above it.
    """

    encoder: EncoderPlan
    standardiser: Standardiser
    level: NDArray[np.float32]
    networks: tuple[TreeNetwork, ...]

    def table(self, own: Floats) -> NDArray[np.float32]:
        """What networks read of tables float64 [n, f], float32 [n, width]."""
        return self.standardiser.apply(own) - self.level

    def encode(self, snapshot: Snapshot, rows: Ints, as_of_s: Ints, own: Floats) -> TreeStore:
        """Encoded trees of subjects at `rows` int64 [n], as of `as_of_s` int64 [n], with their own tables float64 [n, f]."""
        return self.encode_tables(snapshot, rows, as_of_s, self.table(own))

    def encode_tables(
        self,
        snapshot: Snapshot,
        rows: Ints,
        as_of_s: Ints,
        table: NDArray[np.float32],
        near: Mapping[Step, Selection] | None = None,
    ) -> TreeStore:
        """The same with what networks read of each table, float32 [n, width]; `near` as `neighbourhood` takes it."""
        encoder = self.encoder
        unseen, steps = frozenset(encoder.unseen), encoder.taken
        trees = neighbourhood(snapshot, encoder.label, rows, as_of_s, encoder.fanouts, unseen=unseen, steps=steps, near=near)
        return encode_trees(snapshot, encoder, trees, as_of_s, table)

    def encode_walked(self, walk: Walk, own: Floats) -> TreeStore:
        """`encode` of a walk's subjects; their own facts are not looked up again."""
        near, encoder = {}, self.encoder
        if walk.unseen == frozenset(encoder.unseen) and not walk.without and encoder.fanouts[0] <= OWN_LIMIT:
            walk.look_ahead(encoder.taken[0])
            near = {step: Selection(*walk.facts((step,))) for step in encoder.taken[0] if walk.may_take(step)}
        return self.encode_tables(walk.snapshot, walk.rows, walk.as_of_s, self.table(own), near)

    def score(self, trees: TreeStore, index: Ints, variants: Variants | None = None) -> Floats:
        """Raw log-odds float64 [n]: the mean over the networks."""
        total = np.zeros(len(index))
        for network in self.networks:  # one after the other: the order of a sum is part of its bits
            total += score_trees(network, trees if network.shape.convolutions else trees.bare, index, variants)
        return total / len(self.networks)


@dataclass
class GraphNetwork:
    """The heterogeneous temporal network, `members` of them averaged.

    Its linear part reads the table that also tells of neighbours; where lessons are few, what its messages add is told by
    comparing it with a logistic regression on that table. Messages are learnt from loans before the cohort as well. `epochs`
    says after how many each member was best on the stop period, if one stopped it.

    Where many lessons make it tall, its members are of two kinds, which err differently: the first, and every other one, reads
    the subject's own columns and hears of others by messages, the rest read of others in columns and hear nothing.

    Of `Scope.OWN`, table and messages tell of the subject's own facts alone: a tie to another node is read, and nothing of
    what stands at that node.
    """

    name: str = "gnn"
    members: int = MEMBERS
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    scope: Scope = Scope.NEIGHBOURS
    fitted: FittedGraph | None = None
    calibrator: Calibrator | None = None
    epochs: tuple[int, ...] = ()
    first_log_odds: Floats = field(default_factory=lambda: np.empty(0))
    first_young: Floats = field(default_factory=lambda: np.empty(0))

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Fit on `split.fit`, stop on `split.stop`, calibrate on `split.calibrate`, then fit again on all three."""
        first = self._train(data, split.first, split.fit, split.stop, seed)
        self.first_log_odds = _score(first, data, split.calibrate, self.scope)
        self.first_young = _score(first, data, split.young, self.scope)
        self.calibrator = fit_calibrator(self.first_log_odds, data.examples.label[split.calibrate])
        self.fitted = self._train(data, split, split.train, split.train[:0], seed, self.epochs)

    def raw_log_odds(self, data: Dataset, index: Ints) -> Floats:
        """Log-odds before calibration, float64 [k]."""
        assert self.fitted is not None, "fit first"
        return _score(self.fitted, data, index, self.scope)

    def log_odds(self, data: Dataset, index: Ints) -> Floats:
        """Calibrated log-odds of going bad, float64 [k], for examples at these positions."""
        assert self.calibrator is not None, "fit first"
        return self.calibrator.apply(self.raw_log_odds(data, index))

    def _train(self, data: Dataset, split: Split, fit: Ints, stop: Ints, seed: int, epochs: Sequence[int] = ()) -> FittedGraph:
        """Train the members on what the examples at `fit` teach, stopped by those at `stop` or at `epochs`."""
        taught = teach(data, split, self.scope, fit, stop, self.settings.tower)
        tall = taught.label.shape[1] > 1
        standardiser = fit_standardiser(taught.values[taught.teaching])
        table = standardiser.apply(taught.values)
        level = np.zeros(table.shape[1], np.float32)
        if tall:
            level = latest_level(table, taught.as_of_s)
            table = table - usual_levels(table, taught.as_of_s)
        prepared = FittedGraph(
            _fit_encoder(data, fit, self.scope, _steps_of(data.neighbours_plan) if tall else None), standardiser, level, ()
        )
        trees = prepared.encode_tables(data.snapshot, taught.rows, taught.as_of_s, table)
        learnt = taught.teaching
        start = LinearStart(trees.own[learnt], taught.label[learnt, 0], taught.weight)
        shape = _shape(prepared, self.settings, taught.label.shape[1])
        kinds = [_Kind(shape, trees)] * 2
        if tall:
            pieces, others = cut_in_pieces(trees.own, self.settings.tower.pieces), _of_others(data, self.scope, standardiser)
            own = pieces.without(others)
            hearing = _Kind(replace(shape, unread=others, pieces=len(own)), trees, own)
            kinds = [hearing, _Kind(replace(shape, convolutions=(), pieces=len(pieces)), trees.bare, pieces)]
        until = self.settings.tower.epochs if tall else taught.later if len(taught.later) else self.settings.epochs
        trained = [
            train_network(
                kind.trees,
                taught.label,
                taught.lessons,
                epochs[member] if epochs and not tall else until,
                kind.shape,
                self.settings,
                start,
                seed=seed * self.members + member,  # no two seeds share a member
                pieces=kind.pieces,
            )
            for member, kind in zip(range(self.members), cycle(kinds), strict=False)
        ]
        self.epochs = tuple(one.epoch for one in trained)
        return replace(prepared, networks=tuple(one.network for one in trained))


class _Kind(NamedTuple):
    """What members of one kind are made and taught of."""

    shape: NetworkShape
    trees: TreeStore
    pieces: Pieces = NO_PIECES


def _score(fitted: FittedGraph, data: Dataset, index: Ints, scope: Scope) -> Floats:
    chosen, table = data.examples.take(index), table_of(data, scope)
    trees = fitted.encode(data.snapshot, chosen.rows, chosen.as_of_s, table.values[index])
    return fitted.score(trees, np.arange(len(index)))


def _of_others(data: Dataset, scope: Scope, standardiser: Standardiser) -> tuple[int, ...]:
    """Columns of the standardised table that are not of the subject's own history."""
    own, names = set(data.own_plan.names), table_of(data, scope).names
    read = np.concatenate([standardiser.columns, standardiser.flags]).tolist()
    return tuple(place for place, column in enumerate(read) if names[column] not in own)


def _fit_encoder(data: Dataset, index: Ints, scope: Scope, steps: Sequence[set[Step]] | None) -> EncoderPlan:
    chosen, label, unseen = data.examples.take(index), data.task.subject, data.task.unseen
    trees = neighbourhood(data.snapshot, label, chosen.rows, chosen.as_of_s, FANOUTS, unseen=unseen, steps=steps)
    encoder = replace(fit_encoder(data.snapshot, label, FANOUTS, trees), unseen=tuple(sorted(unseen)))
    if scope is Scope.OWN:
        encoder = replace(encoder, steps=tuple(step for step in encoder.steps if _is_own(step, label)))
    return encoder


def _steps_of(plan: FeaturePlan) -> tuple[set[Step], ...]:
    """The steps of the plan's paths at each distance that messages come from."""
    return tuple({column.path[depth] for column in plan.columns if len(column.path) > depth} for depth in range(len(FANOUTS)))


def _is_own(plan: StepPlan, subject: NodeLabel) -> bool:
    """Whether facts of a step are the subject's: at itself, or at a loan or an account where they lead to no borrower."""
    return plan.depth == 0 or (plan.step.near in held_by(subject) and plan.step.far not in BORROWER)


def _shape(fitted: FittedGraph, settings: TrainingSettings, heads: int) -> NetworkShape:
    convolutions = tuple(
        ConvShape(position, step.width, tuple(c.codes for c in step.categories))
        for position, step in enumerate(fitted.encoder.steps)
    )
    width, tower = fitted.standardiser.width, settings.tower
    plain = NetworkShape(width, len(LABELS), settings.hidden, settings.dropout, convolutions)
    return plain if heads == 1 else replace(plain, heads=heads, tower=tower.width, input_dropout=tower.input_dropout)
