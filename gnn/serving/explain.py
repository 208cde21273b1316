"""Why a score is what it is: shares of signal families and of the five parts, relations that counted against, and their facts.

Shares are exact Shapley values over switching families off; a reason is a relation whose facts about the subject, were they
gone, would leave a lower risk, and whose declaration allows it to be given. All variants of a subject are scored in one pass,
those of the five parts in another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from gnn.features.paths import is_owned
from gnn.features.removal import OwnFacts, Without
from gnn.network.encoder_plan import EncoderPlan
from gnn.network.forest import FAR, NEAR
from gnn.scores import EvidenceFact, Include, Parts, PartShare, Reason
from gnn.serving.served_model import Inputs, ServedModel
from gnn.serving.shapley import shapley_values
from gnn.serving.subscores import build_shares
from graph.derived import properties
from graph.neighbourhood import Direction, Neighbourhood, Step, neighbourhood
from graph.snapshot import MISSING, Snapshot
from graph.vocabulary import SPECS, EdgeType, Family, Kind, NodeLabel, RelType

Ints = NDArray[np.int64]
MAXIMUM_REASONS = 4
MAXIMUM_EVIDENCE = 20
SMALLEST_EFFECT = 0.005  # log-odds; what moves a score less is no reason


@dataclass(frozen=True)
class Explanation:
    """What was asked for of one subject; the rest is None."""

    base_log_odds: float | None
    contributions: dict[Family, float] | None
    reasons: tuple[Reason, ...] | None
    evidence: tuple[EvidenceFact, ...] | None
    parts: Parts | None


@dataclass(frozen=True)
class Subject:
    """One subject, what was read of it, and its calibrated log-odds."""

    snapshot: Snapshot
    row: int
    as_of_s: int
    inputs: Inputs
    log_odds: float


def explain(model: ServedModel, subject: Subject, include: frozenset[Include]) -> Explanation:
    """Explain one score.

    Args:
        model: The model that gave it.
        subject: Whom it was given to; `inputs` read of this subject alone.
        include: What to work out.
    """
    families = model.families_read(subject.inputs) if Include.CONTRIBUTIONS in include else ()
    trees = _affairs(model.graph.encoder, subject) if include & {Include.REASONS, Include.EVIDENCE} else []
    relations = _relations(trees)
    coalitions = [frozenset(f for i, f in enumerate(families) if not mask >> i & 1) for mask in range(2 ** len(families))]
    removed: list[Without] = [*coalitions, *(frozenset({OwnFacts(relation)}) for relation in relations)]
    values = model.log_odds_without(subject.inputs, removed)
    base, contributions = None, None
    if Include.CONTRIBUTIONS in include:
        shares = shapley_values(values[: len(coalitions)], len(families))
        base = float(values[0])
        contributions = dict.fromkeys(Family, 0.0) | {f: float(s) for f, s in zip(families, shares, strict=True)}
    reasons = _reasons(relations, subject.log_odds - values[len(coalitions) :], trees)
    return Explanation(
        base_log_odds=base,
        contributions=contributions,
        reasons=reasons if Include.REASONS in include else None,
        evidence=_evidence(subject, trees, reasons) if Include.EVIDENCE in include else None,
        parts=_parts(model, subject.inputs) if Include.SUBSCORES in include else None,
    )


def _parts(model: ServedModel, inputs: Inputs) -> Parts:
    share = build_shares(partial(model.log_odds_without, inputs))
    scores = model.subscales.score(share)
    return Parts(share.base, {part: PartShare(scores[part], value) for part, value in share.shares.items()})


@dataclass(frozen=True)
class _Affair:
    """Facts of one edge type that are the subject's own: at the subject, or at what it holds or applied for."""

    step: Step
    ref: Ints


def _affairs(encoder: EncoderPlan, subject: Subject) -> list[_Affair]:
    """Facts the model reads about the subject's own affairs; each may be met more than once."""
    rows, times = np.array([subject.row]), np.array([subject.as_of_s])
    unseen = frozenset(encoder.unseen)
    trees = neighbourhood(subject.snapshot, encoder.label, rows, times, encoder.fanouts, unseen=unseen, steps=encoder.taken)
    affairs = [_Affair(hop.step, hop.ref) for hop in trees.hops[NEAR]]
    held = _held(trees)
    for hop in trees.hops[FAR]:
        # Another borrower at the far end is someone else's affair.
        if hop.step.near in held and hop.step.far is not encoder.label:
            affairs.append(_Affair(hop.step, hop.ref[held[hop.step.near][hop.parent]]))
    return [affair for affair in affairs if len(affair.ref)]


def _held(trees: Neighbourhood) -> dict[NodeLabel, NDArray[np.bool_]]:
    """Of the nodes one hop out, by label, which the subject holds or applied for."""
    held = {label: np.zeros(len(rows), dtype=bool) for label, rows in trees.levels[1].rows.items()}
    for hop in trees.hops[NEAR]:
        if is_owned(hop.step):
            held[hop.step.far][hop.child] = True
    return held


def _relations(affairs: Sequence[_Affair]) -> tuple[RelType, ...]:
    return tuple(sorted({a.step.edge.rel for a in affairs if SPECS[a.step.edge].reason is not None}))


def _reasons(relations: Sequence[RelType], effects: NDArray[np.float64], affairs: Sequence[_Affair]) -> tuple[Reason, ...]:
    specs = {a.step.edge.rel: SPECS[a.step.edge] for a in affairs if SPECS[a.step.edge].reason is not None}
    found = [
        Reason(relation.lower(), specs[relation].reason or "", relation, specs[relation].family, float(effect))
        for relation, effect in zip(relations, effects, strict=True)
        if effect >= SMALLEST_EFFECT
    ]
    return tuple(sorted(found, key=lambda reason: (-reason.effect_log_odds, reason.code))[:MAXIMUM_REASONS])


def _evidence(subject: Subject, affairs: Sequence[_Affair], reasons: Sequence[Reason]) -> tuple[EvidenceFact, ...]:
    given = {reason.relation for reason in reasons}
    facts = chain.from_iterable(_facts(subject.snapshot, affair) for affair in affairs if affair.step.edge.rel in given)
    distinct = {(fact.edge, fact.fact_id): fact for fact in facts}
    latest_first = sorted(distinct.values(), key=lambda fact: (-fact.known_at_s, fact.fact_id))
    return tuple(latest_first[:MAXIMUM_EVIDENCE])


def _facts(snapshot: Snapshot, affair: _Affair) -> list[EvidenceFact]:
    step, edge, refs = affair.step, affair.step.edge, affair.ref
    # The ends as the fact has them: of a person known under several keys, the key it was told of.
    ends = ("source_row", "target_row")
    near, other = (snapshot.take(edge, end, refs) for end in (ends if step.direction is Direction.OUT else ends[::-1]))
    undated = snapshot.take(edge, "undated", refs)
    at_us, known_at_s = snapshot.take(edge, "at_us", refs), snapshot.take(edge, "known_at_s", refs)
    values = _stated(snapshot, edge, refs)
    return [
        EvidenceFact(
            fact_id=fact_id,
            edge=edge,
            near_label=step.near,
            near_key=snapshot.key_of(step.near, int(near[i])),
            other_label=step.far,
            other_key=snapshot.key_of(step.far, int(other[i])),
            at_us=None if undated[i] else int(at_us[i]),
            known_at_s=int(known_at_s[i]),
            properties=values[i],
        )
        for i, fact_id in enumerate(snapshot.fact_ids(edge, refs))
    ]


def _stated(snapshot: Snapshot, edge: EdgeType, refs: Ints) -> list[dict[str, int | float | str]]:
    """Properties of each fact, without those it does not state."""
    stated: list[dict[str, int | float | str]] = [{} for _ in refs]
    for prop in properties(edge):
        texts = snapshot.categories(edge, prop.name) if prop.kind is Kind.CATEGORY else []
        for i, value in enumerate(snapshot.take(edge, prop.name, refs).tolist()):
            if prop.kind is Kind.CATEGORY:
                if value >= 0:
                    stated[i][prop.name] = texts[value]
            elif value not in (MISSING, None) and value == value:  # NaN alone differs from itself
                stated[i][prop.name] = value
    return stated
