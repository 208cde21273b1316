"""When there is nothing to score by: too few facts of the subject's own, too few of those it is tied to, and none adverse.

Knows no model and no graph.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.features.fact_counts import FactCounts


@dataclass(frozen=True)
class ScorableRule:
    """Fewer own facts than `least_own` and fewer of neighbours than `least_neighbours`, unless one of them is adverse.

    Nobody is rid of a bad record by its being all that is known.
    """

    least_own: int = 3
    least_neighbours: int = 1

    def __post_init__(self) -> None:
        for least in (self.least_own, self.least_neighbours):
            if type(least) is not int or least < 0:
                raise ValueError(f"so few facts cannot be asked for: {self}")

    def is_unscorable(self, facts: FactCounts) -> NDArray[np.bool_]:
        """Which of n subjects no score should be given to, bool [n]."""
        thin = (facts.own < self.least_own) & (facts.neighbours < self.least_neighbours)
        return np.asarray(thin & (facts.adverse == 0))
