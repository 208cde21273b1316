"""The record of what was live when: one signed line a change, each with the digest of the line before. Only ever added to.

`live.json` repeats the last line and is replaced after it was added, so a change that is interrupted leaves what was live. A
last line without its end is such a change: unless `live.json` repeats it, it never counted, and the next change cuts it off.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from gnn.errors import HistoryBroken, HistoryMoved, NoEarlierChampion, NothingLive, SignatureRefused
from gnn.serving.live import HISTORY, LIVE, Live, live_bytes, live_line, read_live, read_live_line
from gnn.serving.signing import SigningKey, TrustedKeys
from graph.durable import sync, write_synced

BEFORE_ALL = "0" * 64
LOCK = ".history.lock"


@dataclass(frozen=True)
class Change:
    """What is to be live from now on, of which task, by which action and for which reason."""

    action: str
    reason: str
    champion: str
    shadow: str | None
    task: str


@dataclass(frozen=True)
class Record:
    """Every state the history records, oldest first, and the digest of its last line, by which a change is noticed."""

    history: tuple[Live, ...]
    digest: str


def read_history(models: Path, trusted: TrustedKeys) -> tuple[Live, ...]:
    """Every state that was live, oldest first; none where nothing was promoted yet.

    Raises:
        HistoryBroken: a line is edited, lacking, out of its place or signed by a key that is not trusted, or `live.json`
            is another state than the last.
    """
    history = read_lines(models, trusted)
    try:
        live = live_bytes(models).removesuffix(b"\n")
    except NothingLive:
        live = b""
    last = _lines(models)[-1:]
    if [live] != (last or [b""]):
        remedy = "promote the version that should be live, which writes both"
        raise HistoryBroken(str(models / HISTORY), len(history), f"is another state than {LIVE}", remedy)
    return history


def add_change(
    models: Path, change: Change, key: SigningKey, trusted: TrustedKeys, at: datetime, *, after: str | None = None
) -> Live:
    """Add a line to the history and make it what is live.

    Args:
        models: Folder of models.
        change: What is to be live.
        key: Signs the line.
        trusted: Whose signatures count.
        at: When.
        after: Digest of the last line that the change was judged by; whatever it is when None.

    Raises:
        HistoryBroken: the lines so far do not hold together.
        HistoryMoved: the last line is another than `after`.
    """
    models.mkdir(parents=True, exist_ok=True)
    with _alone(models):
        record = read_record(models, trusted)
        if after not in (None, record.digest):
            raise HistoryMoved(str(models / HISTORY))
        live = _next(record, change, at)
        line = live_line(live, key) + b"\n"
        with (models / HISTORY).open("ab") as out:
            _end_last_line(models)
            out.write(line)
            out.flush()
            os.fsync(out.fileno())
        beside = models / f".{LIVE}"
        write_synced(beside, line)
        os.replace(beside, models / LIVE)
        sync(models)
    return live


def find_earlier(history: Sequence[Live], models: Path) -> Live:
    """The state to roll back to: that of the champion before the one now, rollbacks undone.

    Raises:
        NoEarlierChampion: there was none.
    """
    stack: list[Live] = []
    for live in history:
        if len(stack) > 1 and live.action == "rollback":
            stack.pop()
        elif stack and live.champion == stack[-1].champion:
            stack[-1] = live
        else:
            stack.append(live)
    if len(stack) < 2:
        raise NoEarlierChampion(str(models / HISTORY))
    return stack[-2]


def _next(record: Record, change: Change, at: datetime) -> Live:
    before = record.history[-1] if record.history else None
    now = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    same_champion = before is not None and before.champion == change.champion
    same_shadow = before is not None and before.shadow == change.shadow
    return Live(
        sequence=len(record.history) + 1,
        previous=record.digest,
        at=now,
        action=change.action,
        reason=change.reason,
        champion=change.champion,
        champion_since=before.champion_since if before is not None and same_champion else now,
        shadow=change.shadow,
        shadow_since=None if change.shadow is None else before.shadow_since if before is not None and same_shadow else now,
        task=change.task,
    )


def read_lines(models: Path, trusted: TrustedKeys) -> tuple[Live, ...]:
    """The states of `read_record`."""
    return read_record(models, trusted).history


def read_record(models: Path, trusted: TrustedKeys) -> Record:
    """Every state the history records, whatever `live.json` says now, unless that has more.

    Raises:
        HistoryBroken: as `read_history`, but for a `live.json` that is edited, lacking or behind.
    """
    place, previous, history = str(models / HISTORY), BEFORE_ALL, []
    for number, line in enumerate(_lines(models), start=1):
        try:
            live = read_live_line(f"line {number}", line, trusted)
        except SignatureRefused as exc:
            raise HistoryBroken(place, number, exc.problem) from exc
        if (live.sequence, live.previous) != (number, previous):
            raise HistoryBroken(place, number, "does not follow the line before it: lines were removed, added or moved")
        previous = _digest(line)
        history.append(live)
    if _stated(models, trusted) > len(history):
        raise HistoryBroken(place, len(history) + 1, f"is lacking, which {LIVE} repeats")
    return Record(tuple(history), previous)


def _stated(models: Path, trusted: TrustedKeys) -> int:
    """The number of the line that `live.json` repeats; 0 where it cannot be trusted or is lacking."""
    try:
        return read_live(models, trusted).sequence
    except (NothingLive, SignatureRefused):
        return 0


def _lines(models: Path) -> list[bytes]:
    """Lines that have their end, and one that lacks it where `live.json` repeats it, so that it was live."""
    *lines, tail = _parts(models)
    return [*lines, tail] if tail and _is_live(models, tail) else lines


def _parts(models: Path) -> list[bytes]:
    """Every line, and what follows the last one's end: nothing, unless a change was interrupted."""
    file = models / HISTORY
    return (file.read_bytes() if file.exists() else b"").split(b"\n")


def _is_live(models: Path, line: bytes) -> bool:
    try:
        return live_bytes(models).removesuffix(b"\n") == line
    except NothingLive:
        return False


def _end_last_line(models: Path) -> None:
    """Cut off a last line without its end that was never live, and end one that was; only under the lock."""
    *_, tail = _parts(models)
    if not tail:
        return
    with (models / HISTORY).open("r+b") as out:
        if _is_live(models, tail):
            out.seek(0, os.SEEK_END)
            out.write(b"\n")
        else:
            out.truncate((models / HISTORY).stat().st_size - len(tail))


def _digest(line: bytes) -> str:
    return sha256(line).hexdigest()


@contextmanager
def _alone(models: Path) -> Iterator[None]:
    """Hold off other processes that would add a line."""
    with (models / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
