"""The record of what was live when: one signed line a change, each with the digest of the line before. Only ever added to.

`live.json` repeats the last line and is replaced after it was added, so a change that is interrupted leaves what was live.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from gnn.errors import HistoryBroken, NoEarlierChampion, NothingLive, SignatureRefused
from gnn.serving.live import HISTORY, LIVE, Live, live_bytes, live_line, read_live, read_live_line
from gnn.serving.signing import SigningKey, TrustedKeys

BEFORE_ALL = "0" * 64
LOCK = ".history.lock"


@dataclass(frozen=True)
class Change:
    """What is to be live from now on, by which action and for which reason."""

    action: str
    reason: str
    champion: str
    shadow: str | None


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
        problem = f"is another state than {LIVE}; promote the version that should be live, which writes both"
        raise HistoryBroken(str(models / HISTORY), len(history), problem)
    return history


def add_change(models: Path, change: Change, key: SigningKey, trusted: TrustedKeys, at: datetime) -> Live:
    """Add a line to the history and make it what is live.

    Raises:
        HistoryBroken: the lines so far do not hold together.
    """
    models.mkdir(parents=True, exist_ok=True)
    with _alone(models):
        history, lines = read_lines(models, trusted), _lines(models)
        live = _next(history[-1] if history else None, change, lines, at)
        line = live_line(live, key) + b"\n"
        with (models / HISTORY).open("ab") as out:
            out.write(line)
            out.flush()
            os.fsync(out.fileno())
        beside = models / f".{LIVE}"
        beside.write_bytes(line)
        os.replace(beside, models / LIVE)
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


def _next(before: Live | None, change: Change, lines: Sequence[bytes], at: datetime) -> Live:
    now = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    same_champion = before is not None and before.champion == change.champion
    same_shadow = before is not None and before.shadow == change.shadow
    return Live(
        sequence=len(lines) + 1,
        previous=_digest(lines[-1]) if lines else BEFORE_ALL,
        at=now,
        action=change.action,
        reason=change.reason,
        champion=change.champion,
        champion_since=before.champion_since if before is not None and same_champion else now,
        shadow=change.shadow,
        shadow_since=None if change.shadow is None else before.shadow_since if before is not None and same_shadow else now,
    )


def read_lines(models: Path, trusted: TrustedKeys) -> tuple[Live, ...]:
    """Every state the history records, oldest first, whatever `live.json` says now, unless that has more.

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
    return tuple(history)


def _stated(models: Path, trusted: TrustedKeys) -> int:
    """The number of the line that `live.json` repeats; 0 where it cannot be trusted or is lacking."""
    try:
        return read_live(models, trusted).sequence
    except (NothingLive, SignatureRefused):
        return 0


def _lines(models: Path) -> list[bytes]:
    file = models / HISTORY
    return file.read_bytes().splitlines() if file.exists() else []


def _digest(line: bytes) -> str:
    return sha256(line).hexdigest()


@contextmanager
def _alone(models: Path) -> Iterator[None]:
    """Hold off other processes that would add a line."""
    with (models / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
