"""Turns neighbourhoods into encoded trees: what each fact carries, by the tree it is of and the nodes it joins.

It decides no weight and samples nothing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gnn.network.encoder_plan import CategoryPlan, EncoderPlan, NumberPlan, StepPlan
from gnn.network.fact_columns import StepFacts, encode_codes, encode_numbers, stated_numbers
from gnn.network.forest import FAR, NEAR, Ints, StoredHop, TreeStore
from graph.derived import properties
from graph.neighbourhood import Direction, Hop, Neighbourhood
from graph.snapshot import Snapshot
from graph.vocabulary import RELATIONS, Kind, NodeLabel

LABELS: tuple[NodeLabel, ...] = tuple(NodeLabel)

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
    placed = [_place_near(position, hop, inner) for position, hop in _planned(plan, NEAR, trees)]
    subjects = trees.levels[0].rows[plan.label]
    for position, hop in _planned(plan, FAR, trees):
        at = inner[hop.step.near]
        back = np.zeros(len(hop.ref), np.bool_)
        if hop.step.far is plan.label:
            back = trees.levels[2].rows[plan.label][hop.child] == subjects[at.tree[hop.parent]]
        placed.append(_place_far(position, hop, at, back))
    facts = [StepFacts(plan.steps[hop.position], hop.ref, as_of_s[hop.tree], hop.back) for hop in placed]
    stored = tuple(
        StoredHop(
            depth=plan.steps[hop.position].depth,
            step=hop.position,
            owner_label=LABELS.index(read.plan.step.near),
            other_label=LABELS.index(read.plan.step.far),
            start=hop.tree.searchsorted(np.arange(len(as_of_s) + 1)),
            owner=hop.owner,
            other=hop.other,
            via=hop.via,
            numbers=numbers,
            codes=encode_codes(snapshot, read.plan, hop.ref),
        )
        for hop, read, numbers in zip(placed, facts, encode_numbers(snapshot, facts), strict=True)
    )
    counts = {LABELS.index(label): nodes.counts for label, nodes in inner.items()}
    return TreeStore(LABELS.index(plan.label), own, counts, stored)


class _PlacedHop(NamedTuple):
    """Facts of the step at a position in the plan, in order of (tree, owner, known_at, fact id), else as in `StoredHop`."""

    position: int
    tree: Ints
    ref: Ints
    back: NDArray[np.bool_]
    owner: Ints
    other: Ints
    via: Ints


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
    places = plan.taken[depth]
    found = [(places[hop.step], hop) for hop in trees.hops[depth] if hop.step in places]
    return sorted(found, key=lambda pair: pair[0])


def _place_near(position: int, hop: Hop, inner: dict[NodeLabel, _InnerNodes]) -> _PlacedHop:
    reached, nothing = inner[hop.step.far], np.zeros(len(hop.ref), np.int64)
    reached.via[hop.child] = position
    return _PlacedHop(
        position=position,
        tree=hop.parent,
        ref=hop.ref,
        back=np.zeros(len(hop.ref), np.bool_),
        owner=nothing,
        other=reached.place[hop.child],
        via=np.full(len(hop.ref), position, np.int64),
    )


def _place_far(position: int, hop: Hop, at: _InnerNodes, back: NDArray[np.bool_]) -> _PlacedHop:
    tree, place = at.tree[hop.parent], at.place[hop.parent]
    order = np.lexsort((place, tree))  # stable: facts of one owner keep their order
    return _PlacedHop(
        position=position,
        tree=tree[order],
        ref=hop.ref[order],
        back=back[order],
        owner=place[order],
        other=np.zeros(len(order), np.int64),
        via=at.via[hop.parent][order],
    )


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
    return np.arcsinh(stated_numbers(snapshot, hop.step.edge, name, hop.ref))


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
