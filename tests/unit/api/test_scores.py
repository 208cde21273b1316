"""What the scoring route answers, and what it hands to the scorer."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi.testclient import TestClient

from api import scoring
from graph.vocabulary import Attestation, EdgeType, NodeLabel, RelType
from tests.support.scorers import BORROWER, FakeScorer

ASKED = {"borrower": BORROWER, "as_of": "2017-07-05T16:04:41Z"}
APPLICATION = {"amount_minor": 1_000_000, "currency": "NGN", "term_days": 30}
PLACE = {"label": "Place", "source": "superlender", "id": "3.3|6.5"}
PERSON = {"label": "Person", **BORROWER}
LIVES = {"relation": "LIVES_AT", "source": PERSON, "target": PLACE, "at": "2017-01-01T00:00:00Z"}


def fields(response: httpx.Response) -> list[str]:
    assert response.status_code == 422, response.text
    return [error["field"] for error in response.json()["errors"]]


def test_a_known_borrower_gets_a_score_with_its_versions(client: TestClient) -> None:
    answer = client.post("/v1/scores", json=ASKED).json()
    assert answer == {
        "status": "scored",
        "status_reason": None,
        "score": 640,
        "probability_of_default": 0.12,
        "probability_low": 0.08,
        "probability_high": 0.2,
        "probability_coverage": 0.9,
        "log_odds": -2.0,
        "file": {"own_facts": 20, "neighbours_facts": 0, "least_own_facts": 3, "least_neighbours_facts": 1},
        "as_of": "2017-07-05T16:04:41Z",
        "model_version": "fake-1",
        "snapshot_version": "00000001",
        "contributions": None,
        "subscores": None,
        "reasons": None,
        "evidence": None,
    }


def test_someone_too_little_is_known_of_gets_a_status_and_no_figure(client: TestClient, scorer: FakeScorer) -> None:
    scorer.own_facts = 2
    response = client.post("/v1/scores?include=contributions,subscores,reasons,evidence", json=ASKED)
    answer = response.json()
    assert response.status_code == 200
    told = {name: value for name, value in answer.items() if value is not None}
    assert told == {
        "status": "unscorable",
        "status_reason": "Too few facts are known: 2 of the borrower's own, fewer than 3, and 0 of others the borrower is "
        "tied to, fewer than 1.",
        "file": {"own_facts": 2, "neighbours_facts": 0, "least_own_facts": 3, "least_neighbours_facts": 1},
        "as_of": "2017-07-05T16:04:41Z",
        "model_version": "fake-1",
        "snapshot_version": "00000001",
    }
    assert {"score", "probability_of_default", "probability_low", "probability_high", "log_odds"} <= set(answer)


@pytest.mark.parametrize(
    ("query", "given"),
    [
        ("", set()),
        ("include=contributions", {"contributions"}),
        ("include=reasons,evidence", {"reasons", "evidence"}),
        ("include=reasons&include=evidence,contributions", {"reasons", "evidence", "contributions"}),
        ("include=reasons,reasons", {"reasons"}),
        ("include=subscores", {"subscores"}),
    ],
)
def test_include_adds_what_it_names(client: TestClient, query: str, given: set[str]) -> None:
    answer = client.post(f"/v1/scores?{query}", json=ASKED).json()
    assert {name for name in ("contributions", "subscores", "reasons", "evidence") if answer[name] is not None} == given


@pytest.mark.parametrize("query", ["include=everything", "include=", "include=reasons,", "explain=true"])
def test_an_unknown_query_is_refused(client: TestClient, query: str) -> None:
    assert fields(client.post(f"/v1/scores?{query}", json=ASKED))[0].startswith("query.")


def test_contributions_add_up(client: TestClient) -> None:
    answer = client.post("/v1/scores?include=contributions", json=ASKED).json()
    split = answer["contributions"]
    assert split["base_log_odds"] + sum(f["log_odds"] for f in split["families"]) == pytest.approx(answer["log_odds"])


def test_all_five_parts_are_told_and_add_up(client: TestClient) -> None:
    answer = client.post("/v1/scores?include=subscores", json=ASKED).json()
    parts = answer["subscores"]["parts"]
    assert [part["part"] for part in parts] == ["history", "capacity", "behaviour", "identity", "relationships"]
    assert [part["score"] for part in parts] == [700, None, None, None, None]
    assert answer["subscores"]["base_log_odds"] + sum(part["log_odds"] for part in parts) == pytest.approx(answer["log_odds"])


def test_as_of_is_now_unless_told(client: TestClient, scorer: FakeScorer) -> None:
    before = datetime.now(UTC).timestamp()
    client.post("/v1/scores", json={"borrower": BORROWER})
    assert before <= scorer.asked[0].as_of_s <= datetime.now(UTC).timestamp() + 1


@pytest.mark.parametrize(
    ("as_of", "seconds"),
    [
        ("1970-01-02T00:00:00Z", 86_400),
        ("1970-01-02T01:00:00+01:00", 86_400),
        ("1970-01-01t23:59:59.000001z", 86_400),
        ("1970-01-02T00:00:00.5Z", 86_401),
    ],
)
def test_as_of_is_rounded_up_so_that_known_before_it_means_the_same(
    client: TestClient, scorer: FakeScorer, as_of: str, seconds: int
) -> None:
    client.post("/v1/scores", json=ASKED | {"as_of": as_of})
    assert scorer.asked[0].as_of_s == seconds


@pytest.mark.parametrize(
    "as_of",
    ["2017-07-05", "2017-07-05T16:04:41", "2017-07-05 16:04:41Z", 1_500_000_000, "1500000000", "2017-02-30T00:00:00Z",
     "1969-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2017-07-05T16:04:41+99:00", True],
)  # fmt: skip
def test_a_time_without_zone_or_meaning_is_refused(client: TestClient, as_of: object) -> None:
    assert fields(client.post("/v1/scores", json=ASKED | {"as_of": as_of})) == ["body.as_of"]


def test_an_application_at_the_beginning_of_time_is_refused(client: TestClient) -> None:
    asked = ASKED | {"as_of": "1970-01-01T00:00:00Z", "application": APPLICATION}
    assert fields(client.post("/v1/scores", json=asked)) == ["body.application.at"]


def test_a_time_in_the_future_is_refused_beyond_a_minutes_skew(client: TestClient) -> None:
    def ask(ahead: timedelta) -> httpx.Response:
        return client.post("/v1/scores", json=ASKED | {"as_of": (datetime.now(UTC) + ahead).isoformat()})

    assert ask(timedelta(seconds=30)).status_code == 200
    assert fields(ask(timedelta(seconds=90))) == ["body.as_of"]


def test_a_stranger_is_scored_only_on_request(client: TestClient) -> None:
    stranger = ASKED | {"borrower": {"source": "superlender", "id": "new"}, "application": APPLICATION}
    assert client.post("/v1/scores", json=stranger).status_code == 404
    assert client.post("/v1/scores", json=stranger | {"stranger": True}).status_code == 200


def test_a_stranger_without_any_fact_is_refused(client: TestClient) -> None:
    asked = {"borrower": {"source": "superlender", "id": "new"}, "stranger": True}
    assert fields(client.post("/v1/scores", json=asked)) == ["body.stranger"]


def test_the_application_reaches_the_scorer_as_an_attested_fact_known_in_time(client: TestClient, scorer: FakeScorer) -> None:
    client.post("/v1/scores", json=ASKED | {"application": APPLICATION})
    (batch,) = scorer.asked[0].overlay
    (row,) = batch.rows.to_dicts()
    assert batch.edge == EdgeType(NodeLabel.PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)
    assert row["source_id"] == scorer.asked[0].key
    assert row["known_at_s"] == scorer.asked[0].as_of_s - 1
    assert (row["amount_minor"], row["currency"], row["term_days"], row["term_months"]) == (1_000_000, "NGN", 30, None)
    assert row["attested_by"] == Attestation.INSTITUTION


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"borrower": {"source": "superlender"}}, "body.borrower.id"),
        ({"borrower": {"source": "superlender", "id": 17}}, "body.borrower.id"),
        ({"borrower": {"source": "Super Lender", "id": "a"}}, "body.borrower.source"),
        ({"borower": BORROWER}, "body.borower"),
        ({"stranger": "yes"}, "body.stranger"),
        ({"stranger": 1}, "body.stranger"),
        ({"application": {"amount_minor": 1}}, "body.application.currency"),
        ({"application": APPLICATION | {"currency": "ngn"}}, "body.application.currency"),
        ({"application": APPLICATION | {"amount_minor": -5}}, "body.application.amount_minor"),
        ({"application": APPLICATION | {"amount_minor": 10.5}}, "body.application.amount_minor"),
        ({"application": APPLICATION | {"amount_minor": "10"}}, "body.application.amount_minor"),
        ({"application": APPLICATION | {"amount_minor": 2**53}}, "body.application.amount_minor"),
        ({"application": APPLICATION | {"rate": 1}}, "body.application.rate"),
        ({"application": APPLICATION | {"at": "2017-07-05T16:04:41Z"}}, "body.application.at"),
        ({"facts": {}}, "body.facts"),
        ({"facts": [LIVES | {"relation": "LIKES"}]}, "body.facts[0].relation"),
        ({"facts": [LIVES | {"relation": "PAID"}]}, "body.facts[0].relation"),
        ({"facts": [LIVES | {"attested_by": "me"}]}, "body.facts[0].attested_by"),
        ({"facts": [LIVES, LIVES | {"at": "2017-07-05T16:04:41Z"}]}, "body.facts[1].at"),
        ({"facts": [LIVES | {"at": "2018-01-01T00:00:00Z", "known_at": "2018-01-01T00:00:00Z"}]}, "body.facts[0].known_at"),
        ({"facts": [LIVES | {"properties": {"rent": 5}}]}, "body.facts[0].properties.rent"),
        ({"application": APPLICATION | {"amount_minor": 0}}, "body.application.amount_minor"),
        ({"application": APPLICATION | {"term_months": 1}}, "body.application.term_months"),
        ({"stranger": True, "facts": [LIVES | {"attested_by": "subject"}]}, "body.stranger"),
        ({"facts": [LIVES, LIVES | {"at": "2017-07-04T16:04:41+00:60"}]}, "body.facts[1].at"),
    ],
)
def test_a_field_at_fault_is_named(client: TestClient, change: dict[str, object], field: str) -> None:
    assert field in fields(client.post("/v1/scores", json=ASKED | change))


@pytest.mark.parametrize("value", [None, True, [], {}, "", "x" * 65, "a\x00b", "\ud800"])
def test_a_property_of_no_kind_is_one_problem(client: TestClient, value: object) -> None:
    facts = [LIVES | {"properties": {"rent": value}}]
    text = json.dumps(ASKED | {"facts": facts})
    response = client.post("/v1/scores", content=text, headers={"content-type": "application/json"})
    assert fields(response) == ["body.facts[0].properties.rent"]


def test_the_currency_of_the_application_reaches_the_scorer(client: TestClient, scorer: FakeScorer) -> None:
    client.post("/v1/scores", json=ASKED | {"application": APPLICATION})
    client.post("/v1/scores", json=ASKED)
    assert [request.currency for request in scorer.asked] == ["NGN", None]


def test_readiness_does_not_wait_for_scores(client: TestClient, scorer: FakeScorer) -> None:
    scorer.gate = threading.Event()
    asking = threading.Thread(target=lambda: client.post("/v1/scores", json=ASKED))
    asking.start()
    try:
        while asking.is_alive() and not client.app.state.scoring._waiting:  # type: ignore[attr-defined]
            time.sleep(0.001)
        assert client.get("/readyz").status_code == 200
    finally:
        scorer.gate.set()
        asking.join()


def test_more_requests_than_can_wait_are_told_to_come_back(
    client: TestClient, scorer: FakeScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "MOST_WAITING", 0)
    response = client.post("/v1/scores", json=ASKED)
    assert (response.status_code, response.json()["code"]) == (503, "service_busy")
    assert response.headers["retry-after"]
    monkeypatch.undo()
    assert client.post("/v1/scores", json=ASKED).status_code == 200


def test_health_answers_while_a_score_is_being_made(client: TestClient, scorer: FakeScorer) -> None:
    scorer.gate = threading.Event()
    statuses: list[int] = []
    asking = threading.Thread(target=lambda: statuses.append(client.post("/v1/scores", json=ASKED).status_code))
    asking.start()
    try:
        assert client.get("/healthz").status_code == 200
        assert statuses == []
    finally:
        scorer.gate.set()
        asking.join()
    assert statuses == [200]


def test_readyz_names_the_versions_in_use(client: TestClient, scorer: FakeScorer) -> None:
    scorer.snapshot_version = "00000002"
    assert client.get("/readyz").json() == {"status": "ready", "model_version": "fake-1", "snapshot_version": "00000002"}
