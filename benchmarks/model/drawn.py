"""Measures with their bootstrap draws kept, so that differences, shares and means of measures are paired draw by draw.

Persons are drawn with replacement and bring all their applications along. Knows no model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.evaluation.evaluate import BOOTSTRAP_DRAWS, BOOTSTRAP_SEED, Measure
from gnn.evaluation.metrics import Interval, interval_of, resamples

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """A measure over all applications, and float64 [draws] over resampled persons."""

    value: float
    draws: Floats

    @property
    def interval(self) -> Interval:
        """With the 95 % interval that the draws span."""
        return interval_of(self.value, self.draws)

    def minus(self, other: "Drawn") -> "Drawn":
        """The paired difference."""
        return Drawn(self.value - other.value, self.draws - other.draws)

    def share_of_gap(self, begin: "Drawn", end: "Drawn") -> "Drawn":
        """How far this lies from `begin` (0) towards `end` (1); NaN where `end` is not above `begin`."""
        return Drawn(
            _share(np.array([self.value]), np.array([begin.value]), np.array([end.value]))[0].item(),
            _share(self.draws, begin.draws, end.draws),
        )

    def to_json(self) -> list[float]:
        """The value, then the draws."""
        return [self.value, *self.draws.tolist()]

    @classmethod
    def from_json(cls, stored: Sequence[float]) -> "Drawn":
        """Inverse of `to_json`."""
        return cls(stored[0], np.array(stored[1:]))


def mean_of(parts: Sequence[Drawn]) -> Drawn:
    """Mean of measures of different applications, each with draws of its own."""
    return Drawn(float(np.mean([part.value for part in parts])), np.mean([part.draws for part in parts], axis=0))


def draw_measure(
    measure: Measure,
    label: NDArray[np.int8],
    scores: Mapping[str, Floats],
    person: NDArray[np.int64],
    seed: int,
    draws: int = BOOTSTRAP_DRAWS,
) -> dict[str, Drawn]:
    """A measure of each model, all on the same draws.

    Args:
        measure: Of labels and log-odds.
        label: int8 [k].
        scores: Log-odds float64 [k] by model.
        person: int64 [k], whose each is.
        seed: Added to the one of all bootstraps, so that economies have draws of their own.
        draws: How many.
    """
    found: dict[str, list[float]] = {name: [] for name in scores}
    for places in resamples(person, draws=draws, seed=BOOTSTRAP_SEED + seed):
        came = label[places]
        for name, log_odds in scores.items():
            found[name].append(measure(came, log_odds[places]))
    return {name: Drawn(measure(label, scores[name]), np.array(values)) for name, values in found.items()}


def _share(at: Floats, begin: Floats, end: Floats) -> Floats:
    gap = end - begin
    out = np.full(len(gap), np.nan)
    np.divide(at - begin, gap, out=out, where=gap > 0)
    return out
