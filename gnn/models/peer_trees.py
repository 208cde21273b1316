"""Trees on the neighbours' table and on how peers scored: the strongest baseline that no message is passed in.

They are bagged, calibrated and fitted twice as the other trees are; each time the peers' scores are fitted anew on what
teaches then.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Split
from gnn.features.peers import find_peers
from gnn.features.plan import Scope
from gnn.models.baselines import Floats, TrainingTable, Trees
from gnn.models.peer_scores import OutOfFold, fit_out_of_fold

PEER_TREES_VERSION = 1  # raise when a setting of the peers' scores changes: cached predictions are named by it


@dataclass
class PeerTrees(Trees):
    """Bagged LightGBM on the neighbours' table and columns of peers' scores.

    Peers are looked for among all examples of the data at hand, so once fitted it is asked about those it was fitted beside.
    `scorer` gives the peers' scores of the last fit.
    """

    name: str = "lightgbm_peers"
    scope: Scope = Scope.NEIGHBOURS
    scorer: OutOfFold = field(default=OutOfFold(np.empty(0, np.int64), ()), init=False)

    def _learn(self, data: Dataset, split: Split, index: NDArray[np.int64], seed: int) -> None:
        self.scorer = fit_out_of_fold(data, index, self.settings, seed)
        super()._learn(data, split, index, seed)

    def _values(self, data: Dataset, index: NDArray[np.int64]) -> Floats:
        return np.hstack([super()._values(data, index), self.scorer.columns(data, data.peers.take(index))])

    def _rows(self, data: Dataset, index: NDArray[np.int64]) -> TrainingTable:
        rows = super()._rows(data, index)
        told = [self.scorer.columns(data, data.peers.take(index))]
        if data.earlier is not None:
            past = find_peers(data.snapshot, data.neighbours_plan, data.earlier.examples, data.examples)
            told.append(self.scorer.columns(data, past))
        return TrainingTable(np.hstack([rows.values, np.concatenate(told)]), rows.label, rows.weight)
