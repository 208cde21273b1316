"""Brings the parts of a society together in the order in which they need each other; decides nothing itself."""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.coverage import build_files
from ingest.sandbox.founding.devices import build_devices
from ingest.sandbox.founding.favourites import build_favourites, build_homes
from ingest.sandbox.founding.firms import build_businesses
from ingest.sandbox.founding.groups import build_groups
from ingest.sandbox.founding.lenders import PLATFORMS, build_lenders
from ingest.sandbox.founding.livelihood import build_livelihood
from ingest.sandbox.founding.plans import build_look_alikes, build_plans
from ingest.sandbox.founding.residents import Dwelling, build_residents
from ingest.sandbox.founding.staffing import assign_employers, assign_owners
from ingest.sandbox.founding.ties import build_ties
from ingest.sandbox.founding.traits import build_traits
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import Coverage, Firms, People, Plan, Society, Work

_OWNER_AGE = (30, 66)  # years of those who may own a platform


def build_society(scale: Scale) -> Society:
    """Everything that is there before the first month; the same scale gives the same arrays to the bit.

    Args:
        scale: Persons, months, seed and knobs.

    Returns:
        `scale.persons` rows of people, real ones first, the made-up identities of rings last.
    """
    draws = Draws(scale.seed)
    residents = build_residents(scale, draws)
    traits = build_traits(residents, draws)
    livelihood = build_livelihood(residents, traits, draws)
    plans = build_plans(scale, residents, traits, draws)
    age = residents.age
    may_own = (plans.plan == Plan.HONEST) & (age >= _OWNER_AGE[0]) & (age < _OWNER_AGE[1])
    may_own &= residents.dwelling == Dwelling.ORDINARY
    by_trade = may_own & (livelihood.work == Work.SELF_EMPLOYED)
    # the smallest economies may lack enough self-employed
    may_own = by_trade if by_trade.sum() >= PLATFORMS else may_own
    lenders = build_lenders(scale, np.flatnonzero(may_own).astype(np.int32), draws)
    employees = int((livelihood.work == Work.EMPLOYED).sum())
    businesses = build_businesses(scale, residents.neighbourhoods, employees, lenders, draws)
    employer = assign_employers(residents, traits, livelihood, businesses, draws)
    owner, owner_share = assign_owners(residents, livelihood, businesses, lenders, draws)
    files = build_files(scale, residents, livelihood, draws)
    favourites = build_favourites(residents, businesses, draws)
    return Society(
        people=People(
            household=residents.household,
            home=residents.home,
            neighbourhood=residents.neighbourhood,
            birth_day=residents.birth_day,
            work=livelihood.work,
            employer=employer,
            wage_minor=livelihood.wage_minor,
            rent_minor=livelihood.rent_minor,
            willingness=traits.willingness,
            ability=traits.ability,
            thrift=traits.thrift,
            craving=traits.craving,
            sociability=traits.sociability,
            protected_group=files.protected_group,
            plan=plans.plan,
            plan_month=plans.month,
            misuse=plans.misuse,
            gang=plans.gang,
            thin=files.thin,
            coverage=_with_address_books(files.coverage, plans.plan),
            consented=files.consented,
            bank=favourites.bank,
            shop=favourites.shop,
            grocer=favourites.grocer,
            haunt=favourites.haunt,
        ),
        homes=build_homes(residents, livelihood, businesses, draws),
        firms=Firms(
            sector=businesses.sector,
            neighbourhood=businesses.neighbourhood,
            health=businesses.health,
            staff=businesses.staff,
            owner=owner,
            owner_share_pct=owner_share,
            founded_day=businesses.founded_day,
            sells_online=businesses.sells_online,
            buyer=businesses.buyer,
            supplier=businesses.supplier,
        ),
        ties=build_ties(scale, residents, traits, livelihood, employer, plans, draws),
        groups=build_groups(scale, residents, traits, draws),
        devices=build_devices(scale, residents, draws),
        lenders=lenders,
        look_alikes=build_look_alikes(residents),
        neighbourhoods=residents.neighbourhoods,
    )


def _with_address_books(coverage: NDArray[np.uint16], plan: NDArray[np.int8]) -> NDArray[np.uint16]:
    """Whoever pads an address book hands it in."""
    return np.where(plan == Plan.CONTACT_FAKER, coverage | np.uint16(Coverage.ADDRESS_BOOK), coverage)
