"""Turns a model's log-odds into log-odds whose probabilities hold: two numbers, fitted on a period the model has not seen.

Platt's method (Platt 1999, section 2) with his smoothed targets, and the slope held towards 1 by a weak prior: a period
with a handful of bad loans can move the level of the odds, but says little about their spread. Knows no model.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

CALIBRATOR_VERSION = 1  # raise when the same rows would give other numbers: kept predictions are named by it
PRIOR_SLOPE_DEVIATION = 0.5  # standard deviation of the slope about 1 before any loan is seen
PRIOR_SHIFT_DEVIATION = 2.0  # of the shift about 0, in log-odds
MAXIMUM_STEPS = 100
SMALLEST_STEP = 1e-10
FARTHEST = 60.0  # calibrated log-odds
_CENTRE = np.array([1.0, 0.0])
_WEIGHT = np.array([PRIOR_SLOPE_DEVIATION**-2, PRIOR_SHIFT_DEVIATION**-2])


@dataclass(frozen=True)
class Calibrator:
    """calibrated = slope * (log_odds - level) + intercept.

    `level` is how far log-odds had risen when they were last looked at, such that the mean probability of late applicants is
    `rate`; both are None where log-odds are taken as they stand.
    """

    slope: float
    intercept: float
    level: float | None = None
    rate: float | None = None

    def apply(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated log-odds, float64 [n]."""
        above = log_odds if self.level is None else log_odds - self.level
        return self.slope * above + self.intercept


def find_level(calibrator: Calibrator, log_odds: NDArray[np.float64], rate: float) -> float:
    """The level at which log-odds float64 [n], before calibration, have this mean probability.

    Raises:
        ValueError: no level gives it, since the slope is 0 or the rate none strictly between 0 and 1.
    """
    plain = replace(calibrator, level=None)

    def off(level: float) -> float:
        return float(probability(plain.apply(log_odds - level)).mean()) - rate

    farthest = FARTHEST / max(abs(calibrator.slope), SMALLEST_STEP)
    return float(brentq(off, -farthest, farthest))


def probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of log-odds, float64 [n]."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -log_odds)))


def log_odds_of(chance: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """Log-odds of probabilities, float64 [n], none taken to be nearer than `least` to 0 or 1."""
    inside = np.clip(chance, least, 1 - least)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def fit_calibrator(log_odds: NDArray[np.float64], label: NDArray[np.int8]) -> Calibrator:
    """Slope and intercept of highest posterior probability, by Newton's method.

    Args:
        log_odds: float64 [n], of examples the model was not fitted on.
        label: int8 [n], 1 = bad; with one outcome only, Platt's targets keep the answer finite.

    Returns:
        The identity (slope 1, intercept 0) for no examples.
    """
    if not len(log_odds):
        return Calibrator(1.0, 0.0)
    bad = int(label.sum())
    good = len(label) - bad
    target = np.where(label == 1, (bad + 1) / (bad + 2), 1 / (good + 2))
    design = np.column_stack([log_odds, np.ones_like(log_odds)])
    at = _CENTRE
    for _ in range(MAXIMUM_STEPS):
        chance = probability(design @ at)
        slope = design.T @ (chance - target) + _WEIGHT * (at - _CENTRE)
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(_WEIGHT)
        step = np.linalg.solve(curve, slope)
        # A full step may overshoot where the curve is flat; halved often enough it always descends.
        while _loss(design, target, at - step) > _loss(design, target, at) and np.abs(step).max() > SMALLEST_STEP:
            step = step / 2
        at = at - step
        if np.abs(step).max() <= SMALLEST_STEP:
            break
    return Calibrator(float(at[0]), float(at[1]))


def _loss(design: NDArray[np.float64], target: NDArray[np.float64], at: NDArray[np.float64]) -> float:
    log_odds = design @ at
    return float((np.logaddexp(0.0, log_odds) - target * log_odds).sum() + (_WEIGHT * (at - _CENTRE) ** 2).sum() / 2)
