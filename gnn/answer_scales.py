"""Fits what an answer says beside the log-odds: the ends of its interval, and where each part of it lies in the population.

Ends are fitted on loans that the model they are fitted with did not learn from, so on the first fit's log-odds for the
calibration period; the fit that serves has learnt from these loans too. Scales are those of the model that serves.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Split
from gnn.models.interval import Intervals, fit_intervals
from gnn.serving.served_model import ServedModel
from gnn.serving.subscores import Share, build_shares, fit_subscales

MOST_SUBJECTS = 400  # of the loans learnt from, evenly in order of time; 32 variants of each are scored


def fit_ends(data: Dataset, split: Split, first_log_odds: NDArray[np.float64]) -> Intervals:
    """Intervals from the calibration period.

    Args:
        data: Examples and their tables.
        split: Which of them calibrate.
        first_log_odds: Calibrated log-odds float64 [k] of the fit that did not see `split.calibrate`, for `split.calibrate`.
    """
    at = split.calibrate
    return fit_intervals(first_log_odds, data.examples.label[at], data.facts.own[at])


def with_scales(model: ServedModel, data: Dataset, split: Split) -> ServedModel:
    """The model with the sub-score scales of the loans learnt from, evenly thinned to `MOST_SUBJECTS`."""
    learnt = np.sort(split.train)
    if len(learnt) > MOST_SUBJECTS:
        learnt = learnt[np.arange(MOST_SUBJECTS) * len(learnt) // MOST_SUBJECTS]
    shares = [_share(model, data, place) for place in learnt.tolist()]
    return replace(model, subscales=fit_subscales(shares))


def _share(model: ServedModel, data: Dataset, place: int) -> Share:
    alone, examples = slice(place, place + 1), data.examples
    inputs = model.read(data.snapshot, examples.rows[alone], examples.as_of_s[alone])
    return build_shares(partial(model.log_odds_without, inputs))
