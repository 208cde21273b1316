"""The encoder of a subject's own event sequence as a model: what it did, in order, and nothing else of it.

It shows what the order of events tells by itself, without a table and without neighbours. It is measured, not served.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Split
from gnn.features.plan import Scope
from gnn.models.calibrate import Calibrator, fit_calibrator
from gnn.network.encode import encode_trees, fit_encoder
from gnn.network.encoder_plan import EncoderPlan
from gnn.network.events import EventSequences, join_events, order_events, own_steps
from gnn.network.forest import Ints
from gnn.network.layers import ConvShape
from gnn.network.lessons import teach
from gnn.network.sequence_network import SequenceNetwork, SequenceShape, score_sequences, train_sequences
from gnn.network.settings import SequenceSettings, TowerSettings
from graph.neighbourhood import neighbourhood
from graph.snapshot import Snapshot

Floats = NDArray[np.float64]
FANOUTS = (16, 16)  # facts a step: more would let busy steps push all others out of a sequence
PLANNED_FROM = 4_096  # subjects, evenly in order of time: scales and categories of facts are found in theirs
READ_AT_ONCE = 1_024  # subjects; bounds memory, changes no bit


@dataclass(frozen=True)
class FittedSequence:
    """What training found: everything that turns a snapshot and subjects into raw log-odds."""

    encoder: EncoderPlan
    network: SequenceNetwork

    def log_odds(self, snapshot: Snapshot, rows: Ints, as_of_s: Ints) -> Floats:
        """Raw log-odds float64 [n] of subjects at `rows` int64 [n], as of `as_of_s` int64 [n]."""
        return score_sequences(self.network, _read(snapshot, self.encoder, rows, as_of_s, self.network.shape.longest))


@dataclass
class SequenceModel:
    """A recurrent network over a subject's own facts, oldest first, taught by the outcome and by milestones.

    Facts are the subject's own as the graph network's are of `Scope.OWN`. `first_log_odds` are those of the first fit, for
    `split.calibrate`, before calibration, and `first_young` the same for `split.young`.
    """

    name: str = "sequence"
    settings: SequenceSettings = field(default_factory=SequenceSettings)
    fitted: FittedSequence | None = None
    calibrator: Calibrator | None = None
    first_log_odds: Floats = field(default_factory=lambda: np.empty(0))
    first_young: Floats = field(default_factory=lambda: np.empty(0))

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Learn, calibrate on `split.calibrate`, and learn again from the whole training part.

        Raises:
            EmptyTrainingSet: the examples to learn from know one outcome only.
        """
        first = self._learn(data, split, np.concatenate([split.fit, split.stop]), seed)
        self.first_log_odds = _score(first, data, split.calibrate)
        self.first_young = _score(first, data, split.young)
        self.calibrator = fit_calibrator(self.first_log_odds, data.examples.label[split.calibrate])
        self.fitted = self._learn(data, split, split.train, seed)

    def raw_log_odds(self, data: Dataset, index: Ints) -> Floats:
        """Log-odds before calibration, float64 [k]."""
        assert self.fitted is not None, "fit first"
        return _score(self.fitted, data, index)

    def log_odds(self, data: Dataset, index: Ints) -> Floats:
        """Calibrated log-odds of going bad, float64 [k], for examples at these positions."""
        assert self.calibrator is not None, "fit first"
        return self.calibrator.apply(self.raw_log_odds(data, index))

    def _learn(self, data: Dataset, split: Split, fit: Ints, seed: int) -> FittedSequence:
        """Train on what the examples at `fit` teach; nobody tells when to stop."""
        settings = self.settings
        taught = teach(data, split, Scope.OWN, fit, fit[:0], TowerSettings(least_lessons=settings.least_lessons))
        encoder = _plan(data, fit)
        shapes = (
            ConvShape(position, step.width, tuple(c.codes for c in step.categories))
            for position, step in enumerate(encoder.steps)
        )
        heads = taught.label.shape[1]
        shape = SequenceShape(tuple(shapes), settings.longest, settings.hidden, settings.dropout, heads)
        events = _read(data.snapshot, encoder, taught.rows, taught.as_of_s, settings.longest)
        return FittedSequence(encoder, train_sequences(events, taught.label, taught.lessons, shape, settings, seed=seed))


def _score(fitted: FittedSequence, data: Dataset, index: Ints) -> Floats:
    return fitted.log_odds(data.snapshot, data.examples.rows[index], data.examples.as_of_s[index])


def _plan(data: Dataset, fit: Ints) -> EncoderPlan:
    chosen, subject, unseen = data.examples.take(fit).thinned(PLANNED_FROM), data.task.subject, data.task.unseen
    steps = own_steps(data.snapshot, subject)
    trees = neighbourhood(data.snapshot, subject, chosen.rows, chosen.as_of_s, FANOUTS, unseen=unseen, steps=steps)
    return replace(fit_encoder(data.snapshot, subject, FANOUTS, trees), unseen=tuple(sorted(unseen)))


def _read(snapshot: Snapshot, encoder: EncoderPlan, rows: Ints, as_of_s: Ints, longest: int) -> EventSequences:
    """Sequences of subjects at `rows`, of facts known before `as_of_s`, strictly."""
    unseen, parts = frozenset(encoder.unseen), []
    for at in np.split(np.arange(len(rows)), range(READ_AT_ONCE, len(rows), READ_AT_ONCE)):
        trees = neighbourhood(
            snapshot, encoder.label, rows[at], as_of_s[at], encoder.fanouts, unseen=unseen, steps=encoder.taken
        )
        no_table = np.empty((len(at), 0), np.float32)
        parts.append(order_events(encode_trees(snapshot, encoder, trees, as_of_s[at], no_table), encoder, longest))
    return join_events(parts)
