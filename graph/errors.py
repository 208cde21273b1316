"""The root of every error this system raises, and the errors of the graph package.

Callers catch a family, never a message. The tree:

    CreditGraphError            code, retryable; the sentence names the thing and the remedy
    +-- GraphError              stores, snapshots, neighbourhood
    |   +-- StoreUnavailable    the server or file cannot be reached now
    |   +-- StoreFull           no room left to write; nothing of the batch was kept
    |   +-- StoreInUse          another process owns the DuckDB file
    |   +-- StoreEmpty          there is no such file, or no fact in it
    |   +-- VocabularyMismatch  store, snapshot or bundle was made with another vocabulary
    |   +-- PepperMismatch      identifiers were hashed with another pepper, or by another rule
    |   +-- FormatMismatch      a stored format this code does not read
    |   +-- FactMalformed       a batch breaks the vocabulary's declaration
    |   +-- SnapshotMissing     nothing has been published at that place
    |   +-- SnapshotCorrupt     a snapshot file is short, edited or lacking
    |   +-- KeySpaceExceeded    node row or second does not fit the snapshot's 64-bit key
    |   +-- NodeUnknown         the graph holds no such node
    |   +-- ServerNotStarted    a Neo4j server could not be assembled or started
    |   +-- StoreNotEmpty       a first load found facts already there
    |   +-- ImportFailed        Neo4j's importer did not take the files
    +-- IngestError             ingest/errors.py
    +-- ModelError              gnn/errors.py
    +-- ApiError                api/errors.py
"""

from typing import ClassVar


class CreditGraphError(Exception):
    """Root of all errors raised on purpose; `code` is stable, `retryable` says whether waiting may help."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __reduce__(self) -> tuple[object, ...]:
        """Crosses from one process to another with its sentence, whatever facts its constructor takes."""
        return _remake, (type(self), self.args, self.__dict__)


def _remake(kind: type[CreditGraphError], args: tuple[object, ...], facts: dict[str, object]) -> CreditGraphError:
    made = kind.__new__(kind, *args)
    made.args = args
    made.__dict__.update(facts)
    return made


class GraphError(CreditGraphError):
    """Anything that went wrong in a store, a snapshot or a neighbourhood."""

    code = "graph_error"


class StoreUnavailable(GraphError):
    """The store cannot be reached now."""

    code = "store_unavailable"
    retryable = True

    def __init__(self, store: str, cause: str) -> None:
        super().__init__(
            f"the store {store} cannot be reached ({cause}); start it (`creditgraph neo4j up`) or name another with --store"
        )


class StoreFull(GraphError):
    """The store has no room for the batch."""

    code = "store_full"

    def __init__(self, store: str, cause: str) -> None:
        super().__init__(
            f"the store {store} has no room left ({cause}); nothing of this batch was kept: free space and run it again"
        )


class StoreInUse(GraphError):
    """Another process has the DuckDB file open."""

    code = "store_in_use"
    retryable = True

    def __init__(self, store: str) -> None:
        super().__init__(
            f"the store {store} is open in another process; wait until that one ends, or name another with --store"
        )


class StoreEmpty(GraphError):
    """There is nothing in the store to work on."""

    code = "store_empty"

    def __init__(self, store: str) -> None:
        super().__init__(f"the store {store} holds no facts; run `creditgraph ingest` first, or name another with --store")


class VocabularyMismatch(GraphError):
    """Something stored was made with another vocabulary."""

    code = "vocabulary_mismatch"

    def __init__(self, thing: str, *, expected: str, actual: str) -> None:
        super().__init__(
            f"{thing} was made with vocabulary {actual[:12]}, this code declares {expected[:12]}; rebuild it from its sources"
        )


class PepperMismatch(GraphError):
    """Identifiers in the store were hashed with another pepper, or by another rule."""

    code = "pepper_mismatch"

    def __init__(self, thing: str) -> None:
        super().__init__(
            f"{thing} was made with another pepper, or before the rule for keys changed; set CREDITGRAPH_PEPPER to the one"
            " it was built with, or make it anew"
        )


class FormatMismatch(GraphError):
    """A stored format this code does not read."""

    code = "format_mismatch"

    def __init__(self, thing: str, *, expected: int, actual: object) -> None:
        super().__init__(f"{thing} has format {actual}, this code reads {expected}; build it again with this version")


class FactMalformed(GraphError):
    """A batch of facts breaks the vocabulary's declaration."""

    code = "fact_malformed"

    def __init__(self, relation: str, problem: str) -> None:
        super().__init__(f"facts of {relation} cannot be stored: {problem}")


class SnapshotMissing(GraphError):
    """Nothing has been published."""

    code = "snapshot_missing"

    def __init__(self, place: str) -> None:
        super().__init__(f"no snapshot is published at {place}; run `creditgraph snapshot` first")


class SnapshotCorrupt(GraphError):
    """A snapshot file is short, edited or lacking."""

    code = "snapshot_corrupt"

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(
            f"the snapshot at {place} cannot be used: {problem}; publish it again with `creditgraph snapshot --rebuild`"
        )


class KeySpaceExceeded(GraphError):
    """A node row or a second does not fit the 64-bit snapshot key."""

    code = "key_space_exceeded"

    def __init__(self, what: str, value: int, limit: int) -> None:
        super().__init__(f"{what} {value} does not fit the snapshot key (limit {limit}); split the graph or repair the date")


class NodeUnknown(GraphError):
    """The graph holds no such node; the message does not repeat the identifier, which may be personal."""

    code = "node_unknown"

    def __init__(self, label: str) -> None:
        super().__init__(
            f"no {label} with that identifier is known here; check source and id, or send the application with `stranger` set"
        )


class ServerNotStarted(GraphError):
    """A Neo4j server could not be assembled or started."""

    code = "server_not_started"

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(f"Neo4j could not be started: {cause}; {remedy}")


class StoreNotEmpty(GraphError):
    """A first load is for an empty database; this one holds something."""

    code = "store_not_empty"

    def __init__(self, store: str) -> None:
        super().__init__(f"the store {store} is not empty; load into it the usual way, or name an empty one")


class ImportFailed(GraphError):
    """Neo4j's importer did not take the files, or took fewer facts than there are."""

    code = "import_failed"

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"Neo4j's importer failed ({cause}); the database is as empty as before: repair the cause and load again"
        )
