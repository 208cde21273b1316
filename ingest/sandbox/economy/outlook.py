"""What an applicant's surroundings hold in store as of now: the part of the state that lies in others.

Others' futures are not imagined one by one: their chance to default soon, to need help, or to have a guarantee called is
taken from their state as it is, and passed along the ties as they are. `docs/sandbox.md` says what that leaves out, and
the test against a full re-simulation how little it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.economy import strengths as s
from ingest.sandbox.economy.contagion import HELPED_WITHIN, Bonds, spread, usual_recency
from ingest.sandbox.economy.economy import Economy, in_need
from ingest.sandbox.economy.lives import Lives, Traits, any_slot, sum_slots
from ingest.sandbox.economy.luck import sigmoid
from ingest.sandbox.economy.spending import unwilling_log_odds
from ingest.sandbox.society import NONE, TieKind

Floats = NDArray[np.float32]
AHEAD = 3
"""Months looked ahead one by one; the last stands for all that follow."""
NOTHING = 1e-12
BORROWS_LATER = 0.35  # of those without a loan that ever borrow have one in a later month
UNABLE = 0.8  # chance to miss of someone whose money does not reach
NEED_LASTS = 0.86  # of those in need, so many still are a month later


@dataclass(frozen=True)
class Outlook:
    """By person: what to expect from others, from the next month on.

    Attributes:
        word: Pressure arriving in the next month, known already, float32 [persons].
        heard_chance: Chance to hear of others' trouble after one, two and more further months, float32 [persons, AHEAD].
        heard: What it then weighs, so that mean and spread are as over all the person's ties [persons, AHEAD].
        called: Guarantees due next month, known already, minor units.
        guaranteed: What guarantees could cost, minor units, and `guarantee_chance` [persons, AHEAD] of the call.
        given: Help given next month; `given_base` what is given in a usual month, float64 minor units.
        offered: Help that would come in need.
    """

    word: Floats
    heard_chance: Floats
    heard: Floats
    called: NDArray[np.int64]
    guaranteed: NDArray[np.int64]
    guarantee_chance: Floats
    given: NDArray[np.float64]
    given_base: NDArray[np.float64]
    offered: NDArray[np.float64]

    def take(self, rows: NDArray[np.int64]) -> "Outlook":
        """The outlook of these persons."""
        return Outlook(*(values[rows] for values in vars(self).values()))


def look_ahead(economy: Economy) -> Outlook:
    """Everyone's outlook at the end of the month just lived."""
    lives, traits, bonds = economy.lives, economy.setting.traits, economy.bonds
    knobs, month = economy.setting.scale.knobs, economy.month
    soon, behind = trouble_chances(lives, traits, month, knobs.drift)
    chances, weights = [], []
    for ahead in range(AHEAD):
        chance, weight = _word(bonds, lives, soon[:, ahead], behind[:, ahead], month, ahead, knobs.contagion)
        chances.append(chance)
        weights.append(weight)
    guaranteed, called = _guarantees(economy, soon)
    given, base, offered = _help(bonds, lives, traits, month, knobs.contagion)
    heard = np.stack(chances, axis=1), np.stack(weights, axis=1)
    return Outlook(economy.word, *heard, economy.called, guaranteed, called, given, base, offered)


def _word(
    bonds: Bonds, lives: Lives, default: Floats, arrears: Floats, month: int, ahead: int, strength: float
) -> tuple[Floats, Floats]:
    """Chance to hear of trouble and what it weighs: one event a month with the mean and spread of all the ties' events."""
    silence = np.maximum(month - bonds.last, 0)
    recency = np.exp(-silence / s.RECENCY_MONTHS) if ahead < AHEAD - 1 else usual_recency(bonds.ties)
    mean = spread(bonds.ties, lives, default + s.ARREARS_WORD * arrears, recency, month, strength)
    square = spread(bonds.ties, lives, default + s.ARREARS_WORD**2 * arrears, recency, month, strength, power=2)
    rate = np.where(mean > 0, mean**2 / np.maximum(square, NOTHING), 0)
    chance = (1 - np.exp(-rate)).astype(np.float32)
    return chance, (mean / np.maximum(chance, NOTHING)).astype(np.float32)


def trouble_chances(lives: Lives, traits: Traits, month: int, drift: float) -> tuple[Floats, Floats]:
    """Chances of each row to default, and to fall two instalments behind, in the first, second, and any later month.

    Returns:
        float32 [rows, AHEAD] each.
    """
    owing = lives.left > 0
    late = any_slot(lives.missed > 0)
    odds = unwilling_log_odds(lives, traits, month, drift)
    in_time = (odds - s.MISS_WHEN_LATE * late).astype(np.float32)  # as of someone who is not late now, and later may not be
    due = sum_slots(lives.instalment * owing)
    unable = any_slot(owing) & (lives.cash + lives.wage // 2 < due)
    misses = np.where(unable, UNABLE, sigmoid(odds))
    again = np.where(unable, UNABLE, sigmoid(in_time + np.float32(s.MISS_WHEN_LATE)))
    behind = np.where(owing, lives.missed, -1).max(axis=1)
    calm = _calm_odds(lives, traits, month, drift)
    first, next_one = sigmoid(calm), sigmoid(calm + np.float32(s.MISS_WHEN_LATE))
    owes = np.where(behind >= 0, 1.0, BORROWS_LATER * (traits.craving > s.CREDIT_USERS))
    later = owes * first * next_one
    default = [np.where(behind == 2, misses, 0), np.where(behind == 1, misses * again, 0), later * next_one]
    arrears = [np.where(behind == 1, misses, 0), np.where(behind == 0, misses * again, 0), later]
    return np.stack(default, axis=1).astype(np.float32), np.stack(arrears, axis=1).astype(np.float32)


def _calm_odds(lives: Lives, traits: Traits, month: int, drift: float) -> Floats:
    """Log-odds to let an instalment pass once today's trouble is over: nothing missed, usual worry, no pressure."""
    rows = np.arange(len(lives))
    calm = lives.take(rows)
    calm.missed[:], calm.pressure[:], calm.worry[:] = 0, 0, lives.worry.mean()
    return unwilling_log_odds(calm, traits, month, drift)


def _guarantees(economy: Economy, soon: Floats) -> tuple[NDArray[np.int64], Floats]:
    lives, book = economy.lives, economy.book
    who, slot = np.nonzero((book.guarantor != NONE) & (lives.left > 0))
    guarantor = book.guarantor[who, slot]
    rest = np.rint(s.GUARANTEE_OF_REST * lives.left[who, slot] * lives.instalment[who, slot]).astype(np.int64)
    amount = np.zeros(len(lives), np.int64)
    np.add.at(amount, guarantor, rest)
    weighted = np.zeros((len(lives), AHEAD), np.float64)
    np.add.at(weighted, guarantor, rest[:, None] * soon[who])
    return amount, (weighted / np.maximum(amount, 1)[:, None]).astype(np.float32)


def _help(
    bonds: Bonds, lives: Lives, traits: Traits, month: int, strength: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Help given now, given in a usual month, and offered to each person were they in need."""
    ties, need = bonds.ties, in_need(lives, traits)
    near = (ties.strength >= s.SUPPORT_STRENGTH) | (ties.kind == TieKind.KIN)
    at = np.flatnonzero(near & (ties.born <= month) & (month < ties.dead) & (month - bonds.last <= HELPED_WITHIN))
    given, base, offered = (np.zeros(len(lives)) for _ in range(3))
    usual = float(need.mean())
    share = min(strength, 1.0) * s.SUPPORT_SHARE * ties.strength[at]
    for giver, taker, not_asked in ((ties.a[at], ties.b[at], 2), (ties.b[at], ties.a[at], 1)):
        can = (ties.helper[at] != not_asked) & (lives.cash[giver] > lives.wage[giver])
        amount = can * share * lives.wage[giver]
        np.add.at(given, giver, amount * (need[taker] & ~need[giver]))
        np.add.at(base, giver, amount * usual)
        np.add.at(offered, taker, amount)
    return given, base, offered
