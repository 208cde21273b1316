"""Makes a sandbox: founds a society, lives its months, then lets every institution write its files. People first, files second.

Events pass through a scratch folder that is removed at the end. Work is divided by month and by file, never by chance, so
that one process and two write the same bytes.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import SandboxFolderTaken, SandboxMissing
from ingest.sandbox.crew import Crew
from ingest.sandbox.economy.applicants import freeze_applicants
from ingest.sandbox.economy.company_truth import company_truth
from ingest.sandbox.economy.economy import YEAR, Economy, found_economy
from ingest.sandbox.economy.month import MonthLived, live_month
from ingest.sandbox.economy.platform_schemes import shell_truth
from ingest.sandbox.events import EventLog
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.files.index import FILES, LIFE_FILES
from ingest.sandbox.founding import build_society
from ingest.sandbox.knobs import SIZES, Knobs, Scale, digest
from ingest.sandbox.sealed import Judged, Outcomes, write_sealed

RAW, SEALED, MANIFEST, SCRATCH = "raw", "sealed", "sandbox.json", "events.part"
PATHS, PATHS_LARGE = 500, 24
"""Imagined futures for each application, up to medium size and above it."""

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
    tell = progress or (lambda what, done, total: None)
    steps = 2 * scale.months + len(FILES) + 1
    log = EventLog(out / SCRATCH)
    with Crew(workers) as crew:
        society = build_society(scale)
        paths = paths or (PATHS if scale.persons <= SIZES["medium"] else PATHS_LARGE)
        outcomes = _live(found_economy(scale, society), log, crew, paths, lambda what, done: tell(what, done, steps))
        delivery = Delivery(scale, society, log, scale.months)
        rows = crew.write_files(delivery, out / RAW, LIFE_FILES, lambda what, done: tell(what, scale.months + done, steps))
        write_sealed(out / SEALED, delivery, outcomes)
    report = SandboxReport(rows, *outcomes.counts(), digest=digest(scale))
    _write_manifest(out / MANIFEST, scale, report)
    shutil.rmtree(log.folder)
    tell("sealed files", steps, steps)
    return report


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


def _live(economy: Economy, log: EventLog, crew: Crew, paths: int, tell: Callable[[str, int], None]) -> Outcomes:
    """Live every month, and let the crew imagine the applicants' futures beside it."""
    outcomes = Outcomes(economy.books.accounts)
    for month in range(economy.setting.scale.months):
        lived = live_month(economy, log)
        outcomes.note_money(economy.books.balance)
        _judge_people(economy, lived, crew, paths, outcomes)
        _judge_firms(economy, lived, paths, outcomes)
        outcomes.defaulted.append(lived.defaulted)
        tell(f"month {month + 1}", month + 1)
    return outcomes


def _judge_people(economy: Economy, lived: MonthLived, crew: Crew, paths: int, outcomes: Outcomes) -> None:
    number, approved, applicants = freeze_applicants(economy, lived.lent.people)
    lender = np.concatenate([part.asking.lender for part in lived.lent.people])
    person = applicants.lives.number.astype(np.int64)
    chances = crew.imagine(applicants, economy.setting.society.lenders, economy.setting.scale, paths)
    outcomes.note(Judged(economy.month - 1, number, person, lender, approved, chances))


def _judge_firms(economy: Economy, lived: MonthLived, paths: int, outcomes: Outcomes) -> None:
    society, month = economy.setting.society, economy.month - 1
    firms, shells = lived.lent.firms, lived.lent.shells
    truth = company_truth(firms.applications, society, economy.business, economy.unpaid, economy.draws, month, paths)
    planned = shell_truth(shells.applications, society, month, YEAR)
    for loans, chance in ((firms, truth), (shells, planned)):
        applied = loans.applications
        outcomes.note(Judged(month, loans.number, applied.applicant, applied.lender, applied.approved, _known(chance)))


def _known(chance: NDArray[np.float32]) -> Callable[[], NDArray[np.float64]]:
    return lambda: chance.astype(np.float64)


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
