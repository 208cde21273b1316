"""Chooses the columns of a feature plan from the vocabulary and from what was known by a given time; no source has its own.

Every rule here is about kinds of relation and property. It reads which relations and categories occur, never a value's
size and never an outcome.
"""

from collections.abc import Iterator, Sequence
from itertools import compress
from operator import not_

import numpy as np

from gnn.features.aggregates import OF_SIZES
from gnn.features.paths import Path, is_meeting, is_owned, is_venue, outcome_steps, own_paths, peer_paths, venue_paths
from gnn.features.plan import Column, FeaturePlan, Scope, Statistic
from graph.derived import properties
from graph.snapshot import Snapshot
from graph.steps import Direction, Step
from graph.vocabulary import ADVERSE, CURRENCY, SPECS, EdgeType, Kind, NodeLabel, PropSpec

WINDOWS_DAYS = (30, 90, 180, 365)
MAXIMUM_CATEGORIES = 24  # of one property; rarer ones share no column
_OWN_END = {Direction.OUT: "target_", Direction.IN: "source_"}  # prefix of what belongs to the other end of a fact
_AGES = (Statistic.RECENCY_DAYS, Statistic.PREVIOUS_DAYS, Statistic.SPAN_DAYS)
_OWN_STATISTICS = (
    Statistic.MEAN,
    Statistic.MIN,
    Statistic.MAX,
    Statistic.LAST,
    Statistic.STD,
    Statistic.SUM,
    Statistic.POSITIVE_SHARE,
)
_PEER_STATISTICS = (Statistic.MEAN, Statistic.MAX, Statistic.POSITIVE_SHARE)
_WINDOWED = (Statistic.MEAN, Statistic.MIN, Statistic.SUM)
_ORDINAL = "ordinal"  # units that begin so number facts: only the last one says something


def plan_features(
    snapshot: Snapshot, label: NodeLabel, as_of_s: int, scope: Scope, *, currency: str, unseen: frozenset[Step] = frozenset()
) -> FeaturePlan:
    """Columns for subjects of a label.

    Args:
        snapshot: Facts to look at; those with known_at_s >= as_of_s change nothing.
        label: Label of the subjects.
        as_of_s: UTC second, exclusive; no later than the last training instant.
        scope: Own history alone, or also what is known of neighbours.
        currency: ISO 4217; amounts of other currencies count as missing.
        unseen: Steps that no column may take.

    Returns:
        A plan whose columns are in the order of the vocabulary.
    """
    seen = _Seen(snapshot, as_of_s, unseen)
    columns = list(_own_columns(seen, label))
    columns.extend(_ratios(columns, label))
    if scope is Scope.NEIGHBOURS:
        columns.extend(_neighbour_columns(seen, label))
    return FeaturePlan(label, scope, currency, tuple(columns), tuple(sorted(unseen)))


class _Seen:
    """What of a snapshot was known by a time."""

    def __init__(self, snapshot: Snapshot, as_of_s: int, unseen: frozenset[Step]) -> None:
        self.snapshot, self.as_of_s, self.unseen = snapshot, as_of_s, unseen
        self._any: dict[EdgeType, bool] = {}

    def has(self, path: Path) -> bool:
        """Whether each relation on a path had any fact and may be looked at."""
        return self.unseen.isdisjoint(path) and all(self._has_any(step) for step in path)

    def may_go_back(self, path: Path) -> bool:
        """Whether the facts of a path may be met from their other ends too, even where that leads back to the subject."""
        return self.unseen.isdisjoint(step.back for step in path)

    def has_dates(self, step: Step) -> bool:
        """Whether any fact says when it happened; where none does, ages and windows tell of the declared second alone."""
        return not self.snapshot.take(step.edge, "undated", self._refs(step)).all()

    def categories(self, step: Step, prop: PropSpec) -> list[str]:
        """The most frequent categories of a property, sorted by text."""
        texts = np.asarray(self.snapshot.categories(step.edge, prop.name), dtype=object)
        codes = self.snapshot.take(step.edge, prop.name, self._refs(step))
        names, counts = np.unique(texts[codes[codes >= 0]].astype(str), return_counts=True)
        frequent = np.lexsort((names, -counts))[:MAXIMUM_CATEGORIES]
        return sorted(str(name) for name in names[frequent])

    def _has_any(self, step: Step) -> bool:
        if step.edge not in self._any:
            self._any[step.edge] = len(self._refs(step)) > 0
        return self._any[step.edge]

    def _refs(self, step: Step) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Facts known in time that may be crossed; one that only its subject asserts gives no column either."""
        refs = np.arange(self.snapshot.num_facts(step.edge), dtype=np.int64)
        if not len(refs):
            return refs
        names = self.snapshot.categories(step.edge, "attested_by")
        crossable = [code for code, name in enumerate(names) if name in SPECS[step.edge].crossed_by]
        known = self.snapshot.take(step.edge, "known_at_s", refs) < self.as_of_s
        known &= self.snapshot.ends_s(step.edge, refs) >= self.as_of_s
        return refs[known & np.isin(self.snapshot.take(step.edge, "attested_by", refs), crossable)]


def _own_columns(seen: _Seen, label: NodeLabel) -> Iterator[Column]:
    for path in own_paths(seen.snapshot, label):
        if not seen.has(path):
            continue
        step = path[-1]
        yield _column(path, Statistic.COUNT)
        windows = WINDOWS_DAYS if seen.has_dates(step) else ()
        if not step.stays:
            for days in windows:
                yield _column(path, Statistic.COUNT, days=days)
            for statistic in _AGES if windows else ():
                yield _column(path, statistic)
        told = {prop.name for hop in path[:-1] for prop in properties(hop.edge)}
        for prop in _readable(step):
            if prop.name in told:
                continue  # a loan's grant and payout restate what was applied for
            if prop.kind is Kind.CATEGORY:
                for category in seen.categories(step, prop):
                    yield _column(path, Statistic.CATEGORY_COUNT, prop.name, category=category)
                    if not step.stays:
                        yield _column(path, Statistic.CATEGORY_SHARE, prop.name, category=category)
            elif step.stays or prop.unit.startswith(_ORDINAL):
                yield _column(path, Statistic.LAST, prop.name)
            else:
                for statistic in _OWN_STATISTICS:
                    yield _column(path, statistic, prop.name)
                for statistic in _WINDOWED:
                    for days in windows:
                        yield _column(path, statistic, prop.name, days=days)


def _ratios(columns: list[Column], label: NodeLabel) -> Iterator[Column]:
    """What is asked for now against the terms, against what was usual before, and against each flow of money."""
    asked = [c for c in columns if len(c.path) == 1 and is_owned(c.path[0]) and c.statistic is Statistic.LAST]
    for number, one in enumerate(asked):
        if _kind(one) is not Kind.MONEY:
            continue
        for place, other in enumerate(asked):
            if other.path == one.path and (place > number or _kind(other) is not Kind.MONEY):
                yield _ratio(one, other)
        for column in columns:
            if (
                column.prop is None
                or _kind(column) is not Kind.MONEY
                or column.statistic not in (Statistic.MEAN, Statistic.MIN)
            ):
                continue
            if column.path == one.path and column.prop == one.prop and column.window_days is None:
                yield _ratio(one, column)
            elif column.path != one.path and column.window_days in (None, 90):
                yield _ratio(one, column)


def _neighbour_columns(seen: _Seen, label: NodeLabel) -> Iterator[Column]:
    outcomes = outcome_steps(seen.snapshot, label)
    for path in peer_paths(seen.snapshot, label):
        if not seen.has(path):
            continue
        crossing = next(step for step in path if not is_owned(step))
        peers = _column(path, Statistic.PEERS, crossing=crossing)
        yield peers
        if is_meeting(path):
            for statistic in OF_SIZES:
                yield _column(path, statistic, crossing=crossing)
        if len(path) == 1:
            yield from _ties_of_peers(seen, peers)
        for step in outcomes:
            longer = (*path, step)
            if not seen.has(longer):
                continue
            yield _column(longer, Statistic.COUNT, crossing=crossing)
            for prop in _readable(step):
                if prop.kind is Kind.INTEGER and not prop.unit.startswith(_ORDINAL):
                    for statistic in _PEER_STATISTICS:
                        yield _column(longer, statistic, prop.name, crossing=crossing)
        if is_venue(path):
            yield from _census(seen, path, outcomes)
    for path in venue_paths(seen.snapshot, label):
        if seen.has(path):
            crossing = next(step for step in path if not is_owned(step))
            for prop in _readable(path[-1]):
                if prop.kind is not Kind.CATEGORY:
                    yield _column(path, Statistic.MAX, prop.name, crossing=crossing)


def _census(seen: _Seen, venue: Path, outcomes: Sequence[Step]) -> Iterator[Column]:
    """What everyone else at a venue has, and how much of it went wrong."""
    longer = [path for path in ((*venue, step) for step in outcomes) if seen.has(path) and seen.may_go_back(path)]
    counts = [_column(path, Statistic.CENSUS, crossing=venue[0]) for path in longer]
    yield from counts
    adverse = [count.path[-1].edge.rel in ADVERSE for count in counts]
    for over in compress(counts, adverse):
        for under in compress(counts, map(not_, adverse)):
            yield _ratio(over, under)


def _ties_of_peers(seen: _Seen, peers: Column) -> Iterator[Column]:
    """What those tied to the subject have of the same relation with others: how much each, and what it states."""
    for step in dict.fromkeys((peers.path[0], peers.path[0].back)):
        longer = (*peers.path, step)
        if not seen.has(longer):
            continue
        count = _column(longer, Statistic.COUNT, crossing=peers.path[0])
        yield count
        yield _ratio(count, peers)
        for prop in _readable(step):
            if prop.kind is not Kind.CATEGORY and not prop.unit.startswith(_ORDINAL):
                for statistic in (*_PEER_STATISTICS, Statistic.MIN):
                    yield _column(longer, statistic, prop.name, crossing=peers.path[0])


def _readable(step: Step) -> tuple[PropSpec, ...]:
    """Properties that say something of the near end: not the currency itself, not the state of the other end."""
    return tuple(
        prop for prop in properties(step.edge) if prop != CURRENCY and not prop.name.startswith(_OWN_END[step.direction])
    )


def _kind(column: Column) -> Kind | None:
    return next((p.kind for p in properties(column.path[-1].edge) if p.name == column.prop), None)


def _column(
    path: Path,
    statistic: Statistic,
    prop: str | None = None,
    *,
    category: str | None = None,
    days: int | None = None,
    crossing: Step | None = None,
) -> Column:
    where = "/".join(f"{step.edge.rel}.{step.direction}.{step.far}" for step in path)
    what = [statistic, *(part for part in (prop, category) if part is not None), *([f"{days}d"] if days else [])]
    family = SPECS[(crossing or path[-1]).edge].family
    return Column(f"{where}:{':'.join(what)}", family, path, statistic, prop, category, days)


def _ratio(over: Column, under: Column) -> Column:
    name = f"({over.name})/({under.name})"
    return Column(name, under.family, under.path, Statistic.RATIO, over=(over.name, under.name))
