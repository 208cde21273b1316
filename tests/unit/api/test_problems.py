"""Every error over HTTP is problem+json with a type, a status and the request's number."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from api.app import create_app
from api.problem_examples import SAMPLES
from api.settings import ApiSettings, read_settings
from gnn.errors import BundleCorrupt, BundleMismatch, ModelNotFound, ResearchRefused, SubjectNotScored
from graph.errors import CreditGraphError, PepperMismatch, SnapshotCorrupt, SnapshotMissing, VocabularyMismatch
from tests.support.scorers import BORROWER, SECRET, FakeScorer

ASKED = {"borrower": BORROWER}


def assert_problem(response, status: int, code: str) -> dict:
    problem = response.json()
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == "urn:creditgraph:problem:" + code.replace("_", "-")
    assert problem["instance"] == "urn:uuid:" + response.headers["x-request-id"]
    assert problem["title"]
    assert problem["detail"]
    return problem


def test_unknown_borrower_is_404(client: TestClient) -> None:
    response = client.post("/v1/scores", json={"borrower": {"source": "superlender", "id": "nobody-by-this-name"}})
    assert_problem(response, 404, "node_unknown")
    assert "nobody-by-this-name" not in response.text


def test_unknown_path_is_404_of_another_type(client: TestClient) -> None:
    assert_problem(client.get("/v1/score"), 404, "route_unknown")


def test_trailing_slash_is_not_redirected(client: TestClient) -> None:
    assert_problem(client.post("/v1/scores/", json=ASKED), 404, "route_unknown")


def test_wrong_method_is_405_and_names_the_right_one(client: TestClient) -> None:
    response = client.get("/v1/scores")
    assert "POST" in assert_problem(response, 405, "method_not_allowed")["detail"]
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        json.dumps(ASKED).encode("utf-16"),
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"[" * 5000,
        b'{"a": ' + b"9" * 6000 + b"}",
        b"{'borrower': 1}",
    ],
)
def test_a_body_that_is_not_json_is_400(client: TestClient, body: bytes) -> None:
    response = client.post("/v1/scores", content=body, headers={"content-type": "application/json"})
    assert_problem(response, 400, "body_not_json")


def test_a_member_that_stands_twice_is_400(client: TestClient) -> None:
    text = json.dumps(ASKED)[:-1] + ', "borrower": {"source": "superlender", "id": "customer-18"}}'
    response = client.post("/v1/scores", content=text, headers={"content-type": "application/json"})
    assert "twice" in assert_problem(response, 400, "body_not_json")["detail"]


def test_a_byte_order_mark_is_ignored(client: TestClient) -> None:
    text = json.dumps(ASKED).encode("utf-8-sig")
    assert client.post("/v1/scores", content=text, headers={"content-type": "application/json"}).status_code == 200


def test_a_compressed_body_is_415(client: TestClient) -> None:
    assert_problem(client.post("/v1/scores", json=ASKED, headers={"content-encoding": "gzip"}), 415, "media_type_unsupported")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_can_be_asked_without_a_body(client: TestClient, path: str) -> None:
    assert client.head(path).status_code == 200


def test_a_body_that_does_not_arrive_is_408_and_ends_the_connection(settings: ApiSettings) -> None:
    app = create_app(settings.model_copy(update={"maximum_body_seconds": 0.05}), load=FakeScorer)
    sent: list[Any] = []

    async def ask() -> None:
        first = {"type": "http.request", "body": b"{", "more_body": True}
        waiting = iter([first])

        async def receive() -> Any:
            return next(waiting, None) or await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/v1/scores", "query_string": b"", "headers": headers}
        async with app.router.lifespan_context(app):
            await app(scope, receive, send)

    asyncio.run(ask())
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["code"] == "body_too_slow"


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_not_declared_as_json_is_415(client: TestClient, media_type: str) -> None:
    response = client.post("/v1/scores", content=json.dumps(ASKED), headers={"content-type": media_type})
    assert_problem(response, 415, "media_type_unsupported")


def test_a_body_declared_too_long_is_413(client: TestClient) -> None:
    assert_problem(client.post("/v1/scores", json=ASKED | {"padding": "x" * 30_000}), 413, "body_too_large")


def test_a_body_that_turns_out_too_long_is_413(client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 1000

    response = client.post("/v1/scores", content=pieces(), headers={"content-type": "application/json"})
    assert_problem(response, 413, "body_too_large")


def test_an_empty_body_is_422(client: TestClient) -> None:
    assert assert_problem(client.post("/v1/scores"), 422, "request_malformed")["errors"][0]["field"] == "body"


@pytest.mark.parametrize("error", [ModelNotFound, BundleCorrupt, BundleMismatch, SnapshotMissing, SnapshotCorrupt,
                                   VocabularyMismatch, PepperMismatch, ResearchRefused], ids=lambda e: e.code)  # fmt: skip
def test_what_cannot_be_loaded_is_503_of_its_own_type_on_scores_and_readyz(
    settings: ApiSettings, error: type[CreditGraphError]
) -> None:
    def load() -> FakeScorer:
        raise SAMPLES[error]

    with TestClient(create_app(settings, load=load)) as client:
        for response in (client.post("/v1/scores", json=ASKED), client.get("/readyz")):
            assert_problem(response, 503, error.code)
            assert response.headers["retry-after"] == "5"
        assert client.get("/healthz").json() == {"status": "alive"}


def test_a_snapshot_withdrawn_later_is_503(client: TestClient, scorer: FakeScorer) -> None:
    assert client.post("/v1/scores", json=ASKED).status_code == 200
    scorer.failure = SAMPLES[SnapshotCorrupt]
    assert_problem(client.post("/v1/scores", json=ASKED), 503, "snapshot_corrupt")


def test_a_model_of_another_subject_is_422(client: TestClient, scorer: FakeScorer) -> None:
    scorer.failure = SubjectNotScored(asked="Person", trained="Company")
    assert_problem(client.post("/v1/scores", json=ASKED), 422, "subject_not_scored")


def test_a_defect_is_500_and_tells_nothing_of_its_cause(
    client: TestClient, scorer: FakeScorer, caplog: pytest.LogCaptureFixture
) -> None:
    scorer.failure = ZeroDivisionError("customer-17 has no loans")
    with caplog.at_level(logging.INFO):
        response = client.post("/v1/scores", json=ASKED)
    problem = assert_problem(response, 500, "internal_fault")
    assert "customer-17" not in response.text + caplog.text
    assert problem["instance"].removeprefix("urn:uuid:") in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_the_log_holds_no_identifier_and_no_path(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post("/v1/scores", json=ASKED)
        client.get("/v1/scores/customer-17")
        client.post("/v1/scores", json={"borrower": {"source": "superlender", "id": "customer-17", "customer-17": 1}})
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("creditgraph")]
    assert len(ours) == 3
    assert "route=/v1/scores status=200" in ours[0]
    assert "route=- status=404 problem=route_unknown" in ours[1]
    assert not any("customer-17" in line for line in ours)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None), max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = ("borrower", "as_of", "application", "facts", "stranger", "borrower.id", "facts.0", "application.currency", "")


@given(st.sampled_from(FIELDS), JSON)
@hypothesis_settings(max_examples=150, deadline=None)
def test_no_body_whatever_makes_the_service_fail(field: str, value: object) -> None:
    body = {"borrower": dict(BORROWER), "application": {"amount_minor": 100, "currency": "NGN"}}
    if field == "":
        text = json.dumps(value)
    elif field == "facts.0":
        text = json.dumps(body | {"facts": [value]})
    elif "." in field:
        outer, inner = field.split(".")
        text = json.dumps(body | {outer: {**body[outer], inner: value}})
    else:
        text = json.dumps(body | {field: value})
    response = FUZZED.post("/v1/scores", content=text, headers={"content-type": "application/json"})
    assert response.status_code in {200, 400, 404, 413, 422}
    if response.status_code != 200:
        assert_problem(response, response.status_code, response.json()["code"])


@given(st.binary(max_size=200), st.sampled_from(["application/json", "application/problem+json", "text/csv", "", ";;"]))
@hypothesis_settings(max_examples=150, deadline=None)
def test_no_bytes_whatever_make_the_service_fail(body: bytes, media_type: str) -> None:
    response = FUZZED.post("/v1/scores", content=body, headers={"content-type": media_type})
    assert response.status_code in {400, 415, 422}
    assert_problem(response, response.status_code, response.json()["code"])


@pytest.fixture(autouse=True, scope="module")
def _fuzzed() -> Iterator[None]:
    global FUZZED
    with TestClient(create_app(read_settings(pepper=SECRET), load=FakeScorer), raise_server_exceptions=False) as FUZZED:
        yield
