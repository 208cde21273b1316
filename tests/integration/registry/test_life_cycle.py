"""A model's life on the command line: trained, registered, compared, promoted, served, replaced, rolled back."""

import json
import logging
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli import run
from api.cli.main import ExitCode
from api.errors import SettingsInvalid
from api.settings import read_settings
from gnn.errors import BundleCorrupt, HistoryBroken, ModelNotFound, NothingLive, SignatureRefused
from gnn.examples import build_examples
from gnn.registry.enrol import put_signed_bundle
from gnn.registry.history import read_history
from gnn.registry.models import Models
from gnn.registry.tracking import Alias, Registry
from gnn.serving import Include, LivePlaces, LiveScorer, ScoreRequest
from gnn.serving.live import HISTORY, LIVE, bundle_place, read_live, read_signed_bundle
from gnn.serving.served_model import Combination
from gnn.serving.signing import TrustedKeys, read_signing_key, read_trusted_keys, write_new_key
from gnn.tasks import TASKS
from graph.snapshot import Snapshot, write_base
from graph.vocabulary import NodeLabel
from tests.support.lending import PEPPER, planted_batches

BORROWERS = 120
NOTHING: frozenset[Include] = frozenset()


@dataclass(frozen=True)
class Place:
    """A folder with a snapshot, a key and models, and the commands that know where they lie."""

    folder: Path

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def snapshots(self) -> Path:
        return self.folder / "snapshots"

    @property
    def trusted(self) -> TrustedKeys:
        return read_trusted_keys([self.folder / "signing.key.pub"])

    def run(self, *arguments: str) -> int:
        where = ["--models", str(self.models), "--signing-key", str(self.folder / "signing.key")]
        snapshots = [] if arguments[0] in ("rollback", "models") else ["--snapshots", str(self.snapshots)]
        return run([*arguments, *where, *snapshots])

    def live(self) -> LivePlaces:
        return LivePlaces(self.models, self.snapshots, self.trusted, PEPPER, allow_research=False)

    def versions(self) -> dict[Combination, str]:
        """Versions of the last training."""
        registry = Registry(self.models)
        last = max(registry.versions(), key=lambda one: one.number).run_id
        return {one.combination: one.version for one in registry.versions() if one.run_id == last}


def publish(place: Place, borrowers: int, seq: int) -> None:
    write_base(planted_batches(borrowers), place.snapshots, seq=seq, pepper_fingerprint=PEPPER.fingerprint)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One training, registered; nothing promoted. Tests copy it."""
    place = Place(tmp_path_factory.mktemp("life"))
    publish(place, BORROWERS, 1)
    assert run(["keys", "new", str(place.folder / "signing.key")]) == ExitCode.DONE
    assert place.run("train", "superlender", "--pepper", PEPPER.secret, "--seed", "3") == ExitCode.DONE
    return place


@pytest.fixture(scope="module")
def promoted(trained: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = copied(trained, tmp_path_factory.mktemp("promoted"))
    assert place.run("promote", "challenger") == ExitCode.DONE
    return place


def copied(place: Place, folder: Path) -> Place:
    shutil.copytree(place.folder, folder, dirs_exist_ok=True)
    return Place(folder)


def requests(place: Place) -> list[ScoreRequest]:
    snapshot = Snapshot.open(place.snapshots)
    examples = build_examples(snapshot, TASKS["superlender"])
    return [
        ScoreRequest(NodeLabel.PERSON, snapshot.key_of(NodeLabel.PERSON, int(examples.rows[at])), int(examples.as_of_s[at]))
        for at in range(3)
    ]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(bytes(content))


def test_training_registers_network_trees_and_average_and_logs_what_was_done(trained: Place) -> None:
    registry = Registry(trained.models)
    versions = registry.versions()
    assert {one.combination for one in versions} == set(Combination)
    assert registry.find(Alias.CHALLENGER).combination is Combination.AVERAGE
    logged = registry.read_run(versions[0].run_id)
    snapshot = Snapshot.open(trained.snapshots)
    assert logged.parameters["snapshot_digest"] == snapshot.digest
    assert logged.parameters["seed"] == "3"
    assert {"vocabulary_digest", "fit.from_s", "test.to_s", "trees.num_leaves", "network.hidden"} <= set(logged.parameters)
    low, value, high = (logged.metrics[f"average.out_of_time.auc{end}"] for end in ("_low", "", "_high"))
    assert low <= value <= high
    assert len(logged.tags["code_digest"]) == 64


def test_card_and_data_sheet_are_written_beside_the_bundle(trained: Place) -> None:
    version = trained.versions()[Combination.AVERAGE]
    folder = trained.models / "cards" / version
    card, sheet = (folder / "model-card.md").read_text(), (folder / "data-sheet.md").read_text()
    assert "## Intended use" in card
    assert "bad loans measured it" in card
    assert "in 90% of cases" in card
    assert "0 of these loans have files too thin to score" in card
    assert "fewer than 3 own facts, fewer than 1 of neighbours and nothing adverse are known gets no score" in card
    assert "base rate" not in card
    rows = [line.split(" | ") for line in card.splitlines() if line.startswith(("| 0 to 4 |", "| 5 to 19 |"))]
    assert [row[1] for row in rows] == ["0", "18"]
    assert "REFERRED" in sheet
    assert (folder / "calibration.png").read_bytes().startswith(b"\x89PNG")
    assert not any(path.suffix == ".png" for path in bundle_place(trained.models, version).iterdir())


def test_nothing_is_served_before_a_promotion(trained: Place) -> None:
    with pytest.raises(NothingLive, match="creditgraph promote"):
        LiveScorer(trained.live())


def test_what_is_promoted_is_what_answers(promoted: Place) -> None:
    live = read_live(promoted.models, promoted.trusted)
    scorer = LiveScorer(promoted.live())
    assert scorer.model_version == live.champion == promoted.versions()[Combination.AVERAGE]
    assert Registry(promoted.models).find(Alias.CHAMPION).version == live.champion
    answers = scorer.score(requests(promoted), NOTHING)
    assert {answer.model_version for answer in answers} == {live.champion}


def test_the_service_answers_with_what_is_live_and_refuses_what_was_edited(promoted: Place, tmp_path: Path) -> None:
    place = copied(promoted, tmp_path)
    settings = read_settings(
        pepper=PEPPER.secret,
        models=place.models,
        trusted_keys=tmp_path / "signing.key.pub",
        snapshot_root=place.snapshots,
    )
    with TestClient(create_app(settings)) as client:
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["model_version"] == read_live(place.models, place.trusted).champion
        flip(place.models / LIVE, 40)
        refused = client.get("/readyz")
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:creditgraph:problem:signature-refused"


def test_second_training_is_promoted_and_rolled_back_under_a_running_scorer(
    promoted: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = copied(promoted, tmp_path)
    first = place.versions()[Combination.AVERAGE]
    scorer = LiveScorer(place.live())
    publish(place, BORROWERS + 20, 2)
    assert place.run("retrain", "--if-older-than", "7") == ExitCode.DONE
    assert "not training" in said(capsys)
    assert place.run("retrain") == ExitCode.DONE
    second = place.versions()[Combination.AVERAGE]
    assert second != first
    assert place.run("compare") == ExitCode.DONE
    assert first in said(capsys)
    assert place.run("promote", "challenger", "--despite", "the first one is stale") == ExitCode.DONE
    scorer.refresh()
    assert scorer.model_version == second
    assert place.run("rollback", "--reason", "arrears rose") == ExitCode.DONE
    scorer.refresh()
    assert scorer.model_version == first
    history = read_history(place.models, place.trusted)
    assert [(live.action, live.champion) for live in history] == [
        ("promote", first), ("promote", second), ("rollback", first),
    ]  # fmt: skip
    assert place.run("models") == ExitCode.DONE
    assert "arrears rose" in said(capsys)
    assert place.run("rollback") == ExitCode.REFUSED
    assert "no earlier champion" in said(capsys)


def test_trees_alone_take_a_flag_and_leave_the_network_as_shadow(
    promoted: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    place = copied(promoted, tmp_path)
    versions = place.versions()
    trees = versions[Combination.TREES]
    assert place.run("promote", trees) == ExitCode.REFUSED
    assert "--trees-alone" in said(capsys)
    assert place.run("promote", trees, "--trees-alone", "--despite", "an exercise") == ExitCode.DONE
    scorer = LiveScorer(place.live())
    assert (scorer.model_version, scorer.shadow_version) == (trees, versions[Combination.AVERAGE])
    with caplog.at_level(logging.INFO, logger="creditgraph.shadow"):
        (answer,) = scorer.score(requests(place)[:1], frozenset(Include))
    assert answer.model_version == trees
    assert answer.contributions is not None
    assert abs(answer.base_log_odds + sum(answer.contributions.values()) - answer.log_odds) < 1e-6  # type: ignore[operator] # asked for
    assert f"shadow={versions[Combination.AVERAGE]}" in caplog.text


def test_an_edited_byte_of_what_is_live_is_refused(promoted: Place, tmp_path: Path) -> None:
    place = copied(promoted, tmp_path)
    intact = (place.models / LIVE).read_bytes()
    for at in range(0, len(intact) - 1, 7):
        flip(place.models / LIVE, at)
        with pytest.raises(SignatureRefused, match=LIVE):
            LiveScorer(place.live())
        (place.models / LIVE).write_bytes(intact)
    assert LiveScorer(place.live()).model_version


def test_an_edited_byte_of_any_file_of_a_bundle_is_refused(promoted: Place, tmp_path: Path) -> None:
    place = copied(promoted, tmp_path)
    bundle = bundle_place(place.models, read_live(place.models, place.trusted).champion)
    for file in sorted(bundle.iterdir()):
        intact = file.read_bytes()
        flip(file, len(intact) // 2)
        with pytest.raises((SignatureRefused, BundleCorrupt), match=file.name):
            LiveScorer(place.live())
        file.write_bytes(intact)


def test_a_manifest_written_anew_does_not_pass_for_the_signed_one(promoted: Place, tmp_path: Path) -> None:
    place = copied(promoted, tmp_path)
    versions = place.versions()
    champion = bundle_place(place.models, versions[Combination.AVERAGE])
    other = bundle_place(place.models, versions[Combination.TREES])
    shutil.rmtree(champion)
    shutil.copytree(other, champion)
    with pytest.raises(SignatureRefused, match=versions[Combination.TREES]):
        LiveScorer(place.live())


def test_a_bundle_that_is_gone_or_unsigned_is_refused(promoted: Place, tmp_path: Path) -> None:
    place = copied(promoted, tmp_path)
    bundle = bundle_place(place.models, read_live(place.models, place.trusted).champion)
    (bundle / "signature.json").unlink()
    with pytest.raises(SignatureRefused, match="lacking"):
        LiveScorer(place.live())
    shutil.rmtree(bundle)
    with pytest.raises(ModelNotFound, match=bundle.name):
        LiveScorer(place.live())


def test_a_key_that_is_not_trusted_is_refused(promoted: Place, tmp_path: Path) -> None:
    other = write_new_key(tmp_path / "other.key")
    with pytest.raises(SignatureRefused, match="not trusted"):
        read_live(promoted.models, other.trusted)


def test_a_history_that_lost_or_changed_a_line_is_reported(
    promoted: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = copied(promoted, tmp_path)
    average = place.versions()[Combination.AVERAGE]
    assert place.run("promote", average, "--shadow", place.versions()[Combination.NETWORK]) == ExitCode.DONE
    history = place.models / HISTORY
    first, second = history.read_bytes().splitlines(keepends=True)
    for broken in (second, first, first + first, second + first, first + second.replace(b"promote", b"demoted")):
        history.write_bytes(broken)
        capsys.readouterr()
        assert place.run("models") == ExitCode.REFUSED
        assert "history.jsonl" in said(capsys)
        with pytest.raises(HistoryBroken):
            read_history(place.models, place.trusted)


def test_a_live_record_of_earlier_days_is_noticed_and_written_anew_by_a_promotion(promoted: Place, tmp_path: Path) -> None:
    place = copied(promoted, tmp_path)
    earlier = (place.models / LIVE).read_bytes()
    average = place.versions()[Combination.AVERAGE]
    assert place.run("promote", average, "--shadow", place.versions()[Combination.NETWORK]) == ExitCode.DONE
    (place.models / LIVE).write_bytes(earlier)
    with pytest.raises(HistoryBroken, match="another state"):
        read_history(place.models, place.trusted)
    assert place.run("promote", average) == ExitCode.DONE
    assert len(read_history(place.models, place.trusted)) == 3


def test_the_same_data_seed_and_key_give_the_same_signed_bytes(trained: Place, tmp_path: Path) -> None:
    place = copied(trained, tmp_path)
    before = {path: path.read_bytes() for path in sorted((place.models / "bundles").rglob("*")) if path.is_file()}
    assert place.run("train", "superlender", "--pepper", PEPPER.secret, "--seed", "3") == ExitCode.DONE
    after = {path: path.read_bytes() for path in sorted((place.models / "bundles").rglob("*")) if path.is_file()}
    assert after == before
    assert len(Registry(place.models).versions()) == len(Combination)


def test_an_unknown_version_and_another_task_are_refused(trained: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert trained.run("promote", "99") == ExitCode.REFUSED
    assert "creditgraph models" in said(capsys)
    assert trained.run("train", "berka", "--pepper", PEPPER.secret) == ExitCode.REFUSED
    assert "--models" in said(capsys)


def test_card_takes_what_each_family_adds(trained: Place, tmp_path: Path) -> None:
    place = copied(trained, tmp_path)
    (tmp_path / "gains.json").write_text(json.dumps({"social": [0.04, 0.01, 0.07]}))
    assert place.run("card", "challenger", "--gains", str(tmp_path / "gains.json")) == ExitCode.DONE
    text = (place.models / "cards" / place.versions()[Combination.AVERAGE] / "model-card.md").read_text()
    assert "| social | +0.0400 [+0.0100, +0.0700] |" in text


def test_serving_models_without_trusted_keys_is_refused(trained: Place) -> None:
    with pytest.raises(SettingsInvalid, match="CREDITGRAPH_TRUSTED_KEYS"):
        read_settings(pepper=PEPPER.secret, models=trained.models)


def test_models_of_a_folder_are_scored_by_their_registry(trained: Place) -> None:
    held = Models(trained.models, trained.trusted)
    assert held.live is None
    assert set(held.contenders()) == set(trained.versions().values())


def test_a_champion_that_cannot_be_read_takes_a_reason_to_replace_and_the_reason_is_kept(
    promoted: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = copied(promoted, tmp_path)
    versions = place.versions()
    shutil.rmtree(bundle_place(place.models, versions[Combination.AVERAGE]))
    network = versions[Combination.NETWORK]
    assert place.run("promote", network) == ExitCode.REFUSED
    assert "--despite" in said(capsys)
    assert place.run("promote", network, "--despite", "the champion is lost") == ExitCode.DONE
    last = read_history(place.models, place.trusted)[-1]
    assert (last.champion, last.task) == (network, "superlender")
    assert f"beside {versions[Combination.AVERAGE]}" in last.reason


def test_a_promotion_stands_where_the_aliases_cannot_be_written(
    promoted: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place = copied(promoted, tmp_path)

    def fail(*_: object) -> None:
        raise RuntimeError("the database is locked")

    monkeypatch.setattr(Registry, "name", fail)
    assert place.run("promote", place.versions()[Combination.AVERAGE]) == ExitCode.DONE
    assert len(read_history(place.models, place.trusted)) == 2
    assert "the database is locked" in caplog.text


def test_whether_a_version_has_the_network_is_read_from_what_is_signed(
    promoted: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = copied(promoted, tmp_path)
    trees = place.versions()[Combination.TREES]
    usual = Registry.versions
    lying = [replace(one, combination=Combination.AVERAGE) for one in usual(Registry(place.models))]
    monkeypatch.setattr(Registry, "versions", lambda _: lying)
    assert place.run("promote", trees) == ExitCode.REFUSED
    assert "contains no graph network" in said(capsys)


def test_a_rollback_does_without_a_shadow_that_is_lost(promoted: Place, tmp_path: Path) -> None:
    place = copied(promoted, tmp_path)
    versions = place.versions()
    average, network, trees = (versions[c] for c in (Combination.AVERAGE, Combination.NETWORK, Combination.TREES))
    assert place.run("promote", average, "--shadow", trees) == ExitCode.DONE
    assert place.run("promote", network, "--despite", "an exercise") == ExitCode.DONE
    shutil.rmtree(bundle_place(place.models, trees))
    assert place.run("rollback", "--reason", "arrears rose") == ExitCode.DONE
    last = read_history(place.models, place.trusted)[-1]
    assert (last.champion, last.shadow) == (average, None)
    assert f"without its shadow {trees}" in last.reason


def test_a_bundle_of_the_same_bytes_stays_and_an_edited_one_is_replaced(promoted: Place, tmp_path: Path) -> None:
    place = copied(promoted, tmp_path)
    key = read_signing_key(place.folder / "signing.key")
    version = place.versions()[Combination.AVERAGE]
    there = bundle_place(place.models, version)
    for edited in (False, True):
        beside = Path(shutil.copytree(there, tmp_path / f"temporary{edited}" / "bundle"))
        if edited:
            flip(there / "manifest.json", 9)
        inode = there.stat().st_ino
        put_signed_bundle(place.models, version, beside, key)
        assert (there.stat().st_ino != inode) is edited
        assert read_signed_bundle(place.models, version, place.trusted).version == version
