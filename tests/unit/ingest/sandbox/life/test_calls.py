"""Calls follow ties and worry."""

import numpy as np
import pytest

from ingest.sandbox.draws import Draws
from ingest.sandbox.life import calls
from ingest.sandbox.life.calls import CALLS_KEPT, SEASON, TOUCH_STREAM, WORRY_SEEKS, build_calls
from ingest.sandbox.society import Coverage, Society, TieKind
from tests.support.small_society import make_society, with_coverage

DRAWS = Draws(7)
MONTHS = range(4)


@pytest.fixture(scope="module")
def society() -> Society:
    return make_society(3_000)


def pairs(society: Society, worry: np.ndarray | float = 0.0) -> np.ndarray:
    """Tie of every call of some months and whether `a` called, [calls, 3]: tie, by_a, month."""
    strain = np.broadcast_to(np.float32(worry), len(society.people)).astype(np.float32)
    known = {(int(a), int(b)): tie for tie, (a, b) in enumerate(zip(society.ties.a, society.ties.b, strict=True))}
    rows = []
    for month in MONTHS:
        made = build_calls(society, strain, month, DRAWS)
        for caller, callee in zip(made["caller"], made["callee"], strict=True):
            pair = (int(min(caller, callee)), int(max(caller, callee)))
            rows.append((known[pair], caller < callee, month))
    return np.array(rows)


def test_calls_lie_on_ties_alive_in_the_month(society: Society) -> None:
    tie, _, month = pairs(society).T

    assert (society.ties.born[tie] <= month).all()
    assert (society.ties.dead[tie] > month).all()


def test_calls_lie_in_months_in_touch(society: Society) -> None:
    """Contagion takes the same numbers with the bound 0.40 times strength."""
    tie, _, month = pairs(society, worry=9.0).T
    for one in MONTHS:
        luck = DRAWS.generator(TOUCH_STREAM, one).random(len(society.ties), dtype=np.float32)
        called = tie[month == one]
        assert (luck[called] < 0.40 * society.ties.strength[called]).all()
    assert CALLS_KEPT * max(SEASON) * (1 + WORRY_SEEKS) < 0.40


def test_strong_ties_carry_more_calls(society: Society) -> None:
    strength = society.ties.strength[pairs(society)[:, 0]]

    assert strength.mean() > society.ties.strength.mean() + 0.15


def test_the_worried_turn_to_kin_and_helpers_and_from_others(society: Society) -> None:
    worry = np.zeros(len(society.people), np.float32)
    worry[::2] = 5.0

    def made_by_worried(level: np.ndarray | float) -> tuple[int, int]:
        tie, by_a, _ = pairs(society, level).T
        a, b = society.ties.a[tie], society.ties.b[tie]
        caller = np.where(by_a == 1, a, b)
        helper_of_caller = np.where(by_a == 1, society.ties.helper[tie] != 1, society.ties.helper[tie] != 2)
        near = (society.ties.kind[tie] == TieKind.KIN) | helper_of_caller
        mine = caller % 2 == 0
        return int((near & mine).sum()), int((~near & mine).sum())

    calm, worried = made_by_worried(0.0), made_by_worried(worry)
    assert worried[0] > 1.4 * calm[0]
    assert worried[1] < 0.7 * calm[1]


def test_only_covered_persons_are_recorded_as_callers(society: Society) -> None:
    bits = np.where(np.arange(len(society.people)) % 4 == 0, Coverage.TELECOM, 0)
    made = build_calls(with_coverage(society, bits), np.zeros(len(society.people), np.float32), 1, DRAWS)

    assert len(made["caller"]) > 20
    assert (made["caller"] % 4 == 0).all()
    assert (made["callee"] % 4 != 0).any()


def test_durations_have_the_declared_median(society: Society) -> None:
    duration = np.concatenate([build_calls(society, np.zeros(3_000, np.float32), m, DRAWS)["duration"] for m in MONTHS])

    assert 80 < np.median(duration) < 100
    assert duration.min() >= 1
    assert duration.max() <= calls.LONGEST_CALL_S
