"""The average: equal weights on the raw log-odds of the graph network and of trees on neighbour aggregates, calibrated.

Much of what averaging gains may come from averaging alone; which model serves is decided by measurement, elsewhere.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Split
from gnn.models.calibrate import Calibrator, fit_calibrator


class RawModel(Protocol):
    """A model that also tells its log-odds before calibration.

    `first_log_odds` are those of the first fit, which has not seen the calibrate period, for `split.calibrate`, and
    `first_young` for `split.young`.
    """

    @property
    def name(self) -> str:
        """Under which it is measured."""
        ...

    @property
    def calibrator(self) -> Calibrator | None:
        """None before it is fitted."""
        ...

    @property
    def first_log_odds(self) -> NDArray[np.float64]:
        """Of `split.calibrate`, float64."""
        ...

    @property
    def first_young(self) -> NDArray[np.float64]:
        """Of `split.young`, float64."""
        ...

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Learn from the training part of a split."""
        ...

    def raw_log_odds(self, data: Dataset, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """Log-odds before calibration, float64 [k]."""
        ...


@dataclass
class Average:
    """Mean of the raw log-odds of two models; `fit` fits both, `calibrate` takes them as they are."""

    graph: RawModel
    boosted: RawModel
    name: str = "average"
    calibrator: Calibrator | None = None

    @property
    def first_log_odds(self) -> NDArray[np.float64]:
        """Mean of those of both models, for `split.calibrate`, before calibration."""
        return (self.graph.first_log_odds + self.boosted.first_log_odds) / 2

    @property
    def first_young(self) -> NDArray[np.float64]:
        """The same for `split.young`."""
        return (self.graph.first_young + self.boosted.first_young) / 2

    def raw_log_odds(self, data: Dataset, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean of both models' log-odds before calibration, float64 [k]."""
        return (self.graph.raw_log_odds(data, index) + self.boosted.raw_log_odds(data, index)) / 2

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Fit both models, then calibrate their mean on the period that calibrates them."""
        self.graph.fit(data, split, seed)
        self.boosted.fit(data, split, seed)
        self.calibrate(data, split)

    def calibrate(self, data: Dataset, split: Split) -> None:
        """Calibrate the mean of two models already fitted on this split."""
        self.calibrator = fit_calibrator(self.first_log_odds, data.examples.label[split.calibrate])

    def log_odds(self, data: Dataset, index: NDArray[np.int64]) -> NDArray[np.float64]:
        """Calibrated log-odds of going bad, float64 [k], for examples at these positions."""
        assert self.calibrator is not None, "fit first"
        return self.calibrator.apply(self.raw_log_odds(data, index))
