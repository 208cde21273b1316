"""The OpenAPI document is valid, its examples keep to its schemas, its enums are the vocabulary's."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from fastapi.testclient import TestClient

from api import examples
from api.answers import Answered, ScoreAnswered
from api.examples import ANSWER
from api.problems import Problem
from api.schemas import ScoreAsked
from gnn.scores import MADE_OF, Status, SubScore, points, probability
from graph.vocabulary import Attestation, Family, NodeLabel, RelType


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    return client.get("/openapi.json").json()


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(value) for value in part.values()))
    return set().union(*(references(value) for value in part)) if isinstance(part, list) else set()


def test_the_document_is_openapi(document: dict[str, Any]) -> None:
    assert OpenAPI.model_validate(document).openapi.startswith("3.1")


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    declared = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document["paths"]) | references(document["components"]) == declared


@pytest.mark.parametrize("enum", [NodeLabel, RelType, Family, Attestation, Status, SubScore])
def test_enums_are_those_of_the_code(document: dict[str, Any], enum: Any) -> None:
    assert document["components"]["schemas"][enum.__name__]["enum"] == [str(member) for member in enum]


@pytest.mark.parametrize("example", [examples.KNOWN, examples.STRANGER])
def test_request_examples_are_accepted(client: TestClient, example: dict[str, Any]) -> None:
    ScoreAsked.model_validate(example)
    assert client.post("/v1/scores", json=example).status_code == (200 if "stranger" in example else 404)


def test_answer_example_is_an_answer_that_adds_up() -> None:
    answer = ScoreAnswered.model_validate(examples.ANSWER)
    assert answer.contributions is not None
    parts = [answer.contributions.base_log_odds, *(f.log_odds for f in answer.contributions.families)]
    assert sum(parts) == pytest.approx(answer.log_odds)
    assert json.loads(answer.model_dump_json()) == json.loads(json.dumps(examples.ANSWER))


def test_example_of_an_unscorable_borrower_is_an_answer_without_figures(document: dict[str, Any]) -> None:
    answer = ScoreAnswered.model_validate(examples.UNSCORABLE)
    assert json.loads(answer.model_dump_json()) == json.loads(json.dumps(examples.UNSCORABLE))
    assert answer.file.own_facts < answer.file.least_own_facts
    assert answer.file.neighbours_facts < answer.file.least_neighbours_facts
    shown = document["components"]["schemas"]["ScoreAnswered"]["examples"]
    assert [example["status"] for example in shown] == ["scored", "unscorable"]


def test_every_part_is_defined_for_clients_in_the_words_of_the_page_on_modelling(document: dict[str, Any]) -> None:
    defined = document["components"]["schemas"]["SubScoreGiven"]["properties"]["part"]["description"]
    page = (Path(__file__).parents[3] / "docs" / "modelling.md").read_text(encoding="utf-8")
    for part, made_of in MADE_OF.items():
        assert f"`{part}`: {made_of}" in defined
        assert f"| `{part}` | {made_of} |" in page


def test_every_problem_of_the_route_has_an_example_of_its_shape(document: dict[str, Any]) -> None:
    responses = document["paths"]["/v1/scores"]["post"]["responses"]
    shown = {
        code: example["value"] | {"answered": int(status)}
        for status, response in responses.items()
        for code, example in response["content"].get("application/problem+json", {}).get("examples", {}).items()
    }
    assert {"node_unknown", "model_not_found", "snapshot_corrupt", "request_malformed", "body_not_json"} <= set(shown)
    for code, value in shown.items():
        assert value.pop("answered") == value["status"]
        assert Problem.model_validate(value).code == code


def test_the_answer_shown_adds_up() -> None:
    assert ANSWER["score"] == points(ANSWER["log_odds"])
    assert ANSWER["probability_of_default"] == pytest.approx(probability(ANSWER["log_odds"]), abs=5e-4)
    shares = [family["log_odds"] for family in ANSWER["contributions"]["families"]]
    assert ANSWER["contributions"]["base_log_odds"] + sum(shares) == pytest.approx(ANSWER["log_odds"], abs=1e-4)
    assert ANSWER["probability_low"] < ANSWER["probability_of_default"] < ANSWER["probability_high"]
    five = ANSWER["subscores"]
    assert [part["part"] for part in five["parts"]] == list(SubScore)
    assert five["base_log_odds"] == ANSWER["contributions"]["base_log_odds"]
    assert five["base_log_odds"] + sum(p["log_odds"] for p in five["parts"]) == pytest.approx(ANSWER["log_odds"], abs=1e-4)
    assert all((part["score"] is None) == (part["log_odds"] == 0) for part in five["parts"])
    assert {fact["relation"] for fact in ANSWER["evidence"]} == {reason["relation"] for reason in ANSWER["reasons"]}


def answered(model: type[Answered]) -> set[type[Answered]]:
    return {model}.union(*(answered(child) for child in model.__subclasses__()))


@pytest.mark.parametrize("model", sorted(answered(Answered) | {Problem}, key=lambda m: m.__name__))
def test_no_field_of_an_answer_has_a_default(model: type[Answered]) -> None:
    assert [name for name, field in model.model_fields.items() if not field.is_required()] == []
