"""Memory is that of a process and all below it; a failed generator is said to have failed."""

import subprocess
import sys

import pytest

import benchmarks.sandbox.large
from benchmarks.sandbox.large import memory_kib, write

MIB_HELD = 200
HOLD = f"held = b'x' * ({MIB_HELD} << 20); print('held', flush=True); input()"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}])"


@pytest.mark.parametrize("code", [HOLD, PARENT], ids=["itself", "below it"])
def test_memory_held_is_counted_wherever_it_is_held(code: str):
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as held:
        assert held.stdout is not None
        assert held.stdout.readline().strip() == "held"
        found = memory_kib(held.pid) / 1024
        held.communicate("\n")
    assert MIB_HELD < found < 2 * MIB_HELD


def test_process_that_is_gone_holds_nothing():
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert memory_kib(gone.pid) == 0


def test_rows_are_what_the_generator_tells(monkeypatch):
    monkeypatch.setattr(benchmarks.sandbox.large, "WRITE", "import sys; print('month 1'); print(int(sys.argv[2]) * 3)")
    assert write(1_000, 6).rows == 3_000


def test_generator_that_fails_is_an_error(monkeypatch):
    monkeypatch.setattr(benchmarks.sandbox.large, "WRITE", "raise SystemExit(3)")
    with pytest.raises(RuntimeError, match="failed at 1,000 persons"):
        write(1_000, 6)
