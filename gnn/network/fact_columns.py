"""What facts carry, as a network reads it: numbers and codes of the facts of many steps, worked out together.

Ages count whole UTC days and pass through tables, amounts through an inverse hyperbolic sine, so that a fact's numbers
depend on the fact, the instant and the plan only. Knows no tree.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gnn.network.encoder_plan import (
    AGE_COLUMNS,
    FIRST_CODE,
    FLAG_COLUMNS,
    MISSING_CODE,
    UNKNOWN_CODE,
    CategoryPlan,
    NumberPlan,
    StepPlan,
)
from gnn.network.forest import Ints
from graph.snapshot import MISSING, Snapshot
from graph.vocabulary import EdgeType

SECONDS_A_DAY = 86_400
MICROSECONDS_A_DAY = 86_400_000_000
MAXIMUM_AGE_DAYS = 36_500
DECAY_DAYS = (7.0, 30.0, 90.0, 365.0)
LOG_AGE_SCALE = 8.0  # about the logarithm of eight years in days
NUMBER_LIMIT = 6.0  # standard deviations beyond which a number says no more
FEW = 1 << 14  # facts that are worked out together; with more, each step's alone costs as little and takes less memory
FLAGGED_COLUMNS = AGE_COLUMNS + FLAG_COLUMNS

Floats = NDArray[np.float64]
Numbers = NDArray[np.float32]


class StepFacts(NamedTuple):
    """Facts `ref` int64 [e] read by one step's plan, each as of its own second, and bool [e] which lead to the subject."""

    plan: StepPlan
    ref: Ints
    as_of_s: Ints
    back: NDArray[np.bool_]


def encode_numbers(snapshot: Snapshot, facts: Sequence[StepFacts]) -> list[Numbers]:
    """Numbers float32 [e, width] of each step's facts, the same in whatever company."""
    if len(facts) > 1 and sum(len(step.ref) for step in facts) > FEW:
        return [encode_numbers(snapshot, [step])[0] for step in facts]
    if not facts:
        return []
    found = [np.empty((len(step.ref), step.plan.width), np.float32) for step in facts]
    flagged, at = _flagged(snapshot, facts), 0
    pieces: list[tuple[int, int, NumberPlan, Floats]] = []
    for place, (plan, ref, _, _) in enumerate(facts):
        found[place][:, :FLAGGED_COLUMNS] = flagged[at : at + len(ref)]
        at += len(ref)
        for column, number in enumerate(plan.numbers):
            pieces.append(
                (place, FLAGGED_COLUMNS + 2 * column, number, stated_numbers(snapshot, plan.step.edge, number.name, ref))
            )
    if not pieces:
        return found
    sizes = [len(values) for *_, values in pieces]
    centre, scale = (np.repeat([getattr(n, name) for _, _, n, _ in pieces], sizes) for name in ("centre", "scale"))
    value = (np.arcsinh(np.concatenate([values for *_, values in pieces])) - centre) / scale
    missing = np.isnan(value)
    value = np.where(missing, 0.0, np.minimum(np.maximum(value, -NUMBER_LIMIT), NUMBER_LIMIT))
    both, at = np.stack([value, missing], axis=1), 0
    for (place, column, _, _), size in zip(pieces, sizes, strict=True):
        found[place][:, column : column + 2] = both[at : at + size]
        at += size
    return found


def encode_codes(snapshot: Snapshot, plan: StepPlan, ref: Ints) -> Ints:
    """Codes int64 [e, c] of the categories that facts state."""
    codes = np.empty((len(ref), len(plan.categories)), np.int64)
    for column, category in enumerate(plan.categories):
        translated = _translation(snapshot, plan.step.edge, category)
        codes[:, column] = translated[snapshot.take(plan.step.edge, category.name, ref)]  # -1, missing, is the last
    return codes


def stated_numbers(snapshot: Snapshot, edge: EdgeType, name: str, ref: Ints) -> Floats:
    """A numeric property of facts, float64 [e], NaN where it is not stated."""
    values = snapshot.take(edge, name, ref)
    if values.dtype == np.int64:
        return np.where(values == MISSING, np.nan, values)
    return values


def _flagged(snapshot: Snapshot, facts: Sequence[StepFacts]) -> Numbers:
    """Ages of all facts, undated ones, and those that lead back, float32 [e, FLAGGED_COLUMNS]."""
    at_us, known_at_s, undated = (
        np.concatenate([snapshot.take(step.plan.step.edge, column, step.ref) for step in facts])
        for column in ("at_us", "known_at_s", "undated")
    )
    today = np.concatenate([step.as_of_s for step in facts]) // SECONDS_A_DAY
    flagged = np.empty((len(today), FLAGGED_COLUMNS), np.float32)
    flagged[:, : AGE_COLUMNS // 2] = _ages(today - at_us // MICROSECONDS_A_DAY)
    flagged[:, AGE_COLUMNS // 2 : AGE_COLUMNS] = _ages(today - known_at_s // SECONDS_A_DAY)
    flagged[undated, :AGE_COLUMNS] = 0.0  # a declared instant says nothing of age
    flagged[:, AGE_COLUMNS] = undated
    flagged[:, AGE_COLUMNS + 1] = np.concatenate([step.back for step in facts])
    return flagged


def _translation(snapshot: Snapshot, edge: EdgeType, category: CategoryPlan) -> Ints:
    """By a snapshot's code of a category its code in the plan, int64; the last is that of a missing one."""

    def translate() -> Ints:
        known = {text: FIRST_CODE + code for code, text in enumerate(category.values)}
        return np.array([*(known.get(text, UNKNOWN_CODE) for text in snapshot.categories(edge, category.name)), MISSING_CODE])

    return snapshot.keep(("codes of a network", edge, category), translate)


def _ages(days: Ints) -> Numbers:
    within: Ints = np.minimum(np.maximum(days, -MAXIMUM_AGE_DAYS), MAXIMUM_AGE_DAYS)
    return _age_table()[within + MAXIMUM_AGE_DAYS]


@cache
def _age_table() -> Numbers:
    """Row MAXIMUM_AGE_DAYS + d encodes an age of d days; facts that happen after the instant have negative ages."""
    days = np.arange(-MAXIMUM_AGE_DAYS, MAXIMUM_AGE_DAYS + 1, dtype=np.float64)
    log_age = np.sign(days) * np.log1p(np.abs(days)) / LOG_AGE_SCALE
    decays = [np.exp(-np.abs(days) / decay) for decay in DECAY_DAYS]
    return np.stack([log_age, *decays, days < 0], axis=1).astype(np.float32)
