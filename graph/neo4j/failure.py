"""Turns the errors of the Neo4j driver into the graph's own; the only module that knows what the driver raises.

Server errors are told apart by their status code, never by their wording.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from neo4j.exceptions import AuthError, ConstraintError, DriverError, IncompleteCommit, Neo4jError

from graph.errors import FactMalformed, GraphError, StoreFull, StoreUnavailable

HEAP_CODES = frozenset({"Neo.TransientError.General.MemoryPoolOutOfMemoryError", "Neo.TransientError.General.OutOfMemoryError"})
"""What a server answers when its heap cannot hold the transaction."""
DISK_CODES = frozenset(
    {"Neo.DatabaseError.Transaction.TransactionLogError", "Neo.DatabaseError.Transaction.TransactionCommitFailed"}
)
"""What a server answers when it cannot write its transaction log."""


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Re-raise what the driver raises inside the block.

    Raises:
        StoreFull: the server has no memory or disk left for the transaction.
        FactMalformed: an id is already that of a fact between other labels.
        StoreUnavailable: no answer, no access, or a connection lost.
    """
    try:
        yield
    except (Neo4jError, DriverError) as exc:
        raise _translate(url, exc) from exc


def _translate(url: str, exc: Neo4jError | DriverError) -> GraphError:
    if isinstance(exc, ConstraintError):
        return FactMalformed("one relation", "an id in the batch is already that of a fact between other labels")
    if isinstance(exc, AuthError):
        return StoreUnavailable(url, "it refused user or password: set NEO4J_USER and NEO4J_PASSWORD")
    if isinstance(exc, IncompleteCommit):
        return StoreUnavailable(url, "the connection broke during the commit; load again, which repeats nothing")
    if isinstance(exc, Neo4jError) and exc.code in HEAP_CODES:
        return StoreFull(url, "its heap is too small for one write of this size: give it more, or load in parts")
    if isinstance(exc, Neo4jError) and exc.code in DISK_CODES:
        return StoreFull(url, "it cannot write its transaction log: its disk is full or failing")
    cause = exc.code if isinstance(exc, Neo4jError) and exc.code else type(exc).__name__
    return StoreUnavailable(url, cause)
