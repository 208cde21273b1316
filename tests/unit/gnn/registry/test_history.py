"""The record of what was live: chained, signed, only added to, and what a rollback goes back to."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gnn.errors import HistoryBroken, HistoryMoved, NoEarlierChampion, SignatureRefused
from gnn.registry.history import Change, add_change, find_earlier, read_history, read_record
from gnn.serving.live import HISTORY, LIVE, Live, read_live
from gnn.serving.signing import SigningKey, line_of, write_new_key

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return write_new_key(tmp_path / "signing.key")


def add(place: Path, key: SigningKey, champion: str, action: str = "promote", shadow: str | None = None) -> Live:
    hours = len((place / HISTORY).read_bytes().splitlines()) if (place / HISTORY).exists() else 0
    return add_change(
        place, Change(action, "a test", champion, shadow, "sandbox"), key, key.trusted, START + timedelta(hours=hours)
    )


def test_live_repeats_the_last_line(tmp_path: Path, key: SigningKey) -> None:
    add(tmp_path, key, "a")
    last = add(tmp_path, key, "b", shadow="a")
    assert read_live(tmp_path, key.trusted) == last
    assert (tmp_path / LIVE).read_bytes() == (tmp_path / HISTORY).read_bytes().splitlines(keepends=True)[-1]


def test_since_when_is_kept_while_the_champion_stays(tmp_path: Path, key: SigningKey) -> None:
    add(tmp_path, key, "a")
    later = add(tmp_path, key, "a", shadow="b")
    assert (later.champion_since, later.shadow_since) == ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z")
    assert add(tmp_path, key, "c", shadow="b").shadow_since == "2026-01-01T01:00:00Z"


def test_no_history_is_no_error(tmp_path: Path, key: SigningKey) -> None:
    assert read_history(tmp_path, key.trusted) == ()


@pytest.mark.parametrize(
    ("actions", "earlier"),
    [
        (["a", "b"], "a"),
        (["a", "b", "c"], "b"),
        (["a", "b", "b", "b"], "a"),
        (["a", "b", "c", "-b"], "a"),
        (["a", "b", "-a", "c"], "a"),
        (["a", "b", "a"], "b"),
    ],
)
def test_a_rollback_goes_to_the_champion_before_rollbacks_undone(
    tmp_path: Path, key: SigningKey, actions: list[str], earlier: str
) -> None:
    for action in actions:
        add(tmp_path, key, action.removeprefix("-"), "rollback" if action.startswith("-") else "promote")
    assert find_earlier(read_history(tmp_path, key.trusted), tmp_path).champion == earlier


@pytest.mark.parametrize("actions", [[], ["a"], ["a", "a"], ["a", "b", "-a"]])
def test_without_an_earlier_champion_there_is_nothing_to_go_back_to(
    tmp_path: Path, key: SigningKey, actions: list[str]
) -> None:
    for action in actions:
        add(tmp_path, key, action.removeprefix("-"), "rollback" if action.startswith("-") else "promote")
    with pytest.raises(NoEarlierChampion):
        find_earlier(read_history(tmp_path, key.trusted), tmp_path)


def test_any_byte_of_the_history_edited_is_reported_with_its_line(tmp_path: Path, key: SigningKey) -> None:
    for champion in "abc":
        add(tmp_path, key, champion)
    intact = (tmp_path / HISTORY).read_bytes()
    for at in range(0, len(intact), 11):
        (tmp_path / HISTORY).write_bytes(intact[:at] + bytes([intact[at] ^ 1]) + intact[at + 1 :])
        with pytest.raises(HistoryBroken, match="line "):
            read_history(tmp_path, key.trusted)


def test_lines_cut_off_at_the_end_are_noticed_and_nothing_is_added(tmp_path: Path, key: SigningKey) -> None:
    for champion in "abc":
        add(tmp_path, key, champion)
    lines = (tmp_path / HISTORY).read_bytes().splitlines(keepends=True)
    (tmp_path / HISTORY).write_bytes(b"".join(lines[:-1]))
    with pytest.raises(HistoryBroken, match="line 3"):
        read_history(tmp_path, key.trusted)
    with pytest.raises(HistoryBroken):
        add(tmp_path, key, "d")


def test_a_change_that_stopped_before_live_was_replaced_leaves_what_was_live(tmp_path: Path, key: SigningKey) -> None:
    first = add(tmp_path, key, "a")
    before = (tmp_path / LIVE).read_bytes()
    add(tmp_path, key, "b")
    (tmp_path / LIVE).write_bytes(before)
    assert read_live(tmp_path, key.trusted) == first
    with pytest.raises(HistoryBroken, match="another state"):
        read_history(tmp_path, key.trusted)
    add(tmp_path, key, "b")
    assert [live.champion for live in read_history(tmp_path, key.trusted)] == ["a", "b", "b"]


def test_a_line_of_another_format_is_refused(tmp_path: Path, key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> None:
    add(tmp_path, key, "a")
    monkeypatch.setattr("gnn.serving.live.LIVE_FORMAT", 99)
    with pytest.raises(SignatureRefused, match="format"):
        read_live(tmp_path, key.trusted)


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_last_line_that_was_never_finished_nor_live_is_cut_off_by_the_next_change(
    tmp_path: Path, key: SigningKey, kept: int
) -> None:
    add(tmp_path, key, "a")
    add(tmp_path, key, "b")
    first, second = (tmp_path / HISTORY).read_bytes().splitlines(keepends=True)
    (tmp_path / HISTORY).write_bytes(first + second[:kept])
    (tmp_path / LIVE).write_bytes(first)
    assert [live.champion for live in read_history(tmp_path, key.trusted)] == ["a"]
    add(tmp_path, key, "c")
    assert [live.champion for live in read_history(tmp_path, key.trusted)] == ["a", "c"]


def test_a_last_line_that_lost_its_end_alone_and_is_live_is_kept(tmp_path: Path, key: SigningKey) -> None:
    add(tmp_path, key, "a")
    (tmp_path / HISTORY).write_bytes((tmp_path / HISTORY).read_bytes().removesuffix(b"\n"))
    assert [live.champion for live in read_history(tmp_path, key.trusted)] == ["a"]
    add(tmp_path, key, "b")
    assert [live.champion for live in read_history(tmp_path, key.trusted)] == ["a", "b"]


def test_a_change_judged_by_an_earlier_state_is_refused(tmp_path: Path, key: SigningKey) -> None:
    add(tmp_path, key, "a")
    judged_by = read_record(tmp_path, key.trusted).digest
    add(tmp_path, key, "b")
    before = (tmp_path / HISTORY).read_bytes()
    change = Change("promote", "a test", "c", None, "sandbox")
    with pytest.raises(HistoryMoved, match="ask again"):
        add_change(tmp_path, change, key, key.trusted, START, after=judged_by)
    assert (tmp_path / HISTORY).read_bytes() == before
    add_change(tmp_path, change, key, key.trusted, START, after=read_record(tmp_path, key.trusted).digest)


def test_a_broken_record_is_told_with_one_remedy(tmp_path: Path, key: SigningKey) -> None:
    add(tmp_path, key, "a")
    (tmp_path / LIVE).unlink()
    with pytest.raises(HistoryBroken) as told:
        read_history(tmp_path, key.trusted)
    assert str(told.value).count(";") == 1
    assert "backup" not in str(told.value)


def test_the_task_is_signed_and_lines_of_before_stay_readable(tmp_path: Path, key: SigningKey) -> None:
    assert add(tmp_path, key, "a").task == "sandbox"
    first = read_live(tmp_path, key.trusted)
    fields = {name: value for name, value in vars(first).items() if name != "task"}
    line = line_of(key.seal({**fields, "format": 1, "kind": "live"})) + b"\n"
    for name in (HISTORY, LIVE):
        (tmp_path / name).write_bytes(line)
    add(tmp_path, key, "b")
    assert [live.task for live in read_history(tmp_path, key.trusted)] == ["", "sandbox"]
