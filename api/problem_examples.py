"""One sample of every problem a route may answer with, for the OpenAPI page; tests hold them against the error table."""

from typing import Any

from api.errors import (
    BodyNotJson,
    BodyTooLarge,
    BodyTooSlow,
    FieldProblem,
    InternalFault,
    MediaTypeUnsupported,
    MethodNotAllowed,
    RequestMalformed,
    RouteUnknown,
    ServiceBusy,
    problem_kind,
)
from api.problems import MEDIA_TYPE, build_problem
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
from graph.errors import (
    CreditGraphError,
    NodeUnknown,
    PepperMismatch,
    SnapshotCorrupt,
    SnapshotMissing,
    VocabularyMismatch,
)
from graph.vocabulary import NodeLabel

SCHEMA = {"$ref": "#/components/schemas/Problem"}
_INSTANCE = "urn:uuid:6f0c1a2e-8f1b-4c55-9b0e-2f1d7a3c9e10"
_DIGESTS = {"expected": "a" * 12, "actual": "b" * 12}

SAMPLES: dict[type[CreditGraphError], CreditGraphError] = {
    type(sample): sample
    for sample in (
        BodyNotJson(17),
        BodyTooLarge(1_048_576),
        BodyTooSlow(10),
        ServiceBusy(64),
        MediaTypeUnsupported(),
        RequestMalformed((FieldProblem("body.as_of", "must be an RFC 3339 time with a zone, such as 2017-07-05T17:04:41Z"),)),
        RouteUnknown(),
        MethodNotAllowed("POST"),
        InternalFault(),
        NodeUnknown(NodeLabel.PERSON),
        ModelNotFound("bundle"),
        NothingLive("models"),
        SignatureRefused("models/live.json", "was edited after it was signed"),
        KeyUnusable("signing.key.pub", "holds no public key; name the .pub file that `creditgraph keys new` wrote"),
        BundleCorrupt("bundle", "model.safetensors", "does not have the digest its manifest declares"),
        BundleMismatch("bundle", "vocabulary", **_DIGESTS),
        ResearchRefused("snapshots"),
        CurrencyNotScored(trained="NGN"),
        SnapshotMissing("snapshots"),
        SnapshotCorrupt("snapshots", "a file is shorter than its manifest says"),
        VocabularyMismatch("the snapshot", **_DIGESTS),
        PepperMismatch("the snapshot"),
    )
}


def describe(*errors: type[CreditGraphError]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for these errors, one a status, each error an example of its own."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        sample = SAMPLES[error]
        kind = problem_kind(sample)
        shown = {"summary": kind.title, "value": build_problem(sample, _INSTANCE).model_dump()}
        response = responses.setdefault(
            kind.status, {"description": kind.title, "content": {MEDIA_TYPE: {"schema": SCHEMA, "examples": {}}}}
        )
        response["content"][MEDIA_TYPE]["examples"][error.code] = shown
    return responses
