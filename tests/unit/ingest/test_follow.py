"""Files that arrive enter the graph exactly once, whatever happens to the follower; bad ones are put aside with a reason."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from graph.canonical import canonical_hash
from graph.errors import StoreInUse
from graph.opening import open_store
from graph.store import GraphStore
from ingest.catalogue import SOURCES
from ingest.errors import SourceMalformed, WorkerLost
from ingest.follow import Follower, Taken, Terms, Waiting
from ingest.formats.pieces import Block
from ingest.formats.reading import cut_blocks
from ingest.load import Intake, Pace, load_source
from ingest.pipeline import crew, delivery
from ingest.pipeline.turning import Turned, turn_block
from ingest.source import SourceSpec, TableSpec
from tests.support.sandbox_files import RECORDED
from tests.support.source_files import PEPPER, write_berka

CALLS = ("call_id", "caller_msisdn", "callee_msisdn", "started_at", "duration_s", "recorded_at")
ROOT = Path(__file__).parents[3]
KILLER = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from graph.duckdb.store import DuckDBStore
from graph.opening import open_store
from ingest.catalogue import SOURCES
from ingest.follow import Follower, Terms
from ingest.load import Intake, Pace
from tests.support.source_files import PEPPER

base, left = Path(sys.argv[2]), int(sys.argv[3])

def deadly(work):
    def step(*args, **kwargs):
        global left
        for moment in (1, 2):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            if moment == 1:
                done = work(*args, **kwargs)
        return done
    return step

DuckDBStore.write, os.replace = deadly(DuckDBStore.write), deadly(os.replace)
opening = lambda: open_store(str(base / "graph.duckdb"), PEPPER.fingerprint)
terms = Terms(settle_s=0, pace=Pace(commit_facts=20))
list(Follower(base / "inbox", SOURCES, opening, PEPPER, Intake(base / "intake"), terms).run(once=True))
"""


def write_calls(path: Path, first: int, count: int, *, broken: Sequence[int] = ()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(CALLS)
        for i in range(first, first + count):
            at = "no time" if i in broken else f"2023-05-{1 + i % 28:02d}T10:00:00Z"
            rows.writerow((f"T{i}", f"+49156000{i % 13:04d}", f"+49156001{i % 17:04d}", at, 60 + i, RECORDED))
    return path


def opened(base: Path) -> GraphStore:
    return open_store(str(base / "graph.duckdb"), PEPPER.fingerprint)


def follower(base: Path, *, stop: Event | None = None, **terms: object) -> Follower:
    kept = Terms(**({"settle_s": 0.0} | terms))  # type: ignore[arg-type]
    (base / "inbox").mkdir(exist_ok=True)
    return Follower(base / "inbox", SOURCES, lambda: opened(base), PEPPER, Intake(base / "intake"), kept, stop or Event())


def follow_once(base: Path, **terms: object) -> list[Taken | Waiting]:
    return list(follower(base, **terms).run(once=True))


def hash_of(base: Path) -> str:
    with opened(base) as store:
        return canonical_hash(store)


def refusals(base: Path) -> list[tuple[str, str, int, str]]:
    entries = Intake(base / "intake").shelf.entries()
    return list(entries.select("table", "file", "row", "code").iter_rows())


def test_followed_files_give_the_graph_that_a_load_gives(tmp_path: Path) -> None:
    parts = [("calls.csv", 0, 30), ("calls.june.csv", 30, 30), ("calls.csv", 60, 30)]
    for name, first, count in parts:
        write_calls(tmp_path / "inbox" / "sandbox" / name, first, count)
        follow_once(tmp_path)
        write_calls(tmp_path / "whole" / f"calls.{first}.csv", first, count)
    (tmp_path / "other").mkdir()
    spec = SOURCES["sandbox"]
    with opened(tmp_path / "other") as store:
        optional = replace(spec, tables=tuple(replace(table, optional=True) for table in spec.tables))
        load_source(optional, tmp_path / "whole", store, PEPPER, Intake(tmp_path / "other" / "intake"))

    assert hash_of(tmp_path) == hash_of(tmp_path / "other")
    assert sorted(path.name[13:] for path in (tmp_path / "inbox/sandbox/done").iterdir()) == [
        "calls.csv",
        "calls.csv",
        "calls.june.csv",
    ]


def test_the_same_content_again_is_done_without_a_second_fact(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox" / "sandbox"
    write_calls(inbox / "calls.csv", 0, 10, broken=[3])
    follow_once(tmp_path)
    before, entries = hash_of(tmp_path), refusals(tmp_path)
    write_calls(inbox / "calls.again.csv", 0, 10, broken=[3])
    [taken] = follow_once(tmp_path)

    assert isinstance(taken, Taken)
    assert not taken.refused
    assert (hash_of(tmp_path), refusals(tmp_path)) == (before, entries)


def test_a_file_with_the_wrong_structure_is_refused_and_the_others_are_loaded(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox" / "sandbox"
    write_calls(inbox / "calls.csv", 0, 10)
    (inbox / "visits.csv").write_text("this is,no visit\n1,2\n")
    (inbox / "holiday.txt").write_text("a note")
    taken = {item.path.name[13:]: item for item in follow_once(tmp_path) if isinstance(item, Taken)}

    assert {name: item.path.parent.name for name, item in taken.items()} == {
        "calls.csv": "done",
        "visits.csv": "refused",
        "holiday.txt": "refused",
    }
    assert "'visit_id'" in taken["visits.csv"].refused
    assert str(tmp_path) not in taken["visits.csv"].refused
    assert refusals(tmp_path) == [
        ("undeclared", "holiday.txt", 0, "unreadable_file"),
        ("visits", "visits.csv", 0, "unreadable_file"),
    ]


def test_a_refused_file_that_comes_again_is_one_entry(tmp_path: Path) -> None:
    for _ in range(2):
        path = tmp_path / "inbox" / "sandbox" / "visits.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("this is,no visit\n1,2\n")
        follow_once(tmp_path)

    assert len(refusals(tmp_path)) == 1


@pytest.mark.parametrize("at", [0, 1])
def test_a_file_that_cannot_be_read_on_takes_nothing_away_that_is_in_the_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    inbox = tmp_path / "inbox" / "sandbox"
    write_calls(inbox / "calls.1.csv", 0, 30, broken=[1])
    write_calls(inbox / "calls.2.csv", 30, 30, broken=[30])
    write_calls(inbox / "calls.3.csv", 60, 30)
    monkeypatch.setattr(delivery, "cut_blocks", partial(cut_blocks, block_bytes=500))

    def turn_some(source: SourceSpec, spec: TableSpec, block: Block, *rest: Any) -> Turned:
        if block.path.endswith("calls.2.csv") and block.number == at:
            raise SourceMalformed(Path(block.path), line=1, expected="file")
        return turn_block(source, spec, block, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(crew, "turn_block", turn_some)
        taken = follow_once(tmp_path, pace=Pace(commit_facts=1))
    places = {path.name[-11:]: path.parent.name for path in inbox.rglob("*.csv")}
    assert places == {"calls.1.csv": "done", "calls.2.csv": "loading" if at else "refused", "calls.3.csv": "done"}
    if not at:
        return
    [waiting] = [item for item in taken if isinstance(item, Waiting)]
    assert "calls.2.csv" in waiting.why
    before = refusals(tmp_path)
    assert [code for *_, code in before] == ["bad_date", "bad_date"]

    assert len(follow_once(tmp_path)) == 1
    assert refusals(tmp_path) == before
    assert (inbox / "loading").exists()
    assert not list((inbox / "loading").glob("*.csv"))


def test_a_file_that_was_refused_and_is_accepted_later_leaves_no_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = tmp_path / "inbox" / "sandbox" / "calls.csv"
    write_calls(calls, 0, 3)
    with monkeypatch.context() as patch:
        patch.setattr(crew, "turn_block", _fail)
        follow_once(tmp_path)
    assert [code for *_, code in refusals(tmp_path)] == ["unreadable_file"]
    write_calls(calls, 0, 3)
    follow_once(tmp_path)

    assert refusals(tmp_path) == []


def _fail(*_: object) -> Turned:
    raise SourceMalformed(Path("calls.csv"), line=1, expected="file")


def test_a_file_that_is_still_written_is_left_alone_until_it_is_whole(tmp_path: Path) -> None:
    path = write_calls(tmp_path / "inbox" / "sandbox" / "calls.csv", 0, 1)
    row, finished = path.read_text().splitlines()[1], Event()

    def write_on() -> None:
        with path.open("a") as file:
            number = 0
            while not finished.wait(0.02):
                number += 1
                file.write(row.replace("T0,", f"T9{number},") + "\r\n")
                file.flush()

    writer = Thread(target=write_on)
    writer.start()
    try:
        assert follow_once(tmp_path, settle_s=0.5) == []
    finally:
        finished.set()
        writer.join()
    rows = len(path.read_text().splitlines()) - 1
    assert len(follow_once(tmp_path, settle_s=0.1)) == 1
    [manifest] = (tmp_path / "intake/manifests").iterdir()
    assert json.loads(manifest.read_text())["tables"][0]["accepted"] == rows > 1


def test_tables_that_look_into_each_other_wait_for_each_other(tmp_path: Path) -> None:
    inbox, files = tmp_path / "inbox" / "berka", tmp_path / "files"
    write_berka(files)
    inbox.mkdir(parents=True)
    names = sorted(path.name for path in files.iterdir())
    for name in names[:-1]:
        os.rename(files / name, inbox / name)
    [waiting] = follow_once(tmp_path)
    assert isinstance(waiting, Waiting)
    assert names[-1] in waiting.why
    os.rename(files / names[-1], inbox / names[-1])
    taken = follow_once(tmp_path)

    assert sorted(item.path.name[13:] for item in taken if isinstance(item, Taken)) == names
    assert refusals(tmp_path) == []


def test_the_time_a_file_changed_can_be_the_time_it_was_delivered(tmp_path: Path) -> None:
    inbox, changed = tmp_path / "inbox" / "sandbox", [1_700_000_000, 1_690_000_000]
    for number, at in enumerate(changed):
        os.utime(write_calls(inbox / f"calls.{number}.csv", number * 5, 5), (at, at))
    follow_once(tmp_path, as_arrived=True)

    manifests = [json.loads(path.read_text()) for path in sorted((tmp_path / "intake/manifests").iterdir())]
    told = [file["delivered_at"] for manifest in manifests for file in manifest["tables"]]
    assert told == ["2023-07-22T04:26:40+00:00", "2023-11-14T22:13:20+00:00"]


def test_a_store_in_use_is_waited_for_and_with_once_it_is_an_error(tmp_path: Path) -> None:
    write_calls(tmp_path / "inbox" / "sandbox" / "calls.csv", 0, 5)
    busy, stop = [True], Event()

    def opening() -> GraphStore:
        if busy[0]:
            raise StoreInUse(str(tmp_path))
        return opened(tmp_path)

    terms = Terms(settle_s=0, retry_s=0.01)
    following = Follower(tmp_path / "inbox", SOURCES, opening, PEPPER, Intake(tmp_path / "intake"), terms, stop)
    with pytest.raises(StoreInUse):
        list(following.run(once=True))
    work = following.run()
    assert isinstance(next(work), Waiting)
    busy[0] = False
    assert isinstance(next(work), Taken)
    stop.set()
    assert list(work) == []


def test_a_lost_worker_refuses_no_file_and_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_calls(tmp_path / "inbox" / "sandbox" / "calls.csv", 0, 5)
    following = follower(tmp_path, retry_s=0.01)

    def lose(*_: object) -> Turned:
        raise WorkerLost

    work = following.run()
    with monkeypatch.context() as patch:
        patch.setattr(crew, "turn_block", lose)
        assert isinstance(next(work), Waiting)
    assert isinstance(taken := next(work), Taken)
    assert not taken.refused
    following.stop.set()


def test_told_to_stop_it_stops_within_a_block_and_goes_on_later(tmp_path: Path) -> None:
    write_calls(tmp_path / "inbox" / "sandbox" / "calls.csv", 0, 40)
    stop = Event()
    following = follower(tmp_path, stop=stop, pace=Pace(commit_facts=1))
    stop_at_load = following._advance

    def advance(what: str, done: int, total: int) -> None:
        stop.set()
        stop_at_load(what, done, total)

    following._advance = advance  # type: ignore[method-assign]
    assert list(following.run(once=True)) == []
    assert (tmp_path / "inbox/sandbox/loading/calls.csv").exists()
    assert len(follow_once(tmp_path)) == 1


@pytest.mark.slow
def test_killed_at_every_step_and_started_again_nothing_is_lost_or_there_twice(tmp_path: Path) -> None:
    bases = [tmp_path / "killed", tmp_path / "left_alone"]
    for base in bases:
        inbox = base / "inbox" / "sandbox"
        write_calls(inbox / "calls.csv", 0, 40, broken=[4, 5])
        write_calls(inbox / "calls.2.csv", 40, 40, broken=[50])
        (inbox / "visits.csv").write_text("this is,no visit\n")
    kills = 0
    while True:
        command = [sys.executable, "-c", KILLER, str(ROOT), str(bases[0]), str(kills + 1)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=os.environ | {"POLARS_MAX_THREADS": "1"}
        )
        if done.returncode != -signal.SIGKILL:
            break
        kills += 1
    assert done.returncode == 0, done.stderr
    follow_once(bases[1])

    assert kills >= 5
    assert hash_of(bases[0]) == hash_of(bases[1])
    assert refusals(bases[0]) == refusals(bases[1])
    tree = [sorted(str(p.relative_to(b / "inbox")) for p in (b / "inbox").rglob("*.csv")) for b in bases]
    assert tree[0] == tree[1]
