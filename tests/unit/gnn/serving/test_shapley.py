import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnn.serving.shapley import shapley_values

FINITE = st.floats(-5, 5)


def test_glove_game_is_shared_as_worked_out_by_hand() -> None:
    # Player 0 has a left glove, 1 and 2 a right one each; a pair is worth 1. By hand: 2/3, 1/6, 1/6.
    value = np.array([0, 0, 0, 1, 0, 1, 0, 1], dtype=float)
    assert shapley_values(value, 3) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


@given(st.lists(FINITE, min_size=16, max_size=16))
def test_shares_add_up_to_what_all_gain_over_none(values: list[float]) -> None:
    shares = shapley_values(np.array(values), 4)
    assert shares.sum() == pytest.approx(values[-1] - values[0], abs=1e-9)


@given(st.lists(FINITE, min_size=8, max_size=8))
def test_player_who_never_changes_a_value_gets_exactly_nothing(values: list[float]) -> None:
    with_idle_last = np.array(values + values)
    assert shapley_values(with_idle_last, 4)[3] == 0.0
