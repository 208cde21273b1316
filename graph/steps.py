"""The steps of a walk over the graph: along an edge type, from one of its ends.

Derived from the vocabulary; knows no fact.
"""

from enum import StrEnum
from functools import cache
from typing import NamedTuple

from graph.derived import edges_at
from graph.vocabulary import DESCRIBING, EdgeType, NodeLabel


class Direction(StrEnum):
    """Which end of a fact the query node is: OUT its source, IN its target."""

    OUT = "out"
    IN = "in"


class Step(NamedTuple):
    """One way to walk: along an edge type, from the end that `direction` says the query node is."""

    edge: EdgeType
    direction: Direction

    @property
    def near(self) -> NodeLabel:
        """Label of the node that is asked."""
        return self.edge.source if self.direction is Direction.OUT else self.edge.target

    @property
    def far(self) -> NodeLabel:
        """Label of the node that is reached."""
        return self.edge.target if self.direction is Direction.OUT else self.edge.source

    @property
    def back(self) -> "Step":
        """The same relation walked the other way."""
        return Step(self.edge, Direction.IN if self.direction is Direction.OUT else Direction.OUT)

    @property
    def stays(self) -> bool:
        """Whether the fact describes the node itself, so that nothing new is reached."""
        return self.edge.rel in DESCRIBING


@cache
def steps_at(label: NodeLabel) -> tuple[Step, ...]:
    """All steps from a node of this label: edge types in declared order, OUT before IN, self relations only OUT."""
    steps = []
    for edge in edges_at(label):
        if edge.source is label:
            steps.append(Step(edge, Direction.OUT))
        if edge.target is label and edge.rel not in DESCRIBING:
            steps.append(Step(edge, Direction.IN))
    return tuple(steps)
