"""Who and what there is before the first month: people, homes, firms, ties, groups, lenders. Arrays only, no behaviour.

Numbers are positions: person p is row p of every array of `People`, firm f row f of `Firms`. Built by
`ingest/sandbox/founding/`, lived in by `ingest/sandbox/economy/`, read by the writers of files.
"""

from dataclasses import dataclass
from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
NONE = -1
"""Stands for "no such person, firm or group" in arrays of numbers."""


class Work(IntEnum):
    """How a person earns at the start."""

    EMPLOYED = 0
    SELF_EMPLOYED = 1
    RETIRED = 2
    WITHOUT = 3


class Plan(IntEnum):
    """What a person secretly is up to; acts from `People.plan_month` on."""

    HONEST = 0
    SYNTHETIC = 1  # an identity that is made up, one of a ring
    BUST_OUT = 2  # behaves well, then draws all it can and vanishes
    STACKER = 3  # borrows from several lenders within days
    CIRCLER = 4  # moves money in a circle of friends to look rich
    CONTACT_FAKER = 5  # pads the address book with people of standing
    MISUSER = 6  # spends the loan on what it was not for


class Misuse(IntEnum):
    """Where a misused loan goes."""

    NONE = 0
    GAMBLING = 1
    SECURITIES = 2
    PASSED_ON = 3  # to another borrower
    AGENT = 4  # back to the lender's agent


class Coverage(IntFlag):
    """Which institutions deliver records of a person; bits of `People.coverage`."""

    SHOP = 1
    BANK = 2
    TELECOM = 4  # call records; that a number is someone's is known more widely
    ADDRESS_BOOK = 8
    MOBILITY = 16  # visits and trips
    COMMUNITY = 32
    UTILITY = 64  # bills
    PAYROLL = 128
    DEVICES = 256


class Sector(IntEnum):
    """What a firm does."""

    INDUSTRY = 0
    CONSTRUCTION = 1
    TRADE = 2  # wholesale, supplies other firms
    FOOD_RETAIL = 3
    FASHION = 4
    ELECTRONICS = 5
    LEISURE = 6  # restaurants, cinemas
    TRANSPORT = 7
    HEALTH = 8
    SERVICES = 9
    PUBLIC = 10  # schools, offices: do not fail
    UTILITY = 11
    TELECOM = 12
    LANDLORD = 13
    GAMBLING = 14
    BROKER = 15  # securities
    SHELL = 16  # owned by a platform's owner, does nothing


class TieKind(IntEnum):
    """Where two people know each other from."""

    KIN = 0
    FRIEND = 1
    COLLEAGUE = 2
    NEIGHBOUR = 3


class Scheme(IntEnum):
    """What a lending platform does with its investors' money."""

    HONEST = 0
    POOLS = 1  # mixes custody with its own account and spends it
    FINANCES_OWNERS = 2  # lends to shells of its owners
    PONZI = 3  # pays old investors from new ones
    ABSCONDS = 4  # takes custody and goes


@dataclass(frozen=True)
class People:
    """One row a person; synthetic identities come last.

    `willingness`, `ability`, `thrift` and `craving` are hidden and standard normal. `ability` moves the wage, `willingness`
    the will to repay, `thrift` what is left at the end of the month, `craving` how often credit is wanted. `sociability`
    is standard normal too and moves the number of ties.
    """

    household: Ints
    home: Ints  # number of the address
    neighbourhood: Ints
    birth_day: Ints  # days since 1970-01-01, negative before
    work: NDArray[np.int8]  # Work
    employer: Ints  # firm at month 0, or NONE
    wage_minor: NDArray[np.int64]  # a month's net pay, pension or profit when in work
    rent_minor: NDArray[np.int64]  # the person's share of the home's rent, 0 for owners
    willingness: Floats
    ability: Floats
    thrift: Floats
    craving: Floats
    sociability: Floats
    protected_group: NDArray[np.int8]  # 0 or 1: goes with circumstance, acts on nothing
    plan: NDArray[np.int8]  # Plan
    plan_month: NDArray[np.int16]  # NONE for the honest
    misuse: NDArray[np.int8]  # Misuse
    gang: Ints  # ring, circle or NONE
    thin: Flags
    coverage: NDArray[np.uint16]  # Coverage
    consented: NDArray[np.uint8]  # bit i: basis for family i of graph.vocabulary.Family in order of declaration
    bank: NDArray[np.int8]  # which of the banks keeps the account
    shop: Ints  # favourite online merchant: a firm
    grocer: Ints  # a firm of FOOD_RETAIL near home
    haunt: Ints  # a firm of LEISURE near home

    def __len__(self) -> int:
        return len(self.household)


@dataclass(frozen=True)
class Homes:
    """Addresses, one row each; several households may share one (flats, look-alikes, rings)."""

    neighbourhood: Ints
    landlord: Ints  # a firm of LANDLORD, or NONE where owned


@dataclass(frozen=True)
class Firms:
    """One row a firm. `health` starts its hidden state: 0 is normal, -2 is trouble."""

    sector: NDArray[np.int8]
    neighbourhood: Ints
    health: Floats
    staff: Ints  # people it wants to employ
    owner: Ints  # person who holds most of it, or NONE
    owner_share_pct: NDArray[np.int8]
    founded_day: Ints  # days since 1970-01-01
    sells_online: Flags
    buyer: Ints  # [links] who is invoiced
    supplier: Ints  # [links] by whom

    def __len__(self) -> int:
        return len(self.sector)


@dataclass(frozen=True)
class Ties:
    """Who knows whom: one row a tie, `a` < `b`, sorted by (a, b). A tie exists from `born` up to, not including, `dead`.

    `born` is NONE where the tie is older than month 0; `dead` is the number of months where it outlasts them.
    `helper` says who helps whom when in need: 0 both ways, 1 `a` helps `b`, 2 `b` helps `a`.
    """

    a: Ints
    b: Ints
    kind: NDArray[np.int8]  # TieKind
    strength: Floats  # in (0, 1]: chance of being in touch in a month
    helper: NDArray[np.int8]
    born: NDArray[np.int16]
    dead: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True)
class Groups:
    """Interest communities and who belongs to them: one row a membership."""

    person: Ints
    community: Ints
    joined: NDArray[np.int16]  # month; NONE where before the first
    kinds: NDArray[np.int8]  # [communities] position in founding.groups.COMMUNITY_KINDS


@dataclass(frozen=True)
class Devices:
    """Who uses which device, one row a use; a device of several people has several rows."""

    person: Ints
    device: Ints
    since: NDArray[np.int16]  # month, NONE where before the first
    count: int


@dataclass(frozen=True)
class Lenders:
    """Banks first, then online lenders, then platforms with investors' money. Platforms have `scheme`, others HONEST."""

    strictness: Floats  # added to the score a lender asks for
    rate_pct: Floats  # yearly price before what is added for risk
    is_platform: Flags
    scheme: NDArray[np.int8]  # Scheme
    scheme_month: NDArray[np.int16]  # from when it shows, NONE for honest ones
    owner: Ints  # person who owns the platform, NONE otherwise

    def __len__(self) -> int:
        return len(self.strictness)


@dataclass(frozen=True)
class LookAlikes:
    """Groups that look like rings and are none: members of group g are the persons with that number."""

    person: Ints
    group: Ints
    kind: NDArray[np.int8]  # 0 family, 1 flat share, 2 employer's housing


@dataclass(frozen=True)
class Society:
    """Everything that is there before the first month."""

    people: People
    homes: Homes
    firms: Firms
    ties: Ties
    groups: Groups
    devices: Devices
    lenders: Lenders
    look_alikes: LookAlikes
    neighbourhoods: int
