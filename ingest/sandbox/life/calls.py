"""Who calls whom in a month: along living ties, strong ones more, and in worry rather those who may help.

A call is kept when the caller's operator delivers records. What was said is nobody's business here. Strong ties carry far
more calls than weak ones (Onnela et al. 2007, PNAS 104(18)); durations are near log-normal (Guo et al. 2007, "Estimate the
call duration distribution parameters in GSM system"; Seshadri et al. 2008, KDD). People in need turn to kin and helpers and
let other contacts rest (Wellman and Wortley 1990, AJS 96(3)).
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.life.rhythm import CALLING
from ingest.sandbox.society import Coverage, Society, TieKind

TOUCH_STREAM = "ties.touch"
CALLS_KEPT = 0.12  # chance, times the tie's strength, that a month of a tie is one with recorded calls
MEAN_CALLS_LEAST, MEAN_CALLS_BY_STRENGTH = 1.3, 4.0  # calls in such a month
MOST_CALLS = 40
WORRY_SEEKS = 0.8  # in full worry: more calls to kin and helpers
WORRY_WITHDRAWS = 0.5  # and fewer to everyone else
MEDIAN_CALL_S, CALL_LOG_SD, LONGEST_CALL_S = 90.0, 1.1, 7_200
SEASON = (1.02, 1.0, 1.0, 0.99, 1.0, 0.98, 0.95, 0.93, 0.99, 1.0, 1.02, 1.14)


def build_calls(society: Society, worry: NDArray[np.float32], month: int, draws: Draws) -> dict[str, NDArray[np.int64]]:
    """The month's recorded calls by time.

    Args:
        society: Ties and whose operator delivers records.
        worry: Strain by person, 0 for none, without upper bound.
        month: Month of the economy.
        draws: The economy's luck.

    Returns:
        Columns of `Event.CALL`, sorted by (second, caller, callee).
    """
    ties, covered = society.ties, (society.people.coverage & Coverage.TELECOM) != 0
    strain = 1 - np.exp(-np.maximum(worry, 0))
    # the same numbers that decide who is in touch in the economy, with a lower bound: calls lie in months in touch
    luck = draws.generator(TOUCH_STREAM, month).random(len(ties), dtype=np.float32)
    share = CALLS_KEPT * SEASON[month % 12]
    near = np.flatnonzero((luck < ties.strength * (share * (1 + WORRY_SEEKS))) & (ties.born <= month) & (ties.dead > month))
    a, b = ties.a[near].astype(np.int64), ties.b[near].astype(np.int64)
    kin, helper = ties.kind[near] == TieKind.KIN, ties.helper[near]
    from_a = _inclination(strain[a], kin | (helper != 1))
    from_b = _inclination(strain[b], kin | (helper != 2))
    bound = share * ties.strength[near] * (from_a + from_b) / 2
    called = (luck[near] < bound) & (covered[a] | covered[b])
    a, b, from_a, from_b, strength = (column[called] for column in (a, b, from_a, from_b, ties.strength[near]))

    mean = MEAN_CALLS_LEAST + MEAN_CALLS_BY_STRENGTH * strength.astype(np.float64)
    more = np.log1p(-draws.uniform("days.calls", a, b, month)) / np.log1p(-1 / mean)
    count = np.minimum(1 + more.astype(np.int64), MOST_CALLS)
    tie = np.repeat(np.arange(len(a)), count)
    which = np.arange(len(tie)) - np.repeat(np.cumsum(count) - count, count)
    by_a = draws.uniform("days.caller", a[tie], b[tie], month, which) * (from_a + from_b)[tie] < from_a[tie]
    caller, callee = np.where(by_a, a[tie], b[tie]), np.where(by_a, b[tie], a[tie])
    kept = covered[caller]
    caller, callee, which = caller[kept], callee[kept], which[kept]

    second = CALLING.seconds(draws.uniform("days.called_at", caller, callee, month, which), month)
    duration = _duration(
        draws.uniform("days.radius", caller, callee, month, which), draws.uniform("days.angle", caller, callee, month, which)
    )
    frame = pl.DataFrame({"second": second, "caller": caller, "callee": callee, "duration": duration})
    return {name: column.to_numpy() for name, column in frame.sort("second", "caller", "callee", "duration").to_dict().items()}


def _inclination(strain: NDArray[np.float32], turns_to: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How readily one calls the other, 1 without worry."""
    return np.where(turns_to, 1 + WORRY_SEEKS * strain, 1 - WORRY_WITHDRAWS * strain)


def _duration(radius: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.int64]:
    """Log-normal seconds from two uniform numbers (Box and Muller 1958)."""
    normal = np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * angle)
    seconds: NDArray[np.float64] = np.exp(np.log(MEDIAN_CALL_S) + CALL_LOG_SD * normal)
    return np.clip(seconds, 1, LONGEST_CALL_S).astype(np.int64)
