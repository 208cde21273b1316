"""Where the columns of a feature plan come from, sorted so that one pass computes a statistic for all of its columns.

Facts of one path are a series, and so are the values of one property along it; a block is one statistic of several series
over one window. Follows from the plan alone: no snapshot, no value.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gnn.features.aggregates import OF_AGES, OF_SIZES
from gnn.features.census import Census, build_census, is_census
from gnn.features.paths import Path
from gnn.features.plan import Column, FeaturePlan, Statistic
from gnn.features.shared import SharedStep, build_shared, is_shared
from graph.derived import properties
from graph.steps import Step
from graph.vocabulary import Kind

Ints = NDArray[np.int64]


class Series(NamedTuple):
    """What is gathered along one path, by its position in the layout: its facts, or what they state."""

    path: int
    prop: str = ""
    category: str = ""


@dataclass(frozen=True)
class Block:
    """Columns of one statistic and window: column `places[i]` of the plan is that of series `series[i]`, int64 [k] both."""

    statistic: Statistic
    window_days: int | None
    places: Ints
    series: Ints


@dataclass(frozen=True)
class Sheet:
    """Series that are gathered alike, ascending by path, and the blocks made of them."""

    series: tuple[Series, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Reading:
    """What is read along one path: positions of series by property, of categories by property and text.

    `peers`, `facts`, `ages` and `sizes` tell whether the path is such a series.
    """

    path: Path
    peers: bool
    facts: bool
    ages: bool
    sizes: bool
    integers: Mapping[str, int]
    decimals: Mapping[str, int]
    categories: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Layout:
    """All columns of a plan: ratios are `places`, `over`, `under` int64 [3, k]; every other column is in one block.

    Those over other nodes' facts that several paths may reach are `shared`, those over everyone's at a venue are `census`.
    Series of `facts`, `ages`, `sizes` and `peers` are paths, in the order of `readings`.
    """

    readings: tuple[Reading, ...]
    peers: Sheet
    facts: Sheet
    ages: Sheet
    sizes: Sheet
    integers: Sheet
    decimals: Sheet
    categories: Sheet
    shared: tuple[SharedStep, ...]
    census: tuple[Census, ...]
    ratios: Ints

    @cached_property
    def first_steps(self) -> tuple[Step, ...]:
        """The steps from the subject with which its readings begin, each once."""
        return tuple(dict.fromkeys(reading.path[0] for reading in self.readings))


def build_layout(plan: FeaturePlan) -> Layout:
    """Sort the columns of a plan."""
    places = {column.name: place for place, column in enumerate(plan.columns)}
    shared = [(place, column) for place, column in enumerate(plan.columns) if is_shared(column, plan.unseen)]
    census = [(place, column) for place, column in enumerate(plan.columns) if is_census(column)]
    apart = {place for place, _ in (*shared, *census)}
    plain = [(p, column) for p, column in enumerate(plan.columns) if column.over is None and p not in apart]
    paths = {path: number for number, path in enumerate(dict.fromkeys(column.path for _, column in plain))}
    columns: defaultdict[str, list[tuple[int, Column]]] = defaultdict(list)
    for place, column in plain:
        columns[_sheet(column)].append((place, column))
    every = tuple(Series(number) for number in paths.values())
    sheets = {name: _build_sheet(columns[name], paths, every) for name in ("peers", "facts", "ages", "sizes")}
    sheets |= {name: _build_sheet(columns[name], paths) for name in ("integers", "decimals", "categories")}
    ratios = [(places[c.name], places[c.over[0]], places[c.over[1]]) for c in plan.columns if c.over is not None]
    used = {name: _series_by_path(sheet) for name, sheet in sheets.items()}
    return Layout(
        readings=tuple(_build_reading(path, number, used) for path, number in paths.items()),
        shared=build_shared(shared),
        census=build_census(census),
        ratios=np.array(ratios, np.int64).reshape(-1, 3).T,
        **sheets,
    )


def _sheet(column: Column) -> str:
    if column.statistic is Statistic.PEERS:
        return "peers"
    if column.statistic in OF_AGES:
        return "ages"
    if column.statistic in OF_SIZES:
        return "sizes"
    if column.prop is None:
        return "facts"
    if column.category is not None:
        return "categories"
    kinds = {prop.name: prop.kind for prop in properties(column.path[-1].edge)}
    return "decimals" if kinds[column.prop] is Kind.DECIMAL else "integers"


def _build_sheet(
    columns: Sequence[tuple[int, Column]], paths: Mapping[Path, int], series: tuple[Series, ...] | None = None
) -> Sheet:
    made_of = [Series(paths[c.path], c.prop or "", c.category or "") for _, c in columns]
    series = tuple(sorted(set(made_of))) if series is None else series
    numbers = {one: number for number, one in enumerate(series)}
    blocks: defaultdict[tuple[Statistic, int | None], list[tuple[int, int]]] = defaultdict(list)
    for (place, column), one in zip(columns, made_of, strict=True):
        blocks[column.statistic, column.window_days].append((place, numbers[one]))
    return Sheet(series, tuple(Block(*of, *np.array(pairs, np.int64).T) for of, pairs in blocks.items()))


def _build_reading(path: Path, number: int, used: Mapping[str, Mapping[int, Mapping[Series, int]]]) -> Reading:
    of_path = {name: by_path.get(number, {}) for name, by_path in used.items()}
    categories: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for series, place in of_path["categories"].items():
        categories[series.prop][series.category] = place
    return Reading(
        path=path,
        peers=bool(of_path["peers"]),
        facts=bool(of_path["facts"] or of_path["categories"]),
        ages=bool(of_path["ages"]),
        sizes=bool(of_path["sizes"]),
        integers={series.prop: place for series, place in of_path["integers"].items()},
        decimals={series.prop: place for series, place in of_path["decimals"].items()},
        categories=categories,
    )


def _series_by_path(sheet: Sheet) -> dict[int, dict[Series, int]]:
    """Series that any column is made of, with their positions, by their path."""
    by_path: defaultdict[int, dict[Series, int]] = defaultdict(dict)
    for number in sorted({int(number) for block in sheet.blocks for number in block.series}):
        by_path[sheet.series[number].path][sheet.series[number]] = number
    return by_path
