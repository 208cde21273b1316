"""Makes a sandbox: founds a society, lives its months, then lets every institution write its files. People first, files second.

Events pass through a scratch folder that is removed at the end. Work is divided by month and by file, never by chance, so
that one process and two write the same bytes.
"""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

from ingest.errors import SandboxFolderTaken, SandboxMissing
from ingest.sandbox.events import EventLog
from ingest.sandbox.files.index import FILES
from ingest.sandbox.knobs import SIZES, Knobs, Scale, digest
from ingest.sandbox.living import live_through
from ingest.sandbox.sealed import Outcomes
from ingest.sandbox.telling import write_all

RAW, SEALED, MANIFEST, SCRATCH = "raw", "sealed", "sandbox.json", "events.part"
PATHS, PATHS_LARGE = 500, 24
"""Imagined futures for each application, up to medium size and above it."""
LOOKED_AFTER_S = 0.5

Progress = Callable[[str, int, int], None]
"""Called with what is finished, how many steps are done, and how many there are."""


@dataclass(frozen=True)
class SandboxReport:
    """What was written: rows by raw file, loans applied for, granted and defaulted, and money in the economy."""

    rows: dict[str, int]
    applications: int
    granted: int
    defaulted: int
    money_minor: int
    digest: str


def write_sandbox(
    out: Path, scale: Scale, *, workers: int = 2, paths: int | None = None, progress: Progress | None = None
) -> SandboxReport:
    """Simulate an economy and write its raw files, its sealed truth and its manifest.

    Args:
        out: Folder for `raw/`, `sealed/` and `sandbox.json`; an earlier sandbox there is replaced.
        scale: Size, months, seed and knobs.
        workers: Processes; the bytes are the same for any number.
        paths: Imagined futures for each application; `PATHS` by size when None. They change the truth's noise alone.
        progress: Told after each month and each file.

    Raises:
        SandboxFolderTaken: the folder holds something that is not a sandbox.
    """
    _clear(out)
    paths = paths or (PATHS if scale.persons <= SIZES["medium"] else PATHS_LARGE)
    log = EventLog(out / SCRATCH)
    steps = _Steps(progress or (lambda what, done, total: None), 2 * scale.months + len(FILES) + 1)
    outcomes = _live(scale, log, workers, paths, steps)
    rows = write_all(scale, log, out / RAW, out / SEALED, outcomes, workers, steps.tell)
    report = SandboxReport(rows, *outcomes.counts(), digest=digest(scale))
    _write_manifest(out / MANIFEST, scale, report)
    shutil.rmtree(log.folder)
    return report


@dataclass
class _Steps:
    """Counts what is done and passes it on."""

    progress: Progress
    total: int
    done: int = 0

    def tell(self, what: str) -> None:
        self.done += 1
        self.progress(what, self.done, self.total)


def _live(scale: Scale, log: EventLog, workers: int, paths: int, steps: _Steps) -> Outcomes:
    """Live in a process of its own where there are several, so that its memory is given back before files are written."""
    if workers == 1:
        return live_through(scale, log, workers, paths, steps.tell)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        living = pool.submit(live_through, scale, log, workers, paths)
        while not living.done():
            wait([living], timeout=LOOKED_AFTER_S)
            while steps.done < log.months():
                steps.tell(f"month {steps.done + 1}")
        return living.result()


def read_scale(out: Path) -> Scale:
    """The scale of a sandbox that was written before.

    Raises:
        SandboxMissing: there is no manifest.
    """
    manifest = out / MANIFEST
    if not manifest.is_file():
        raise SandboxMissing(out)
    stored = json.loads(manifest.read_text(encoding="utf-8"))["scale"]
    return Scale(**(stored | {"knobs": Knobs(**stored["knobs"])}))


def _clear(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir() or (any(out.iterdir()) and not ((out / MANIFEST).is_file() or (out / SCRATCH).is_dir())):
        raise SandboxFolderTaken(out)
    (out / MANIFEST).unlink(missing_ok=True)
    for name in (RAW, SEALED, SCRATCH):
        shutil.rmtree(out / name, ignore_errors=True)


def _write_manifest(path: Path, scale: Scale, report: SandboxReport) -> None:
    text = json.dumps({"scale": asdict(scale), **asdict(report)}, indent=1, sort_keys=True) + "\n"
    beside = path.with_name(path.name + ".part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
