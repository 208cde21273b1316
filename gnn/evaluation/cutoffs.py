"""Cut-offs of scores: a loan is approved when its log-odds of going bad do not exceed the cut-off.

Knows no cost and no model.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
APPROVE_NONE, APPROVE_ALL = float("-inf"), float("inf")
_ROUNDING = 1e-9  # 0.29 * 100 is a hair below 29


def cutoff_approving(log_odds: Floats, share: float) -> float:
    """The highest cut-off that approves no more than `share` of these scores; a tie is approved as a whole or not at all.

    Args:
        log_odds: float64 [n], of a period that nothing is reported on.
        share: 0 to 1.

    Returns:
        One of the scores, or `APPROVE_NONE` where even the safest tie is too large.

    Raises:
        ValueError: the share is none.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share to approve lies in [0, 1], not {share}")
    ordered = np.sort(log_odds)
    count = int(len(ordered) * share + _ROUNDING)
    if count and count < len(ordered) and ordered[count] == ordered[count - 1]:
        count = int(np.searchsorted(ordered, ordered[count], side="left"))
    return float(ordered[count - 1]) if count else APPROVE_NONE


def approved(log_odds: Floats, cutoff: float) -> NDArray[np.bool_]:
    """Who is approved, bool [n]."""
    return log_odds <= cutoff
