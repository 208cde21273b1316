"""Errors of the service, and the one table that gives every error of the system its HTTP status.

Nothing below `api` knows an HTTP status. The tree:

    CreditGraphError
    +-- ApiError
        +-- BodyNotJson           the body is not JSON text
        +-- BodyTooLarge          the body is longer than the service reads
        +-- BodyTooSlow           the body did not arrive in time
        +-- MediaTypeUnsupported  the body is not declared as JSON
        +-- RequestMalformed      the request breaks the schema or the vocabulary; names each field
        +-- RouteUnknown          no such path
        +-- MethodNotAllowed      the path exists, the method does not
        +-- ServiceBusy           too many requests are waiting to be scored
        +-- InternalFault         a defect of ours; says nothing of its cause
        +-- PepperMissing         no pepper is set
        +-- SettingsInvalid       a setting cannot be used
        +-- DemoStoresDiffer      the demo's two stores do not hold the same graph
"""

from dataclasses import dataclass

from gnn import errors as gnn_errors
from graph import errors as graph_errors
from graph.errors import CreditGraphError
from ingest import errors as ingest_errors

URN = "urn:creditgraph:problem:"


class ApiError(CreditGraphError):
    """Anything wrong with a request or with how the service is set up."""

    code = "api_error"


@dataclass(frozen=True)
class FieldProblem:
    """One field at fault: where it stands in the request (`body.facts[2].at`) and what is wrong with it."""

    field: str
    problem: str


class BodyNotJson(ApiError):
    """The body is not JSON text."""

    code = "body_not_json"

    def __init__(self, position: int | None = None, *, problem: str = "is not valid JSON") -> None:
        where = "" if position is None else f" (character {position})"
        super().__init__(f"the body {problem}{where}; send one JSON object in UTF-8 (RFC 8259)")


class BodyTooLarge(ApiError):
    """The body is longer than the service reads."""

    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"the body is longer than {limit} bytes; send fewer facts, or raise CREDITGRAPH_API_MAXIMUM_BODY_BYTES"
        )


class BodyTooSlow(ApiError):
    """The body did not arrive in time."""

    code = "body_too_slow"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the body did not arrive within {seconds:g} seconds; send it at once, over a faster line")


class ServiceBusy(ApiError):
    """Too many requests are waiting to be scored."""

    code = "service_busy"
    retryable = True

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} requests are waiting to be scored already; send this one again a little later")


class MediaTypeUnsupported(ApiError):
    """The body is not declared as JSON."""

    code = "media_type_unsupported"

    def __init__(self) -> None:
        super().__init__(
            "the body must be declared as JSON; send it uncompressed, with the header Content-Type: application/json"
        )


class RequestMalformed(ApiError):
    """The request breaks the schema or the vocabulary."""

    code = "request_malformed"

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        self.problems = problems
        super().__init__(f"{len(problems)} field(s) of the request cannot be used; `errors` names each, and the remedy")


class RouteUnknown(ApiError):
    """No such path."""

    code = "route_unknown"

    def __init__(self) -> None:
        super().__init__("there is no such path here; /openapi.json lists all paths")


class MethodNotAllowed(ApiError):
    """The path exists, the method does not."""

    code = "method_not_allowed"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"this path does not know that method; it allows {allowed or 'none'}")


class InternalFault(ApiError):
    """A defect of ours."""

    code = "internal_fault"

    def __init__(self) -> None:
        super().__init__("the service met a defect of its own; report the `instance`, under which the log holds the place")


class PepperMissing(ApiError):
    """No pepper is set."""

    code = "pepper_missing"

    def __init__(self) -> None:
        super().__init__(
            "no pepper is set: put the secret that keys all identifiers into CREDITGRAPH_PEPPER (16 characters or more)"
        )


class SettingsInvalid(ApiError):
    """A setting cannot be used."""

    code = "settings_invalid"

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"the setting {name} cannot be used: {problem}; correct it and start again")


class DemoStoresDiffer(ApiError):
    """The demo's two stores do not hold the same graph."""

    code = "demo_stores_differ"

    def __init__(self, home: str) -> None:
        super().__init__(
            f"the Neo4j in {home} holds another graph than the demo's own store, perhaps of an older demo; "
            f"run `creditgraph neo4j down --home {home}`, remove that folder and run the demo again"
        )


@dataclass(frozen=True)
class ProblemKind:
    """What a client learns from the kind of error alone."""

    status: int
    title: str


_NO_MODEL = ProblemKind(503, "No usable model")
_NO_SNAPSHOT = ProblemKind(503, "Snapshot refused")
_NO_STORE = ProblemKind(503, "Store not available")
_MALFORMED = ProblemKind(422, "Malformed request")
_FAULT = ProblemKind(500, "Internal fault")

PROBLEMS: dict[type[CreditGraphError], ProblemKind] = {
    BodyNotJson: ProblemKind(400, "Body is not JSON"),
    BodyTooLarge: ProblemKind(413, "Body too large"),
    BodyTooSlow: ProblemKind(408, "Body too slow"),
    ServiceBusy: ProblemKind(503, "Too many requests waiting"),
    MediaTypeUnsupported: ProblemKind(415, "Media type not supported"),
    RequestMalformed: _MALFORMED,
    RouteUnknown: ProblemKind(404, "No such path"),
    MethodNotAllowed: ProblemKind(405, "Method not allowed"),
    InternalFault: _FAULT,
    PepperMissing: _FAULT,
    SettingsInvalid: _FAULT,
    DemoStoresDiffer: _FAULT,
    graph_errors.NodeUnknown: ProblemKind(404, "Unknown borrower"),
    graph_errors.FactMalformed: _MALFORMED,
    graph_errors.KeySpaceExceeded: _MALFORMED,
    graph_errors.SnapshotMissing: ProblemKind(503, "No snapshot"),
    graph_errors.SnapshotCorrupt: _NO_SNAPSHOT,
    graph_errors.VocabularyMismatch: _NO_SNAPSHOT,
    graph_errors.PepperMismatch: _NO_SNAPSHOT,
    graph_errors.FormatMismatch: _NO_SNAPSHOT,
    graph_errors.StoreUnavailable: _NO_STORE,
    graph_errors.StoreFull: _NO_STORE,
    graph_errors.StoreInUse: _NO_STORE,
    graph_errors.ServerNotStarted: _NO_STORE,
    graph_errors.StoreNotEmpty: _FAULT,
    graph_errors.ImportFailed: _FAULT,
    graph_errors.StoreEmpty: _FAULT,
    gnn_errors.ModelNotFound: ProblemKind(503, "No model"),
    gnn_errors.BundleCorrupt: _NO_MODEL,
    gnn_errors.BundleMismatch: _NO_MODEL,
    gnn_errors.ResearchRefused: _NO_SNAPSHOT,
    gnn_errors.SubjectNotScored: _MALFORMED,
    gnn_errors.CurrencyNotScored: ProblemKind(422, "Currency not scored"),
    gnn_errors.EmptyTrainingSet: _FAULT,
    gnn_errors.KeyUnusable: _NO_MODEL,
    gnn_errors.SignatureRefused: _NO_MODEL,
    gnn_errors.NothingLive: ProblemKind(503, "No model is live"),
    gnn_errors.HistoryBroken: _NO_MODEL,
    gnn_errors.HistoryMoved: _FAULT,
    gnn_errors.VersionUnknown: _FAULT,
    gnn_errors.TasksMixed: _FAULT,
    gnn_errors.PromotionRefused: _FAULT,
    gnn_errors.NoEarlierChampion: _FAULT,
    gnn_errors.NothingToCompare: _FAULT,
    gnn_errors.LevelUnknown: _FAULT,
    gnn_errors.ExtraMissing: _FAULT,
    gnn_errors.SettingsUnusable: _FAULT,
    ingest_errors.SourceUnknown: _FAULT,
    ingest_errors.SourceMissing: _FAULT,
    ingest_errors.SourceLayoutChanged: _FAULT,
    ingest_errors.SourceEncodingWrong: _FAULT,
    ingest_errors.SourceUnreadable: _FAULT,
    ingest_errors.SourceSizeUnhealthy: _FAULT,
    ingest_errors.SourceMalformed: _FAULT,
    ingest_errors.SourceChanged: ProblemKind(503, "File still being written"),
    ingest_errors.SourceExpandsTooFar: _FAULT,
    ingest_errors.SubjectAmbiguous: _FAULT,
    ingest_errors.SourceInParts: _FAULT,
    ingest_errors.WorkerLost: ProblemKind(503, "Worker lost"),
    ingest_errors.RepairUnbound: _FAULT,
    ingest_errors.RepairUnknown: _FAULT,
    ingest_errors.RepairMalformed: _FAULT,
    ingest_errors.InboxMissing: _FAULT,
    ingest_errors.InboxInUse: ProblemKind(503, "Inbox in use"),
    ingest_errors.CategoryForbidden: _FAULT,
    ingest_errors.MappingUnreadable: _FAULT,
    ingest_errors.MappingInvalid: _FAULT,
    ingest_errors.MappingUndecided: _FAULT,
    ingest_errors.DraftRefused: _FAULT,
    ingest_errors.SandboxFolderTaken: _FAULT,
    ingest_errors.SandboxMissing: _FAULT,
    ingest_errors.SandboxUnknownId: _FAULT,
}
"""Every leaf of the error tree; a test walks the tree and fails on one that is missing."""


def problem_kind(error: CreditGraphError) -> ProblemKind:
    """Status and title of an error; 500 for a class the table does not hold."""
    return PROBLEMS.get(type(error), _FAULT)


def problem_type(code: str) -> str:
    """URN that names a kind of problem: `urn:creditgraph:problem:node-unknown`."""
    return URN + code.replace("_", "-")
