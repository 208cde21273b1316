"""Which facts a network reads and how: steps at each depth, scales of their numbers, dictionaries of their categories.

A plan is fitted on training trees, goes into the bundle as JSON, and is applied to any snapshot: categories are found by
their text, since codes differ between snapshots. It reads no fact itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.features.removal import Touching, Without, held_by, removed_by
from graph.neighbourhood import Direction, Step
from graph.vocabulary import EdgeType, NodeLabel, RelType

UNKNOWN_CODE, MISSING_CODE, FIRST_CODE = 0, 1, 2
"""Codes of a category not in the dictionary, of one not stated, and of the dictionary's first."""
AGE_COLUMNS = 12
"""For `at` and for `known_at`: logarithm and four decaying exponentials of the age in whole days, and a sign."""
FLAG_COLUMNS = 2
"""Undated, and: leads back to the subject."""


@dataclass(frozen=True)
class NumberPlan:
    """A numeric property: (arsinh(value) - centre) / scale, beside a flag for missing."""

    name: str
    centre: float
    scale: float


@dataclass(frozen=True)
class CategoryPlan:
    """A category property and the values known in training, sorted."""

    name: str
    values: tuple[str, ...]

    @property
    def codes(self) -> int:
        """Number of codes, unknown and missing included."""
        return FIRST_CODE + len(self.values)


@dataclass(frozen=True)
class StepPlan:
    """One step at one depth (0: facts of the subject, 1: one hop on) and the columns read of its facts."""

    depth: int
    step: Step
    numbers: tuple[NumberPlan, ...]
    categories: tuple[CategoryPlan, ...]

    @property
    def width(self) -> int:
        """Numeric inputs of one fact: ages, flags, and a value and a flag for each number."""
        return AGE_COLUMNS + FLAG_COLUMNS + 2 * len(self.numbers)


@dataclass(frozen=True)
class EncoderPlan:
    """What a network reads around a subject of `label`; the position of a step in `steps` is its number everywhere.

    `unseen` are steps not taken from any node, as in a `FeaturePlan`.
    """

    label: NodeLabel
    fanouts: tuple[int, int]
    steps: tuple[StepPlan, ...]
    unseen: tuple[Step, ...] = ()

    @cached_property
    def taken(self) -> tuple[Mapping[Step, int], ...]:
        """Steps to take at each distance from the subject, with their numbers; no other fact is read."""
        return tuple({s.step: n for n, s in enumerate(self.steps) if s.depth == depth} for depth in range(len(self.fanouts)))

    def kept(self, removed: Sequence[Without]) -> NDArray[np.bool_]:
        """Which steps are left in each variant, bool [len(removed), steps]: those that nothing removed takes away."""
        return ~self._touching.of(removed)

    @cached_property
    def _touching(self) -> Touching:
        held = held_by(self.label)
        return Touching([removed_by(plan.step, own=plan.depth == 0 or plan.step.near in held) for plan in self.steps])

    def to_json(self) -> dict[str, Any]:
        """Plain values for a manifest."""
        return {
            "label": self.label,
            "fanouts": list(self.fanouts),
            "unseen": [[*edge, direction] for edge, direction in self.unseen],
            "steps": [
                {
                    "depth": s.depth,
                    "edge": list(s.step.edge),
                    "direction": s.step.direction,
                    "numbers": [asdict(n) for n in s.numbers],
                    "categories": [asdict(c) for c in s.categories],
                }
                for s in self.steps
            ],
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> "EncoderPlan":
        """Inverse of `to_json`."""
        near, far = data["fanouts"]
        unseen = tuple(_step(part[:3], part[3]) for part in data["unseen"])
        return EncoderPlan(NodeLabel(data["label"]), (near, far), tuple(_step_plan(s) for s in data["steps"]), unseen)


def _step(edge: Sequence[str], direction: str) -> Step:
    source, rel, target = edge
    return Step(EdgeType(NodeLabel(source), RelType(rel), NodeLabel(target)), Direction(direction))


def _step_plan(data: dict[str, Any]) -> StepPlan:
    return StepPlan(
        depth=data["depth"],
        step=_step(data["edge"], data["direction"]),
        numbers=tuple(NumberPlan(n["name"], n["centre"], n["scale"]) for n in data["numbers"]),
        categories=tuple(CategoryPlan(c["name"], tuple(c["values"])) for c in data["categories"]),
    )
