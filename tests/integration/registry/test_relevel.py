"""The champion's level renewed from who applied of late: probabilities move, ranks do not, and the record says so."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from api.cli import run
from api.cli.main import ExitCode
from gnn.errors import HistoryBroken, LevelUnknown, NothingLive, SignatureRefused
from gnn.registry.history import Change, add_change, read_history
from gnn.registry.models import Models
from gnn.registry.promotion import Wish, name_live, promote, roll_back
from gnn.registry.relevel import Relevelled, relevel
from gnn.registry.retrain import Conditions, decide_retraining
from gnn.registry.tracking import Alias, Registry
from gnn.serving import LivePlaces, LiveScorer, ScoreRequest
from gnn.serving.bundle import write_bundle
from gnn.serving.live import bundle_place, read_live, read_signed_bundle, sign_bundle
from gnn.serving.served_model import Combination
from gnn.serving.signing import read_signing_key, write_new_key
from gnn.serving.stored_model import restore_model
from graph.errors import PepperMismatch
from graph.identity import Pepper
from graph.snapshot import Snapshot, write_base
from graph.vocabulary import NodeLabel
from tests.integration.conftest import YoungBook
from tests.support.lending import DAY_S, PEPPER
from tests.support.young_book import young_book_batches

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MONTH_LATER = datetime(2026, 4, 1, tzinfo=UTC)
LATE_COMERS = 60
ADDED = ("format", "vocabulary_digest", "files", "model_version")


@pytest.fixture
def book(young_book: YoungBook, tmp_path: Path) -> YoungBook:
    """A copy whose average is champion."""
    shutil.copytree(young_book.folder, tmp_path, dirs_exist_ok=True)
    copied = YoungBook(tmp_path, young_book.enrolled)
    held = models_of(copied)
    promote(held, snapshot_of(copied), Wish("challenger", despite="an exercise"), copied.key, NOW)
    return copied


def models_of(book: YoungBook) -> Models:
    return Models(book.models, book.key.trusted)


def snapshot_of(book: YoungBook) -> Snapshot:
    return Snapshot.open(book.snapshots)


def with_late_comers(book: YoungBook, seq: int = 2) -> Snapshot:
    """The same loans and applicants of the last month, all of them referred by late payers."""
    batches = young_book_batches(late_comers=LATE_COMERS)
    write_base(batches, book.snapshots, seq=seq, pepper_fingerprint=PEPPER.fingerprint)
    return snapshot_of(book)


def renew(book: YoungBook, snapshot: Snapshot) -> Relevelled:
    return relevel(models_of(book), snapshot, book.key, MONTH_LATER)


def scores(book: YoungBook, version: str, snapshot: Snapshot) -> np.ndarray:
    """Log-odds of the test part by a version, as its bundle gives them."""
    trained = book.enrolled.trained
    model = restore_model(read_signed_bundle(book.models, version, book.key.trusted))
    judged = trained.data.examples.take(trained.split.test)
    keys = trained.data.snapshot.keys_of(NodeLabel.PERSON, judged.rows)
    return model.log_odds(model.read(snapshot, snapshot.rows_of(NodeLabel.PERSON, keys), judged.as_of_s))


def test_probabilities_move_by_the_level_and_ranks_stay(book: YoungBook) -> None:
    snapshot = with_late_comers(book)
    before = read_live(book.models, book.key.trusted).champion
    made = renew(book, snapshot)
    after = made.live.champion
    assert after != before
    assert made.level.value > made.before + 0.05
    old, new = (scores(book, version, snapshot) for version in (before, after))
    slope = restore_model(read_signed_bundle(book.models, after, book.key.trusted)).calibrator.slope
    assert old - new == pytest.approx(np.full(len(old), slope * (made.level.value - made.before)), abs=1e-9)
    assert np.argsort(old, kind="stable").tolist() == np.argsort(new, kind="stable").tolist()


def test_all_but_the_level_is_the_champions(book: YoungBook) -> None:
    before = read_live(book.models, book.key.trusted).champion
    after = renew(book, with_late_comers(book)).live.champion
    old, new = (read_signed_bundle(book.models, version, book.key.trusted) for version in (before, after))
    assert new.files == old.files
    changed = {name for name in old.manifest if old.manifest[name] != new.manifest[name]}
    assert changed == {"calibrator", "model_version"}
    assert {**new.manifest["calibrator"], "level": old.manifest["calibrator"]["level"]} == old.manifest["calibrator"]


def test_where_nothing_moved_the_same_version_stays_and_nothing_is_recorded(book: YoungBook) -> None:
    before, bundles = read_history(book.models, book.key.trusted), sorted((book.models / "bundles").iterdir())
    made = renew(book, snapshot_of(book))
    assert made.level.value == made.before
    assert made.live == before[-1]
    assert read_history(book.models, book.key.trusted) == before
    assert sorted((book.models / "bundles").iterdir()) == bundles
    later = with_late_comers(book)
    once, twice = renew(book, later), renew(book, later)
    assert twice.live == once.live
    assert len(read_history(book.models, book.key.trusted)) == len(before) + 1


def test_it_is_signed_recorded_and_named(book: YoungBook) -> None:
    before = read_live(book.models, book.key.trusted)
    made = renew(book, with_late_comers(book))
    live = read_history(book.models, book.key.trusted)[-1]
    assert live == made.live == read_live(book.models, book.key.trusted)
    assert (live.action, live.sequence, live.shadow, live.task) == ("relevel", before.sequence + 1, before.shadow, "sandbox")
    assert live.champion_since == live.at == "2026-04-01T00:00:00Z"
    assert f"{made.level.value:.4f}" in live.reason
    assert f"{made.before:.4f} before" in live.reason
    champion = models_of(book).registry.find(Alias.CHAMPION)
    assert (champion.version, champion.combination) == (live.champion, Combination.AVERAGE)
    assert champion.run_id == models_of(book).registry.find(before.champion).run_id


def test_a_running_scorer_follows_and_a_rollback_undoes_it(book: YoungBook) -> None:
    trained = book.enrolled.trained
    judged = trained.data.examples.take(trained.split.test[:5])
    requests = [
        ScoreRequest(NodeLabel.PERSON, trained.data.snapshot.key_of(NodeLabel.PERSON, row), as_of_s)
        for row, as_of_s in zip(judged.rows.tolist(), judged.as_of_s.tolist(), strict=True)
    ]
    first = read_live(book.models, book.key.trusted).champion
    snapshot = with_late_comers(book)
    scorer = LiveScorer(LivePlaces(book.models, book.snapshots, book.key.trusted, PEPPER, allow_research=False))
    before = scorer.score(requests, frozenset())
    made = renew(book, snapshot)
    scorer.refresh()
    after = scorer.score(requests, frozenset())
    assert {answer.model_version for answer in after} == {made.live.champion}
    assert all(new.probability_of_default < old.probability_of_default for new, old in zip(after, before, strict=True))
    undone = roll_back(models_of(book), "an exercise", book.key, MONTH_LATER)
    assert (undone.action, undone.champion) == ("rollback", first)
    scorer.refresh()
    assert scorer.score(requests, frozenset()) == before


def test_a_renewed_level_is_no_training(book: YoungBook, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was trained forty days ago is forty days old, however lately its level was renewed."""
    before, snapshot = models_of(book).registry.trained(), with_late_comers(book)
    made = renew(book, snapshot)
    held = models_of(book)
    assert held.registry.trained() == [replace(one, aliases=held.registry.find(one.version).aliases) for one in before]
    assert held.family(held.registry.find(made.live.champion)) == held.registry.trained()
    now = datetime.now(UTC)
    trained_s = int(now.timestamp()) - 40 * DAY_S
    usual = Registry.versions
    aged = [
        one if one.version == made.live.champion else replace(one, registered_at_s=trained_s) for one in usual(held.registry)
    ]
    monkeypatch.setattr(Registry, "versions", lambda _: aged)
    decision = decide_retraining(held, snapshot, Conditions(older_than_days=30), now)
    assert decision.train
    assert "40.0 days old" in decision.why


def test_the_command_renews_the_level_and_says_so(book: YoungBook, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--models", str(book.models), "--snapshots", str(book.snapshots)]
    where += ["--signing-key", str(book.folder / "signing.key")]
    first = read_live(book.models, book.key.trusted).champion
    assert run(["relevel", *where]) == ExitCode.DONE
    assert f"{first} stays champion" in capsys.readouterr().out
    with_late_comers(book)
    assert run(["relevel", *where]) == ExitCode.DONE
    second = read_live(book.models, book.key.trusted).champion
    said = capsys.readouterr().out
    assert second != first
    assert f"{second} is champion since" in said
    assert "before" in said


def without_level(book: YoungBook) -> str:
    """The champion's bundle with log-odds taken as they stand, signed and live."""
    held = models_of(book)
    live = read_live(book.models, book.key.trusted)
    bundle = held.bundle(live.champion)
    manifest = {name: value for name, value in bundle.manifest.items() if name not in ADDED}
    manifest["calibrator"] = {**manifest["calibrator"], "level": None}
    name = write_bundle(book.folder / "plain", manifest, bundle.files)
    sign_bundle(book.folder / "plain", book.key)
    (book.folder / "plain").rename(bundle_place(book.models, name))
    held.registry.add_version(
        name, Combination.AVERAGE, bundle_place(book.models, name), held.registry.find(live.champion).run_id
    )
    change = Change("promote", "an exercise", name, None, "sandbox")
    name_live(held, add_change(book.models, change, book.key, book.key.trusted, NOW, after=held.record().digest))
    return name


def test_a_model_that_reads_its_log_odds_as_they_stand_is_refused(book: YoungBook, capsys: pytest.CaptureFixture[str]) -> None:
    name = without_level(book)
    history = read_history(book.models, book.key.trusted)
    with pytest.raises(LevelUnknown, match=f"{name}.*as they stand"):
        renew(book, snapshot_of(book))
    where = ["--models", str(book.models), "--snapshots", str(book.snapshots)]
    assert run(["relevel", *where, "--signing-key", str(book.folder / "signing.key")]) == ExitCode.REFUSED
    assert "train anew" in " ".join(capsys.readouterr().err.split())
    assert read_history(book.models, book.key.trusted) == history


def test_a_snapshot_without_applicants_is_refused(book: YoungBook, tmp_path: Path) -> None:
    nobody = [batch for batch in young_book_batches(3) if batch.edge.rel != "FUNDED"]
    write_base(nobody, tmp_path / "empty", seq=1, pepper_fingerprint=PEPPER.fingerprint)
    with pytest.raises(LevelUnknown, match="nobody applied"):
        renew(book, Snapshot.open(tmp_path / "empty"))


def test_nothing_live_other_keys_and_what_was_edited_are_refused(
    young_book: YoungBook, book: YoungBook, tmp_path: Path
) -> None:
    with pytest.raises(NothingLive, match="creditgraph promote"):
        renew(young_book, snapshot_of(young_book))
    other = Pepper("another pepper for tests")
    write_base(young_book_batches(3), tmp_path / "other", seq=1, pepper_fingerprint=other.fingerprint)
    with pytest.raises(PepperMismatch):
        renew(book, Snapshot.open(tmp_path / "other"))
    write_new_key(tmp_path / "stranger.key")
    stranger = read_signing_key(tmp_path / "stranger.key")
    with pytest.raises((SignatureRefused, HistoryBroken)):
        relevel(Models(book.models, stranger.trusted), with_late_comers(book), stranger, MONTH_LATER)
