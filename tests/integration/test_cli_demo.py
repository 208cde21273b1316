"""The commands on a real graph and model: the demo's story, a score as a command, and Neo4j beside the file."""

from pathlib import Path

import httpx
import pytest

from api.cli import run
from api.cli.demo import tell_a_score
from api.cli.demo_applicants import SOURCE, read_applicants
from api.cli.demo_neo4j import load_and_compare, show_in_neo4j
from api.cli.demo_places import DEMO_PEPPER, DemoPlaces
from api.cli.main import ExitCode
from graph.browser.queries import SavedQuery, read_queries, run_query
from tests.conftest import free_port


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("CREDITGRAPH_PEPPER", DEMO_PEPPER.secret)


def test_the_demo_tells_score_reasons_and_evidence(demo: DemoPlaces, capsys: pytest.CaptureFixture[str]) -> None:
    tell_a_score(demo)
    text = capsys.readouterr().out
    for part in (
        "score (300 to 850",
        "probability of default",
        "what moved it",
        "why it is not higher",
        "evidence",
        "creditgraph score",
    ):
        assert part in text


def test_score_prints_what_it_is_asked_for(demo: DemoPlaces, capsys: pytest.CaptureFixture[str]) -> None:
    applicant = read_applicants(demo.folder)[-1]
    arguments = ["score", SOURCE, applicant.identifier, "--as-of", applicant.decided_at.isoformat(), "--include", "reasons"]
    places = ["--bundle", str(demo.bundle), "--snapshots", str(demo.snapshots)]
    assert run([*arguments, *places, "--allow-research"]) == ExitCode.DONE
    text = capsys.readouterr().out
    assert "why it is not higher" in text
    assert "what moved it" not in text
    assert run([*arguments, *places]) == ExitCode.REFUSED
    assert "research" in capsys.readouterr().err


def test_ingest_and_snapshot_account_for_what_they_did(
    demo: DemoPlaces, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", str(tmp_path / "graph.duckdb")]
    for _ in range(2):
        assert run(["ingest", SOURCE, str(demo.folder / SOURCE), *store]) == ExitCode.DONE
    text = capsys.readouterr().out
    assert "trainperf.csv" in text
    assert "facts: 0 written" in text
    assert run(["snapshot", *store, "--snapshots", str(tmp_path / "snapshots")]) == ExitCode.DONE
    assert "published" in capsys.readouterr().out


def test_another_pepper_is_refused_by_the_store(demo: DemoPlaces, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["snapshot", "--store", str(demo.store), "--pepper", "quite another pepper"]) == ExitCode.REFUSED
    assert "CREDITGRAPH_PEPPER" in capsys.readouterr().err


@pytest.fixture(scope="module")
def loaded(demo: DemoPlaces, neo4j_server: str) -> str:
    import neo4j

    with neo4j.GraphDatabase.driver(neo4j_server) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
    load_and_compare(demo, neo4j_server)
    return neo4j_server


@pytest.mark.neo4j
@pytest.mark.parametrize("query", read_queries(), ids=lambda q: q.name)
def test_every_saved_query_answers_on_the_demo(loaded: str, query: SavedQuery) -> None:
    answer = run_query(loaded, query, most_rows=2)
    assert answer.count >= len(answer.rows) > 0
    assert all(len(row) == len(answer.columns) for row in answer.rows)


@pytest.mark.neo4j
def test_a_query_that_writes_is_refused(loaded: str) -> None:
    from graph.errors import StoreUnavailable

    writing = SavedQuery("writes", "nothing", "CREATE (n:Person {key: 'x'}) RETURN n")
    with pytest.raises(StoreUnavailable):
        run_query(loaded, writing, most_rows=1)


def test_evaluate_compares_the_models_of_a_bundle(demo: DemoPlaces, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "--bundle", str(demo.bundle)]) == ExitCode.DONE
    text = capsys.readouterr().out
    assert all(name in text for name in ("gnn", "lightgbm_neighbours", "average", "auc", "brier"))


@pytest.mark.neo4j
@pytest.mark.slow
def test_the_demo_ends_with_a_browser_that_answers_until_the_command_stops_it(
    demo: DemoPlaces, capsys: pytest.CaptureFixture[str]
) -> None:
    bolt_port, http_port = free_port(), free_port()
    show_in_neo4j(demo, bolt_port, http_port)
    text = capsys.readouterr().out
    assert "both stores hold the same graph" in text
    assert all(query.name in text for query in read_queries())
    assert f"http://127.0.0.1:{http_port}/browser/?dbms=bolt://127.0.0.1:{bolt_port}" in text
    assert httpx.get(f"http://127.0.0.1:{http_port}/browser/").status_code == 200
    assert run(["neo4j", "down", "--home", str(demo.neo4j_home)]) == ExitCode.DONE
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{http_port}/browser/")
