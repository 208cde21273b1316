"""What an answer says of a thin file: a wider interval, or none at all; and that its parts are those of the bundle."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gnn.dataset import build_dataset
from gnn.errors import BundleCorrupt, BundleMismatch
from gnn.evaluation.coverage import ClassCoverage
from gnn.scores import Status, SubScore
from gnn.serving import Include, ScoreRequest, bundle, load_scorer
from gnn.serving.bundle import read_bundle, write_bundle
from gnn.serving.stored_model import restore_model
from gnn.tasks import TASKS
from graph.snapshot import Snapshot
from tests.integration.gnn.conftest import Trained

ALL, NOTHING = frozenset(Include), frozenset[Include]()


@pytest.fixture(scope="module")
def some(trained: Trained) -> list[ScoreRequest]:
    """Loans of the period measured on, and one borrower before anything was known."""
    return [*trained.requests[210:225], replace(trained.requests[3], as_of_s=1), *trained.requests[225:240]]


def test_thin_file_is_never_told_more_narrowly_than_a_thick_one_with_the_same_log_odds(trained: Trained) -> None:
    intervals = restore_model(read_bundle(trained.report.place)).intervals
    log_odds = np.array([result.log_odds for result in trained.scorer.score(trained.requests, NOTHING)])
    ends = [intervals.ends(log_odds, np.full(len(log_odds), facts)) for facts in (0, 4, 5, 19, 20, 79, 80, 1000)]
    for thin, thick in pairwise(ends):
        assert np.all(thin[0] <= thick[0])
        assert np.all(thin[1] >= thick[1])
    assert np.all(ends[0][1] - ends[0][0] > 0)


def test_answer_has_the_interval_of_its_own_file_and_the_probability_within(trained: Trained, some: list[ScoreRequest]) -> None:
    intervals = restore_model(read_bundle(trained.report.place)).intervals
    scored = [result for result in trained.scorer.score(some, NOTHING) if result.status is Status.SCORED]
    assert len(scored) == len(some) - 1
    for result in scored:
        low, high = intervals.bounds(np.array([result.log_odds]), np.array([result.thickness.own]))
        assert (low[0], high[0]) == pytest.approx((result.probability_low, result.probability_high), rel=1e-12)
        assert result.probability_low <= result.probability_of_default <= result.probability_high
        assert result.coverage == intervals.rule.coverage


@pytest.mark.parametrize("include", [NOTHING, ALL])
def test_alone_and_in_a_batch_the_whole_answer_is_the_same(
    trained: Trained, some: list[ScoreRequest], include: frozenset[Include]
) -> None:
    together = trained.scorer.score(some, include)
    assert [result.status for result in together].count(Status.UNSCORABLE) == 1
    assert together == [trained.scorer.score([request], include)[0] for request in some]


def test_facts_are_counted_in_serving_as_they_were_in_training(trained: Trained) -> None:
    data = build_dataset(Snapshot.open(trained.snapshots), TASKS["superlender"])
    results = trained.scorer.score(trained.requests, NOTHING)
    assert [result.thickness.own for result in results] == data.facts.own.tolist()
    assert [result.thickness.neighbours for result in results] == data.facts.neighbours.tolist()
    assert len({result.thickness for result in results}) > 1


def test_subscores_add_up_and_rank_as_their_shares_do(trained: Trained) -> None:
    results = trained.scorer.score(trained.requests[180:220], ALL)
    for result in results:
        assert result.parts is not None
        assert result.parts.base_log_odds == result.base_log_odds
        told = result.parts.shares
        assert set(told) == set(SubScore)
        total = result.parts.base_log_odds + sum(share.log_odds for share in told.values())
        assert total == pytest.approx(result.log_odds, abs=1e-6)
        assert told[SubScore.IDENTITY].log_odds == 0.0
        assert told[SubScore.IDENTITY].score is None
    for part in (SubScore.HISTORY, SubScore.RELATIONSHIPS):
        shares = sorted((share.log_odds, -share.score) for r in results if (share := r.parts.shares[part]).score is not None)
        assert len(shares) > 20
        assert [score for _, score in shares] == sorted(score for _, score in shares)
        assert all(300 <= -score <= 850 for _, score in shares)


def test_bundle_says_how_intervals_held_on_every_loan_measured_on(trained: Trained) -> None:
    manifest = read_bundle(trained.report.place).manifest
    classes = [ClassCoverage.from_json(told) for told in manifest["coverage"]]
    assert [one.words for one in classes] == ["0 to 4", "5 to 19", "20 to 79", "80 or more"]
    assert sum(one.loans for one in classes) == manifest["examples"]["test"]
    assert manifest["unscorable"] == 0


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("intervals", {"low": [[0.0]]}),
        ("intervals", {"low": 1.0}),
        ("intervals", {"high": -1.0}),
        ("scorable", {"least": 3}),
        ("scorable", {"least_own": 2.5}),
        ("subscores", {"shares": {"history": [0.0]}}),
    ],
)
def test_bundle_whose_parts_do_not_fit_is_refused(trained: Trained, tmp_path: Path, part: str, broken: dict[str, Any]) -> None:
    intact = read_bundle(trained.report.place)
    shape = np.array(intact.manifest["intervals"]["low"]).shape
    filled = {name: np.full(shape, value).tolist() if isinstance(value, float) and part == "intervals" else value
              for name, value in broken.items()}  # fmt: skip
    kept = {name: value for name, value in intact.manifest.items() if name != "model_version"}
    write_bundle(tmp_path / "bundle", kept | {part: intact.manifest[part] | filled}, intact.files)
    with pytest.raises(BundleCorrupt, match="do not fit together"):
        load_scorer(tmp_path / "bundle", trained.snapshots, pepper=None, allow_research=False)


def test_bundle_of_the_format_without_intervals_is_refused(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intact = read_bundle(trained.report.place)
    lacking = {"intervals", "scorable", "subscores", "coverage", "unscorable", "model_version"}
    kept = {name: value for name, value in intact.manifest.items() if name not in lacking}
    monkeypatch.setattr(bundle, "BUNDLE_FORMAT", 5)
    write_bundle(tmp_path / "bundle", kept, intact.files)
    monkeypatch.undo()
    with pytest.raises(BundleMismatch, match="format"):
        load_scorer(tmp_path / "bundle", trained.snapshots, pepper=None, allow_research=False)
