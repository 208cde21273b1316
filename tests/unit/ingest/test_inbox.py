"""Which files have arrived whole, and where they go: one rename at a time, one follower at a time."""

import os
from pathlib import Path

import pytest

from ingest.errors import InboxInUse, InboxMissing
from ingest.inbox import SourceInbox, sole_follower

SETTLE_S = 2.0


@pytest.fixture
def folder(tmp_path: Path) -> SourceInbox:
    return SourceInbox(tmp_path)


def test_a_file_is_whole_when_nothing_changed_it_for_long_enough(folder: SourceInbox) -> None:
    (folder.folder / "calls.csv").write_text("a")

    assert folder.arrived(10.0, SETTLE_S) == []
    assert folder.arrived(11.9, SETTLE_S) == []
    assert folder.arrived(12.0, SETTLE_S) == ["calls.csv"]


@pytest.mark.parametrize("change", ["size", "time"])
def test_a_file_that_still_grows_or_changes_is_not_taken(folder: SourceInbox, change: str) -> None:
    path = folder.folder / "calls.csv"
    path.write_text("a")
    for now_s in (10.0, 12.5, 15.0):
        assert folder.arrived(now_s, SETTLE_S) == []
        if change == "size":
            path.write_text(path.read_text() + "b")
        else:
            os.utime(path, (now_s, now_s))
    assert folder.arrived(17.5, SETTLE_S) == []
    assert folder.arrived(20.0, SETTLE_S) == ["calls.csv"]


@pytest.mark.parametrize("name", ["calls.csv.part", "calls.csv.tmp", "calls.csv.writing", ".calls.csv.x1"])
def test_names_of_unfinished_files_are_never_taken(folder: SourceInbox, name: str) -> None:
    (folder.folder / name).write_text("a")
    folder.arrived(0.0, SETTLE_S)

    assert folder.arrived(100.0, SETTLE_S) == []


def test_a_link_is_not_followed_out_of_the_inbox(folder: SourceInbox, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.csv"
    outside.write_text("a")
    (folder.folder / "calls.csv").symlink_to(outside)

    assert folder.arrived(0.0, 0.0) == []


def test_a_newer_file_of_a_name_waits_until_the_older_one_is_done(folder: SourceInbox) -> None:
    path = folder.folder / "calls.csv"
    path.write_text("old")
    assert folder.claim("calls.csv")
    path.write_text("new")

    assert not folder.claim("calls.csv")
    done = folder.finish(folder.loading / "calls.csv", refused=False)
    assert folder.claim("calls.csv")
    assert done.read_text() == "old"
    assert done.parent.name == "done"
    assert [path.read_text() for path in folder.claimed()] == ["new"]


def test_a_claimed_file_that_has_gone_is_no_fault(folder: SourceInbox) -> None:
    assert not folder.claim("calls.csv")


def test_one_load_sees_its_own_files_alone(folder: SourceInbox) -> None:
    for name in ("a.csv", "b.csv"):
        (folder.folder / name).write_text(name)
        folder.claim(name)
    folder.staging.mkdir()
    (folder.staging / "left by a killed one").touch()

    with folder.delivery([folder.loading / "b.csv"]) as staged:
        assert [path.read_text() for path in staged.iterdir()] == ["b.csv"]
    assert len(folder.claimed()) == 2


def test_an_inbox_has_one_follower(tmp_path: Path) -> None:
    with sole_follower(tmp_path), pytest.raises(InboxInUse, match="another process"), sole_follower(tmp_path):
        pass
    with sole_follower(tmp_path):
        pass


def test_an_inbox_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InboxMissing), sole_follower(tmp_path / "nowhere"):
        pass
