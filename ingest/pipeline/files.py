"""The files of a delivery, looked through before anything is written: found, fingerprinted, counted, checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ingest.door import check_columns
from ingest.errors import SourceChanged, SourceSizeUnhealthy, SourceUnreadable
from ingest.formats.reading import check_file, count_rows, find_files, has_lines, rows_of_lines
from ingest.pipeline.tally import file_key
from ingest.source import SourceSpec, TableSpec

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery: its table, SHA-256 and size, about how many rows it has, and when it was written last."""

    spec: TableSpec
    path: Path
    sha256: str
    size: int
    rows: int
    changed_ns: int

    def check_unchanged(self) -> None:
        """Refuse to take the file for read if it is not the one that was fingerprinted.

        Raises:
            SourceChanged: another file lies there, or it grew.
        """
        now = self.path.stat()
        if (now.st_size, now.st_mtime_ns) != (self.size, self.changed_ns):
            raise SourceChanged(self.path)

    def key(self, source: str) -> str:
        """Under which the store keeps how far this content was read, whatever the file is called."""
        return file_key(source, self.spec.name, self.sha256)


def find_delivery(source: SourceSpec, folder: Path) -> list[DeliveredFile]:
    """All files of a delivery in the order of their tables; of files with the same bytes one.

    Raises:
        SourceMissing: a file that is not optional is not there.
        SourceUnreadable, SourceMalformed, SourceExpandsTooFar: a file cannot be read.
        SourceSizeUnhealthy: a table has fewer or more rows than a sound delivery has.
    """
    found: dict[tuple[str, str], DeliveredFile] = {}
    for spec in source.tables:
        files = [describe_file(spec, path) for path in find_files(source.name, folder, spec)]
        rows, least = sum(file.rows for file in files), 0 if spec.optional else spec.least_rows
        if not least <= rows <= spec.most_rows:
            raise SourceSizeUnhealthy(folder / spec.file, rows=rows, least=least, most=spec.most_rows)
        found |= {(spec.name, file.sha256): file for file in reversed(files)}
    order = {spec.name: place for place, spec in enumerate(source.tables)}
    return sorted(found.values(), key=lambda file: (order[file.spec.name], file.path.name))


def describe_file(spec: TableSpec, path: Path) -> DeliveredFile:
    """Fingerprint and size of one file.

    Raises:
        SourceUnreadable, SourceMalformed, SourceExpandsTooFar: it cannot be read.
    """
    state, lines, last = sha256(), 0, b""
    try:
        found = path.stat()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                state.update(chunk)
                lines, last = lines + chunk.count(b"\n"), chunk[-1:]
        counted = lines + (last not in (b"", b"\n"))
        rows = rows_of_lines(counted, spec) if has_lines(path, spec) else count_rows(path, spec)
        return DeliveredFile(spec, path, state.hexdigest(), found.st_size, rows, found.st_mtime_ns)
    except OSError as exc:
        raise SourceUnreadable(path, exc.strerror or type(exc).__name__) from exc


def check_delivery(files: Sequence[DeliveredFile]) -> None:
    """Refuse a delivery of which a file's structure is wrong, or a column holds what must not be used."""
    for file in files:
        check_file(file.path, file.spec)
        check_columns(file.path, file.spec)
