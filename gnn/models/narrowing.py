"""Which paths of a table are worth reading: those that quick trees gain most from, so that a score takes milliseconds.

A path is read once for all its columns; counts of everyone at a venue are read once for all that is counted there.

Chosen on what teaches, before anything is calibrated or judged. It makes no model that serves and reads no fact.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import MANY_LESSONS, Dataset, Split
from gnn.examples import UNKNOWN
from gnn.features.plan import Column, FeaturePlan, Statistic
from gnn.features.table import FeatureTable
from gnn.models.baselines import TrainingTable, TreeSettings, boost
from graph.steps import Step
from graph.vocabulary import NodeLabel

MOST_PATHS = 30
LEAST_LESSONS = MANY_LESSONS  # with fewer, what trees gain from is luck
SCOUTS = TreeSettings(rounds=100)
SCOUT_SEED = 7


class Reading(NamedTuple):
    """What is read at once: the facts at the end of a path, or the counts of everyone at the venues it leads to."""

    path: tuple[Step, ...]
    census: bool


def narrow(data: Dataset, split: Split) -> Dataset:
    """The same examples with the columns of the `MOST_PATHS` paths that tell most; as they are where few loans teach.

    Scouts learn the outcome of `split.fit` and `split.stop`, and telling milestones of those and of `split.young`. What a
    reading is worth is what they gained by its columns, of a ratio half, summed over scouts of equal say. Nothing beyond a
    lender is read: it tells of whom the lender met lately.
    """
    if data.earlier is not None or split.lessons < LEAST_LESSONS:
        return data
    told = _most_telling(data, split)
    places = [place for place, made_of in enumerate(readings_of(data.neighbours_plan)) if told.issuperset(made_of)]
    plan = data.neighbours_plan.only(places)
    kept = set(plan.names)
    own = [place for place, name in enumerate(data.own_plan.names) if name in kept]
    return replace(
        data,
        neighbours_plan=plan,
        neighbours=_only(data.neighbours, places),
        own_plan=data.own_plan.only(own),
        own=_only(data.own, own),
    )


def readings_of(plan: FeaturePlan) -> list[tuple[Reading, ...]]:
    """For each column what has to be read: for itself, or for a ratio's two parts."""
    columns = {column.name: column for column in plan.columns}
    return [_made_of(column, columns) for column in plan.columns]


def _made_of(column: Column, columns: Mapping[str, Column]) -> tuple[Reading, ...]:
    parts = [column] if column.over is None else [columns[name] for name in column.over]
    return tuple(dict.fromkeys(map(_reading, parts)))


def _reading(column: Column) -> Reading:
    if column.statistic is Statistic.CENSUS:
        return Reading(column.path[:1], census=True)
    return Reading(column.path, census=False)


def _most_telling(data: Dataset, split: Split) -> set[Reading]:
    worth: defaultdict[Reading, float] = defaultdict(float)
    for made_of, gained in zip(readings_of(data.neighbours_plan), _gains(data, split), strict=True):
        for reading in made_of:
            worth[reading] += gained / len(made_of)
    told = [reading for reading in worth if worth[reading] > 0 and not _leads_on_from_a_lender(reading)]
    return set(sorted(told, key=lambda reading: -worth[reading])[:MOST_PATHS])


def _gains(data: Dataset, split: Split) -> NDArray[np.float64]:
    """float64 [f], what scouts gained by each column, the same in all for each of them."""
    taught = np.concatenate([split.fit, split.stop])
    tall = np.concatenate([taught, split.young])
    signs = data.milestones.taught(tall, split.taught_to_s, telling=True)
    lessons = [(taught, data.examples.label[taught])]
    lessons += [(tall[sign != UNKNOWN], sign[sign != UNKNOWN]) for sign in signs.T]
    total = np.zeros(len(data.neighbours_plan.columns))
    for index, label in lessons:
        if not 0 < label.sum() < len(label):
            continue
        rows = TrainingTable(data.neighbours.values[index], label, np.ones(len(index)))
        (scout,) = boost(rows, SCOUT_SEED, SCOUTS, 1)
        gained = scout.feature_importance("gain")
        total += gained / max(gained.sum(), 1.0)
    return total


def _leads_on_from_a_lender(reading: Reading) -> bool:
    return any(step.far is NodeLabel.LENDER for step in reading.path[:-1])


def _only(table: FeatureTable, places: list[int]) -> FeatureTable:
    names, families = tuple(table.names[place] for place in places), tuple(table.families[place] for place in places)
    return FeatureTable(names, families, np.take(table.values, places, axis=1))
