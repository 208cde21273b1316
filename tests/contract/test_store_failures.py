"""What a caller sees when a store cannot go on: a clear error of ours, and the graph as it was."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from graph.canonical import canonical_hash
from graph.errors import FormatMismatch, StoreFull, StoreInUse, StoreUnavailable
from graph.facts import FactBatch
from graph.neo4j.server import start_server, stop_server
from graph.opening import open_store
from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.conftest import free_port
from tests.support.facts import example_batch

PEPPER = "0123456789abcdef"
PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)
HOLDS = EdgeType(NodeLabel.PERSON, RelType.HOLDS, NodeLabel.BANK_ACCOUNT)
SMALL_DISK_MIB = 12
BALLAST_BYTES = 4 * 2**20
HOLD_OPEN = """
import sys, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""

WRITE = """
import sys
from graph.opening import open_store
from tests.contract.test_store_failures import PEPPER, commit
with open_store(sys.argv[1], PEPPER) as store:
    done = store.checkpoints("commit:")
    for number in range(int(sys.argv[2])):
        if f"commit:{number}" not in done:
            print(number, flush=True)
            store.write(commit(number), checkpoints={f"commit:{number}": "done"})
"""
COMMITS, COMMIT_ROWS = 12, 1_000
KILLED_AFTER = ((1, 0.0), (3, 0.02), (6, 0.05))
"""At which commit, and how many seconds into it, the writer is killed."""


def commit(number: int) -> list[FactBatch]:
    return [example_batch(edge, COMMIT_ROWS, seed=number) for edge in (PAID, HOLDS)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own that is soon full."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MIB}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_file_open_in_another_process_is_in_use(duckdb_address: str) -> None:
    open_store(duckdb_address, PEPPER).close()
    command = [sys.executable, "-c", HOLD_OPEN, duckdb_address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreInUse, match="another process"):
            open_store(duckdb_address, PEPPER)
    open_store(duckdb_address, PEPPER).close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "text.duckdb"
    path.write_text("this is no database, and long enough to be told apart from an empty file\n" * 100)
    with pytest.raises(StoreUnavailable, match=r"text\.duckdb"):
        open_store(str(path), PEPPER)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="nowhere"):
        open_store(str(tmp_path / "nowhere" / "graph.duckdb"), PEPPER)


def test_a_full_disk_is_told_and_once_freed_the_graph_goes_on_as_before(small_disk: Path) -> None:
    address, ballast = str(small_disk / "graph.duckdb"), small_disk / "ballast"
    ballast.write_bytes(bytes(BALLAST_BYTES))
    with open_store(address, PEPPER) as store:
        store.write([example_batch(PAID, 20)])
        before = canonical_hash(store)
        with pytest.raises(StoreFull, match="nothing of this batch was kept"):
            store.write([example_batch(PAID, 100_000, seed=1)])
        assert canonical_hash(store) == before
    ballast.unlink()
    with open_store(address, PEPPER) as store:
        assert canonical_hash(store) == before
        assert store.write([example_batch(PAID, 20, seed=2)]).written == 20


@pytest.mark.slow
def test_a_writer_killed_and_started_again_gives_the_same_store(duckdb_address: str, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "undisturbed.duckdb"), PEPPER) as store:
        for number in range(COMMITS):
            store.write(commit(number))
        expected = (canonical_hash(store), store.identity().seq)
    command = [sys.executable, "-c", WRITE, duckdb_address, str(COMMITS)]
    for last, seconds in KILLED_AFTER:
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            while int(writer.stdout.readline()) < last:
                pass
            time.sleep(seconds)
            writer.kill()
        with open_store(duckdb_address, PEPPER) as store:  # facts and checkpoints come and go together
            assert store.identity().seq == len(store.checkpoints("commit:")) * 2 * COMMIT_ROWS
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with open_store(duckdb_address, PEPPER) as store:
        assert (canonical_hash(store), store.identity().seq) == expected


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable, match="neo4j up"):
        open_store(f"bolt://127.0.0.1:{free_port()}", PEPPER)


@pytest.mark.neo4j
@pytest.mark.slow
def test_a_server_killed_during_a_write_keeps_nothing_of_it(tmp_path: Path) -> None:
    bolt, http = free_port(), free_port()
    address = start_server(tmp_path, bolt, http).bolt
    process = int((tmp_path / "server.pid").read_text())

    def broken_off() -> Iterator[FactBatch]:
        yield example_batch(PAID, 2_000, seed=1)
        os.kill(process, signal.SIGKILL)
        yield example_batch(PAID, 2_000, seed=2)

    try:
        with open_store(address, PEPPER) as store:
            store.write([example_batch(PAID, 20)])
            before = canonical_hash(store)
            with pytest.raises(StoreUnavailable, match=address):
                store.write(broken_off())
        start_server(tmp_path, bolt, http)
        with open_store(address, PEPPER) as store:
            assert canonical_hash(store) == before
            assert store.identity().seq == 20
    finally:
        stop_server(tmp_path)


def test_a_file_of_the_first_format_is_told_by_its_format(duckdb_address: str) -> None:
    with duckdb.connect(duckdb_address) as connection:
        connection.execute(
            "CREATE TABLE creditgraph AS SELECT 'v' AS vocabulary_digest, 'p' AS pepper_fingerprint,"
            " 1 AS format, 1::BIGINT AS generation, 0::BIGINT AS seq"
        )
    with pytest.raises(FormatMismatch, match="format 1"):
        open_store(duckdb_address, PEPPER)
