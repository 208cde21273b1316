"""Exact Shapley values of a few players from the value of every coalition (Shapley 1953).

Knows no model: a coalition is a bit mask, player i being bit i.
"""

from math import factorial

import numpy as np
from numpy.typing import NDArray


def shapley_values(values: NDArray[np.float64], players: int) -> NDArray[np.float64]:
    """Each player's share of `values[all] - values[none]`, float64 [players].

    A player whose presence never changes a value gets exactly 0.

    Args:
        values: float64 [2**players], entry m the value of the coalition whose members are the bits set in m.
        players: How many.
    """
    shares = np.zeros(players)
    for player in range(players):
        for coalition in range(2**players):
            if not coalition >> player & 1:
                size = coalition.bit_count()
                weight = factorial(size) * factorial(players - size - 1) / factorial(players)
                shares[player] += weight * (values[coalition | 1 << player] - values[coalition])
    return shares
