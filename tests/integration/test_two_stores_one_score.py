"""The same files in both stores: one graph, one snapshot, one score, to the last bit."""

from pathlib import Path

import pytest

from gnn.examples import build_examples
from gnn.serving import ScoreRequest, load_scorer
from gnn.tasks import TASKS
from gnn.training import train_bundle
from graph.canonical import canonical_hash
from graph.identity import Pepper
from graph.opening import open_store
from graph.snapshot import Snapshot
from graph.snapshot.publish import publish_snapshot
from graph.vocabulary import NodeLabel
from ingest.load import Intake, load_source
from tests.support.made_up.delivery import write_made_up

PEPPER = Pepper("a pepper for two stores")
SCORED = 40


def load(address: str, files: Path, sources: list[str], snapshots: Path) -> str:
    """Load sources into a store, publishing after each one, and give the graph's canonical hash."""
    with open_store(address, PEPPER.fingerprint) as store:
        for source in sources:
            load_source(source, files / source, store, PEPPER, Intake(snapshots.with_suffix(".intake")))
            publish_snapshot(store, snapshots)
        return canonical_hash(store)


@pytest.mark.neo4j
@pytest.mark.slow
def test_both_stores_give_the_same_hash_the_same_snapshot_and_the_same_bits(
    duckdb_address: str, neo4j_address: str, tmp_path: Path
) -> None:
    files, in_file, in_server = tmp_path / "files", tmp_path / "of-file", tmp_path / "of-server"
    write_made_up(files, borrowers=200, seed=5)
    hashes = [
        load(duckdb_address, files, ["superlender", "berka"], in_file),
        load(neo4j_address, files, ["berka", "superlender"], in_server),
    ]
    assert hashes[0] == hashes[1]
    of_file, of_server = Snapshot.open(in_file), Snapshot.open(in_server)
    assert of_file.digest == of_server.digest

    task = TASKS["superlender"]
    bundle = train_bundle(of_file, task, seed=1, out=tmp_path / "bundle").place
    examples = build_examples(of_file, task)
    requests = [
        ScoreRequest(NodeLabel.PERSON, of_file.key_of(NodeLabel.PERSON, row), as_of_s)
        for row, as_of_s in zip(examples.rows.tolist()[:SCORED], examples.as_of_s.tolist(), strict=False)
    ]
    scores = [
        [
            result.log_odds
            for result in load_scorer(bundle, root, pepper=PEPPER, allow_research=True).score(requests, frozenset())
        ]
        for root in (in_file, in_server)
    ]
    assert scores[0] == scores[1]
    assert len(set(scores[0])) > SCORED // 2


def test_a_snapshot_of_one_store_is_not_continued_by_another(tmp_path: Path) -> None:
    files, root = tmp_path / "files", tmp_path / "snapshots"
    write_made_up(files, borrowers=60, seed=5)
    load(str(tmp_path / "one.duckdb"), files, ["berka"], root)
    load(str(tmp_path / "two.duckdb"), files, ["superlender", "berka"], tmp_path / "elsewhere")
    with open_store(str(tmp_path / "two.duckdb"), PEPPER.fingerprint) as store:
        publish_snapshot(store, root)
    assert Snapshot.open(root).digest == Snapshot.open(tmp_path / "elsewhere").digest
