"""What one economy says of the models: AUC of each, calibration of the champion, on the judged applications.

The true probability stands among the models. The best trees are those that do best on this very test: the hardest choice
against the champion, which is named beforehand.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.model.drawn import Drawn, draw_measure
from benchmarks.model.judged import Judged
from benchmarks.model.roster import OWN_HISTORY, Roster
from benchmarks.sandbox.judge import TRUTH
from gnn.evaluation.evaluate import BOOTSTRAP_DRAWS
from gnn.evaluation.metrics import auc, calibration_slope
from gnn.evaluation.slices import MonthError, monthly_calibration

TIMES_THE_TREES = 1.3  # share of the gap closed: the champion's over that of the best trees


@dataclass(frozen=True)
class Measured:
    """Measures of one economy: AUC by model, slope and months of the champion, and how many were judged and taught."""

    auc: Mapping[str, Drawn]
    slope: Drawn
    months: tuple[MonthError, ...]
    judged: int
    bad: int
    learnt: int

    def best_tree(self, roster: Roster) -> str:
        """The trees alone with the highest AUC on this test; of equal ones the first named."""
        return max(roster.trees, key=lambda name: self.auc[name].value)

    def gap_closed(self, name: str) -> Drawn:
        """(AUC of a model - AUC of own history) / (AUC of the true probability - AUC of own history)."""
        return self.auc[name].share_of_gap(self.auc[OWN_HISTORY], self.auc[TRUTH])

    def gap_margin(self, roster: Roster) -> float:
        """Share of the gap that the champion closes, less 1.3 times that of the best trees; defined where they close none."""
        trees = self.gap_closed(self.best_tree(roster)).value
        return self.gap_closed(roster.champion).value - TIMES_THE_TREES * trees

    @property
    def worst_month(self) -> MonthError:
        """The month whose calibration error is furthest above the true probability's own."""
        return max(self.months, key=lambda month: month.excess)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "auc": {name: drawn.to_json() for name, drawn in self.auc.items()},
            "slope": self.slope.to_json(),
            "months": [asdict(month) for month in self.months],
            "judged": self.judged,
            "bad": self.bad,
            "learnt": self.learnt,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Measured":
        """Inverse of `to_json`."""
        return cls(
            {name: Drawn.from_json(values) for name, values in stored["auc"].items()},
            Drawn.from_json(stored["slope"]),
            tuple(MonthError(**month) for month in stored["months"]),
            stored["judged"],
            stored["bad"],
            stored["learnt"],
        )


def measure(
    judged: Judged,
    scores: Mapping[str, NDArray[np.float64]],
    champion: str,
    *,
    learnt: int,
    seed: int,
    draws: int = BOOTSTRAP_DRAWS,
) -> Measured:
    """Measure every model.

    Args:
        judged: The applications.
        scores: Log-odds float64 [k] by model, the truth not among them.
        champion: Whose calibration is asked for.
        learnt: Applications that taught.
        seed: The economy's.
        draws: Of the bootstrap.
    """
    aucs = draw_measure(auc, judged.label, {**scores, TRUTH: judged.truth}, judged.person, seed, draws)
    slopes = draw_measure(calibration_slope, judged.label, {champion: scores[champion]}, judged.person, seed, draws)
    months = monthly_calibration(judged.label, scores[champion], judged.truth, judged.as_of_s)
    return Measured(aucs, slopes[champion], tuple(months), len(judged.label), int(judged.label.sum()), learnt)
