"""Where homes and neighbourhoods lie: made-up towns, streets and postcodes, and cells of 0.1 degree inside Germany.

Neighbourhoods whose numbers are next to each other lie next to each other. Knows no person.
"""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.name_lists import STREET_BEGINNINGS, STREET_ENDINGS, TOWN_BEGINNINGS, TOWN_ENDINGS
from ingest.sandbox.numbering import Numbering
from ingest.sandbox.society import Homes

SOUTH, WEST = 475, 62  # corner of the map in tenths of a degree
CELLS_NORTH, CELLS_EAST = 72, 84
NEIGHBOURHOODS_A_TOWN = 12
STREETS_A_NEIGHBOURHOOD = 23
_STREETS = tuple(beginning + ending for beginning in STREET_BEGINNINGS for ending in STREET_ENDINGS)
_TOWNS = tuple(beginning + ending for beginning in TOWN_BEGINNINGS for ending in TOWN_ENDINGS)


@dataclass(frozen=True)
class Places:
    """The map of one economy."""

    draws: Draws
    homes: Homes
    neighbourhoods: int

    def cells(self, neighbourhoods: NDArray[np.integer]) -> pl.DataFrame:
        """South-west corners of the cells: `cell_lat` and `cell_lon` as text of one decimal."""
        side = ceil(sqrt(self.neighbourhoods))
        number = np.asarray(neighbourhoods, np.int64)
        north, along = number // side, number % side
        east = np.where(north % 2, side - 1 - along, along)  # boustrophedon, so that the end of a row meets the next
        squeezed = max(side, 1)
        lat = SOUTH + (CELLS_NORTH - min(squeezed, CELLS_NORTH)) // 2 + north * min(squeezed, CELLS_NORTH) // squeezed
        lon = WEST + (CELLS_EAST - min(squeezed, CELLS_EAST)) // 2 + east * min(squeezed, CELLS_EAST) // squeezed
        return pl.DataFrame({"cell_lat": _tenths(lat), "cell_lon": _tenths(lon)})

    def addresses(self, homes: NDArray[np.integer]) -> pl.DataFrame:
        """`street` (with house number), `postcode` and `city`; no two homes share all three."""
        number = np.asarray(homes, np.int64)
        neighbourhood = self.homes.neighbourhood[number].astype(np.int64)
        local = self._within[number].astype(np.int64)
        first = (self.draws.bits("places.street", neighbourhood) % np.uint64(len(_STREETS))).astype(np.int64)
        street = pl.Series(_STREETS).gather((first + local % STREETS_A_NEIGHBOURHOOD) % len(_STREETS))
        house = pl.Series(local // STREETS_A_NEIGHBOURHOOD + 1).cast(pl.String)
        town = Numbering(self.draws, "town", 3).number(neighbourhood // NEIGHBOURHOODS_A_TOWN) % len(_TOWNS)
        postcode = pl.Series(Numbering(self.draws, "postcode", 5).number(neighbourhood)).cast(pl.String).str.zfill(5)
        return pl.DataFrame({"street": street + " " + house, "postcode": postcode, "city": pl.Series(_TOWNS).gather(town)})

    @cached_property
    def _within(self) -> NDArray[np.int32]:
        """A home's place in the shuffled list of its neighbourhood's homes."""
        count = len(self.homes.neighbourhood)
        luck = self.draws.bits("places.house", np.arange(count, dtype=np.int64))
        order = np.lexsort((luck, self.homes.neighbourhood))
        sorted_by = self.homes.neighbourhood[order]
        within = np.empty(count, np.int32)
        within[order] = np.arange(count) - np.searchsorted(sorted_by, sorted_by)
        return within


def _tenths(values: NDArray[np.int64]) -> pl.Series:
    number = pl.Series(values)
    return (number // 10).cast(pl.String) + "." + (number % 10).cast(pl.String)
