"""Worlds are made once, found again, and made anew where something that decides them differs."""

from pathlib import Path

import pytest

import benchmarks.sandbox.worlds
from benchmarks.sandbox.worlds import World, place_of, prepare_worlds
from ingest.sandbox.knobs import Knobs, Scale

SCALE = Scale(1_000)


@pytest.fixture
def made(economy, monkeypatch) -> list[Path]:
    """Where an economy was generated, each time it was."""
    monkeypatch.setattr(benchmarks.sandbox.worlds, "read_facts", lambda *_: (economy.batches, None))
    return []


def _prepare(root: Path, made: list[Path], scale: Scale = SCALE):
    return prepare_worlds(scale, root, lambda place, _: made.append(place))


def test_finished_worlds_are_found_again(tmp_path: Path, made):
    first, again = _prepare(tmp_path, made), _prepare(tmp_path, made)
    assert len(made) == 1
    assert first == again
    assert {world: again.open(world).num_nodes("Person") > 0 for world in World} == dict.fromkeys(World, True)


def test_interrupted_world_is_made_again_and_the_others_are_kept(tmp_path: Path, made, monkeypatch):
    def fail(*_: object):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(benchmarks.sandbox.worlds, "move_future", fail)
        with pytest.raises(KeyboardInterrupt):
            _prepare(tmp_path, made)
    (folder,) = tmp_path.iterdir()
    kept = place_of(folder, World.SHUFFLED).stat().st_mtime_ns
    worlds = _prepare(tmp_path, made)
    assert len(made) == 1
    assert place_of(folder, World.SHUFFLED).stat().st_mtime_ns == kept
    assert worlds.open(World.MOVED).digest != worlds.open(World.PLAIN).digest


def test_other_knobs_make_another_economy_in_place_of_the_first(tmp_path: Path, made):
    first = _prepare(tmp_path, made)
    other = _prepare(tmp_path, made, Scale(1_000, knobs=Knobs(contagion=0.0)))
    assert len(made) == 2
    assert other.folder != first.folder
    assert [path for path in tmp_path.iterdir()] == [other.folder]


def test_another_size_is_kept_beside(tmp_path: Path, made):
    first, other = _prepare(tmp_path, made), _prepare(tmp_path, made, Scale(2_000))
    assert {path for path in tmp_path.iterdir()} == {first.folder, other.folder}


def test_worlds_altered_by_other_code_are_made_again_and_the_plain_one_is_kept(tmp_path: Path, made, monkeypatch):
    first = _prepare(tmp_path, made)
    kept = {world: place_of(first.folder, world) for world in World}
    plain = kept[World.PLAIN].stat().st_mtime_ns
    with monkeypatch.context() as changed:
        real = benchmarks.sandbox.worlds.code_digest
        altering = benchmarks.sandbox.worlds._ALTERS
        changed.setattr(benchmarks.sandbox.worlds, "code_digest", lambda which: "f" * 64 if which == altering else real(which))
        again = _prepare(tmp_path, made)
        assert again.folder == first.folder
        assert {world for world in World if place_of(again.folder, world) != kept[world]} == set(World) - {World.PLAIN}
        assert again.open(World.SHUFFLED).digest
    assert len(made) == 1
    assert kept[World.PLAIN].stat().st_mtime_ns == plain
