"""Broken rows: each is in quarantine under the code of its fault, none is lost, and a repair brings each in once."""

from pathlib import Path

import pytest

from benchmarks.ingest.dirty import measure
from benchmarks.ingest.faults import BY_TABLE, FAULTS


@pytest.mark.slow
def test_every_broken_row_is_refused_rightly_and_comes_in_once_when_it_is_repaired(raw: Path, tmp_path: Path) -> None:
    [result] = measure(raw, tmp_path, seed=7).values()

    assert result["read"] > 40_000
    assert 0.04 < result["broken"] / result["read"] < 0.06
    assert result["read"] == result["accepted"] + result["refused"]
    assert result["replayed"] == result["broken"] == result["refused"]
    assert (result["again"], result["same"], result["unaccounted"]) == (0, True, 0)
    assert set(result["ways"]) == {fault.name for fault in FAULTS}


def test_there_are_enough_ways_to_break_a_row() -> None:
    assert len(FAULTS) >= 40
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert len({fault.code for fault in FAULTS}) >= 13
    assert len(BY_TABLE) >= 12
