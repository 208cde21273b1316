"""Numbers that name things without giving them away: keyed permutations of 0..10^digits - 1.

A permutation of the whole range, so distinct things get distinct numbers and neither their order nor their count shows.
Knows nothing of what is numbered.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws

_ROUNDS = 6


@dataclass(frozen=True)
class Numbering:
    """A Feistel network over (high, low) digits: each half is moved by a random table of the other, round by round.

    Attributes:
        draws: Where the tables come from.
        name: What is numbered; another name gives another permutation.
        digits: Decimal digits of the range.
        kinds: How many independent permutations there are beside each other, chosen by `kind` of `number`.
    """

    draws: Draws
    name: str
    digits: int
    kinds: int = 1

    def number(self, things: NDArray[np.integer], kind: NDArray[np.integer] | int = 0) -> NDArray[np.int64]:
        """The numbers of things 0..10^digits - 1."""
        number = np.asarray(things, np.int64)
        assert not number.size or 0 <= number.min() <= number.max() < 10**self.digits, (
            f"{self.name} beyond {self.digits} digits"
        )
        high, low = number // self._low_size, number % self._low_size
        of_high, of_low = np.asarray(kind, np.int64) * self._high_size, np.asarray(kind, np.int64) * self._low_size
        for by_low, by_high in self._tables:
            high = (high + by_low[of_low + low]) % self._high_size
            low = (low + by_high[of_high + high]) % self._low_size
        return high * self._low_size + low

    @property
    def _high_size(self) -> int:
        return int(10 ** (self.digits // 2))

    @property
    def _low_size(self) -> int:
        return int(10 ** (self.digits - self.digits // 2))

    @cached_property
    def _tables(self) -> list[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        def table(stream: str, size: int, below: int) -> NDArray[np.int32]:
            bits = self.draws.bits(f"numbering.{self.name}.{stream}", np.arange(self.kinds * size, dtype=np.int64))
            return (bits % np.uint64(below)).astype(np.int32)

        low, high = self._low_size, self._high_size
        return [(table(f"{turn}.low", low, high), table(f"{turn}.high", high, low)) for turn in range(_ROUNDS // 2)]
