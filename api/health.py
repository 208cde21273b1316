"""Liveness and readiness: whether the process runs, and whether it could score now."""

from typing import Any

from fastapi import APIRouter, Request

from api.answers import Alive, Ready
from api.problem_examples import describe
from api.scoring import ScoringThread
from gnn.errors import BundleCorrupt, BundleMismatch, KeyUnusable, ModelNotFound, NothingLive, SignatureRefused
from graph.errors import SnapshotCorrupt, SnapshotMissing

NOT_READY: dict[int | str, dict[str, Any]] = describe(
    ModelNotFound, NothingLive, SignatureRefused, KeyUnusable, BundleCorrupt, BundleMismatch, SnapshotMissing, SnapshotCorrupt
)
router = APIRouter(tags=["health"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Whether the process lives")
async def healthz() -> Alive:
    """Answers 200 as long as the process runs, with or without a model."""
    return Alive(status="alive")


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", summary="Whether a request could be scored now", responses=NOT_READY)
async def readyz(request: Request) -> Ready:
    """Answers 200 with the versions in use, or 503 with the problem that stands in the way."""
    scoring: ScoringThread = request.app.state.scoring
    versions = await scoring.versions()
    return Ready(status="ready", model_version=versions.model, snapshot_version=versions.snapshot)
