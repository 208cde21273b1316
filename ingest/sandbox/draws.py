"""Random numbers that depend on what they are for and never on who asked first.

Every draw is named by (seed, stream, month) and indexed by a fixed population, so that an economy that is replayed with
one thing changed meets the same luck everywhere else, and so that the number of processes changes nothing.
"""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_UNIT = 2.0**-53


@dataclass(frozen=True)
class Draws:
    """The luck of one economy."""

    seed: int

    def generator(self, stream: str, month: int = 0) -> np.random.Generator:
        """A generator of its own for a stream and month; draw arrays whose sizes never depend on events."""
        return np.random.Generator(np.random.Philox(key=self._key(stream, month)))

    def uniform(self, stream: str, *ids: NDArray[np.int64] | int) -> NDArray[np.float64]:
        """Uniform [0, 1) by what the ids name, whatever else is drawn: for populations that come and go.

        Args:
            stream: What the number is for.
            ids: Integers or arrays of one shape [k]; together they name one draw.

        Returns:
            float64 [k].
        """
        return (self.bits(stream, *ids) >> np.uint64(11)).astype(np.float64) * _UNIT

    def bits(self, stream: str, *ids: NDArray[np.int64] | int) -> NDArray[np.uint64]:
        """64 mixed bits by what the ids name; see `uniform`."""
        state = np.atleast_1d(np.asarray(self._key(stream, 0) & (2**64 - 1), np.uint64))
        with np.errstate(over="ignore"):
            for part in ids:
                state = _mix(state ^ (np.atleast_1d(np.asarray(part)).astype(np.int64).view(np.uint64) * _GOLDEN))
        return state

    def words(self, stream: str, month: int = 0) -> list[int]:
        """What seeds another kind of generator for a stream and month."""
        key = self._key(stream, month)
        return [key >> 64, key & (2**64 - 1)]

    def _key(self, stream: str, month: int) -> int:
        return int.from_bytes(blake2b(f"{self.seed}:{stream}:{month}".encode(), digest_size=16).digest())


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014)."""
    state = state + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _MIX_1
    state = (state ^ (state >> np.uint64(27))) * _MIX_2
    return state ^ (state >> np.uint64(31))
