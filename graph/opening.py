"""Opens a store by its address, and refuses one that was made with other rules.

Decides which store an address means. A driver is imported only when a store of its kind is opened.
"""

from pathlib import Path

from graph.derived import vocabulary_digest
from graph.errors import FormatMismatch, PepperMismatch, StoreUnavailable, VocabularyMismatch
from graph.store import STORE_FORMAT, GraphStore, StoreIdentity

NEO4J_SCHEMES = ("bolt://", "neo4j://", "bolt+s://", "neo4j+s://", "bolt+ssc://", "neo4j+ssc://")
DUCKDB_SUFFIX = ".duckdb"


def open_store(url: str, pepper_fingerprint: str, *, auth: tuple[str, str] | None = None) -> GraphStore:
    """Open a graph, or make an empty one where there is none.

    Args:
        url: `bolt://host:port` or `neo4j://host:port` for a Neo4j server, or the path of a file ending in `.duckdb`.
        pepper_fingerprint: `Pepper.fingerprint` of the pepper this process hashes identifiers with.
        auth: User and password of the Neo4j server; None for a server without authentication.

    Returns:
        The store; its caller closes it.

    Raises:
        StoreUnavailable: no server answers, or the address is of neither kind.
        StoreInUse: another process has the DuckDB file open.
        VocabularyMismatch: the store was made with another vocabulary.
        PepperMismatch: the store was made with another pepper, or by another rule for keys.
        FormatMismatch: the store's layout is not the one this code reads.
    """
    store = _open(url, pepper_fingerprint, auth)
    try:
        check_identity(url, store.identity(), pepper_fingerprint)
    except BaseException:
        store.close()
        raise
    return store


def check_identity(store: str, identity: StoreIdentity, pepper_fingerprint: str) -> None:
    """Refuse a store of another format, vocabulary or pepper, in that order."""
    if identity.format != STORE_FORMAT:
        raise FormatMismatch(f"the store {store}", expected=STORE_FORMAT, actual=identity.format)
    if identity.vocabulary_digest != vocabulary_digest():
        raise VocabularyMismatch(f"the store {store}", expected=vocabulary_digest(), actual=identity.vocabulary_digest)
    if identity.pepper_fingerprint != pepper_fingerprint:
        raise PepperMismatch(f"the store {store}")


def _open(url: str, pepper_fingerprint: str, auth: tuple[str, str] | None) -> GraphStore:
    if url.startswith(NEO4J_SCHEMES):
        from graph.neo4j.store import Neo4jStore

        return Neo4jStore(url, pepper_fingerprint, auth=auth)
    if url.endswith(DUCKDB_SUFFIX):
        from graph.duckdb.store import DuckDBStore

        return DuckDBStore(Path(url), pepper_fingerprint)
    raise StoreUnavailable(url, "it is neither a bolt:// or neo4j:// address nor a path ending in .duckdb")
