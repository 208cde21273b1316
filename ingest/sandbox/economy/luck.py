"""Where the rows of a month get their luck from: named draws in the economy, one stream in imagined futures.

In the economy a draw is named by what it is for and the month, so that a replay meets the same luck. An imagined future
needs no names: whatever is asked for next comes from its own generator.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws

Floats = NDArray[np.float32]


class Luck(Protocol):
    """Draws of one month, by row."""

    def uniform(self, what: str, columns: int = 1) -> Floats:
        """Uniform [0, 1): float32 [rows], or [rows, columns] where more than one is asked for."""
        ...

    def normal(self, what: str) -> Floats:
        """Standard normal: float32 [rows]."""
        ...


@dataclass(frozen=True)
class NamedLuck:
    """The economy's: row p is person p, always."""

    draws: Draws
    month: int
    rows: int

    def uniform(self, what: str, columns: int = 1) -> Floats:
        """See `Luck`."""
        return self.draws.generator(f"life.{what}", self.month).random(_shape(self.rows, columns), dtype=np.float32)

    def normal(self, what: str) -> Floats:
        """See `Luck`."""
        return self.draws.generator(f"life.{what}", self.month).standard_normal(self.rows, dtype=np.float32)


@dataclass
class StreamLuck:
    """An imagined future's: the next numbers of one generator."""

    generator: np.random.Generator
    rows: int

    def uniform(self, what: str, columns: int = 1) -> Floats:
        """See `Luck`."""
        return self.generator.random(_shape(self.rows, columns), dtype=np.float32)

    def normal(self, what: str) -> Floats:
        """See `Luck`."""
        return self.generator.standard_normal(self.rows, dtype=np.float32)


def _shape(rows: int, columns: int) -> int | tuple[int, int]:
    return rows if columns == 1 else (rows, columns)


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), float32."""
    out: Floats = np.float32(1) / (np.float32(1) + np.exp(-x))
    return out
