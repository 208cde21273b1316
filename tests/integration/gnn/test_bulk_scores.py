"""A book scored in bulk is, to the last bit, its persons asked about one by one."""

import numpy as np
import pytest

from gnn.serving.bulk import BookScores, score_in_bulk
from gnn.serving.bundle import read_bundle
from gnn.serving.scorer import Include, ScoreRequest
from graph.errors import KeySpaceExceeded
from graph.snapshot import Snapshot
from graph.vocabulary import NodeLabel
from tests.integration.gnn.conftest import Trained

NOTHING: frozenset[Include] = frozenset()


def _book(trained: Trained, rows: np.ndarray, **how: int) -> BookScores:
    as_of_s = max(request.as_of_s for request in trained.requests)
    return score_in_bulk(read_bundle(trained.report.place), Snapshot.open(trained.snapshots), rows, as_of_s, **how)


def _bits(book: BookScores) -> list[bytes]:
    counts = (book.facts.own, book.facts.neighbours, book.facts.adverse)
    return [values.tobytes() for values in (book.log_odds, *counts, book.scorable)]


def test_everyone_gets_the_bits_of_a_request_of_their_own(trained: Trained) -> None:
    snapshot = Snapshot.open(trained.snapshots)
    rows = np.random.default_rng(3).permutation(snapshot.num_nodes(NodeLabel.PERSON))[:60]
    book = _book(trained, rows, processes=1, at_once=17)
    as_of_s = max(request.as_of_s for request in trained.requests)
    told = 0
    for place, row in enumerate(rows.tolist()):
        request = ScoreRequest(NodeLabel.PERSON, snapshot.key_of(NodeLabel.PERSON, row), as_of_s)
        [result] = trained.scorer.score([request], NOTHING)
        assert (result.log_odds is not None) == book.scorable[place]
        assert (result.thickness.own, result.thickness.neighbours) == (book.facts.own[place], book.facts.neighbours[place])
        if result.log_odds is not None:
            told += 1
            assert result.log_odds == book.log_odds[place]
    assert told > 20, "too few could be scored to show anything"
    assert len(set(book.log_odds.tolist())) > 20


@pytest.mark.slow
def test_pieces_and_processes_change_no_bit(trained: Trained) -> None:
    rows = np.arange(Snapshot.open(trained.snapshots).num_nodes(NodeLabel.PERSON))[:50]
    assert _bits(_book(trained, rows, processes=2, at_once=7)) == _bits(_book(trained, rows, processes=1))


def test_an_empty_book_has_no_scores(trained: Trained) -> None:
    book = _book(trained, np.empty(0, np.int64), processes=2)
    assert (len(book.log_odds), len(book.facts.own), len(book.scorable)) == (0, 0, 0)


def test_an_instant_out_of_reach_is_refused(trained: Trained) -> None:
    with pytest.raises(KeySpaceExceeded, match="as-of second"):
        score_in_bulk(read_bundle(trained.report.place), Snapshot.open(trained.snapshots), np.arange(3), 2**40, processes=1)
