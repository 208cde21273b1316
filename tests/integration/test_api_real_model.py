"""The service around a real model and snapshot: scores, explanations, strangers, time, and what is refused."""

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli.demo_applicants import Applicant, read_applicants
from api.cli.demo_places import DEMO_PEPPER, SOURCE, DemoPlaces
from api.settings import ApiSettings, read_settings
from gnn.serving.bundle import read_bundle
from gnn.serving.stored_model import restore_model

APPLICATION = {"amount_minor": 450_000, "currency": "EUR", "instalment_minor": 41_000, "term_months": 12}
EVERYTHING = {"include": "contributions,subscores,reasons,evidence"}

Service = Callable[..., ApiSettings]


@pytest.fixture(scope="module")
def settings(demo: DemoPlaces) -> Service:
    def read(**changed: Any) -> ApiSettings:
        given = {"bundle": demo.bundle, "snapshot_root": demo.snapshots, "allow_research": True}
        return read_settings(pepper=changed.pop("pepper", DEMO_PEPPER.secret), **(given | changed))

    return read


@pytest.fixture(scope="module")
def client(settings: Service) -> Iterator[TestClient]:
    with TestClient(create_app(settings())) as client:
        yield client


@pytest.fixture(scope="module")
def applicants(demo: DemoPlaces) -> list[Applicant]:
    return read_applicants(demo.raw)


def body(applicant: Applicant, **more: Any) -> dict[str, Any]:
    return {
        "borrower": {"source": SOURCE, "id": applicant.customer},
        "as_of": applicant.decided_at.isoformat(),
        **more,
    }


def stranger(applicant: Applicant, *, facts: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """Somebody with an application, a home and a telephone, and further facts."""
    me = {"label": "Person", "source": SOURCE, "id": "nobody-has-this-number"}
    known = [
        {
            "relation": relation,
            "source": me,
            "target": {"label": label, "source": SOURCE, "id": "new"},
            "at": "2020-03-01T00:00:00Z",
        }
        for relation, label in (("LIVES_AT", "Place"), ("HAS_PHONE", "Phone"))
    ]
    asked = body(applicant, stranger=True, application=APPLICATION, facts=[*known, *facts])
    return asked | {"borrower": {"source": SOURCE, "id": "nobody-has-this-number"}}


def score(client: TestClient, asked: dict[str, Any], **query: str) -> dict[str, Any]:
    response = client.post("/v1/scores", json=asked, params=query)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def refused(settings: ApiSettings, applicant: Applicant) -> httpx.Response:
    with TestClient(create_app(settings)) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        return client.post("/v1/scores", json=body(applicant))


def test_a_known_borrower_is_scored_the_same_alone_and_explained(client: TestClient, applicants: list[Applicant]) -> None:
    plain = score(client, body(applicants[-1]))
    explained = score(client, body(applicants[-1]), **EVERYTHING)
    assert 300 <= plain["score"] <= 850
    assert {name: explained[name] for name in plain if plain[name] is not None} == {
        name: value for name, value in plain.items() if value is not None
    }


def test_contributions_add_up_to_the_log_odds(client: TestClient, applicants: list[Applicant]) -> None:
    for applicant in applicants[-5:]:
        answer = score(client, body(applicant), include="contributions")
        parts = [answer["contributions"]["base_log_odds"], *(f["log_odds"] for f in answer["contributions"]["families"])]
        assert sum(parts) == pytest.approx(answer["log_odds"], abs=1e-6)


def test_the_five_parts_add_up_to_the_log_odds_and_are_on_the_scale(client: TestClient, applicants: list[Applicant]) -> None:
    scores = []
    for applicant in applicants[-5:]:
        answer = score(client, body(applicant), include="contributions,subscores")
        five = answer["subscores"]
        assert [part["part"] for part in five["parts"]] == ["history", "capacity", "behaviour", "identity", "relationships"]
        assert five["base_log_odds"] == answer["contributions"]["base_log_odds"]
        assert five["base_log_odds"] + sum(p["log_odds"] for p in five["parts"]) == pytest.approx(answer["log_odds"], abs=1e-6)
        scores += [part["score"] for part in five["parts"] if part["score"] is not None]
    assert len(set(scores)) > 5
    assert all(300 <= value <= 850 for value in scores)


def test_every_probability_lies_in_an_interval_with_its_coverage(client: TestClient, applicants: list[Applicant]) -> None:
    for applicant in applicants[-20:]:
        answer = score(client, body(applicant))
        low, high = answer["probability_low"], answer["probability_high"]
        assert 0 < low <= answer["probability_of_default"] <= high < 1
        assert low < high
        assert answer["probability_coverage"] == 0.9
        assert answer["status"] == "scored"


def test_the_same_odds_are_never_told_more_narrowly_of_a_thinner_file(
    demo: DemoPlaces, client: TestClient, applicants: list[Applicant]
) -> None:
    """The interval answered is that of the bundle, which for the score answered only widens as facts are taken away."""
    intervals = restore_model(read_bundle(demo.bundle)).intervals
    for applicant in applicants[-10:]:
        answer = score(client, body(applicant))
        facts = np.array([answer["file"]["own_facts"], 100, 30, 10, 4, 0])
        low, high = intervals.bounds(np.full(6, answer["log_odds"]), facts)
        assert (low[0], high[0]) == pytest.approx((answer["probability_low"], answer["probability_high"]), rel=1e-12)
        assert np.all(np.diff(low[1:]) <= 0)
        assert np.all(np.diff(high[1:]) >= 0)


def test_someone_nothing_was_known_of_is_answered_without_a_score(client: TestClient, applicants: list[Applicant]) -> None:
    asked = body(applicants[-1]) | {"as_of": "1980-01-01T00:00:00Z"}
    for query in ({}, EVERYTHING):
        answer = score(client, asked, **query)
        assert answer["status"] == "unscorable"
        assert "0 of the borrower's own, fewer than 3" in answer["status_reason"]
        assert answer["file"] == {"own_facts": 0, "neighbours_facts": 0, "least_own_facts": 3, "least_neighbours_facts": 1}
        figures = ("score", "probability_of_default", "probability_low", "probability_high", "probability_coverage", "log_odds")
        explained = ("contributions", "subscores", "reasons", "evidence")
        assert [answer[name] for name in (*figures, *explained)] == [None] * 10


def test_a_stranger_with_an_application_alone_is_unscorable(client: TestClient, applicants: list[Applicant]) -> None:
    answer = score(client, stranger(applicants[-1]) | {"facts": []})
    assert (answer["status"], answer["score"], answer["file"]["own_facts"]) == ("unscorable", None, 1)


def test_evidence_was_known_before_the_decision(client: TestClient, applicants: list[Applicant]) -> None:
    for applicant in applicants[-5:]:
        answer = score(client, body(applicant), **EVERYTHING)
        assert len(answer["reasons"]) <= 4
        assert all(fact["known_at"] < answer["as_of"] for fact in answer["evidence"])


def test_a_stranger_is_scored_from_the_request_alone(client: TestClient, applicants: list[Applicant]) -> None:
    asked = stranger(applicants[-1])
    assert client.post("/v1/scores", json=asked | {"stranger": False}).status_code == 404
    answer = score(client, asked)
    larger = score(client, asked | {"application": APPLICATION | {"amount_minor": 6_000_000, "total_due_minor": 6_900_000}})
    assert 0 < answer["probability_of_default"] < 1
    assert larger["log_odds"] != answer["log_odds"]


@pytest.mark.parametrize("term", ["declared_income_minor", "purpose"])
def test_a_term_the_model_reads_moves_the_log_odds(
    demo: DemoPlaces, client: TestClient, applicants: list[Applicant], term: str
) -> None:
    plan = restore_model(read_bundle(demo.bundle)).plan
    given: list[Any] = [5_000, 60_000, 150_000, 400_000, 2_000_000]
    if term == "purpose":
        given = sorted({column.category for column in plan.columns if column.prop == term and len(column.path) == 1})
    assert any(column.prop == term for column in plan.columns)
    for applicant in applicants[-3:]:
        told = [score(client, body(applicant, application=APPLICATION | {term: value}))["log_odds"] for value in given]
        assert len(set(told)) > 1


def test_what_only_the_subject_asserts_changes_nothing(client: TestClient, applicants: list[Applicant]) -> None:
    me = {"label": "Person", "source": SOURCE, "id": "nobody-has-this-number"}
    friend = {"label": "Person", "source": SOURCE, "id": applicants[0].customer}
    claim = {"relation": "REFERRED", "source": friend, "target": me, "at": "2022-03-01T00:00:00Z", "attested_by": "subject"}
    alone = score(client, stranger(applicants[-1]))
    assert score(client, stranger(applicants[-1], facts=(claim,)))["log_odds"] == alone["log_odds"]


def test_a_request_leaves_no_trace(client: TestClient, applicants: list[Applicant]) -> None:
    before = score(client, body(applicants[-2]))
    score(client, body(applicants[-2], application=APPLICATION))
    assert score(client, body(applicants[-2])) == before


@pytest.mark.parametrize("flag", [True, False])
def test_a_loan_in_a_currency_the_model_never_saw_is_refused(
    client: TestClient, applicants: list[Applicant], flag: bool
) -> None:
    asked = body(applicants[-1], stranger=flag, application=APPLICATION | {"currency": "CZK"})
    response = client.post("/v1/scores", json=asked)
    assert (response.status_code, response.json()["code"]) == (422, "currency_not_scored")
    assert "EUR" in response.json()["detail"]


def test_what_is_published_is_not_counted_again(client: TestClient, demo: DemoPlaces, applicants: list[Applicant]) -> None:
    with (demo.raw / "loan_tape.csv").open(encoding="utf-8", newline="") as file:
        paid = {row["borrower_id"]: row["loan_id"] for row in csv.DictReader(file) if row["event"] == "paid"}
    borrower = next(a for a in applicants[::-1] if paid.get(a.customer, a.application) != a.application)
    me = {"label": "Person", "source": SOURCE, "id": borrower.customer}
    told_again = {
        "relation": "REPAID", "source": me, "target": {"label": "Loan", "source": SOURCE, "id": paid[borrower.customer]},
        "at": "2022-06-30T00:00:00Z", "properties": {"instalment": 1, "days_late": 20},
    }  # fmt: skip
    asked = body(borrower)
    assert score(client, asked | {"facts": [told_again]})["log_odds"] == score(client, asked)["log_odds"]
    anew = told_again | {"target": {"label": "Loan", "source": SOURCE, "id": "another"}}
    assert score(client, asked | {"facts": [anew]})["log_odds"] != score(client, asked)["log_odds"]


def test_facts_about_another_borrower_leave_that_one_alone(client: TestClient, applicants: list[Applicant]) -> None:
    other = {"label": "Person", "source": SOURCE, "id": applicants[-2].customer}
    loan = {"label": "Loan", "source": SOURCE, "id": "never-taken"}
    before = score(client, body(applicants[-2]))
    slander = {"relation": "DEFAULTED_ON", "source": other, "target": loan, "at": "2022-06-01T00:00:00Z"}
    score(client, body(applicants[-1], facts=[slander]))
    assert score(client, body(applicants[-2])) == before


def test_research_data_is_refused_unless_allowed(settings: Service, applicants: list[Applicant]) -> None:
    response = refused(settings(allow_research=False), applicants[-1])
    assert (response.status_code, response.json()["code"]) == (503, "research_refused")


def test_another_pepper_is_refused(settings: Service, applicants: list[Applicant]) -> None:
    response = refused(settings(pepper="quite another pepper"), applicants[-1])
    assert (response.status_code, response.json()["code"]) == (503, "pepper_mismatch")


@pytest.mark.parametrize(("setting", "code"), [("bundle", "model_not_found"), ("snapshot_root", "snapshot_missing")])
def test_a_missing_part_is_named(
    settings: Service, applicants: list[Applicant], tmp_path: Path, setting: str, code: str
) -> None:
    response = refused(settings(**{setting: tmp_path / "nothing"}), applicants[-1])
    assert (response.status_code, response.json()["code"]) == (503, code)


def test_a_bundle_edited_by_one_byte_is_refused(
    demo: DemoPlaces, settings: Service, applicants: list[Applicant], tmp_path: Path
) -> None:
    edited = tmp_path / "bundle"
    shutil.copytree(demo.bundle, edited)
    victim = max(edited.iterdir(), key=lambda file: file.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    response = refused(settings(bundle=edited), applicants[-1])
    assert (response.status_code, response.json()["code"]) == (503, "bundle_corrupt")
    assert victim.name in response.json()["detail"]


def test_a_short_snapshot_is_refused(demo: DemoPlaces, settings: Service, applicants: list[Applicant], tmp_path: Path) -> None:
    short = tmp_path / "snapshots"
    shutil.copytree(demo.snapshots, short)
    victim = max((file for file in short.rglob("*") if file.is_file()), key=lambda file: file.stat().st_size)
    victim.write_bytes(victim.read_bytes()[:-8])
    response = refused(settings(snapshot_root=short), applicants[-1])
    assert (response.status_code, response.json()["code"]) == (503, "snapshot_corrupt")
