"""Tables of features: a plan applied to subjects, each as of its own instant.

A row is a function of the facts known before its instant and of nothing else: not of other rows, of row numbers, or of
what became known later, to the last bit. It knows no label and no model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.feature_plan import FeaturePlan
from graph.snapshot import Snapshot
from graph.vocabulary import Family, RelType


@dataclass(frozen=True)
class FeatureTable:
    """Values float64 [n, f]; NaN where no fact speaks. `names` and `families` describe the f columns."""

    names: tuple[str, ...]
    families: tuple[Family, ...]
    values: NDArray[np.float64]

    def take(self, index: NDArray[np.int64]) -> "FeatureTable":
        """The rows at these positions, in the order given."""
        return FeatureTable(self.names, self.families, self.values[index])


def build_features(
    snapshot: Snapshot,
    plan: FeaturePlan,
    rows: NDArray[np.int64],
    as_of_s: NDArray[np.int64],
    without: frozenset[Family | RelType] = frozenset(),
) -> FeatureTable:
    """Compute the columns of a plan for subjects, each from facts with known_at_s < its as_of_s.

    Args:
        snapshot: Facts to read.
        plan: Columns to compute.
        rows: int64 [n], node rows of the subjects; a row may recur with another instant.
        as_of_s: int64 [n], UTC seconds, exclusive.
        without: Families or relations to leave out, as if they held no facts.

    Returns:
        Table of n rows in the order given.
    """
    raise NotImplementedError
