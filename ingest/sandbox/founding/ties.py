"""The graph of who knows whom: one row a pair, with kind, strength, who helps whom, and from when to when.

Pairs come from `kinship`, `circles` and the rings; this module makes them unique and gives each its properties. The luck of a
tie hangs on its two ends, so that a knob that adds or removes other ties leaves it alone.
"""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.circles import friend_pairs
from ingest.sandbox.founding.kinship import Pairs, colleague_pairs, kin_pairs, neighbour_pairs, sharers_pairs
from ingest.sandbox.founding.livelihood import Livelihood
from ingest.sandbox.founding.plans import Plans
from ingest.sandbox.founding.residents import Residents
from ingest.sandbox.founding.traits import Traits
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Ints, Plan, TieKind, Ties

_KINDS = len(TieKind)
# by kind: exponents of a Kumaraswamy distribution, a closed form near to the beta; means 0.70, 0.36, 0.29, 0.19
_STRENGTH_A = np.array([3.2, 1.3, 1.2, 1.0])
_STRENGTH_B = np.array([1.6, 2.5, 3.0, 4.3])
_LOWEST_STRENGTH = 0.02
_RING_STRENGTH, _SHAM_STRENGTH = 0.5, 0.08
# by kind: share of ties that are born, and that die, while the economy runs; about 15 % over all kinds
_CHANGES = np.array([0.02, 0.18, 0.20, 0.20])
_NOBODY_IN_PARTICULAR = 0.60  # of ties that are not kin: help goes both ways
_OLDER_HELPS = 0.80  # of kin a generation apart
_BETTER_OFF_HELPS = 0.75
_GENERATION_YEARS = 15.0
_SHAM_TIES = (1, 3)  # of a made-up identity with real persons


def build_ties(
    scale: Scale,
    residents: Residents,
    traits: Traits,
    livelihood: Livelihood,
    employer: Ints,
    plans: Plans,
    draws: Draws,
) -> Ties:
    """Tie people together; sorted by (a, b), no pair twice, none with oneself, and no two of one circle of sham payments."""
    count = len(residents)
    keys = [
        _keys(kin_pairs(residents, draws), TieKind.KIN, count),
        _keys(friend_pairs(residents, traits, scale.knobs.homophily, draws), TieKind.FRIEND, count),
        _keys(sharers_pairs(residents, draws), TieKind.FRIEND, count),
        _keys(_ring_pairs(residents, draws), TieKind.FRIEND, count),
        _keys(colleague_pairs(employer, draws), TieKind.COLLEAGUE, count),
        _keys(neighbour_pairs(residents, draws), TieKind.NEIGHBOUR, count),
        _keys(_sham_pairs(residents, draws), TieKind.NEIGHBOUR, count),
    ]
    key = np.concatenate(keys)
    del keys
    key.sort()
    # a pair that is several kinds at once is of the closest
    key = key[np.r_[True, key[1:] // _KINDS != key[:-1] // _KINDS]]
    kind = (key % _KINDS).astype(np.int8)
    key //= _KINDS
    a, b = (key // count).astype(np.int32), (key % count).astype(np.int32)
    del key
    circlers = plans.plan == Plan.CIRCLER
    apart = (a != b) & ~(circlers[a] & circlers[b] & (plans.gang[a] == plans.gang[b]))
    a, b, kind = a[apart], b[apart], kind[apart]
    born, dead = _lifetimes(a, b, kind, scale, draws)
    return Ties(
        a=a,
        b=b,
        kind=kind,
        strength=_strengths(a, b, kind, residents, draws),
        helper=_helpers(a, b, kind, residents.age, livelihood.wage_minor, draws),
        born=born,
        dead=dead,
    )


def _keys(pairs: Pairs, kind: TieKind, count: int) -> NDArray[np.int64]:
    """One sortable number a tie: lower end, higher end, kind."""
    low, high = np.minimum(*pairs).astype(np.int64), np.maximum(*pairs)
    low *= count
    low += high
    low *= _KINDS
    low += kind
    return low


def _ring_pairs(residents: Residents, draws: Draws) -> Pairs:
    """Most of those in one ring; they stand together at the end."""
    made_up = np.flatnonzero(~residents.is_real)
    ring = residents.ring[made_up]
    left, right = [], []
    for step in range(1, 15):
        near = np.flatnonzero(ring[step:] == ring[:-step])
        left.append(made_up[near].astype(np.int32))
        right.append(made_up[near + step].astype(np.int32))
    a, b = np.concatenate(left), np.concatenate(right)
    kept = _luck(draws, "founding.ring_ties", a, b) < 0.8
    return a[kept], b[kept]


def _sham_pairs(residents: Residents, draws: Draws) -> Pairs:
    """A few real persons whom each made-up identity hardly knows."""
    rng = draws.generator("founding.sham_ties")
    made_up = np.flatnonzero(~residents.is_real)
    person = np.repeat(made_up, rng.integers(_SHAM_TIES[0], _SHAM_TIES[1] + 1, len(made_up))).astype(np.int32)
    return person, rng.integers(0, len(residents) - len(made_up), len(person), dtype=np.int32)


def _strengths(a: Ints, b: Ints, kind: NDArray[np.int8], residents: Residents, draws: Draws) -> NDArray[np.float32]:
    luck = _luck(draws, "founding.strength", a, b)
    strength = (1 - (1 - luck) ** (1 / _STRENGTH_B[kind])) ** (1 / _STRENGTH_A[kind])
    made_up = ~residents.is_real
    strength[made_up[a] & made_up[b]] *= _RING_STRENGTH / 0.36
    strength[made_up[a] ^ made_up[b]] = _SHAM_STRENGTH
    return np.clip(strength, _LOWEST_STRENGTH, 1).astype(np.float32)


def _helpers(
    a: Ints, b: Ints, kind: NDArray[np.int8], age: NDArray[np.float32], wage: NDArray[np.int64], draws: Draws
) -> NDArray[np.int8]:
    luck = _luck(draws, "founding.helper", a, b)
    older_a, older_b = age[a] - age[b] >= _GENERATION_YEARS, age[b] - age[a] >= _GENERATION_YEARS
    richer_a = wage[a] >= wage[b]
    is_kin = kind == TieKind.KIN
    by_age = np.where(luck < _OLDER_HELPS, older_a + 2 * older_b, 0)
    share = (luck - _NOBODY_IN_PARTICULAR) / (1 - _NOBODY_IN_PARTICULAR)
    by_means = np.where(share < 0, 0, np.where((share < _BETTER_OFF_HELPS) == richer_a, 1, 2))
    return np.where(is_kin, by_age, by_means).astype(np.int8)


def _lifetimes(
    a: Ints, b: Ints, kind: NDArray[np.int8], scale: Scale, draws: Draws
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """First month and the month after the last; NONE where before the first, `scale.months` where it outlasts all."""
    luck, when = _luck(draws, "founding.born", a, b), _luck(draws, "founding.born_when", a, b)
    born = np.where(luck < _CHANGES[kind], 1 + np.floor(when * (scale.months - 2)), NONE).astype(np.int16)
    luck, when = _luck(draws, "founding.dead", a, b), _luck(draws, "founding.dead_when", a, b)
    after = np.maximum(born, 0) + 1
    dead = np.where(luck < _CHANGES[kind], after + np.floor(when * (scale.months - after)), scale.months)
    return born, dead.astype(np.int16)


def _luck(draws: Draws, stream: str, a: Ints, b: Ints) -> NDArray[np.float64]:
    return draws.uniform(stream, a.astype(np.int64), b.astype(np.int64))
