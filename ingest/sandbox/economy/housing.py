"""Who moves house, and where to."""

import numpy as np

from ingest.sandbox.economy.books import DAY_S
from ingest.sandbox.economy.economy import Economy
from ingest.sandbox.events import Event, EventLog
from ingest.sandbox.society import Plan

MOVING = 0.006  # chance to move in a month
STAYS_NEAR = 0.6  # of moves stay in the neighbourhood


def move_house(economy: Economy, log: EventLog | None) -> None:
    """Some move to a home of the same neighbourhood, or anywhere."""
    homes, month = economy.setting.society.homes, economy.month
    rng = economy.draws.generator("moving", month)
    moves, where, near = rng.random((3, len(economy.home)))
    at = np.flatnonzero((moves < MOVING) & (economy.setting.traits.plan != Plan.SYNTHETIC))
    order = np.argsort(homes.neighbourhood, kind="stable")
    first = np.searchsorted(homes.neighbourhood[order], np.arange(economy.setting.society.neighbourhoods + 1))
    here = homes.neighbourhood[economy.home[at]]
    local = first[here] + (where[at] * (first[here + 1] - first[here])).astype(np.int64)
    new = np.where(near[at] < STAYS_NEAR, order[local], (where[at] * len(order)).astype(np.int64)).astype(np.int32)
    economy.home[at] = new
    if log is not None and month > 0:
        second = (near[at] * 4 * DAY_S).astype(np.int64)
        log.write(Event.MOVE, month, {"second": second, "person": at, "home": new, "neighbourhood": homes.neighbourhood[new]})
