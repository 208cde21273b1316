"""Who is secretly up to what, with whom and from which month on; and who only looks like it.

All shares go with the knob of rings: without rings nobody has a plan. What a plan does is the economy's business.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.founding.residents import Dwelling, Residents
from ingest.sandbox.founding.traits import Traits
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Ints, LookAlikes, Misuse, Plan

SHARES = {
    Plan.BUST_OUT: 0.003,
    Plan.STACKER: 0.003,
    Plan.CIRCLER: 0.003,
    Plan.CONTACT_FAKER: 0.005,
    Plan.MISUSER: 0.010,
}
"""Share of real persons where rings have `SHARES_AT_RINGS` of all persons; more rings, more of the others."""

SHARES_AT_RINGS = 0.006

CIRCLE_SIZES = (3, 5)  # both ends included
_UNWILLINGNESS_EFFECT = 0.5  # on the log-odds of having a plan, a standard deviation of willingness
_EARLIEST_MONTH, _LAST_MONTHS = 8, 4


@dataclass(frozen=True)
class Plans:
    """One row a person; see `People`."""

    plan: NDArray[np.int8]
    month: NDArray[np.int16]
    misuse: NDArray[np.int8]
    gang: Ints


def build_plans(scale: Scale, residents: Residents, traits: Traits, draws: Draws) -> Plans:
    """Draw the adversaries: rings as the residents have them, others among real persons who are no look-alikes."""
    rng = draws.generator("founding.plans")
    plan = np.full(len(residents), Plan.HONEST, np.int8)
    gang = residents.ring.copy()
    first = min(_EARLIEST_MONTH, scale.months // 3)
    after = max(first + 1, scale.months - _LAST_MONTHS + 1)
    month = rng.integers(first, after, len(residents))
    rings = int(residents.ring.max()) + 1
    is_made_up = ~residents.is_real
    plan[is_made_up] = Plan.SYNTHETIC
    together = rng.integers(first, after, max(rings, 1))[residents.ring] + rng.integers(-1, 2, len(residents))
    month = np.where(is_made_up, np.clip(together, first, after - 1), month)

    lean = rng.gumbel(size=len(residents)) - _UNWILLINGNESS_EFFECT * traits.willingness
    lean[is_made_up | (residents.dwelling != Dwelling.ORDINARY)] = -np.inf
    real = len(residents) - int(is_made_up.sum())
    wanted = {kind: round(share * real * scale.knobs.ring_share / SHARES_AT_RINGS) for kind, share in SHARES.items()}
    if wanted[Plan.CIRCLER] < CIRCLE_SIZES[0]:
        wanted[Plan.CIRCLER] = 0
    total = sum(wanted.values())
    chosen = np.argpartition(-lean, total)[:total]
    chosen = rng.permutation(np.sort(chosen))
    plan[chosen] = np.repeat(np.array(list(wanted), np.int8), list(wanted.values()))

    circlers = chosen[plan[chosen] == Plan.CIRCLER]
    circle = _circles(len(circlers), rng)
    gang[circlers] = rings + circle
    month[circlers] = rng.integers(first, after, len(circlers))[circle]
    misuse = np.where(plan == Plan.MISUSER, rng.integers(Misuse.GAMBLING, Misuse.AGENT + 1, len(plan)), Misuse.NONE)
    return Plans(
        plan=plan,
        month=np.where(plan == Plan.HONEST, NONE, month).astype(np.int16),
        misuse=misuse.astype(np.int8),
        gang=gang,
    )


def build_look_alikes(residents: Residents) -> LookAlikes:
    """Name the groups that share a home and devices and mean no harm, as the residents have them."""
    person = np.flatnonzero(residents.group != NONE).astype(np.int32)
    group = residents.group[person]
    order = np.lexsort((person, group))
    kind = residents.dwelling[person[order]] - Dwelling.FAMILY
    return LookAlikes(person[order], group[order], kind.astype(np.int8))


def _circles(members: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Number of the circle of each member; the last circles take up the rest, so that none is too small."""
    low, high = CIRCLE_SIZES
    circles = max(1, round(members / ((low + high) / 2)))
    while circles * high < members:
        circles += 1
    while circles > 1 and circles * low > members:
        circles -= 1
    base = np.full(circles, low)
    spare = rng.permutation(np.repeat(np.arange(circles), high - low))[: max(0, members - circles * low)]
    return np.repeat(np.arange(circles), base + np.bincount(spare, minlength=circles))[:members]
