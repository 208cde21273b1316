"""A service around a fake scorer, and a client that speaks to it."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import ApiSettings, read_settings
from graph.identity import Pepper
from graph.vocabulary import NodeLabel
from tests.support.scorers import BORROWER, SECRET, FakeScorer


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> ApiSettings:
    monkeypatch.setenv("CREDITGRAPH_PEPPER", SECRET)
    return read_settings(maximum_body_bytes=20_000)


@pytest.fixture
def scorer() -> FakeScorer:
    return FakeScorer(known=frozenset({Pepper(SECRET).node_key(NodeLabel.PERSON, BORROWER["source"], BORROWER["id"])}))


@pytest.fixture
def client(settings: ApiSettings, scorer: FakeScorer) -> Iterator[TestClient]:
    with TestClient(create_app(settings, load=lambda: scorer), raise_server_exceptions=False) as client:
        yield client
