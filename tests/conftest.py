"""What many tests need: a real Neo4j server for the whole run, a clean address of each store, the real data sets.

Choose `store_address` for a rule that both stores must keep, `duckdb_address` or `neo4j_address` for one store's own.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest

from graph.neo4j.assembly import Memory
from graph.neo4j.server import start_server, stop_server

# Servers of tests live for seconds: half the work of starting one is compiling what will hardly run.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
REAL_DATA_VARIABLE = "CREDITGRAPH_DATA"
REAL_DATA_ABSENT = f"{REAL_DATA_VARIABLE} names no folder of real data"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _empty(address: str) -> None:
    with neo4j.GraphDatabase.driver(address) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bolt address of a server that all tests share: the one named by NEO4J_URI, else one of our own.

    A server that cannot be had is a failure, never a skip: half of what is promised would go untested.
    """
    home = tmp_path_factory.mktemp("neo4j")
    address = start_server(home, free_port(), free_port(), uri=os.environ.get("NEO4J_URI"), memory=Memory(heap="1g"))
    with neo4j.GraphDatabase.driver(address.bolt) as driver:
        if driver.execute_query("MATCH (n) RETURN count(n)").records[0][0]:
            pytest.fail("the server named by NEO4J_URI holds data, which these tests would delete; unset it")
    yield address.bolt
    _empty(address.bolt)
    stop_server(home)


@pytest.fixture
def neo4j_address(neo4j_server: str) -> str:
    """Address of the server, emptied: the Community edition has one database for all tests."""
    _empty(neo4j_server)
    return neo4j_server


@pytest.fixture
def duckdb_address(tmp_path: Path) -> str:
    return str(tmp_path / "graph.duckdb")


@pytest.fixture(params=["duckdb", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def store_address(request: pytest.FixtureRequest) -> str:
    """Address of an empty store of each kind."""
    address: str = request.getfixturevalue(f"{request.param}_address")
    return address


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets."""
    named = os.environ.get(REAL_DATA_VARIABLE)
    if not named or not Path(named).is_dir():
        pytest.skip(REAL_DATA_ABSENT)
    return Path(named)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud how many tests of real data did not run."""
    skipped = [r for r in terminalreporter.stats.get("skipped", ()) if REAL_DATA_ABSENT in str(r.longrepr)]
    terminalreporter.write_line(f"tests of real data skipped: {len(skipped)}" + (f" ({REAL_DATA_ABSENT})" if skipped else ""))
