"""The commands on a real graph and model: the demo's story, a score as a command, and Neo4j beside the file."""

from pathlib import Path

import httpx
import pytest

from api.cli import run
from api.cli.demo import write_and_load
from api.cli.demo_applicants import read_applicants
from api.cli.demo_choice import choose
from api.cli.demo_known import read_known
from api.cli.demo_neo4j import load_and_compare, show_in_neo4j
from api.cli.demo_places import DEMO_PEPPER, SOURCE, DemoPlaces
from api.cli.demo_scores import find_candidates, tell_scores
from api.cli.demo_sealed import read_sealed
from api.cli.main import ExitCode
from gnn.serving import load_scorer
from gnn.serving.bundle import read_bundle
from graph.browser.queries import SavedQuery, read_queries, run_query
from graph.identity import NodeKey
from graph.opening import open_store
from graph.vocabulary import RelType
from ingest.sandbox.knobs import Scale
from tests.conftest import free_port


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("CREDITGRAPH_PEPPER", DEMO_PEPPER.secret)


def test_the_demo_tells_three_scores_with_reasons_evidence_and_the_sealed_truth(
    demo: DemoPlaces, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_scores(demo)
    text = capsys.readouterr().out
    assert "the sealed truth" in text
    for part in (
        "Who: ",
        "Work: ",
        "Around them: ",
        "score (300 to 850",
        "what moved it",
        "why it is not higher",
        "True probability of default within twelve months",
        "Course of the loan",
        "creditgraph score sandbox",
    ):
        assert text.count(part) == 3, part


def test_the_demo_tells_of_loans_the_model_has_not_learnt_from_and_of_three_persons(demo: DemoPlaces) -> None:
    scorer = load_scorer(demo.bundle, demo.snapshots, pepper=DEMO_PEPPER, allow_research=True)
    learnt_to_s = read_bundle(demo.bundle).manifest["trained_to_s"]
    sealed = read_sealed(demo.sealed)
    candidates = find_candidates(demo, scorer)
    assert candidates
    for candidate in candidates:
        assert candidate.request.as_of_s > learnt_to_s
        assert candidate.applicant.approved
        assert candidate.sealed == sealed[candidate.applicant.application]
        assert candidate.contacts[0] >= candidate.contacts[1] >= 0
    assert len({choice.candidate.sealed.person for choice in choose(candidates)}) == 3


def test_contacts_in_trouble_are_those_the_store_knew_of(demo: DemoPlaces) -> None:
    scorer = load_scorer(demo.bundle, demo.snapshots, pepper=DEMO_PEPPER, allow_research=True)
    candidates = sorted(find_candidates(demo, scorer), key=lambda c: c.contacts[1])[-3:]
    assert candidates[-1].contacts[1] > 0
    ties, trouble = {RelType.KNOWS, RelType.CALLED}, {RelType.MISSED, RelType.DEFAULTED_ON}
    with open_store(str(demo.store), DEMO_PEPPER.fingerprint) as store:
        for candidate in candidates:
            key, as_of_s = candidate.request.key, candidate.request.as_of_s
            person = read_known(store, key, as_of_s)
            around = [batch.rows for batch in person.facts if batch.edge.rel in ties]
            ends = {
                NodeKey(end) for rows in around for pair in rows.select("source_id", "target_id").iter_rows() for end in pair
            }
            known = [read_known(store, other, as_of_s) for other in sorted(ends - person.keys)]
            others = {other.keys for other in known}
            in_trouble = {other.keys for other in known if any(batch.edge.rel in trouble for batch in other.facts)}
            assert candidate.contacts == (len(others), len(in_trouble))


def test_the_demo_scores_an_applicant_as_the_command_does(demo: DemoPlaces, capsys: pytest.CaptureFixture[str]) -> None:
    scorer = load_scorer(demo.bundle, demo.snapshots, pepper=DEMO_PEPPER, allow_research=True)
    candidate = find_candidates(demo, scorer)[0]
    [result] = scorer.score([candidate.request], frozenset())
    assert result.probability_of_default == candidate.probability
    applicant, places = candidate.applicant, ["--bundle", str(demo.bundle), "--snapshots", str(demo.snapshots)]
    capsys.readouterr()
    asked = ["score", SOURCE, applicant.customer, "--as-of", applicant.decided_at.isoformat(), *places]
    assert run([*asked, "--include", "", "--allow-research"]) == ExitCode.DONE
    assert str(result.score) in capsys.readouterr().out


def test_score_prints_what_it_is_asked_for(demo: DemoPlaces, capsys: pytest.CaptureFixture[str]) -> None:
    applicant = read_applicants(demo.raw)[-1]
    arguments = ["score", SOURCE, applicant.customer, "--as-of", applicant.decided_at.isoformat(), "--include", "reasons"]
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
        assert run(["ingest", SOURCE, str(demo.raw), *store]) == ExitCode.DONE
    text = capsys.readouterr().out
    assert "loan_tape.csv" in text
    assert "facts: 0 written" in text
    assert run(["snapshot", *store, "--snapshots", str(tmp_path / "snapshots")]) == ExitCode.DONE
    assert "published" in capsys.readouterr().out


def test_another_pepper_is_refused_by_the_store(demo: DemoPlaces, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["snapshot", "--store", str(demo.store), "--pepper", "quite another pepper"]) == ExitCode.REFUSED
    assert "CREDITGRAPH_PEPPER" in capsys.readouterr().err


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> DemoPlaces:
    """An economy of eight months, which fits into one transaction of the tests' small server; nothing was learnt from it."""
    places = DemoPlaces(tmp_path_factory.mktemp("untrained"))
    write_and_load(places, Scale(persons=1_000, months=8), paths=20)
    return places


@pytest.fixture(scope="module")
def loaded(untrained: DemoPlaces, neo4j_server: str) -> str:
    import neo4j

    with neo4j.GraphDatabase.driver(neo4j_server) as driver:
        driver.execute_query("MATCH (n) DETACH DELETE n")
    load_and_compare(untrained, neo4j_server)
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
    assert all(name in text for name in ("gnn", "lightgbm_milestones", "average", "auc", "brier"))


@pytest.mark.neo4j
@pytest.mark.slow
def test_the_demo_ends_with_a_browser_that_answers_until_the_command_stops_it(
    untrained: DemoPlaces, capsys: pytest.CaptureFixture[str]
) -> None:
    bolt_port, http_port = free_port(), free_port()
    show_in_neo4j(untrained, bolt_port, http_port)
    text = capsys.readouterr().out
    assert "both stores hold the same graph" in text
    assert all(query.name in text for query in read_queries())
    assert f"http://127.0.0.1:{http_port}/browser/?dbms=bolt://127.0.0.1:{bolt_port}" in text
    assert httpx.get(f"http://127.0.0.1:{http_port}/browser/").status_code == 200
    assert run(["neo4j", "down", "--home", str(untrained.neo4j_home)]) == ExitCode.DONE
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{http_port}/browser/")
