"""Pairing within cells: lowest keys first, the surplus stays alone."""

import numpy as np

from ingest.sandbox.founding.pairing import pair_within, position_in_run


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int32)


def test_pairs_stay_within_their_cell_in_order_of_keys() -> None:
    keys = np.array([0.9, 0.1, 0.5, 0.2], np.float32)

    left, right = pair_within(ints(7, 7, 3, 5), keys, ints(3, 7, 7, 9), keys)

    assert set(zip(left.tolist(), right.tolist(), strict=True)) == {(2, 0), (1, 1), (0, 2)}


def test_the_surplus_of_a_cell_stays_alone() -> None:
    left, right = pair_within(ints(1, 1, 1), np.array([3, 1, 2], np.float32), ints(1), np.zeros(1, np.float32))

    assert left.tolist() == [1]
    assert right.tolist() == [0]


def test_nothing_pairs_with_nobody() -> None:
    left, right = pair_within(ints(1, 2), np.zeros(2, np.float32), ints(), np.zeros(0, np.float32))

    assert len(left) == len(right) == 0


def test_positions_count_from_the_start_of_each_run() -> None:
    assert position_in_run(ints(4, 4, 1, 4, 4, 4)).tolist() == [0, 1, 0, 0, 1, 2]
    assert position_in_run(ints()).tolist() == []
