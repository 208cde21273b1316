"""How a network is trained: what of it may be chosen, tuned or taken over from an earlier training. Knows no data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TowerSettings:
    """How the part that reads the subject's table is trained, where there are `least_lessons` trees to learn from.

    Then milestones teach beside the outcome, each at `milestone_weight`, and training takes all `epochs` of batches of
    `batch_trees`: no period has to tell when to stop. Messages come over steps of the table's paths alone. Each column is
    cut into `pieces` at most.
    """

    width: int = 96
    pieces: int = 4
    input_dropout: float = 0.2
    peak_rate: float = 2.5e-4
    weight_decay: float = 0.5
    epochs: int = 6
    batch_trees: int = 256
    least_lessons: int = 10_000
    milestone_weight: float = 0.3


@dataclass(frozen=True)
class TrainingSettings:
    """How a network is trained; an epoch has batches of `batch_trees`, or smaller ones to make `least_batches`."""

    hidden: int = 32
    dropout: float = 0.5
    weight_decay: float = 0.3
    peak_rate: float = 3e-3
    epochs: int = 3
    batch_trees: int = 128
    least_batches: int = 30
    ridge: float = 0.003
    tower: TowerSettings = TowerSettings()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "TrainingSettings":
        """The settings of these plain values; what is lacking has its default.

        Raises:
            TypeError: names a setting there is not.
        """
        return cls(**{**data, "tower": TowerSettings(**data.get("tower", {}))})


@dataclass(frozen=True)
class SequenceSettings:
    """How a network over a subject's own events is trained; at most its `longest` most recent events are read.

    Where there are `least_lessons` to learn from, milestones teach beside the outcome, each at `milestone_weight`. An epoch
    has batches of `batch_sequences`, or smaller ones to make `least_batches`.
    """

    longest: int = 96
    hidden: int = 48
    dropout: float = 0.2
    peak_rate: float = 2e-3
    weight_decay: float = 0.05
    epochs: int = 6
    batch_sequences: int = 256
    least_batches: int = 30
    least_lessons: int = 10_000
    milestone_weight: float = 0.3
