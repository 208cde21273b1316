"""The table of errors holds every error of the system, and each problem is told apart by its type."""

import pytest

from api.errors import PROBLEMS, problem_kind, problem_type
from api.problem_examples import SAMPLES
from graph.errors import CreditGraphError


def leaves(error: type[CreditGraphError]) -> set[type[CreditGraphError]]:
    below = [c for c in error.__subclasses__() if c.__module__.partition(".")[0] in {"graph", "ingest", "gnn", "api"}]
    return {leaf for child in below for leaf in leaves(child)} if below else {error}


def test_every_leaf_of_the_error_tree_has_a_status() -> None:
    assert leaves(CreditGraphError) == set(PROBLEMS)


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in PROBLEMS]
    assert len(set(codes)) == len(codes)


def test_no_leaf_keeps_the_code_of_its_family() -> None:
    assert [e for e in PROBLEMS if "code" not in vars(e)] == []


@pytest.mark.parametrize("error", PROBLEMS, ids=lambda e: e.code)
def test_retryable_errors_are_answered_as_unavailable(error: type[CreditGraphError]) -> None:
    if error.retryable:
        assert PROBLEMS[error].status == 503
    assert 400 <= PROBLEMS[error].status < 600


def test_an_undeclared_error_is_a_fault_of_ours() -> None:
    assert problem_kind(CreditGraphError("x")).status == 500


def test_problem_type_is_a_urn() -> None:
    assert problem_type("node_unknown") == "urn:creditgraph:problem:node-unknown"


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=lambda s: s.code)
def test_every_message_is_one_sentence_with_a_remedy(sample: CreditGraphError) -> None:
    text = str(sample)
    assert "\n" not in text
    assert not text.endswith(".")
    assert ";" in text or ":" in text or "," in text
