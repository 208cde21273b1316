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
    ties = bonds.ties
    out = np.zeros(len(lives), np.float32)
    if not strength:
        return out
    involved = np.flatnonzero((weight[ties.a] > 0) | (weight[ties.b] > 0))
    a, b = ties.a[involved], ties.b[involved]
    kernel = strength * tie_weight(bonds, involved, lives, month)
    relies = np.array([1.0, s.PRESSURE_FROM_HELPER, s.PRESSURE_FROM_HELPED], np.float32)
    helper = ties.helper[involved]
    np.add.at(out, b, (kernel * weight[a] * relies[helper]).astype(np.float32))
    mirrored = np.where(helper == 0, 0, 3 - helper)
    np.add.at(out, a, (kernel * weight[b] * relies[mirrored]).astype(np.float32))
    return out


def tie_weight(bonds: Bonds, which: NDArray[np.int64], lives: Lives, month: int) -> Floats:
    """Weight of these ties in both directions before who helps whom: strength, silence, kind, shared employer."""
    ties = bonds.ties
    alive = (ties.born[which] <= month) & (month < ties.dead[which])
    silence = np.maximum(month - bonds.last[which], 0)
    colleagues = (lives.employer[ties.a[which]] == lives.employer[ties.b[which]]) & (lives.employer[ties.a[which]] != NONE)
    weight = ties.strength[which] * np.exp(-silence / s.RECENCY_MONTHS) * _KIND[ties.kind[which]]
    return (alive * weight * np.where(colleagues, s.PRESSURE_AT_WORK, 1.0)).astype(np.float32)


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
