"""Which columns a table of features has: definitions that follow from the vocabulary and from the facts known by a given time.

A plan is data: it goes into the model bundle as JSON and is read back at serving. It computes no value and knows no model.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from graph.steps import Direction, Step
from graph.vocabulary import EdgeType, Family, NodeLabel, RelType

PLAN_FORMAT = 3  # raise when a statistic is added or changes its meaning


class Scope(StrEnum):
    """How far a table of features looks."""

    OWN = "own"
    NEIGHBOURS = "neighbours"


class Statistic(StrEnum):
    """How the facts of one path become one number.

    Counts and sums of nothing are 0, everything else is NaN where no fact speaks. PEERS counts distinct nodes at the end
    of the path. RECENCY_DAYS, PREVIOUS_DAYS and SPAN_DAYS are the age in whole days of the last, the last but one and the
    first fact known (negative where it is still to come, as an instalment may be). LAST is the last fact's value. SIZE_MEAN and
    SIZE_MAX are over the nodes before the last step of the path, of how many facts each has over that step. CENSUS counts the
    facts of all others who are at the venues the first step leads to, each once a venue, however many there are; the other
    statistics read the most recent ones.
    """

    COUNT = "count"
    PEERS = "peers"
    RECENCY_DAYS = "recency_days"
    PREVIOUS_DAYS = "previous_days"
    SPAN_DAYS = "span_days"
    SUM = "sum"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    LAST = "last"
    STD = "std"
    POSITIVE_SHARE = "positive_share"
    CATEGORY_COUNT = "category_count"
    CATEGORY_SHARE = "category_share"
    RATIO = "ratio"
    SIZE_MEAN = "size_mean"
    SIZE_MAX = "size_max"
    CENSUS = "census"


@dataclass(frozen=True)
class Column:
    """One number about the facts at the end of a path, or the ratio of two other columns.

    `path` leads from the subject; the facts are those of its last step. `prop`, `category` and `window_days` narrow the
    statistic down; `over` names numerator and denominator of a ratio, neither a ratio itself.
    """

    name: str
    family: Family
    path: tuple[Step, ...]
    statistic: Statistic
    prop: str | None = None
    category: str | None = None
    window_days: int | None = None
    over: tuple[str, str] | None = None


@dataclass(frozen=True)
class FeaturePlan:
    """The columns of a table, in order; `currency` is the only one whose amounts are read.

    `unseen` are steps that no column takes, sorted; a fact of theirs is not met from its other end where that leads back to
    the subject.
    """

    label: NodeLabel
    scope: Scope
    currency: str
    columns: tuple[Column, ...]
    unseen: tuple[Step, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def families(self) -> tuple[Family, ...]:
        """Signal family of each column, in order."""
        return tuple(column.family for column in self.columns)

    def only(self, places: Iterable[int]) -> "FeaturePlan":
        """The plan of some of its columns, in the order given."""
        return replace(self, columns=tuple(self.columns[place] for place in places))

    def to_json(self) -> str:
        """The plan as canonical JSON: sorted keys, no spaces."""
        declared = {
            "format": PLAN_FORMAT,
            "label": self.label,
            "scope": self.scope,
            "currency": self.currency,
            "unseen": [[*edge, direction] for edge, direction in self.unseen],
            "columns": [
                {
                    "name": c.name,
                    "family": c.family,
                    "path": [[*edge, direction] for edge, direction in c.path],
                    "statistic": c.statistic,
                    "prop": c.prop,
                    "category": c.category,
                    "window_days": c.window_days,
                    "over": c.over,
                }
                for c in self.columns
            ],
        }
        return json.dumps(declared, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str) -> "FeaturePlan":
        """Read a plan back.

        Raises:
            ValueError: the text has another format, or a column this code does not know.
        """
        declared = json.loads(text)
        if declared["format"] != PLAN_FORMAT:
            raise ValueError(f"the feature plan has format {declared['format']}, this code reads {PLAN_FORMAT}; train again")
        columns = tuple(
            Column(
                name=c["name"],
                family=Family(c["family"]),
                path=tuple(_step(*part) for part in c["path"]),
                statistic=Statistic(c["statistic"]),
                prop=c["prop"],
                category=c["category"],
                window_days=c["window_days"],
                over=None if c["over"] is None else (c["over"][0], c["over"][1]),
            )
            for c in declared["columns"]
        )
        unseen = tuple(_step(*part) for part in declared["unseen"])
        return cls(NodeLabel(declared["label"]), Scope(declared["scope"]), declared["currency"], columns, unseen)


def _step(source: str, rel: str, target: str, direction: str) -> Step:
    return Step(EdgeType(NodeLabel(source), RelType(rel), NodeLabel(target)), Direction(direction))
