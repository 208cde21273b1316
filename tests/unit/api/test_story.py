"""What `creditgraph score` prints: the figure with its interval, or that there is none and why."""

import pytest

from api.cli.story import print_score
from gnn.scores import Include, ScoreRequest, ScoreResult
from graph.identity import NodeKey
from graph.vocabulary import NodeLabel
from tests.support.scorers import FakeScorer

ALL = frozenset(Include)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, put together again where a narrow terminal broke a line."""
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


def answer(own_facts: int) -> ScoreResult:
    request = ScoreRequest(NodeLabel.PERSON, NodeKey("0" * 32), 1_500_000_000)
    return FakeScorer(own_facts=own_facts).score([request], ALL)[0]


def test_a_score_is_printed_with_its_interval_the_file_and_the_five_parts(capsys: pytest.CaptureFixture[str]) -> None:
    print_score(answer(20))
    text = printed(capsys)
    for part in ("640", "12.0%", "90% sure", "8.0% to 20.0%", "20, 0", "the five parts", "history", "700", "-0.500"):
        assert part in text, part
    assert "unscorable" not in text


def test_an_unscorable_person_is_printed_without_any_figure(capsys: pytest.CaptureFixture[str]) -> None:
    print_score(answer(2))
    text = printed(capsys)
    assert "none" in text
    assert "unscorable" in text
    assert "2 of the borrower's own, fewer than 3" in text
    assert "%" not in text
    assert "the five parts" not in text
