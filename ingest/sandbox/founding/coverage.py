"""Which institutions know a person, who is thin in files, who consented to what, and the protected group.

All of it goes with circumstance and acts on nothing: no mechanism of the economy asks these arrays how a person behaves.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.vocabulary import Family
from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.livelihood import Livelihood
from ingest.sandbox.founding.residents import Residents
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import Coverage, Flags

OWN_RECORDS = (Coverage.SHOP, Coverage.BANK, Coverage.UTILITY, Coverage.PAYROLL, Coverage.MOBILITY)
"""A thin person has at most one of these."""

_THICK = {
    Coverage.SHOP: 0.75,
    Coverage.BANK: 0.16,
    Coverage.TELECOM: 0.35,
    Coverage.ADDRESS_BOOK: 0.70,
    Coverage.MOBILITY: 0.35,
    Coverage.COMMUNITY: 0.50,
    Coverage.UTILITY: 0.50,
    Coverage.PAYROLL: 0.70,
    Coverage.DEVICES: 0.80,
}
_THIN = {Coverage.TELECOM: 0.30, Coverage.ADDRESS_BOOK: 0.55, Coverage.COMMUNITY: 0.30, Coverage.DEVICES: 0.30}
_THIN_ONE_SHARE = (0.30, 0.04, 0.15, 0.20, 0.06)  # which of OWN_RECORDS a thin person has; the rest have none
_LACKS = {Family.SOCIAL: 0.06, Family.COMMUNITY: 0.04, Family.LIFE: 0.02, Family.DATA: 0.01}
PROTECTED_SHARE = 0.30


@dataclass(frozen=True)
class Files:
    """One row a person; see `People`."""

    thin: Flags
    coverage: NDArray[np.uint16]
    consented: NDArray[np.uint8]
    protected_group: NDArray[np.int8]


def build_files(scale: Scale, residents: Residents, livelihood: Livelihood, draws: Draws) -> Files:
    """Decide what is on file about each person."""
    rng = draws.generator("founding.coverage")
    age, count = residents.age, len(residents)
    means = np.log(np.maximum(livelihood.wage_minor / 100, 300.0) / 1_800)
    lean = 0.9 * (age < 25) + 0.7 * (age > 72) - 0.7 * means + 0.5 * ~residents.is_real + rng.logistic(0, 0.8, count)
    thin = np.zeros(count, np.bool_)
    thin[np.argsort(-lean, kind="stable")[: round(scale.knobs.thin_share * count)]] = True
    return Files(thin, _coverage(thin, rng), _consents(count, rng), _protected_group(residents, means, thin, rng))


def _coverage(thin: Flags, rng: np.random.Generator) -> NDArray[np.uint16]:
    bits = np.zeros(len(thin), np.uint16)
    for kind, share in _THICK.items():
        chance = np.where(thin, _THIN.get(kind, 0.0), share)
        bits |= np.where(rng.random(len(thin)) < chance, np.uint16(kind), np.uint16(0))
    one = np.searchsorted(np.cumsum(_THIN_ONE_SHARE), rng.random(len(thin)))
    bits |= np.where(thin, np.array([*OWN_RECORDS, 0], np.uint16)[one], np.uint16(0))
    return bits


def _consents(count: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    families = list(Family)
    bits = np.full(count, 2 ** len(families) - 1, np.uint8)
    for family, share in _LACKS.items():
        bits &= np.where(rng.random(count) < share, np.uint8(255 - (1 << families.index(family))), np.uint8(255))
    return bits


def _protected_group(
    residents: Residents, means: NDArray[np.float64], thin: Flags, rng: np.random.Generator
) -> NDArray[np.int8]:
    place = rng.normal(size=residents.neighbourhoods)[residents.neighbourhood]
    lean = 0.7 * place - 0.25 * means + 0.25 * thin + rng.normal(size=len(thin))
    return (lean > np.quantile(lean, 1 - PROTECTED_SHARE)).astype(np.int8)
