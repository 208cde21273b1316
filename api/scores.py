"""The route that scores: a request in, a score out, with what the client asked to see beside it.

Turns the wire's shapes into the scorer's and back. How a score is made is known to `gnn` alone.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from api.answers import (
    Contribution,
    Contributions,
    Evidence,
    FileThickness,
    ReasonGiven,
    ScoreAnswered,
    SubScoreGiven,
    SubScores,
)
from api.errors import (
    BodyNotJson,
    BodyTooLarge,
    BodyTooSlow,
    FieldProblem,
    InternalFault,
    MediaTypeUnsupported,
    RequestMalformed,
    ServiceBusy,
)
from api.instants import from_microseconds, from_seconds, whole_seconds_up
from api.overlay import SUBJECT_LABEL, borrower_key, build_overlay
from api.problem_examples import describe
from api.schemas import ScoreAsked, ScoreQuery
from api.scoring import ScoringThread
from api.strict_json import StrictRoute
from gnn.errors import (
    BundleCorrupt,
    BundleMismatch,
    CurrencyNotScored,
    KeyUnusable,
    ModelNotFound,
    NothingLive,
    ResearchRefused,
    SignatureRefused,
)
from gnn.scores import EvidenceFact, Parts, Reason, ScoreRequest, ScoreResult, Status, Thickness
from graph.errors import NodeUnknown, PepperMismatch, SnapshotCorrupt, SnapshotMissing, VocabularyMismatch
from graph.identity import Pepper

CLOCK_SKEW = timedelta(seconds=60)  # how far ahead of ours a client's clock may run
PROBLEMS_ANSWERED: dict[int | str, dict[str, Any]] = describe(
    BodyNotJson,
    NodeUnknown,
    BodyTooSlow,
    BodyTooLarge,
    MediaTypeUnsupported,
    RequestMalformed,
    CurrencyNotScored,
    InternalFault,
    ServiceBusy,
    ModelNotFound,
    NothingLive,
    SignatureRefused,
    KeyUnusable,
    BundleCorrupt,
    BundleMismatch,
    ResearchRefused,
    SnapshotMissing,
    SnapshotCorrupt,
    VocabularyMismatch,
    PepperMismatch,
)
router = APIRouter(prefix="/v1", tags=["scores"], route_class=StrictRoute)


@router.post("/scores", summary="Score one borrower", operation_id="score", responses=PROBLEMS_ANSWERED)
async def post_score(request: Request, asked: ScoreAsked, query: Annotated[ScoreQuery, Query()]) -> ScoreAnswered:
    """Scores a known borrower, or a stranger whose application and facts come with the request.

    Only what was known strictly before `as_of` counts. Facts of the request are used for it alone and never stored. Of someone
    next to nothing is known of, the answer has the status `unscorable` and no figures, rather than a guess.
    """
    scoring: ScoringThread = request.app.state.scoring
    wanted = build_request(asked, request.app.state.pepper, now=datetime.now(UTC))
    return build_answer(await scoring.score(wanted, frozenset(query.include), stranger=asked.stranger))


def build_request(asked: ScoreAsked, pepper: Pepper, *, now: datetime) -> ScoreRequest:
    """What the scorer needs, from what the client sent.

    Raises:
        RequestMalformed: naming each field that cannot be used.
    """
    as_of = asked.as_of or now
    if as_of > now + CLOCK_SKEW:
        raise RequestMalformed((FieldProblem("body.as_of", "lies in the future; leave it out to score as of now"),))
    return ScoreRequest(
        label=SUBJECT_LABEL,
        key=borrower_key(asked, pepper),
        as_of_s=whole_seconds_up(as_of),
        overlay=build_overlay(asked, as_of, pepper),
        currency=None if asked.application is None else asked.application.currency,
    )


def build_answer(result: ScoreResult) -> ScoreAnswered:
    """The wire's shape of a result; what was not asked for, or cannot be given, is null."""
    return ScoreAnswered(
        status=result.status,
        status_reason=result.thickness.shortfall if result.status is Status.UNSCORABLE else None,
        score=result.score,
        probability_of_default=result.probability_of_default,
        probability_low=result.probability_low,
        probability_high=result.probability_high,
        probability_coverage=result.coverage,
        log_odds=result.log_odds,
        file=_file(result.thickness),
        as_of=from_seconds(result.as_of_s),
        model_version=result.model_version,
        snapshot_version=result.snapshot_version,
        contributions=_contributions(result),
        subscores=None if result.parts is None else _subscores(result.parts),
        reasons=None if result.reasons is None else [_reason(r) for r in result.reasons],
        evidence=None if result.evidence is None else [_evidence(e) for e in result.evidence],
    )


def _file(thickness: Thickness) -> FileThickness:
    return FileThickness(
        own_facts=thickness.own,
        neighbours_facts=thickness.neighbours,
        least_own_facts=thickness.least_own,
        least_neighbours_facts=thickness.least_neighbours,
    )


def _subscores(parts: Parts) -> SubScores:
    given = [SubScoreGiven(part=part, score=share.score, log_odds=share.log_odds) for part, share in parts.shares.items()]
    return SubScores(base_log_odds=parts.base_log_odds, parts=given)


def _contributions(result: ScoreResult) -> Contributions | None:
    if result.contributions is None or result.base_log_odds is None:
        return None
    families = [Contribution(family=f, log_odds=v) for f, v in sorted(result.contributions.items())]
    return Contributions(base_log_odds=result.base_log_odds, families=families)


def _reason(reason: Reason) -> ReasonGiven:
    return ReasonGiven(
        code=reason.code,
        text=reason.text,
        relation=reason.relation,
        family=reason.family,
        effect_log_odds=reason.effect_log_odds,
    )


def _evidence(fact: EvidenceFact) -> Evidence:
    edge = fact.edge
    return Evidence(
        fact_id=fact.fact_id,
        relation=edge.rel,
        source_label=edge.source,
        target_label=edge.target,
        near_key=fact.near_key,
        other_key=fact.other_key,
        at=None if fact.at_us is None else from_microseconds(fact.at_us),
        known_at=from_seconds(fact.known_at_s),
        properties=dict(fact.properties),
    )
