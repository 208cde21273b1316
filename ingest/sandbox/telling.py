"""Lets every institution write its files, several at a time: a society and its event log in, raw and sealed files out.

A worker process founds the society anew, which is quicker and smaller than handing it over. Files do not depend on each
other, so that the number of processes changes no byte.
"""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from ingest.sandbox.events import EventLog
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.files.index import FILES, LIFE_FILES
from ingest.sandbox.founding import build_society
from ingest.sandbox.knobs import Scale
from ingest.sandbox.life import write_life
from ingest.sandbox.sealed import Outcomes, write_sealed

Tell = Callable[[str], None]
SEALING = "sealed files"
_delivery: Delivery | None = None  # of this process, set when it begins


def write_all(
    scale: Scale, log: EventLog, raw: Path, sealed: Path, outcomes: Outcomes, workers: int, tell: Tell
) -> dict[str, int]:
    """Express every month's life, then write every raw file, and the sealed ones.

    Args:
        scale: Of the economy.
        log: What happened in all its months.
        raw: Folder of raw files.
        sealed: Folder of sealed files.
        outcomes: For the sealed files.
        workers: Processes; one means this one.
        tell: Told each finished step.

    Returns:
        Rows by raw file, in order of name.
    """
    if workers == 1:
        return _write_here(scale, log, raw, sealed, outcomes, tell)
    rows: dict[str, int] = {}
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(scale, log)) as pool:
        lives = {pool.submit(_express, month): month for month in range(scale.months)}
        files = {pool.submit(_write, name, raw): name for name in FILES if name not in LIFE_FILES}
        for done in as_completed(lives):
            done.result()
            tell(f"life of month {lives[done] + 1}")
        files |= {pool.submit(_write, name, raw): name for name in LIFE_FILES}
        for written in as_completed(files):
            rows[files[written]] = written.result()
            tell(files[written])
        pool.submit(_seal, sealed, outcomes).result()
    tell(SEALING)
    return {name: rows[name] for name in sorted(rows)}


def _write_here(scale: Scale, log: EventLog, raw: Path, sealed: Path, outcomes: Outcomes, tell: Tell) -> dict[str, int]:
    _begin(scale, log, one_thread=False)
    for month in range(scale.months):
        _express(month)
        tell(f"life of month {month + 1}")
    rows = {}
    for name in sorted(FILES):
        rows[name] = _write(name, raw)
        tell(name)
    _seal(sealed, outcomes)
    tell(SEALING)
    return rows


def _begin(scale: Scale, log: EventLog, *, one_thread: bool = True) -> None:
    """Begin a worker process: one thread, and the society it tells of."""
    global _delivery
    if one_thread:
        os.environ["POLARS_MAX_THREADS"] = "1"  # read when polars first works
    _delivery = Delivery(scale, build_society(scale), log, scale.months)


def _told() -> Delivery:
    assert _delivery is not None, "a worker that was never begun"
    return _delivery


def _express(month: int) -> None:
    delivery = _told()
    write_life(delivery.society, delivery.log, month, delivery.draws, delivery.scale)


def _write(name: str, folder: Path) -> int:
    return FILES[name](_told(), folder / name)


def _seal(folder: Path, outcomes: Outcomes) -> None:
    write_sealed(folder, _told(), outcomes)
