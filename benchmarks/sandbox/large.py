"""How long the large economy takes to write and how much memory, beside the small one: the area `sandbox-large`.

    python -m benchmarks.prove sandbox-large

The generator runs as users run it, in processes of its own; their proportional memory is added up twice a second. Linux.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.results import Figure
from benchmarks.scale import Scale
from ingest.sandbox.knobs import MONTHS, SIZES

SIZES_OF = {Scale.FULL: (SIZES["small"], SIZES["large"], MONTHS), Scale.REDUCED: (1_000, 2_000, 6)}
WORKERS = 2
EVERY_S = 0.5
KIB_A_GIB = 2**20
WRITE = """
import sys
from pathlib import Path
from ingest.sandbox.generate import write_sandbox
from ingest.sandbox.knobs import Scale
if __name__ == "__main__":
    place, persons, months, workers = sys.argv[1:]
    report = write_sandbox(Path(place), Scale(int(persons), months=int(months)), workers=int(workers))
    print(sum(report.rows.values()))
"""


@dataclass(frozen=True)
class Written:
    """One economy written: `rows` of its raw files, wall-clock `minutes`, and the `peak_gib` of all processes together."""

    rows: int
    minutes: float
    peak_gib: float


def main(scale: Scale) -> list[Figure]:
    """Minutes, memory and rows of the large economy, and how they grow from the small one."""
    few, many, months = SIZES_OF[scale]
    small, large = write(few, months), write(many, months)
    counts = {"persons": many, "months": months, "workers": WORKERS}
    growth = (large.minutes / many) / (small.minutes / few)
    return [
        Figure("sandbox.large.minutes", large.minutes, "minutes", rival=20.0, rival_name="most allowed", counts=counts),
        Figure("sandbox.large.peak_gib", large.peak_gib, "GiB", rival=2.0, rival_name="most allowed", counts=counts),
        Figure(
            "sandbox.large.facts",
            float(large.rows),
            "rows of raw files",
            counts=counts,
            note="a row becomes one fact or more when it is read",
        ),
        Figure(
            "sandbox.large.growth",
            growth,
            "time a person over that at the small size",
            counts=counts,
            note=f"small: {few:,} persons, {small.minutes:.2f} minutes, {small.peak_gib:.2f} GiB, {small.rows:,} rows",
        ),
    ]


def write(persons: int, months: int) -> Written:
    """Write an economy into a folder that is removed again.

    Raises:
        RuntimeError: the generator failed; its own message stands above.
    """
    with tempfile.TemporaryDirectory(prefix="creditgraph-sandbox-") as folder:
        script = Path(folder) / "write.py"
        script.write_text(WRITE, encoding="utf-8")
        arguments = [str(Path(folder) / "economy"), str(persons), str(months), str(WORKERS)]
        begun, peak_kib = time.monotonic(), 0
        command = [sys.executable, str(script), *arguments]
        environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as run:
            while run.poll() is None:
                peak_kib = max(peak_kib, memory_kib(run.pid))
                time.sleep(EVERY_S)
            told = run.communicate()[0]
        if run.returncode:
            raise RuntimeError(f"the generator failed at {persons:,} persons")
        return Written(int(told.split()[-1]), (time.monotonic() - begun) / 60, peak_kib / KIB_A_GIB)


def memory_kib(pid: int) -> int:
    """Proportional memory of a process and all below it, in KiB; pages that several share are counted once among them."""
    total, waiting = 0, [pid]
    while waiting:
        process = Path("/proc") / str(waiting.pop())
        try:
            rollup = (process / "smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            for task in (process / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, StopIteration):
            continue  # it has ended meanwhile
    return total
