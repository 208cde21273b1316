"""A model whose raw log-odds are read against what they were of late, since histories grow and scores rise with them.

They are shifted so that the applicants of the months before, whose outcomes nobody needs to know, have the mean probability
that was true when outcomes were last known. Where no loan is younger than those that teach, nothing can have risen and the
model's own calibration stands.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Split
from gnn.examples import UNKNOWN
from gnn.features.levels import months_with_those_before, usual_levels
from gnn.models.average import RawModel
from gnn.models.calibrate import Calibrator, find_level, fit_calibrator, probability

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEAST_MET = 30  # loans that met a milestone, in both periods, before it says how steep scores have become
SCORED_AT_ONCE = 4_096  # examples; bounds memory, changes no bit


@dataclass
class Levelled:
    """A model calibrated at its own level of the months before; `fit` fits both, `calibrate` takes it as it is.

    `calibrator` is the model's where no loans are young. `first_log_odds` are those of the first fit for `split.calibrate`,
    before calibration.
    """

    model: RawModel
    name: str = field(init=False)
    calibrator: Calibrator = field(default=Calibrator(1.0, 0.0), init=False)
    first_log_odds: Floats = field(default_factory=lambda: np.empty(0), init=False)
    from_s: int | None = field(default=None, init=False)  # applicants from this instant on make levels
    _known: tuple[Dataset, Floats] | None = field(default=None, init=False, repr=False)  # the data scored last

    def __post_init__(self) -> None:
        self.name = self.model.name

    def fit(self, data: Dataset, split: Split, seed: int) -> None:
        """Fit the model, then calibrate it."""
        self.model.fit(data, split, seed)
        self.calibrate(data, split)

    def calibrate(self, data: Dataset, split: Split) -> None:
        """Calibrate on the period that calibrates, and on milestones of loans younger than that."""
        self.first_log_odds = self.model.first_log_odds
        if not len(split.young):
            self.calibrator = self.model.calibrator or Calibrator(1.0, 0.0)
            return
        found = fit_calibrator(self.first_log_odds, data.examples.label[split.calibrate])
        rate = float(probability(found.apply(self.first_log_odds)).mean())
        steeper = replace(found, slope=found.slope * _steepness(data, split, self.model) ** 0.5)
        level = find_level(steeper, self.first_log_odds, rate)
        self.calibrator = replace(steeper, intercept=steeper.intercept - steeper.slope * level, rate=rate)
        self.from_s = int(data.examples.as_of_s[split.young].min())

    def log_odds(self, data: Dataset, index: Ints) -> Floats:
        """Calibrated log-odds of going bad, float64 [k], for examples at these positions, none older than the young ones."""
        if self.from_s is None:
            return self.calibrator.apply(self.model.raw_log_odds(data, index))
        return self.calibrator.apply(self._above(data, self.from_s)[index])

    def _above(self, data: Dataset, from_s: int) -> Floats:
        """Raw log-odds less the level of their months, float64 [examples]; NaN before there are any."""
        if self._known is None or self._known[0] is not data:
            times = data.examples.as_of_s
            recent = np.flatnonzero(times >= from_s)
            pieces = np.split(recent, range(SCORED_AT_ONCE, len(recent), SCORED_AT_ONCE))
            log_odds = np.concatenate([self.model.raw_log_odds(data, piece) for piece in pieces])
            above = np.full(len(times), np.nan)
            above[recent] = log_odds - self._levels(log_odds, times[recent])
            self._known = data, above
        return self._known[1]

    def _levels(self, log_odds: Floats, as_of_s: Ints) -> Floats:
        """The level for each of these, float64 [n]: that of the applicants of the months before its own."""
        rate, levels = self.calibrator.rate, np.empty(len(log_odds))
        assert rate is not None, "calibrate first"
        for of_month, before in months_with_those_before(as_of_s):
            levels[of_month] = find_level(self.calibrator, log_odds[before], rate)
        return levels


def calibrated(model: RawModel, data: Dataset, split: Split) -> Levelled:
    """A model already fitted on a split, calibrated at its level."""
    levelled = Levelled(model)
    levelled.calibrate(data, split)
    return levelled


def _steepness(data: Dataset, split: Split, model: RawModel) -> float:
    """How much steeper milestones rise with the scores of young loans than with those of the period that calibrates.

    Both are scored by the first fit, which neither taught: of the young ones, those held back from it. The mean over telling
    milestones that enough loans of both met and that rise with the scores of both; 1 where there is none.
    """
    parts = ((split.calibrate, model.first_log_odds), (split.first.held, model.first_young[1::2]))
    places, scores = (np.concatenate(both) for both in zip(*parts, strict=True))
    above = scores - usual_levels(scores[:, None], data.examples.as_of_s[places])[:, 0]
    is_young = np.arange(len(places)) >= len(split.calibrate)
    ratios = []
    for sign in data.milestones.taught(places, split.taught_to_s, telling=True).T:
        told = [(sign != UNKNOWN) & (is_young == young) for young in (False, True)]
        if min(int(sign[part].sum()) for part in told) >= LEAST_MET:
            before, since = (fit_calibrator(above[part], sign[part]).slope for part in told)
            if min(before, since) > 0:
                ratios.append(since / before)
    return float(np.mean(ratios)) if ratios else 1.0
