"""How much of what a turn of the economy costs a model is won back by training anew: pure arithmetic on truth and scores.

The measure is excess log loss: what a score costs, in nats a loan, more than the true probability itself would. It is an
expectation over the true probability, so no luck of outcomes is in it, and loans of which nothing is known yet count too.
Unlike log loss it can be compared between a calm economy and one where more loans go bad.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.evaluation.evaluate import BOOTSTRAP_DRAWS, BOOTSTRAP_SEED
from gnn.evaluation.metrics import Interval, interval_of, resamples
from gnn.models.calibrate import probability

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def excess_loss(truth: Floats, log_odds: Floats) -> Floats:
    """Expected log loss of scores above that of the truth, nats, float64 [n], never negative but for rounding.

    Args:
        truth: Log-odds of the true probability, float64 [n].
        log_odds: Of the score, float64 [n].
    """
    chance = probability(truth)
    return np.asarray((np.logaddexp(0, log_odds) - chance * log_odds) - (np.logaddexp(0, truth) - chance * truth))


@dataclass(frozen=True)
class Restored:
    """Mean excess log loss with its intervals, and the share of the loss that is restored.

    `calm` is the old model's before the turn, `after` its own on later applications, `anew` the new model's on the same.
    `loss` is after less calm, `share` (after less anew) over loss; it is None where the loss is not surely above 0, so that
    nothing is divided by noise.
    """

    calm: Interval
    after: Interval
    anew: Interval
    loss: Interval
    share: Interval | None


def measure_restored(calm: tuple[Floats, Ints], after: tuple[Floats, Floats, Ints], draws: int = BOOTSTRAP_DRAWS) -> Restored:
    """Measure on draws of persons, each of whom brings all their applications of both periods.

    Args:
        calm: Excess loss of the old model before the turn, float64 [n], and whose each is, int64 [n].
        after: Excess loss of the old and of the new model on the same later applications, float64 [m] each, and whose, [m].
        draws: Resamples of the intervals.

    Raises:
        ValueError: one of the periods has no application.
    """
    first, (old, new, later) = len(calm[0]), after
    if not first or not len(old):
        raise ValueError(f"{first} applications before the turn and {len(old)} later ones: both are needed")
    person = np.concatenate([calm[1], later])
    old, new = (np.concatenate([calm[0], values]) for values in (old, new))

    def means(places: Ints) -> tuple[float, float, float]:
        before, since = places[places < first], places[places >= first]
        if not len(before) or not len(since):
            return (float("nan"),) * 3
        return float(old[before].mean()), float(old[since].mean()), float(new[since].mean())

    whole = np.array(means(np.arange(len(person))))
    drawn = np.array([means(places) for places in resamples(person, draws=draws, seed=BOOTSTRAP_SEED)])
    one, two, three = (interval_of(float(whole[i]), drawn[:, i]) for i in range(3))
    loss = interval_of(float(whole[1] - whole[0]), drawn[:, 1] - drawn[:, 0])
    share = None
    if loss.low > 0:
        shares = (drawn[:, 1] - drawn[:, 2]) / (drawn[:, 1] - drawn[:, 0])
        share = interval_of(float((whole[1] - whole[2]) / (whole[1] - whole[0])), shares)
    return Restored(one, two, three, loss, share)
