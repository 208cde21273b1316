import socket

import pytest
from neo4j.exceptions import AuthError, ConstraintError, IncompleteCommit, Neo4jError, ServiceUnavailable

from graph.errors import FactMalformed, GraphError, StoreFull, StoreUnavailable
from graph.neo4j import store
from graph.neo4j.failure import DISK_CODES, HEAP_CODES, translated

URL = "bolt://127.0.0.1:7687"


def server_error(code: str) -> Neo4jError:
    return Neo4jError._hydrate_neo4j(code=code, message="in the server's own words")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        *((server_error(code), StoreFull) for code in sorted(HEAP_CODES | DISK_CODES)),
        (server_error("Neo.TransientError.Database.DatabaseUnavailable"), StoreUnavailable),
        (ServiceUnavailable("gone"), StoreUnavailable),
        (IncompleteCommit("gone"), StoreUnavailable),
        (AuthError("no"), StoreUnavailable),
        (ConstraintError("twice"), FactMalformed),
    ],
    ids=str,
)
def test_an_error_of_the_driver_becomes_one_of_ours(raised: Exception, expected: type[GraphError]) -> None:
    with pytest.raises(expected) as caught, translated(URL):
        raise raised
    assert caught.value.__cause__ is raised


def test_an_error_that_is_not_the_drivers_passes_through() -> None:
    with pytest.raises(KeyError), translated(URL):
        raise KeyError("ours")


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_server_that_never_answers_is_given_up(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(StoreUnavailable):
        store.Neo4jStore(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}", "f" * 16)
