from dataclasses import dataclass
from pathlib import Path

import pytest

from gnn.examples import build_examples
from gnn.serving import Scorer, ScoreRequest, load_scorer
from gnn.tasks import TASKS
from gnn.training import BundleReport, train_bundle
from graph.snapshot import Snapshot, write_base
from graph.vocabulary import NodeLabel
from tests.support.lending import PEPPER, planted_batches

SEED = 3


@dataclass(frozen=True)
class Trained:
    """A model trained on the planted graph, where its files are, and questions about every July loan."""

    report: BundleReport
    snapshots: Path
    scorer: Scorer
    requests: tuple[ScoreRequest, ...]
    progress: tuple[tuple[str, int, int], ...]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    place = tmp_path_factory.mktemp("trained")
    write_base(planted_batches(240), place / "snapshots", seq=1, pepper_fingerprint=PEPPER.fingerprint)
    snapshot = Snapshot.open(place / "snapshots")
    task = TASKS["superlender"]
    told: list[tuple[str, int, int]] = []
    report = train_bundle(
        snapshot, task, seed=SEED, out=place / "bundle", progress=lambda stage, done, total: told.append((stage, done, total))
    )
    scorer = load_scorer(report.place, place / "snapshots", pepper=PEPPER, allow_research=False)
    examples = build_examples(snapshot, task)
    requests = tuple(
        ScoreRequest(NodeLabel.PERSON, snapshot.key_of(NodeLabel.PERSON, row), as_of_s)
        for row, as_of_s in zip(examples.rows.tolist(), examples.as_of_s.tolist(), strict=True)
    )
    return Trained(report, place / "snapshots", scorer, requests, tuple(told))
