"""What passes along ties: word of defaults, help in need. Weights depend on the tie itself, never on a mean over friends.

Recent ties weigh more than silent ones, strong more than weak; whoever used to help counts more than whoever was helped;
sharing an employer at the time counts more still.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.economy import strengths as s
from ingest.sandbox.economy.lives import Lives
from ingest.sandbox.society import NONE, TieKind, Ties

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Money = NDArray[np.int64]
HELPED_WITHIN = 3  # months of silence after which no one helps
SILENT = -120
_KIND = np.asarray(s.PRESSURE_BY_KIND, np.float32)
_RELIES = np.array([1.0, s.PRESSURE_FROM_HELPER, s.PRESSURE_FROM_HELPED], np.float32)
_MIRRORED = np.array([0, 2, 1])


def touched(ties: Ties, draws: Draws, month: int) -> Flags:
    """Which ties were in touch in a month, bool [ties]: the same for whoever asks, so that calls and contagion agree."""
    alive = (ties.born <= month) & (month < ties.dead)
    chance = draws.generator("ties.touch", month).random(len(ties), dtype=np.float32)
    return alive & (chance < s.TOUCH * ties.strength)


@dataclass
class Bonds:
    """The moving part of ties: `last`, the month each was last in touch, int16 [ties]."""

    ties: Ties
    last: NDArray[np.int16]

    def copy(self) -> "Bonds":
        """A copy that may be changed; ties themselves never change."""
        return Bonds(self.ties, self.last.copy())


def first_bonds(ties: Ties, draws: Draws) -> Bonds:
    """Ties at the start, the strong ones in touch more lately."""
    silence = draws.generator("ties.first").exponential(1.0, len(ties)) / (s.TOUCH * ties.strength)
    return Bonds(ties, np.where(ties.born <= 0, -np.minimum(silence, -SILENT).astype(np.int16), SILENT).astype(np.int16))


def touch(bonds: Bonds, draws: Draws, month: int) -> None:
    """Change `bonds.last` by a month of being in touch."""
    bonds.last = np.where(touched(bonds.ties, draws, month), month, bonds.last).astype(np.int16)


def pressure_from(bonds: Bonds, lives: Lives, weight: Floats, month: int, strength: float) -> Floats:
    """What the defaults of others weigh on each person.

    Args:
        bonds: Ties and when they were in touch.
        lives: One row a person.
        weight: float32 [persons], how much each person's trouble is worth: 1 for a default this month.
        month: Calendar month.
        strength: The knob.

    Returns:
        float32 [persons].
    """
    silence = np.maximum(month - bonds.last, 0)
    return spread(bonds.ties, lives, weight, np.exp(-silence / s.RECENCY_MONTHS), month, strength)


def spread(
    ties: Ties, lives: Lives, weight: Floats, recency: NDArray[np.floating], month: int, strength: float, *, power: int = 1
) -> Floats:
    """Add up over ties: each end's weight at the other end, times the tie's kernel to a power.

    The kernel is strength, recency and kind of the tie, more at a shared employer, and more where one relies on the other.

    Args:
        ties: Who knows whom.
        lives: One row a person, for who works where.
        weight: float32 [persons].
        recency: Of each tie, in [0, 1], [ties].
        month: Calendar month; ties outside their time carry nothing.
        strength: The knob; 0 carries nothing.
        power: Of the kernel.

    Returns:
        float32 [persons].
    """
    out = np.zeros(len(lives), np.float32)
    if not strength:
        return out
    alive = (ties.born <= month) & (month < ties.dead)
    at = np.flatnonzero(alive & ((weight[ties.a] > 0) | (weight[ties.b] > 0)))
    a, b, helper = ties.a[at], ties.b[at], ties.helper[at]
    colleagues = (lives.employer[a] == lives.employer[b]) & (lives.employer[a] != NONE)
    kernel = strength * ties.strength[at] * recency[at] * _KIND[ties.kind[at]] * np.where(colleagues, s.PRESSURE_AT_WORK, 1.0)
    # for b: a helps b (1) makes a the one relied on; seen from a it is the other way round
    np.add.at(out, b, (weight[a] * (kernel * _RELIES[helper]) ** power).astype(np.float32))
    np.add.at(out, a, (weight[b] * (kernel * _RELIES[_MIRRORED[helper]]) ** power).astype(np.float32))
    return out


def usual_recency(ties: Ties) -> NDArray[np.float64]:
    """What a tie's recency is in the long run, on average over the months, float64 [ties]."""
    touch_chance = s.TOUCH * ties.strength.astype(np.float64)
    return np.asarray(touch_chance / (1 - (1 - touch_chance) * np.exp(-1 / s.RECENCY_MONTHS)))


@dataclass(frozen=True)
class Help:
    """Help between people this month, one row a giver and receiver: at most `amount` each, minor units."""

    giver: NDArray[np.int32]
    taker: NDArray[np.int32]
    amount: Money


def ask_for_help(bonds: Bonds, lives: Lives, in_need: Flags, month: int, strength: float) -> Help:
    """Who is asked to help whom: kin and strong ties lately in touch, towards whoever is in need, where help goes that way."""
    ties = bonds.ties
    near = (ties.strength >= s.SUPPORT_STRENGTH) | (ties.kind == TieKind.KIN)
    near &= (ties.born <= month) & (month < ties.dead) & (month - bonds.last <= HELPED_WITHIN)
    near &= in_need[ties.a] | in_need[ties.b]
    at = np.flatnonzero(near)
    a, b, helper = ties.a[at], ties.b[at], ties.helper[at]
    a_gives = in_need[b] & ~in_need[a] & (helper != 2)
    b_gives = in_need[a] & ~in_need[b] & (helper != 1)
    giver = np.concatenate([a[a_gives], b[b_gives]])
    taker = np.concatenate([b[a_gives], a[b_gives]])
    strong = np.concatenate([ties.strength[at][a_gives], ties.strength[at][b_gives]])
    amount = np.rint(min(strength, 1.0) * s.SUPPORT_SHARE * strong * lives.wage[giver]).astype(np.int64)
    can = (amount > 0) & (lives.cash[giver] > lives.wage[giver])
    giver, taker, amount = giver[can], taker[can], amount[can]
    total = np.bincount(giver, amount, len(lives))
    modest = total[giver] < lives.cash[giver] // 2  # no one is asked for more than half of what they have
    return Help(giver[modest], taker[modest], amount[modest])
