"""When in a month everyday things happen: which weekdays and which hours of the day.

Everyday events lie on days 1-22, so that what a lender sees when it decides on days 23-28 has happened. Hours are UTC,
one or two behind the clocks of the people (zone Europe/Berlin), and never the first hour of a month's first day there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.events import month_start

EVERYDAY_DAYS = 22
DAY_S, HOUR_S = 86_400, 3_600
WORKDAYS = frozenset(range(5))
SHOP_DAYS = frozenset(range(6))  # shops are closed on Sundays
ALL_DAYS = frozenset(range(7))


@dataclass(frozen=True)
class Rhythm:
    """A habit of time: weights of the 24 hours, in UTC, and the weekdays (Monday is 0) it knows."""

    hours: tuple[float, ...]
    weekdays: frozenset[int] = ALL_DAYS

    def seconds(self, luck: NDArray[np.float64], month: int) -> NDArray[np.int64]:
        """Moments of a month in whole seconds since it began.

        Args:
            luck: Uniform [0, 1), one number a moment; its leading digits pick the day, the following ones the time.
            month: Month of the economy.

        Returns:
            int64, of luck's length.
        """
        first = month_start(month).weekday()
        days = np.array([day for day in range(EVERYDAY_DAYS) if (first + day) % 7 in self.weekdays])
        weights = np.array(self.hours) / sum(self.hours)
        until = np.cumsum(weights)
        until[-1] = 1.0
        place = luck * len(days)
        pick = place.astype(np.int64)
        rest = place - pick
        hour = np.searchsorted(until, rest, side="right")
        within = (rest - (until[hour] - weights[hour])) / weights[hour]
        return days[pick] * DAY_S + hour * HOUR_S + np.clip((within * HOUR_S).astype(np.int64), 0, HOUR_S - 1)


# Two humps a day, before noon and in the evening, little at night (Aledavood et al. 2015, "Daily rhythms in mobile telephone
# communication", PLoS ONE 10(9)).
CALLING = Rhythm(
    (0.1, 0.1, 0.05, 0.1, 0.2, 0.6, 1.5, 2.5, 3.6, 4.2, 4.4, 4.0, 3.7, 3.8, 4.2, 4.9, 5.6, 6.0, 5.6, 4.3, 2.6, 1.2, 0.5, 0.2)
)
WORKING = Rhythm((0, 0, 0, 0, 1, 4, 8, 6, 2, 1, 1, 3, 1, 0.5, 0.5, 0.2, 0.2, 0.2, 0.2, 0.1, 0, 0, 0, 0), WORKDAYS)
SHOPPING = Rhythm((0, 0, 0, 0, 0, 0.3, 1, 2, 3, 3.5, 3, 2.6, 2.5, 3, 4, 5, 4.5, 2.5, 1, 0, 0, 0, 0, 0), SHOP_DAYS)
GOING_OUT = Rhythm((0, 0, 0, 0, 0, 0, 0, 0, 0.3, 0.6, 1.2, 1.2, 0.8, 0.8, 1, 1.8, 3.5, 5, 4.5, 2.5, 1, 0.4, 0, 0))
TREATMENT = Rhythm((0, 0, 0, 0, 0, 0.5, 4, 5, 5, 4, 2, 1, 2.5, 3, 2.5, 1, 0.2, 0, 0, 0, 0, 0, 0, 0), WORKDAYS)
TRAVELLING = Rhythm((0, 0, 0, 0.2, 1, 3, 4, 3, 2.5, 2.5, 2.5, 2.5, 2.8, 3.2, 4, 4, 3.2, 2.2, 1.5, 1, 0.5, 0.2, 0, 0))
ONLINE = Rhythm(
    (0.3, 0.2, 0.1, 0.1, 0.3, 0.8, 1.5, 2, 2.4, 2.6, 2.8, 2.6, 2.5, 2.6, 2.8, 3.2, 3.8, 4.4, 4.8, 4.2, 2.8, 1.5, 0.8, 0.5)
)
