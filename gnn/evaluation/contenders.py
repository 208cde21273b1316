"""The models measured side by side, by the names their results are kept under.

Says how each is made and fitted; it measures nothing.
"""

from collections.abc import Callable

from gnn.dataset import Dataset, Model, Split
from gnn.evaluation.protocol_run import Contender, Fitted
from gnn.features.plan import Scope
from gnn.models.average import Average
from gnn.models.baselines import SETTINGS_VERSION, Trees, lightgbm_neighbours, lightgbm_own, logistic, logistic_neighbours
from gnn.models.forest import FOREST_VERSION, RandomForest
from gnn.models.peer_trees import PEER_TREES_VERSION, PeerTrees
from gnn.models.scorecard import SCORECARD_VERSION, Scorecard
from gnn.network.model import GraphNetwork

GRAPH_SETTINGS_VERSION = 3  # raise when a setting of the network or its training changes


def contenders() -> tuple[Contender, ...]:
    """All models of the results page; the average takes the two fitted before it."""
    return (
        _alone("scorecard", Scorecard, SCORECARD_VERSION),
        _alone("logistic", logistic, SETTINGS_VERSION),
        _alone("logistic_neighbours", logistic_neighbours, SETTINGS_VERSION),
        _alone("lightgbm", lightgbm_own, SETTINGS_VERSION),
        _alone("lightgbm_neighbours", lightgbm_neighbours, SETTINGS_VERSION),
        _alone("gnn", GraphNetwork, GRAPH_SETTINGS_VERSION),
        Contender("average", _average, SETTINGS_VERSION * 1000 + GRAPH_SETTINGS_VERSION),
    )


def forest_contender() -> Contender:
    """A random forest beside them, where a data set's bar is one."""
    return _alone("forest", RandomForest, FOREST_VERSION)


def peers_contender() -> Contender:
    """Trees that are told how peers scored as well: all that is known of neighbours without passing a message."""
    return _alone("lightgbm_peers", PeerTrees, SETTINGS_VERSION * 1000 + PEER_TREES_VERSION)


def control_contender() -> Contender:
    """The average's control: the same but for its network, which tells of the subject's own facts alone.

    The trees of both read the neighbours' table, so what the average is above it is what the network makes of neighbours.
    """
    return Contender("own_average", _own_average, SETTINGS_VERSION * 1000 + GRAPH_SETTINGS_VERSION)


def with_control() -> tuple[Contender, ...]:
    """All models of the results page, the trees told of peers' scores, and the control."""
    return (*contenders(), peers_contender(), control_contender())


def _alone(name: str, make: Callable[[], Model], settings_version: int) -> Contender:
    def fit(data: Dataset, split: Split, seed: int, _: Fitted) -> Model:
        model = make()
        model.fit(data, split, seed)
        return model

    return Contender(name, fit, settings_version)


def _average(data: Dataset, split: Split, _: int, fitted: Fitted) -> Model:
    graph = fitted("gnn")
    assert isinstance(graph, GraphNetwork)
    return _averaged("average", graph, data, split, fitted)


def _own_average(data: Dataset, split: Split, seed: int, fitted: Fitted) -> Model:
    own = GraphNetwork("own_gnn", scope=Scope.OWN)
    own.fit(data, split, seed)
    return _averaged("own_average", own, data, split, fitted)


def _averaged(name: str, graph: GraphNetwork, data: Dataset, split: Split, fitted: Fitted) -> Model:
    boosted = fitted("lightgbm_neighbours")
    assert isinstance(boosted, Trees)
    average = Average(graph, boosted, name)
    average.calibrate(data, split)
    return average
