"""The folder that files arrive in: which of them have arrived whole, and where they go from there.

Below `INBOX/<source>/` files arrive; a whole one is moved to `loading/`, so that a newer file may take its name, and from there
to `done/` or `refused/`. Every move is one rename, so that a file is in exactly one of these places whenever the power goes.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path

from ingest.errors import InboxInUse, InboxMissing

LOADING, DONE, REFUSED = "loading", "done", "refused"
UNFINISHED = (".part", ".tmp", ".writing")
HIDDEN = "."
STAGING = ".delivery"
LOCK = ".follower"
DIGEST_DIGITS = 12


@dataclass(frozen=True)
class _Look:
    size: int
    changed_ns: int
    since_s: float


@dataclass
class SourceInbox:
    """Where the files of one source arrive.

    Attributes:
        folder: Named after the source.
    """

    folder: Path
    _looks: dict[str, _Look] = field(default_factory=dict)

    @property
    def loading(self) -> Path:
        """Holds whole files that are not known to be in the graph yet."""
        return self.folder / LOADING

    def arrived(self, now_s: float, settle_s: float) -> list[str]:
        """Names of the files that have arrived whole, sorted; those that may still be written are remembered for the next look.

        Args:
            now_s: Of a clock that never goes back.
            settle_s: How long size and time of change must have stood still.
        """
        looks: dict[str, _Look] = {}
        for item in os.scandir(self.folder):
            if item.name.startswith(HIDDEN) or item.name.endswith(UNFINISHED):
                continue
            try:
                if not item.is_file(follow_symlinks=False):
                    continue
                found = item.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            before = self._looks.get(item.name)
            still = before is not None and (before.size, before.changed_ns) == (found.st_size, found.st_mtime_ns)
            since_s = before.since_s if before is not None and still else now_s
            looks[item.name] = _Look(found.st_size, found.st_mtime_ns, since_s)
        self._looks = looks
        return sorted(name for name, look in looks.items() if now_s - look.since_s >= settle_s)

    @property
    def staging(self) -> Path:
        """Where the files of one load are to be seen without the others."""
        return self.loading / STAGING

    @contextmanager
    def delivery(self, files: Sequence[Path]) -> Iterator[Path]:
        """A folder in which only these files of `loading/` are to be seen, as links, for as long as they are loaded."""
        shutil.rmtree(self.staging, ignore_errors=True)  # left by a process that was killed
        self.staging.mkdir()
        for path in files:
            (self.staging / path.name).symlink_to(Path("..") / path.name)
        yield self.staging
        shutil.rmtree(self.staging)

    def claim(self, name: str) -> bool:
        """Move a whole file to `loading/`; false where one of its name is there already, or it has gone."""
        self.loading.mkdir(exist_ok=True)
        target = self.loading / name
        if target.exists():
            return False
        try:
            os.replace(self.folder / name, target)
        except FileNotFoundError:
            return False
        self._looks.pop(name, None)
        return True

    def claimed(self) -> list[Path]:
        """The files in `loading/`, sorted."""
        return sorted(path for path in self.loading.iterdir() if path.is_file()) if self.loading.is_dir() else []

    def finish(self, path: Path, *, refused: bool) -> Path:
        """Move a file from `loading/` to where its likes lie, under a name that begins with its digest."""
        target = self.folder / (REFUSED if refused else DONE) / f"{digest(path)[:DIGEST_DIGITS]}-{path.name}"
        target.parent.mkdir(exist_ok=True)
        os.replace(path, target)
        return target


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits; of its name, size and time where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        found = path.stat()
        return sha256(f"{path.name}\n{found.st_size}\n{found.st_mtime_ns}".encode()).hexdigest()


@contextmanager
def sole_follower(inbox: Path) -> Iterator[None]:
    """Hold the inbox for this process; the system lets go of it when the process ends, however it ends.

    Raises:
        InboxMissing: there is no such folder.
        InboxInUse: another process holds it.
    """
    if not inbox.is_dir():
        raise InboxMissing(inbox)
    with (inbox / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise InboxInUse(inbox) from exc
        yield
