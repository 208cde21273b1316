"""Where people go by habit: bank, online shop, grocer, place to go out, and whose tenants they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.accounts import BANKS
from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.firms import Businesses
from ingest.sandbox.founding.livelihood import Livelihood
from ingest.sandbox.founding.residents import Residents
from ingest.sandbox.society import NONE, Homes, Ints, Sector

_BANK_SHARES = (0.45, 0.32, 0.23)
_NEAREST = 2.0  # exponent: how much the first of several shops in a neighbourhood is preferred
_SHOP_SIZE_EXPONENT = 0.5


@dataclass(frozen=True)
class Favourites:
    """One row a person; see `People`."""

    bank: NDArray[np.int8]
    shop: Ints
    grocer: Ints
    haunt: Ints


def build_favourites(residents: Residents, businesses: Businesses, draws: Draws) -> Favourites:
    """Give every person a bank and habits of shopping and going out."""
    rng = draws.generator("founding.favourites")
    count = len(residents)
    shops = np.flatnonzero(businesses.sells_online)
    weight = np.power(businesses.staff[shops], _SHOP_SIZE_EXPONENT)
    return Favourites(
        bank=rng.choice(BANKS, count, p=_BANK_SHARES).astype(np.int8),
        shop=rng.choice(shops, count, p=weight / weight.sum()).astype(np.int32),
        grocer=_near(residents, businesses, Sector.FOOD_RETAIL, rng),
        haunt=_near(residents, businesses, Sector.LEISURE, rng),
    )


def build_homes(residents: Residents, livelihood: Livelihood, businesses: Businesses, draws: Draws) -> Homes:
    """Name each home's landlord: NONE where those who live there own it."""
    rng = draws.generator("founding.landlords")
    homes = len(residents.home_neighbourhood)
    rented = np.zeros(homes, np.bool_)
    rented[residents.home[livelihood.rents]] = True
    landlords = np.flatnonzero(businesses.sector == Sector.LANDLORD)
    landlords = landlords[np.argsort(businesses.neighbourhood[landlords], kind="stable")]
    # a landlord's houses lie near each other, some further off
    place = (residents.home_neighbourhood + rng.random(homes)) / residents.neighbourhoods + rng.normal(0, 0.05, homes)
    number = np.clip((place * len(landlords)).astype(np.int64), 0, len(landlords) - 1)
    landlord = np.where(rented, landlords[number], NONE).astype(np.int32)
    return Homes(residents.home_neighbourhood, landlord)


def _near(residents: Residents, businesses: Businesses, sector: Sector, rng: np.random.Generator) -> Ints:
    """A firm of the sector in the own neighbourhood; each neighbourhood has one at least."""
    firms = np.flatnonzero(businesses.sector == sector)
    firms = firms[np.argsort(businesses.neighbourhood[firms], kind="stable")]
    there = np.bincount(businesses.neighbourhood[firms], minlength=residents.neighbourhoods)
    first = np.cumsum(there) - there
    step = (there[residents.neighbourhood] * rng.random(len(residents)) ** _NEAREST).astype(np.int64)
    return np.asarray(firms[first[residents.neighbourhood] + step], np.int32)
