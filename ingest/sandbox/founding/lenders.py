"""Which lenders there are: banks, online lenders, platforms with investors' money, and which platforms are up to what.

Half of the platforms are honest. Price and strictness say nothing of the scheme. Their books are the economy's business.
"""

import numpy as np

from ingest.sandbox.accounts import BANKS
from ingest.sandbox.draws import Draws
from ingest.sandbox.knobs import Scale
from ingest.sandbox.society import NONE, Ints, Lenders, Scheme

ONLINE_LENDERS = 4
HONEST_PLATFORMS = 7
SCHEMES = (
    Scheme.POOLS,
    Scheme.POOLS,
    Scheme.FINANCES_OWNERS,
    Scheme.FINANCES_OWNERS,
    Scheme.PONZI,
    Scheme.PONZI,
    Scheme.ABSCONDS,
)
PLATFORMS = HONEST_PLATFORMS + len(SCHEMES)
_EARLIEST_MONTH, _LAST_MONTHS = 12, 6  # a scheme shows from month 12 on, and not in the last six


def build_lenders(scale: Scale, candidates: Ints, draws: Draws) -> Lenders:
    """Found the lenders of an economy.

    Args:
        scale: Its months bound when a scheme shows.
        candidates: Persons who may own a platform, in any fixed order; at least as many as platforms.
        draws: The economy's luck.

    Returns:
        Banks, then online lenders, then platforms.
    """
    rng = draws.generator("founding.lenders")
    count = BANKS + ONLINE_LENDERS + PLATFORMS
    kind = np.repeat([0, 1, 2], [BANKS, ONLINE_LENDERS, PLATFORMS])
    strictness = np.array([0.45, 0.0, -0.15])[kind] + rng.normal(0, 0.12, count)
    rate = np.array([5.5, 8.5, 9.5])[kind] + rng.uniform(-1.5, 1.5, count)
    is_platform = kind == 2
    scheme = np.full(count, Scheme.HONEST, np.int8)
    scheme[is_platform] = rng.permutation(np.array([Scheme.HONEST] * HONEST_PLATFORMS + list(SCHEMES), np.int8))
    first = min(_EARLIEST_MONTH, scale.months // 3)
    month = rng.integers(first, max(first + 1, scale.months - _LAST_MONTHS + 1), count)
    owner = np.full(count, NONE, np.int32)
    owner[is_platform] = rng.choice(candidates, PLATFORMS, replace=False)
    return Lenders(
        strictness=strictness.astype(np.float32),
        rate_pct=rate.astype(np.float32),
        is_platform=is_platform,
        scheme=scheme,
        scheme_month=np.where(scheme == Scheme.HONEST, NONE, month).astype(np.int16),
        owner=owner,
    )
