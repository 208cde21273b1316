"""What can be turned in the simulated economy, how big it is, and the digest its defaults are frozen by.

Strengths are declared here once, before any model is run on what comes out, and are never tuned to please one;
`docs/sandbox.md` says what each does and where its size comes from.
"""

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from types import MappingProxyType

MONTHS = 48
FIRST_YEAR = 2022  # month 0 is January of this year
FORMAT = 1  # raise when the mechanism changes while no knob does

SIZES = MappingProxyType({"small": 2_000, "medium": 50_000, "large": 1_000_000})
"""Persons by the name of a size."""


@dataclass(frozen=True)
class Knobs:
    """Strengths of the mechanisms. 1.0 is the declared strength where nothing else is said; 0 switches one off.

    Attributes:
        homophily: How much people of like traits become friends.
        contagion: How much distress and default of those one is tied to weigh on one's own.
        selection: How much of a borrower's hidden traits a lender's own judgement picks up.
        drift: How far habits and the economy move away over the months (0: none).
        thin_share: Share of persons that few sources know.
        ring_share: Synthetic identities in rings, as a share of all persons.
    """

    homophily: float = 1.0
    contagion: float = 1.0
    selection: float = 1.0
    drift: float = 0.0
    thin_share: float = 0.40
    ring_share: float = 0.003

    def __post_init__(self) -> None:
        for name in ("homophily", "contagion", "selection", "drift"):
            if not 0 <= getattr(self, name) <= 3:
                raise ValueError(f"knob {name} is {getattr(self, name)}; it lies between 0 and 3")
        if not 0 <= self.thin_share <= 0.9 or not 0 <= self.ring_share <= 0.05:
            raise ValueError("thin_share lies between 0 and 0.9, ring_share between 0 and 0.05")


@dataclass(frozen=True)
class Scale:
    """How big an economy is and which one: the same scale and knobs give the same bytes."""

    persons: int
    months: int = MONTHS
    seed: int = 7
    knobs: Knobs = field(default_factory=Knobs)

    def __post_init__(self) -> None:
        if not 1_000 <= self.persons <= 5_000_000:
            raise ValueError(f"{self.persons} persons: an economy needs 1,000 to 5,000,000")
        if not 6 <= self.months <= MONTHS:
            raise ValueError(f"{self.months} months: 6 to {MONTHS} can be simulated")
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"seed {self.seed}: take a whole number from 0 to {2**32 - 1}")


def digest(scale: Scale) -> str:
    """Hexadecimal SHA-256 of everything that decides the economy but the code."""
    text = json.dumps({"format": FORMAT} | asdict(scale), sort_keys=True)
    return sha256(text.encode()).hexdigest()
