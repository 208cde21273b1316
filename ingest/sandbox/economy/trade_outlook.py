"""What a firm must expect of its buyers, for imagined futures: how much of what it invoices may never be paid.

A firm with many buyers loses about what their health of today makes likely. One with few lives with the fate of one of
them, drawn for each future by how much it buys.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy.books import Numbers
from ingest.sandbox.economy.business import Business, health_noise, lasting, layoff_chance, next_downturn, next_health
from ingest.sandbox.economy.lives import Flags, Floats
from ingest.sandbox.economy.strengths import TURNOVER
from ingest.sandbox.economy.trade import TRADED, unpaid_chance
from ingest.sandbox.society import NONE, Society

FEW_INVOICES = 2.0  # a month, up to which the fate of one buyer decides


@dataclass(frozen=True)
class TradeOutlook:
    """Float32 [firms] unless said otherwise; links are those between open firms, sorted by supplier.

    Attributes:
        traded: Chance that a firm invoices anybody in a month.
        invoices: How many invoices of equal size a month's would amount to, where there are any; at least 1.
        unpaid: Chance that one of them is never paid, by the buyers' health of today.
        buyer: Who buys, int32 [links].
        bought: Cumulated staff of buyers, float64 [links + 1].
        first: Where a supplier's links begin, int64 [firms + 1].
    """

    traded: Floats
    invoices: Floats
    unpaid: Floats
    buyer: NDArray[np.int32]
    bought: NDArray[np.float64]
    first: NDArray[np.int64]

    def imagine(self, firm: Numbers, unpaid: Floats, generator: np.random.Generator) -> Floats:
        """Unpaid over invoiced amount of a month to come, float32 [rows], given the chance that an invoice is unpaid."""
        count = np.rint(self.invoices[firm]).astype(np.int64)
        lost = generator.binomial(count, unpaid) / count
        return np.asarray(np.where(generator.random(len(firm)) < self.traded[firm], lost, 0), np.float32)

    def pick_buyers(self, firm: Numbers, generator: np.random.Generator) -> NDArray[np.int32]:
        """One buyer of each row's firm, larger ones more often; NONE where a firm has none, int32 [rows]."""
        low, high = self.bought[self.first[firm]], self.bought[self.first[firm + 1]]
        link = np.searchsorted(self.bought, low + (high - low) * generator.random(len(firm)), side="right") - 1
        return np.where(high > low, np.append(self.buyer, NONE)[link], NONE).astype(np.int32)


def trade_outlook(society: Society, business: Business) -> TradeOutlook:
    """Look at every firm's buyers that are still open."""
    firms, count = society.firms, len(society.firms)
    apart = firms.buyer != firms.supplier
    links = np.flatnonzero(apart & business.open[firms.buyer] & business.open[firms.supplier])
    links = links[np.argsort(firms.supplier[links], kind="stable")]
    buyer, supplier = firms.buyer[links], firms.supplier[links]
    weight = np.maximum(firms.staff[buyer], 1).astype(np.float64)

    def total(values: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        return np.bincount(supplier, values, count).astype(np.float64)

    size = np.maximum(total(weight), 1)
    return TradeOutlook(
        traded=np.asarray(1 - (1 - TRADED) ** total(), np.float32),
        invoices=np.asarray(np.maximum(TRADED * size**2 / np.maximum(total(weight**2), 1), 1), np.float32),
        unpaid=np.asarray(total(weight * unpaid_chance(business.health[buyer])) / size, np.float32),
        buyer=buyer,
        bought=np.append(0, np.cumsum(weight)),
        first=np.searchsorted(supplier, np.arange(count + 1)).astype(np.int64),
    )


class Buyers:
    """One buyer for each row of an imagined future, and what becomes of it."""

    def __init__(
        self, firm: Numbers, outlook: TradeOutlook, society: Society, business: Business, generator: np.random.Generator
    ):
        """Draw a buyer for the firm of each row."""
        self._firm, self._outlook, self._generator = firm, outlook, generator
        buyer = outlook.pick_buyers(firm, generator)
        self._alone: Flags = (outlook.invoices[firm] <= FEW_INVOICES) & (buyer != NONE)
        self._steady: Flags = lasting(society.firms)[buyer]
        self._health: Floats = business.health[buyer]
        self._downturn: Floats = business.downturn[society.firms.neighbourhood[buyer]]
        self._unpaid: Floats = outlook.unpaid[buyer]
        self._open: Flags = np.ones(len(firm), np.bool_)

    def live_month(self, country: Floats) -> Floats:
        """Unpaid over invoiced amount of the next month, float32 [rows]; `country` as in `next_downturn`."""
        rows = len(self._firm)
        local, own, sector = self._generator.standard_normal((3, rows), dtype=np.float32)
        luck = self._generator.random((2, rows), dtype=np.float32)
        self._downturn = next_downturn(self._downturn, local, country)
        health = next_health(self._health, self._downturn, health_noise(own, sector, self._unpaid))
        self._health = np.where(self._steady, self._health, health)
        self._open &= ~layoff_chance(self._health, luck[0], luck[1], TURNOVER)[1]
        chance = np.where(self._alone, unpaid_chance(self._health) * self._open, self._outlook.unpaid[self._firm])
        return self._outlook.imagine(self._firm, chance.astype(np.float32), self._generator)
