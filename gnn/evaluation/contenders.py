"""The models measured side by side, by the names their results are kept under.

Says how each is made and fitted; it measures nothing.
"""

from collections.abc import Callable

from gnn.dataset import Dataset, Model, Split
from gnn.evaluation.protocol_run import Contender, Fitted
from gnn.features.plan import Scope
from gnn.models.average import Average, RawModel
from gnn.models.baselines import (
    SETTINGS_VERSION,
    lightgbm_milestones,
    lightgbm_neighbours,
    lightgbm_own,
    logistic,
    logistic_neighbours,
)
from gnn.models.forest import FOREST_VERSION, RandomForest
from gnn.models.levelled import Levelled, calibrated
from gnn.models.peer_trees import PEER_TREES_VERSION, PeerTrees
from gnn.models.scorecard import SCORECARD_VERSION, Scorecard
from gnn.network.model import GraphNetwork
from gnn.network.sequence_model import SequenceModel

GRAPH_SETTINGS_VERSION = 5  # raise when a setting of the network or its training changes
SEQUENCE_SETTINGS_VERSION = 1  # raise when a setting of the sequence model or its training changes
_BOTH_VERSIONS = SETTINGS_VERSION * 1000 + GRAPH_SETTINGS_VERSION


def contenders() -> tuple[Contender, ...]:
    """All models of the results page; the average takes the two fitted before it."""
    return (
        _alone("scorecard", Scorecard, SCORECARD_VERSION),
        _alone("logistic", logistic, SETTINGS_VERSION),
        _alone("logistic_neighbours", logistic_neighbours, SETTINGS_VERSION),
        _alone("lightgbm", lightgbm_own, SETTINGS_VERSION),
        _alone("lightgbm_neighbours", lightgbm_neighbours, SETTINGS_VERSION),
        _alone("gnn", lambda: Levelled(GraphNetwork()), GRAPH_SETTINGS_VERSION, narrowed=True),
        Contender("average", _average, _BOTH_VERSIONS, narrowed=True),
    )


def forest_contender() -> Contender:
    """A random forest beside them, where a data set's bar is one."""
    return _alone("forest", RandomForest, FOREST_VERSION)


def peers_contender() -> Contender:
    """Trees that milestones teach and that are told how peers scored: all that is known of neighbours without a message."""
    version = SETTINGS_VERSION * 1000 + PEER_TREES_VERSION
    return _alone("lightgbm_peers", lambda: Levelled(PeerTrees(milestones=True)), version)


def control_contender() -> Contender:
    """The average's control: the same but for its networks, which tell of the subject's own facts alone.

    Its trees are the best there are, on the whole neighbours' table; so what the average is above it, the networks make of
    neighbours.
    """
    return Contender("own_average", _own_average, _BOTH_VERSIONS)


def milestones_contender() -> Contender:
    """Trees on the whole neighbours' table that milestones teach as well, where a task has any."""
    return _alone("lightgbm_milestones", lambda: Levelled(lightgbm_milestones()), SETTINGS_VERSION)


def sequence_contender() -> Contender:
    """A recurrent network over the subject's own events in their order, without a table and without neighbours."""
    return _alone("sequence", lambda: Levelled(SequenceModel()), SEQUENCE_SETTINGS_VERSION)


def with_control() -> tuple[Contender, ...]:
    """All models of the results page, the sequence of events, trees that milestones teach, those told of peers, the control."""
    return (*contenders(), sequence_contender(), milestones_contender(), peers_contender(), control_contender())


def _alone(name: str, make: Callable[[], Model], settings_version: int, *, narrowed: bool = False) -> Contender:
    def fit(data: Dataset, split: Split, seed: int, _: Fitted) -> Model:
        model = make()
        model.fit(data, split, seed)
        return model

    return Contender(name, fit, settings_version, narrowed)


def _average(data: Dataset, split: Split, seed: int, fitted: Fitted) -> Model:
    boosted = lightgbm_milestones()
    boosted.fit(data, split, seed)
    return _averaged("average", _raw(fitted("gnn")), boosted, data, split)


def _own_average(data: Dataset, split: Split, seed: int, fitted: Fitted) -> Model:
    own = GraphNetwork("own_gnn", scope=Scope.OWN)
    own.fit(data, split, seed)
    return _averaged("own_average", own, _raw(fitted("lightgbm_peers")), data, split)


def _averaged(name: str, graph: RawModel, boosted: RawModel, data: Dataset, split: Split) -> Model:
    average = Average(graph, boosted, name)
    average.calibrate(data, split)
    return calibrated(average, data, split)


def _raw(model: Model) -> RawModel:
    """What is inside a levelled model: an average takes its log-odds before any level is taken off."""
    assert isinstance(model, Levelled)
    return model.model
