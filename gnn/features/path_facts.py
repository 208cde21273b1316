"""Reads the facts of all paths of a layout and what they state, one stream a kind, each value once.

A stream's values stand in groups, `series * n + subject`; within a group they follow (known_at_s, fact id) where the path
is the subject's own affairs. Computes no statistic.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.features.layout import Layout, Reading
from gnn.features.paths import is_owned
from gnn.features.stated import Ints, Stated, Values
from gnn.features.walk import Found, Walk
from graph.vocabulary import EdgeType

DAY_SECONDS = 86_400
DAY_MICROSECONDS = DAY_SECONDS * 1_000_000
_SECOND_MICROSECONDS = 1_000_000
_NONE = np.empty(0, np.int64)
_Part = tuple[Ints, Values, Ints]


@dataclass(frozen=True)
class Stream:
    """`group` int64 [n], ascending; `values` [n]; `known_days` int64 [n], whole days since each was known."""

    group: Ints
    values: Values
    known_days: Ints


@dataclass(frozen=True)
class Gathered:
    """Streams for the sheets of a layout; of `categories` the groups alone, in no order."""

    peers: Stream
    facts: Stream
    ages: Stream
    sizes: Stream
    integers: Stream
    decimals: Stream
    categories: Ints


def gather_facts(walk: Walk, layout: Layout, currency: str) -> Gathered:
    """Read what the columns of a layout need.

    Args:
        walk: The subjects and what may be crossed.
        layout: Columns to fill.
        currency: ISO 4217; amounts of other currencies are passed over.
    """
    return _Gathering(walk, layout, currency).run()


class _Gathering:
    """Streams as they grow, path by path."""

    def __init__(self, walk: Walk, layout: Layout, currency: str) -> None:
        self._walk, self._layout, self._currency = walk, layout, currency
        self._parts: defaultdict[str, list[_Part]] = defaultdict(list)
        self._categories = [_NONE]

    def run(self) -> Gathered:
        self._walk.look_ahead(self._layout.first_steps)
        for number, reading in enumerate(self._layout.readings):
            if reading.peers:
                owner = self._walk.nodes(reading.path)[0]
                self._add("peers", number, owner, owner, owner)
            if reading.sizes:
                owner, sizes = self._walk.sizes(reading.path)
                self._add("sizes", number, owner, sizes, sizes)
            if reading.facts or reading.ages or reading.integers or reading.decimals:
                self._read(number, reading)
        streams = {name: _joined(self._parts[name]) for name in ("peers", "facts", "ages", "sizes", "integers", "decimals")}
        return Gathered(**streams, categories=np.concatenate(self._categories))

    def _read(self, number: int, reading: Reading) -> None:
        # Numbers over other people's facts are sums, extremes and counts of integers: they need no order.
        own = all(is_owned(step) for step in reading.path[:-1])
        found = self._walk.ordered_facts(reading.path) if own else self._walk.facts(reading.path)
        if not len(found.ref):
            return
        edge, as_of_s = reading.path[-1].edge, self._walk.as_of_s[found.owner]
        known_days = (as_of_s - self._take(edge, "known_at_s", found)) // DAY_SECONDS
        self._add("facts", number, found.owner, known_days, known_days)
        if reading.ages:
            dated = ~self._take(edge, "undated", found).astype(bool)
            ages = (as_of_s * _SECOND_MICROSECONDS - self._take(edge, "at_us", found)) // DAY_MICROSECONDS
            self._add("ages", number, found.owner[dated], ages[dated], known_days[dated])
        if reading.integers or reading.decimals:
            self._read_numbers(reading, edge, found, known_days)
        for prop, places in reading.categories.items():
            self._read_categories(edge, prop, places, found)

    def _read_numbers(self, reading: Reading, edge: EdgeType, found: Found, known_days: Ints) -> None:
        facts = Stated(self._walk.snapshot, edge, found.ref, self._currency)
        for sheet, series in (("integers", reading.integers), ("decimals", reading.decimals)):
            for prop, place in series.items():
                values, stated = facts.number(prop)
                self._add(sheet, place, found.owner[stated], values[stated], known_days[stated])

    def _read_categories(self, edge: EdgeType, prop: str, places: Mapping[str, int], found: Found) -> None:
        texts = self._walk.snapshot.categories(edge, prop)
        place = np.array([*(places.get(text, -1) for text in texts), -1])[self._take(edge, prop, found)]  # last: missing
        kept = place >= 0
        self._categories.append(place[kept] * len(self._walk.rows) + found.owner[kept])

    def _take(self, edge: EdgeType, column: str, found: Found) -> NDArray[Any]:
        return self._walk.snapshot.take(edge, column, found.ref)

    def _add(self, sheet: str, place: int, owner: Ints, values: Values, known_days: Ints) -> None:
        self._parts[sheet].append((place * len(self._walk.rows) + owner, values, known_days))


def _joined(parts: Sequence[_Part]) -> Stream:
    if not parts:
        return Stream(_NONE, _NONE, _NONE)
    group, values, known_days = zip(*parts, strict=True)
    return Stream(np.concatenate(group), np.concatenate(values), np.concatenate(known_days))
