"""The stored form of a snapshot: its version, file names, manifest and the pointer to the version that serves.

A root folder holds one immutable folder per segment (a base, or a delta on top of earlier segments) and `CURRENT`,
which names the version that serves and the SHA-256 of its manifest. Knows no facts and no arrays.
"""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from graph.errors import FormatMismatch, SnapshotCorrupt, SnapshotMissing

SNAPSHOT_FORMAT = 3  # raise when files, columns, the key or the manifest change
CURRENT = "CURRENT"
MANIFEST = "manifest.json"
TEMPORARY_PREFIX = ".writing-"
NODE_BITS, SECOND_BITS = 30, 34  # of the 64-bit key `node << 34 | known_at_s`
MISSING = -(2**63)  # an integer or amount that the fact does not state
INDEX_STRIDE = 64  # every 64th key of a run stands in its index
NO_CATEGORY = -1  # code of a category that the fact does not state


class SegmentKind(StrEnum):
    """A base stands alone; a delta adds to the segments named in its `parents`."""

    BASE = "base"
    DELTA = "delta"


@dataclass(frozen=True)
class Pointer:
    """A segment folder and the SHA-256 of its manifest, so that an edited manifest is noticed."""

    name: str
    manifest_sha256: str


@dataclass(frozen=True)
class StoredFile:
    """Size and digest of one file of a segment."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What one segment folder holds.

    `digest` covers the content of the whole version (parents included); counts, categories and files are the segment's
    own. `categories[table][column]` lists values that no parent has; codes go on where the parents' end.
    """

    kind: SegmentKind
    vocabulary_digest: str
    pepper_fingerprint: str
    generation: int
    seq: int
    digest: str
    has_research: bool
    parents: tuple[Pointer, ...] = ()
    nodes: dict[str, int] = field(default_factory=dict)
    facts: dict[str, int] = field(default_factory=dict)
    categories: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    format: int = SNAPSHOT_FORMAT

    def to_bytes(self) -> bytes:
        """Canonical JSON: the same manifest has the same bytes."""
        return json.dumps(asdict(self), sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"


def read_pointer(root: Path) -> Pointer:
    """The version that serves.

    Raises:
        SnapshotMissing: nothing has been published at `root`.
        SnapshotCorrupt: `CURRENT` does not name a version.
    """
    try:
        parts = (root / CURRENT).read_text().split()
    except FileNotFoundError as exc:
        raise SnapshotMissing(str(root)) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise SnapshotCorrupt(str(root), f"{CURRENT} cannot be read as text") from exc
    if len(parts) != 2 or Path(parts[0]).name != parts[0]:
        raise SnapshotCorrupt(str(root), f"{CURRENT} does not name a version and its digest")
    return Pointer(*parts)


def read_manifest(root: Path, pointer: Pointer) -> Manifest:
    """Manifest of one segment, as it was written.

    Raises:
        SnapshotCorrupt: lacking, edited or not a manifest.
        FormatMismatch: written by a version of this code with another format.
    """
    path = root / pointer.name / MANIFEST
    try:
        raw = path.read_bytes()
    except OSError as exc:
        raise SnapshotCorrupt(str(root), f"{pointer.name}/{MANIFEST} cannot be read") from exc
    if sha256(raw).hexdigest() != pointer.manifest_sha256:
        raise SnapshotCorrupt(str(root), f"{pointer.name}/{MANIFEST} was edited after it was published")
    try:
        return _parse(raw, str(path))
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise SnapshotCorrupt(str(root), f"{pointer.name}/{MANIFEST} lacks fields that every manifest has") from exc


def _parse(raw: bytes, place: str) -> Manifest:
    stored: dict[str, Any] = json.loads(raw)
    if stored.get("format") != SNAPSHOT_FORMAT:
        raise FormatMismatch(f"the snapshot {place}", expected=SNAPSHOT_FORMAT, actual=stored.get("format"))
    stored["kind"] = SegmentKind(stored["kind"])
    stored["parents"] = tuple(Pointer(**p) for p in stored["parents"])
    stored["files"] = {name: StoredFile(**f) for name, f in stored["files"].items()}
    return Manifest(**stored)
