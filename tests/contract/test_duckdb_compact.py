"""After compaction no byte of an erased fact is left; killed at any step, the store is whole."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from graph.canonical import canonical_hash
from graph.duckdb.compact import FRESH_SUFFIX, compact
from graph.errors import StoreInUse, StoreUnavailable
from graph.facts import FactBatch
from graph.identity import NodeKey
from graph.opening import open_store
from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch, example_key

PEPPER = "0123456789abcdef"
PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)
HOLDS = EdgeType(NodeLabel.PERSON, RelType.HOLDS, NodeLabel.BANK_ACCOUNT)
ROWS = 2_000
MOST_STEPS = 20
KILLED_AT_STEP = """
import os, signal, sys
from pathlib import Path
from graph.duckdb.compact import compact

left = int(sys.argv[2])

def counted(step):
    def run(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*args, **kwargs)
    return run

os.fsync, os.replace, Path.unlink = counted(os.fsync), counted(os.replace), counted(Path.unlink)
compact(Path(sys.argv[1]))
"""


def raw_forms(key: str) -> tuple[bytes, ...]:
    """How a key may stand in a file: as digits, as bytes, and as the half that DuckDB keeps as one integer."""
    return key.encode(), bytes.fromhex(key), bytes.fromhex(key[16:])[::-1]


def bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def holding(address: str) -> tuple[str, dict[str, str], object]:
    with open_store(address, PEPPER) as store:
        return canonical_hash(store), store.checkpoints(), store.identity()


def test_no_byte_of_an_erased_node_is_left(tmp_path: Path) -> None:
    address, person = str(tmp_path / "graph.duckdb"), example_key(NodeLabel.PERSON, 3)
    batch = example_batch(HOLDS, ROWS)
    late = FactBatch(HOLDS, batch.rows.with_columns(pl.lit("elsewhere").alias("origin"), pl.col("known_at_s") + 1))
    with open_store(address, PEPPER) as store:
        store.write([batch, late, example_batch(PAID, ROWS)], checkpoints={"a": "1"})
        [facts] = store.read_facts(NodeLabel.PERSON, person, 2**34)
    canaries = [person, *facts.rows["id"]]
    before = bytes_in(tmp_path)
    assert all(any(form in before for form in raw_forms(canary)) for canary in canaries)
    with open_store(address, PEPPER) as store:
        store.erase({NodeLabel.PERSON: [person]})
    erased = holding(address)
    compact(Path(address))
    after = bytes_in(tmp_path)
    assert not any(form in after for canary in canaries for form in raw_forms(canary))
    assert holding(address) == erased


def test_only_the_store_itself_is_left_beside_nothing(tmp_path: Path) -> None:
    address = tmp_path / 'it\'s a "graph".duckdb'
    with open_store(str(address), PEPPER) as store:
        store.write([example_batch(PAID, ROWS)])
    (tmp_path / (address.name + FRESH_SUFFIX)).write_bytes(b"left by a compaction that was killed")
    compact(address)
    assert [file.name for file in tmp_path.iterdir()] == [address.name]


def test_a_compacted_store_can_be_written(duckdb_address: str) -> None:
    with open_store(duckdb_address, PEPPER) as store:
        store.write([example_batch(PAID, ROWS)])
    compact(Path(duckdb_address))
    with open_store(duckdb_address, PEPPER) as store:
        assert store.write([example_batch(PAID, ROWS), example_batch(HOLDS, 5)]).written == 5


def test_a_store_that_is_open_is_not_compacted(duckdb_address: str) -> None:
    with open_store(duckdb_address, PEPPER) as store:
        with pytest.raises(StoreInUse):
            compact(Path(duckdb_address))
        assert store.write([example_batch(PAID, 5)]).written == 5


def test_a_file_that_is_not_there_is_not_made(duckdb_address: str) -> None:
    with pytest.raises(StoreUnavailable):
        compact(Path(duckdb_address))
    assert not Path(duckdb_address).exists()


def test_a_swap_that_fails_leaves_the_store_as_it_was(duckdb_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(duckdb_address, PEPPER) as store:
        store.write([example_batch(PAID, ROWS)])
        store.erase({NodeLabel.BANK_ACCOUNT: [NodeKey(example_key(NodeLabel.BANK_ACCOUNT, 1))]})
    before = holding(duckdb_address)

    def fails(*_: object) -> None:
        raise OSError("the disk was taken away")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fails)
        with pytest.raises(OSError, match="taken away"):
            compact(Path(duckdb_address))
    assert holding(duckdb_address) == before


@pytest.mark.slow
def test_a_compaction_killed_at_any_step_leaves_a_whole_store(duckdb_address: str) -> None:
    with open_store(duckdb_address, PEPPER) as store:
        store.write([example_batch(PAID, ROWS), example_batch(HOLDS, ROWS)])
        store.erase({NodeLabel.PERSON: [example_key(NodeLabel.PERSON, 3)]})
    before = holding(duckdb_address)
    for step in range(MOST_STEPS):
        done = subprocess.run([sys.executable, "-c", KILLED_AT_STEP, duckdb_address, str(step)], check=False)
        assert holding(duckdb_address) == before
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert 3 < step < MOST_STEPS - 1
    assert [file.name for file in Path(duckdb_address).parent.iterdir()] == [Path(duckdb_address).name]
