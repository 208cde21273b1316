"""Who becomes friends: circles of people of like age, place and mind, chance acquaintances, and friends of friends.

Homophily acts here alone (McPherson, Smith-Lovin and Cook 2001); the number of friends is heavy-tailed by a person's reach.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.kinship import Pairs
from ingest.sandbox.founding.residents import Residents
from ingest.sandbox.founding.traits import Traits
from ingest.sandbox.society import Floats

_REACH_SD, _SOCIABILITY_EFFECT = 0.80, 0.70  # on the logarithm of the number of friends
_WIDEST_REACH = 80.0  # times the median person's
_LIKENESS = 0.8  # weight of traits against chance (standard deviation 1) when homophily is 1
_WILLINGNESS_WEIGHT, _ABILITY_WEIGHT = 1.0, 0.6
CIRCLE_SIZES = (3, 4, 5)
_CIRCLE_CHANCE = 0.85  # that two of one circle are friends
_ENCOUNTERS = 0.70  # a person of mean reach has as many encounters, each making one friend
_CLOSURES = 0.85  # attempts a person to bring two friends together


@dataclass(frozen=True)
class Layer:
    """One kind of circle: how many a person of mean reach joins, from how wide an area and age band."""

    joins: float
    neighbourhoods: int
    band_years: float


LAYERS = (Layer(0.40, 1, 8.0), Layer(0.30, 4, 6.0), Layer(0.25, 24, 10.0))


def friend_pairs(residents: Residents, traits: Traits, homophily: float, draws: Draws) -> Pairs:
    """Friendships among real persons, with repetitions; `homophily` 0 leaves age and place alone to bring people together."""
    rng = draws.generator("founding.friends")
    real = np.flatnonzero(residents.is_real).astype(np.int32)
    mind = _WILLINGNESS_WEIGHT * traits.willingness + _ABILITY_WEIGHT * traits.ability
    mind = homophily * _LIKENESS * (mind / mind.std())
    reach = np.exp(_SOCIABILITY_EFFECT * traits.sociability[real] + _REACH_SD * rng.standard_normal(len(real), np.float32))
    reach = np.minimum(reach, _WIDEST_REACH)
    reach = reach / reach.mean()
    left, right = [], []
    for layer in LAYERS:
        person = _queue(residents, real, reach * layer.joins, mind, layer, rng)
        a, b = _circles(person, rng)
        left.append(a)
        right.append(b)
    meeting = _queue(residents, real, reach * 2 * _ENCOUNTERS, mind, Layer(0, 64, 14.0), rng)
    meeting = meeting[: len(meeting) // 2 * 2]
    left.append(meeting[::2])
    right.append(meeting[1::2])
    a, b = np.concatenate(left), np.concatenate(right)
    closed = _closures(a, b, real, rng)
    return np.concatenate([a, closed[0]]), np.concatenate([b, closed[1]])


def _queue(
    residents: Residents, real: NDArray[np.int32], mean: Floats, mind: Floats, layer: Layer, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Persons, each as often as they take part, in an order where those who are like stand near."""
    times = np.floor(mean + rng.random(len(real), np.float32)).astype(np.int64)
    person = np.repeat(real, times)
    place = (residents.neighbourhood[person] + rng.integers(0, layer.neighbourhoods)) // layer.neighbourhoods
    years = residents.age[person] + rng.normal(0, layer.band_years / 4, len(person))
    band = np.maximum(years, 0) // layer.band_years
    cell = (place * 64 + band).astype(np.int32)
    key = mind[person] + rng.standard_normal(len(person), np.float32)
    return person[np.lexsort((key, cell))]


def _circles(person: NDArray[np.int32], rng: np.random.Generator) -> Pairs:
    """Cut a queue into circles and make most of each circle friends."""
    sizes = rng.choice(CIRCLE_SIZES, len(person) // min(CIRCLE_SIZES) + 1)
    circle = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[: len(person)]
    left, right = [], []
    for step in range(1, max(CIRCLE_SIZES)):
        met = (circle[step:] == circle[:-step]) & (rng.random(max(0, len(circle) - step), np.float32) < _CIRCLE_CHANCE)
        near = np.flatnonzero(met)
        left.append(person[near])
        right.append(person[near + step])
    return np.concatenate(left), np.concatenate(right)


def _closures(a: NDArray[np.int32], b: NDArray[np.int32], real: NDArray[np.int32], rng: np.random.Generator) -> Pairs:
    """Two friends of a person each time a person is drawn: triadic closure (Granovetter 1973; Davidsen and others 2002)."""
    source, target = np.r_[a, b], np.r_[b, a]
    order = np.argsort(source, kind="stable")
    target = target[order]
    degree = np.bincount(source, minlength=int(real[-1]) + 1 if len(real) else 0)
    first = np.cumsum(degree) - degree
    middle = rng.choice(real, round(_CLOSURES * len(real)))
    middle = middle[degree[middle] > 1]
    one = first[middle] + (rng.random(len(middle)) * degree[middle]).astype(np.int64)
    two = first[middle] + (rng.random(len(middle)) * degree[middle]).astype(np.int64)
    return target[one], target[two]
