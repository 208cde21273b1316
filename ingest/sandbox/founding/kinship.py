"""Ties that come with one's place in life: kin, colleagues, neighbours. Pairs only; friendship is `circles`' business."""

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.pairing import pair_within
from ingest.sandbox.founding.residents import Dwelling, Residents
from ingest.sandbox.society import NONE, Ints

Pairs = tuple[Ints, Ints]

_LONGEST_STEP = 8  # within a household or a small firm: pairs further apart in order are left out
_HAS_PARENTS_NEAR = 0.62  # share of those aged 22 to 58 whose parents live in the economy
_GENERATION_YEARS = 29.0
_KIN_BLOCK = 4  # neighbourhoods among which most parents and children live
_CHILDREN_ELSEWHERE = 2  # of one household, at most
_SMALL_STAFF = 6  # everybody knows everybody
_COLLEAGUE_CHANCE = (0.70, 0.50, 0.20)  # of the next, second and third in the order of a large firm
_NEIGHBOUR_CHANCE = (0.34, 0.18)


def kin_pairs(residents: Residents, draws: Draws) -> Pairs:
    """Everyone within a household, and children with parents and siblings who live elsewhere."""
    rng = draws.generator("founding.kin")
    parts = [_steps(residents.household, _LONGEST_STEP)]
    age = residents.age
    ordinary = (residents.role == 0) & residents.is_real & (age >= 43)
    children = np.flatnonzero((age > 22) & (age < 58) & (rng.random(len(age)) < _HAS_PARENTS_NEAR) & residents.is_real)
    parents = np.repeat(np.flatnonzero(ordinary), _CHILDREN_ELSEWHERE)
    wanted = age[children] + _GENERATION_YEARS + rng.normal(0, 3, len(children))
    parent_of, child_of = [], []
    for block in (_KIN_BLOCK, residents.neighbourhoods):
        cells = np.int32(residents.neighbourhoods // block + 1)
        left = _band(wanted) * cells + residents.neighbourhood[children] // block
        right = _band(age[parents]) * cells + residents.neighbourhood[parents] // block
        got, given = pair_within(
            left.astype(np.int32),
            rng.random(len(children), np.float32),
            right.astype(np.int32),
            rng.random(len(parents), np.float32),
        )
        child_of.append(children[got])
        parent_of.append(parents[given])
        children, wanted, parents = np.delete(children, got), np.delete(wanted, got), np.delete(parents, given)
    child, parent = np.concatenate(child_of), np.concatenate(parent_of)
    parts.append((child.astype(np.int32), parent.astype(np.int32)))
    parts.append(_second_parents(residents, child, parent))
    order = np.argsort(parent, kind="stable")
    parts.append(_steps(parent[order], _CHILDREN_ELSEWHERE - 1, child[order]))
    return _joined(parts)


def colleague_pairs(employer: Ints, draws: Draws) -> Pairs:
    """Everyone in a small firm; in a large one those who stand near in an order of its own."""
    rng = draws.generator("founding.colleagues")
    staff = np.flatnonzero(employer != NONE)
    staff = staff[np.lexsort((rng.random(len(staff), np.float32), employer[staff]))]
    firm = employer[staff]
    is_small = np.bincount(firm)[firm] <= _SMALL_STAFF
    parts = [_steps(firm[is_small], _SMALL_STAFF - 1, staff[is_small])]
    parts.append(_steps(firm[~is_small], len(_COLLEAGUE_CHANCE), staff[~is_small], _COLLEAGUE_CHANCE, rng))
    return _joined(parts)


def neighbour_pairs(residents: Residents, draws: Draws) -> Pairs:
    """Some of those whose doors are near: person numbers follow the streets."""
    rng = draws.generator("founding.neighbours")
    real = np.flatnonzero(residents.is_real)
    order = real[np.argsort(real + rng.normal(0, 8, len(real)), kind="stable")]
    return _steps(residents.neighbourhood[order], len(_NEIGHBOUR_CHANCE), order, _NEIGHBOUR_CHANCE, rng)


def sharers_pairs(residents: Residents, draws: Draws) -> Pairs:
    """Those who share a flat or an employer's housing and are no kin."""
    rng = draws.generator("founding.sharers")
    shared = (residents.dwelling == Dwelling.FLAT_SHARE) | (residents.dwelling == Dwelling.WORKERS)
    person = np.flatnonzero(shared)
    return _steps(residents.home[person], _LONGEST_STEP, person, (0.7,) * _LONGEST_STEP, rng)


def _second_parents(residents: Residents, child: NDArray[np.int64], parent: NDArray[np.int64]) -> Pairs:
    """Tie the child to the parent's partner, who is the next person of the household and of an age."""
    partner = np.minimum(parent + 1, len(residents) - 1)
    age = residents.age
    fits = (residents.household[partner] == residents.household[parent]) & (np.abs(age[partner] - age[parent]) < 15)
    return child[fits].astype(np.int32), partner[fits].astype(np.int32)


def _steps(
    run: Ints | NDArray[np.int64],
    furthest: int,
    person: NDArray[np.int64] | None = None,
    chance: tuple[float, ...] | None = None,
    rng: np.random.Generator | None = None,
) -> Pairs:
    """Pairs up to `furthest` places apart within runs of equal values, each with its chance."""
    person = np.arange(len(run)) if person is None else person
    left, right = [], []
    for step in range(1, furthest + 1):
        same = run[step:] == run[:-step]
        if rng is not None and chance is not None:
            same &= rng.random(len(same), np.float32) < chance[step - 1]
        near = np.flatnonzero(same)
        left.append(person[near].astype(np.int32))
        right.append(person[near + step].astype(np.int32))
    return np.concatenate(left), np.concatenate(right)


def _joined(parts: list[Pairs]) -> Pairs:
    return np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts])


def _band(age: NDArray[np.floating]) -> NDArray[np.int64]:
    """Bands of four years, by which parents and children find each other."""
    return np.asarray(age, np.float32).astype(np.int64) // 4
