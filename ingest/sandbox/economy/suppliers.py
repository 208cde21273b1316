"""Whom each person pays for what, chosen once: households share the firms that bill them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.society import Sector, Society

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Suppliers:
    """Whom each person pays, firm numbers [persons]."""

    telecom: Numbers
    utility: Numbers
    transport: Numbers
    health: Numbers
    shop: Numbers
    grocer: Numbers
    haunt: Numbers


def choose_suppliers(society: Society, draws: Draws) -> Suppliers:
    """Fixed suppliers of everyone; households share the firm that bills them."""
    people, firms = society.people, society.firms
    household = people.household.astype(np.int64)

    def pick(sector: Sector, stream: str, ids: Numbers) -> Numbers:
        of_sector = np.flatnonzero(firms.sector == sector)
        return of_sector[(draws.uniform(f"supplier.{stream}", ids) * len(of_sector)).astype(np.int64)]

    person = np.arange(len(people), dtype=np.int64)
    return Suppliers(
        telecom=pick(Sector.TELECOM, "telecom", person),
        utility=pick(Sector.UTILITY, "utility", household),
        transport=pick(Sector.TRANSPORT, "transport", person),
        health=pick(Sector.HEALTH, "health", household),
        shop=people.shop.astype(np.int64),
        grocer=people.grocer.astype(np.int64),
        haunt=people.haunt.astype(np.int64),
    )
