"""What is served while the record moves: the champion whatever becomes of its shadow, and never an earlier state."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from gnn.errors import BundleCorrupt, SignatureRefused
from gnn.serving import live_scorer as module
from gnn.serving.bundle import MANIFEST, Bundle, write_bundle
from gnn.serving.live import LIVE, Live, live_line, read_signed_bundle, sign_bundle
from gnn.serving.live_scorer import RETRY_SECONDS, LivePlaces, LiveScorer
from gnn.serving.signing import SigningKey, write_new_key

FIRST = Live(1, "0" * 64, "now", "promote", "a test", "champion", "now", "shadow", "now", "sandbox")


@dataclass
class Loaded:
    """Stands for a scorer.

    `broken` versions cannot be loaded, `failing` ones cannot score or refresh, `unsure` ones find too little to score by.
    """

    model_version: str
    failing: bool = False
    is_unsure: bool = False
    snapshot_version: str = "1"

    def refresh(self) -> None:
        if self.failing:
            raise ValueError("a column is lacking")

    def score(self, requests: list[object], include: frozenset[object]) -> list[SimpleNamespace]:
        self.refresh()
        log_odds = None if self.is_unsure else 0.0
        return [SimpleNamespace(model_version=self.model_version, log_odds=log_odds) for _ in requests]


@dataclass
class World:
    """Which bundles can be read, what was loaded in which order, and what time it is."""

    tasks: Mapping[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    loaded: list[str] = field(default_factory=list)
    now: float = 0.0


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return write_new_key(tmp_path / "signing.key")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    def read(models: Path, version: str, trusted: object) -> Bundle:
        made.loaded.append(version)
        if version in made.broken:
            raise BundleCorrupt(str(models), version, "was edited after it was written")
        return Bundle(str(models), version, {"task": made.tasks.get(version, "sandbox")}, {})

    monkeypatch.setattr(module, "read_signed_bundle", read)
    monkeypatch.setattr(
        module, "load_bundle_scorer", lambda b, _, **__: Loaded(b.version, b.version in made.failing, b.version in made.unsure)
    )
    return made


def write(place: Path, key: SigningKey, live: Live) -> None:
    (place / LIVE).write_bytes(live_line(live, key) + b"\n")


def open_scorer(place: Path, key: SigningKey, world: World) -> LiveScorer:
    places = LivePlaces(place, place, key.trusted, None, allow_research=False)
    return LiveScorer(places, clock=lambda: world.now)


def test_a_shadow_that_cannot_be_loaded_leaves_the_champion_and_is_tried_later(
    tmp_path: Path, key: SigningKey, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, key, FIRST)
    world.broken = {"shadow"}
    scorer = open_scorer(tmp_path, key, world)
    assert (scorer.model_version, scorer.shadow_version) == ("champion", None)
    assert "bundle_corrupt" in caplog.text
    scorer.refresh()
    assert world.loaded == ["champion", "shadow"]
    world.broken, world.now = set(), RETRY_SECONDS
    scorer.refresh()
    assert scorer.shadow_version == "shadow"
    assert world.loaded == ["champion", "shadow", "shadow"]


def test_a_shadow_that_fails_in_any_way_costs_no_answer(tmp_path: Path, key: SigningKey, world: World) -> None:
    write(tmp_path, key, FIRST)
    world.failing = {"shadow"}
    scorer = open_scorer(tmp_path, key, world)
    assert len(scorer.score([object()], frozenset())) == 1  # type: ignore[list-item] # never read
    scorer.refresh()
    assert scorer.shadow_version is None


def test_a_shadow_that_finds_too_little_to_score_by_is_told_of_beside_the_champion(
    tmp_path: Path, key: SigningKey, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, key, FIRST)
    world.unsure = {"shadow"}
    with caplog.at_level("INFO"):
        open_scorer(tmp_path, key, world).score([object()], frozenset())  # type: ignore[list-item] # never read
    assert "log_odds=+0.0000 shadow_log_odds=unscorable" in caplog.text


def test_a_champion_that_cannot_be_loaded_is_not_tried_with_every_request(
    tmp_path: Path, key: SigningKey, world: World
) -> None:
    write(tmp_path, key, FIRST)
    scorer = open_scorer(tmp_path, key, world)
    write(tmp_path, key, replace(FIRST, sequence=2, champion="other"))
    world.broken = {"other"}
    for _ in range(3):
        with pytest.raises(BundleCorrupt):
            scorer.refresh()
    assert world.loaded.count("other") == 1
    assert scorer.model_version == "champion"
    write(tmp_path, key, replace(FIRST, sequence=3))
    scorer.refresh()
    assert world.loaded == ["champion", "shadow", "other"]


def test_an_earlier_state_put_back_is_refused_while_serving(tmp_path: Path, key: SigningKey, world: World) -> None:
    write(tmp_path, key, replace(FIRST, sequence=2))
    scorer = open_scorer(tmp_path, key, world)
    write(tmp_path, key, FIRST)
    with pytest.raises(SignatureRefused, match="line 1, and line 2 is served"):
        scorer.refresh()


@pytest.mark.parametrize("task", ["berka", ""])
def test_a_record_signed_for_another_task_is_refused(tmp_path: Path, key: SigningKey, world: World, task: str) -> None:
    write(tmp_path, key, replace(FIRST, task=task))
    with pytest.raises(SignatureRefused, match="of sandbox"):
        open_scorer(tmp_path, key, world)


def test_the_manifest_that_is_hashed_is_the_one_that_is_read(
    tmp_path: Path, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = write_bundle(tmp_path / "bundles" / "one", {"task": "sandbox"}, {})
    place = (tmp_path / "bundles" / "one").rename(tmp_path / "bundles" / version)
    sign_bundle(place, key)
    other = write_bundle(tmp_path / "other", {"task": "berka"}, {})
    signed, put_there = (place / MANIFEST).read_bytes(), (tmp_path / "other" / MANIFEST).read_bytes()
    usual, reads = Path.read_bytes, iter((signed, put_there, put_there))
    monkeypatch.setattr(Path, "read_bytes", lambda file: next(reads) if file == place / MANIFEST else usual(file))
    assert read_signed_bundle(tmp_path, version, key.trusted).version == version != other
    assert json.loads(signed)["task"] == "sandbox"
