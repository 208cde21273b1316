"""Turns neighbourhoods into encoded trees: what each fact carries becomes numbers and codes, in the order given.

Ages count whole UTC days and pass through tables, amounts through an inverse hyperbolic sine, so that a fact's numbers
depend on the fact, the instant and the plan only. It decides no weight and samples nothing.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from gnn.network.encoder_plan import FIRST_CODE, MISSING_CODE, UNKNOWN_CODE, CategoryPlan, EncoderPlan, NumberPlan, StepPlan
from gnn.network.forest import FAR, NEAR, Ints, StoredHop, TreeStore
from graph.derived import properties
from graph.neighbourhood import Direction, Hop, Neighbourhood
from graph.snapshot import MISSING, Snapshot
from graph.vocabulary import RELATIONS, EdgeType, Kind, NodeLabel

LABELS: tuple[NodeLabel, ...] = tuple(NodeLabel)
SECONDS_A_DAY = 86_400
MICROSECONDS_A_DAY = 86_400_000_000
MAXIMUM_AGE_DAYS = 36_500
DECAY_DAYS = (7.0, 30.0, 90.0, 365.0)
LOG_AGE_SCALE = 8.0  # about the logarithm of eight years in days
NUMBER_LIMIT = 6.0  # standard deviations beyond which a number says no more

Floats = NDArray[np.float64]
_EDGE_ORDER = {spec.edge: position for position, spec in enumerate(RELATIONS)}
_DIRECTION_ORDER = {direction: position for position, direction in enumerate(Direction)}


def fit_encoder(snapshot: Snapshot, label: NodeLabel, fanouts: tuple[int, int], trees: Neighbourhood) -> EncoderPlan:
    """The plan for what occurs in training trees: their steps, the spread of their numbers, their categories.

    Steps follow the vocabulary's order within a depth, never the order of occurrence.
    """
    steps = [
        StepPlan(depth, hop.step, _fit_numbers(snapshot, hop), _fit_categories(snapshot, hop))
        for depth, hops in enumerate(trees.hops)
        for hop in sorted(hops, key=lambda hop: (_EDGE_ORDER[hop.step.edge], _DIRECTION_ORDER[hop.step.direction]))
    ]
    return EncoderPlan(label, fanouts, tuple(steps))


def encode_trees(
    snapshot: Snapshot, plan: EncoderPlan, trees: Neighbourhood, as_of_s: Ints, own: NDArray[np.float32]
) -> TreeStore:
    """Encode the trees of n subjects as of `as_of_s` int64 [n], beside their standardised tables `own` float32 [n, f]."""
    inner = {label: _InnerNodes(seed, len(as_of_s)) for label, seed in trees.levels[1].seed.items()}
    stored = [
        _store_near(snapshot, plan.steps[position], position, hop, inner, as_of_s)
        for position, hop in _planned(plan, NEAR, trees)
    ]
    subjects = trees.levels[0].rows[plan.label]
    for position, hop in _planned(plan, FAR, trees):
        at = inner[hop.step.near]
        back = np.zeros(len(hop.ref), dtype=bool)
        if hop.step.far is plan.label:
            back = trees.levels[2].rows[plan.label][hop.child] == subjects[at.tree[hop.parent]]
        stored.append(_store_far(snapshot, plan.steps[position], position, hop, at, back, as_of_s))
    counts = {LABELS.index(label): nodes.counts for label, nodes in inner.items()}
    return TreeStore(LABELS.index(plan.label), own, counts, tuple(stored))


class _InnerNodes:
    """Nodes of one label one hop out: their tree, their place within the tree, and the near step that led there."""

    def __init__(self, tree: Ints, trees: int) -> None:
        self.tree = tree
        self.counts = np.bincount(tree, minlength=trees)
        order = np.argsort(tree, kind="stable")
        first = np.cumsum(self.counts) - self.counts
        self.place = np.empty(len(tree), np.int64)
        self.place[order] = np.arange(len(tree)) - first[tree[order]]
        self.via = np.full(len(tree), -1, np.int64)


def _planned(plan: EncoderPlan, depth: int, trees: Neighbourhood) -> list[tuple[int, Hop]]:
    places = {(step.depth, step.step): position for position, step in enumerate(plan.steps)}
    found = [(places[depth, hop.step], hop) for hop in trees.hops[depth] if (depth, hop.step) in places]
    return sorted(found, key=lambda pair: pair[0])


def _store_near(
    snapshot: Snapshot, plan: StepPlan, position: int, hop: Hop, inner: dict[NodeLabel, _InnerNodes], as_of_s: Ints
) -> StoredHop:
    reached = inner[hop.step.far]
    reached.via[hop.child] = position
    return StoredHop(
        depth=NEAR,
        step=position,
        owner_label=LABELS.index(hop.step.near),
        other_label=LABELS.index(hop.step.far),
        start=_bounds(hop.parent, len(as_of_s)),
        owner=np.zeros(len(hop.ref), np.int64),
        other=reached.place[hop.child],
        via=np.full(len(hop.ref), position, np.int64),
        numbers=_numbers(snapshot, plan, hop.ref, as_of_s[hop.parent], np.zeros(len(hop.ref), dtype=bool)),
        codes=_codes(snapshot, plan, hop.ref),
    )


def _store_far(
    snapshot: Snapshot,
    plan: StepPlan,
    position: int,
    hop: Hop,
    at: _InnerNodes,
    back: NDArray[np.bool_],
    as_of_s: Ints,
) -> StoredHop:
    tree = at.tree[hop.parent]
    order = np.lexsort((at.place[hop.parent], tree))  # stable: facts of one owner keep their order
    parent, ref, tree = hop.parent[order], hop.ref[order], tree[order]
    return StoredHop(
        depth=FAR,
        step=position,
        owner_label=LABELS.index(hop.step.near),
        other_label=LABELS.index(hop.step.far),
        start=_bounds(tree, len(as_of_s)),
        owner=at.place[parent],
        other=np.zeros(len(ref), np.int64),
        via=at.via[parent],
        numbers=_numbers(snapshot, plan, ref, as_of_s[tree], back[order]),
        codes=_codes(snapshot, plan, ref),
    )


def _bounds(tree: Ints, trees: int) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(tree, minlength=trees))])


def _fit_numbers(snapshot: Snapshot, hop: Hop) -> tuple[NumberPlan, ...]:
    plans = []
    for prop in properties(hop.step.edge):
        if prop.kind is Kind.CATEGORY:
            continue
        values = _drawn_in(snapshot, hop, prop.name)
        values = values[~np.isnan(values)]
        if len(values):
            plans.append(NumberPlan(prop.name, float(values.mean()), float(values.std()) or 1.0))
    return tuple(plans)


def _drawn_in(snapshot: Snapshot, hop: Hop, name: str) -> Floats:
    return np.arcsinh(_property(snapshot, hop.step.edge, name, hop.ref))


def _fit_categories(snapshot: Snapshot, hop: Hop) -> tuple[CategoryPlan, ...]:
    plans = []
    for prop in properties(hop.step.edge):
        if prop.kind is not Kind.CATEGORY:
            continue
        texts = snapshot.categories(hop.step.edge, prop.name)
        seen = np.unique(snapshot.take(hop.step.edge, prop.name, hop.ref))
        values = tuple(sorted(texts[code] for code in seen if code >= 0))
        if values:
            plans.append(CategoryPlan(prop.name, values))
    return tuple(plans)


def _numbers(snapshot: Snapshot, plan: StepPlan, ref: Ints, as_of_s: Ints, back: NDArray[np.bool_]) -> NDArray[np.float32]:
    edge = plan.step.edge
    undated = snapshot.take(edge, "undated", ref)
    today = as_of_s // SECONDS_A_DAY
    happened = _ages(today - snapshot.take(edge, "at_us", ref) // MICROSECONDS_A_DAY)
    known = _ages(today - snapshot.take(edge, "known_at_s", ref) // SECONDS_A_DAY)
    # A declared instant says nothing of age.
    ages = np.where(undated[:, None], np.float32(0), np.concatenate([happened, known], axis=1))
    columns = [ages, undated[:, None], back[:, None]]
    for number in plan.numbers:
        value = (np.arcsinh(_property(snapshot, edge, number.name, ref)) - number.centre) / number.scale
        missing = np.isnan(value)
        columns += [np.where(missing, 0.0, np.clip(value, -NUMBER_LIMIT, NUMBER_LIMIT))[:, None], missing[:, None]]
    return np.concatenate(columns, axis=1).astype(np.float32)


def _codes(snapshot: Snapshot, plan: StepPlan, ref: Ints) -> Ints:
    codes = np.empty((len(ref), len(plan.categories)), np.int64)
    for column, category in enumerate(plan.categories):
        known = {text: FIRST_CODE + code for code, text in enumerate(category.values)}
        texts = snapshot.categories(plan.step.edge, category.name)
        translated = np.array([*(known.get(text, UNKNOWN_CODE) for text in texts), MISSING_CODE])
        codes[:, column] = translated[snapshot.take(plan.step.edge, category.name, ref)]  # -1, missing, is the last
    return codes


def _property(snapshot: Snapshot, edge: EdgeType, name: str, ref: Ints) -> Floats:
    values = snapshot.take(edge, name, ref)
    if values.dtype == np.int64:
        return np.where(values == MISSING, np.nan, values.astype(np.float64))
    return values.astype(np.float64)


def _ages(days: Ints) -> NDArray[np.float32]:
    return _age_table()[np.clip(days, -MAXIMUM_AGE_DAYS, MAXIMUM_AGE_DAYS) + MAXIMUM_AGE_DAYS]


@cache
def _age_table() -> NDArray[np.float32]:
    """Row MAXIMUM_AGE_DAYS + d encodes an age of d days; facts that happen after the instant have negative ages."""
    days = np.arange(-MAXIMUM_AGE_DAYS, MAXIMUM_AGE_DAYS + 1, dtype=np.float64)
    log_age = np.sign(days) * np.log1p(np.abs(days)) / LOG_AGE_SCALE
    decays = [np.exp(-np.abs(days) / decay) for decay in DECAY_DAYS]
    return np.stack([log_age, *decays, days < 0], axis=1).astype(np.float32)
