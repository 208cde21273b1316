"""A load that is killed anywhere, or whose store fails anywhere, goes on to the graph of the load that was left alone."""

import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks.ingest.dirty import break_delivery
from benchmarks.ingest.economy import SOURCE, load, look
from benchmarks.ingest.kill import BROKEN_SHARE, RUNS, measure
from benchmarks.ingest.records import read_delivery, write_delivery
from benchmarks.scale import Scale
from graph.errors import StoreFull
from ingest.load import Pace

pytestmark = pytest.mark.slow
MOST = 2_000
SMALL_DISK_MIB = 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own that is soon full."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MIB}m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_killed_in_time_at_every_commit_in_the_quarantine_and_with_every_write_failing(raw: Path, tmp_path: Path) -> None:
    size = RUNS[Scale.REDUCED]

    done = measure(raw, tmp_path, size)

    assert [name for name, result in done.items() if not result["same"]] == []
    assert done["alone"]["refused"], "the quarantine is put to the test too"
    assert done["time-000"]["points"] == size.points
    assert done["commit"]["points"] > 10
    assert done["shelf"]["points"] > 5
    assert done["full"]["points"] > 5


def test_a_disk_that_is_full_and_made_larger_ends_in_the_same_graph(raw: Path, small_disk: Path, tmp_path: Path) -> None:
    folder = write_delivery(
        break_delivery(read_delivery(raw, SOURCE, MOST), BROKEN_SHARE, seed=3).delivered, tmp_path / "delivery"
    )
    alone, url = str(tmp_path / "alone.duckdb"), str(small_disk / "graph.duckdb")
    load(folder, alone, tmp_path / "alone")
    with pytest.raises(StoreFull):
        load(folder, url, tmp_path / "intake", Pace(commit_facts=2_000))
    subprocess.run(["mount", "-o", "remount,size=512m", str(small_disk)], check=True)

    load(folder, url, tmp_path / "intake", Pace(commit_facts=2_000))

    assert asdict(look(url, tmp_path / "intake")) == asdict(look(alone, tmp_path / "alone"))
