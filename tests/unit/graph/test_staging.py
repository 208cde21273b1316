"""A change of data folders that stops at any step leaves the old one or the new one, whole."""

from pathlib import Path

import pytest

from graph.errors import StoreInUse
from graph.neo4j.staging import SERVER, settle_staging, staged, take_place


def folder_with(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "store").write_text(text)
    return path


def stored(home: Path) -> str:
    return (home / "data" / "store").read_text()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder_with(tmp_path / "data", "old")
    folder_with(tmp_path / "logs", "names old keys")
    return tmp_path


def test_the_new_data_stands_after_the_change_and_old_logs_are_gone(home: Path) -> None:
    with staged(home, lambda _: None) as folder:
        folder_with(folder / SERVER / "data", "new")
        take_place(home, folder / SERVER)
    assert stored(home) == "new"
    assert {path.name for path in home.iterdir()} == {"data", "staging.lock"}


def test_what_is_staged_goes_when_the_work_fails(home: Path) -> None:
    def fail() -> None:
        with staged(home, lambda _: None) as folder:
            folder_with(folder / SERVER / "data", "half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert stored(home) == "old"
    assert not (home / "staging").exists()


@pytest.mark.parametrize("step", range(4))
def test_a_change_that_was_interrupted_is_finished_or_undone(home: Path, step: int) -> None:
    folder_with(home / "staging" / SERVER / "data", "new")
    if step > 0:
        (home / "staging" / SERVER / "data").rename(home / "staging" / "data")
    if step > 1:
        (home / "staging.ready").touch()
    if step > 2:
        (home / "data" / "store").unlink()  # half deleted
    settle_staging(home, lambda _: None)
    assert stored(home) == ("new" if step > 1 else "old")
    assert not (home / "staging").exists()
    assert not (home / "staging.ready").exists()


def test_a_change_whose_new_data_is_in_place_already_keeps_it(home: Path) -> None:
    (home / "staging").mkdir()
    (home / "staging.ready").touch()
    settle_staging(home, lambda _: None)
    assert stored(home) == "old"


def test_the_server_of_an_interrupted_work_is_stopped(home: Path) -> None:
    stopped: list[Path] = []
    folder_with(home / "staging" / SERVER / "data", "half")
    settle_staging(home, stopped.append)
    assert stopped == [home / "staging" / SERVER]


def test_only_one_process_works_on_a_server(home: Path) -> None:
    with staged(home, lambda _: None), pytest.raises(StoreInUse):
        settle_staging(home, lambda _: None)


def test_a_folder_that_nobody_worked_in_stays_as_it_is(home: Path) -> None:
    settle_staging(home, lambda _: None)
    assert {path.name for path in home.iterdir()} == {"data", "logs"}
