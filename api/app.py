"""Assembles the scoring service: routes, errors, the edge, and the model that is loaded when it starts.

The only place that knows all parts of the service. A model or snapshot that cannot be loaded does not keep it from
starting: it then answers 503 and says why, and tries again.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline

from api import health, scores
from api.edge import Edge
from api.problems import Problem, add_handlers
from api.scoring import ScoringThread
from api.settings import ApiSettings
from gnn.serving import LivePlaces, LiveScorer, Scorer, load_scorer
from gnn.serving.signing import read_trusted_keys
from graph.errors import CreditGraphError

TITLE = "creditgraph"
SUMMARY = "Credit risk from a relationship graph: a calibrated probability of default, its reasons and its evidence."
_REFERENCE = "#/components/schemas/{model}"
log = logging.getLogger("creditgraph.api")


def create_app(settings: ApiSettings, *, load: Callable[[], Scorer | LiveScorer] | None = None) -> FastAPI:
    """The service, ready to be run; nothing is loaded before it starts.

    Args:
        settings: Where model and snapshot lie, the pepper, and the limits.
        load: Gives the scorer; by default what is live, or the bundle, and the snapshots that the settings name.
    """
    pepper = settings.read_pepper()

    def load_by_settings() -> Scorer | LiveScorer:
        if settings.models is not None and settings.trusted_keys is not None:
            trusted = read_trusted_keys([settings.trusted_keys])
            return LiveScorer(
                LivePlaces(settings.models, settings.snapshot_root, trusted, pepper, allow_research=settings.allow_research)
            )
        return load_scorer(settings.bundle, settings.snapshot_root, pepper=pepper, allow_research=settings.allow_research)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.scoring = scoring = ScoringThread(load or load_by_settings)
        try:
            await scoring.versions()
        except CreditGraphError as exc:
            log.warning("not ready: problem=%s %s", exc.code, exc)
        yield
        scoring.close()

    # Its documentation page brings its own scripts: lenders' networks often reach no content delivery network.
    app = FastAPIOffline(
        title=TITLE, summary=SUMMARY, version=version(TITLE), lifespan=lifespan, redirect_slashes=False, redoc_url=None
    )
    app.state.pepper = pepper
    app.include_router(scores.router)
    app.include_router(health.router)
    add_handlers(app)
    app.add_middleware(Edge, maximum_body_bytes=settings.maximum_body_bytes, maximum_body_seconds=settings.maximum_body_seconds)
    app.openapi = lambda: build_openapi(app)  # type: ignore[method-assign]  # the framework's documented way
    return app


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the problem's schema that all error answers refer to."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, summary=app.summary, version=app.version, routes=app.routes)
        problem = Problem.model_json_schema(ref_template=_REFERENCE)
        document["components"]["schemas"] |= problem.pop("$defs") | {Problem.__name__: problem}
        app.openapi_schema = document
    return app.openapi_schema
