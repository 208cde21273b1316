"""The models measured side by side, by the names their results are kept under.

Says how each is made and fitted; it measures nothing.
"""

from collections.abc import Callable

from gnn.dataset import Dataset, Model, Split
from gnn.evaluation.protocol_run import Contender, Fitted
from gnn.models.average import Average
from gnn.models.baselines import SETTINGS_VERSION, Trees, lightgbm_neighbours, lightgbm_own, logistic, logistic_neighbours
from gnn.models.forest import FOREST_VERSION, RandomForest
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


def _alone(name: str, make: Callable[[], Model], settings_version: int) -> Contender:
    def fit(data: Dataset, split: Split, seed: int, _: Fitted) -> Model:
        model = make()
        model.fit(data, split, seed)
        return model

    return Contender(name, fit, settings_version)


def _average(data: Dataset, split: Split, _: int, fitted: Fitted) -> Model:
    graph, boosted = fitted("gnn"), fitted("lightgbm_neighbours")
    assert isinstance(graph, GraphNetwork)
    assert isinstance(boosted, Trees)
    average = Average(graph, boosted)
    average.calibrate(data, split)
    return average
