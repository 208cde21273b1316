"""Turns a model's log-odds into log-odds whose probabilities hold: two numbers, fitted on a period the model has not seen.

Platt's method (Platt 1999, section 2) with his smoothed targets. Knows no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Calibrator:
    """calibrated = slope * log_odds + intercept."""

    slope: float
    intercept: float

    def apply(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated log-odds, float64 [n]."""
        return self.slope * log_odds + self.intercept
