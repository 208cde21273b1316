"""Writes a base or a delta into a folder of its own and makes it the version that serves.

The folder is written under a temporary name, synced and renamed, then `CURRENT` is replaced: a failure at any moment
leaves the version before it serving. Decides nothing about when a delta is due: see publish.py.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from graph.derived import table_name, vocabulary_digest
from graph.durable import sync, write_synced
from graph.errors import StoreFull
from graph.facts import FactBatch
from graph.snapshot.build import build_segment, merge_batches
from graph.snapshot.digest import EMPTY_DIGEST, extend_digest
from graph.snapshot.files import write_arrays
from graph.snapshot.format import CURRENT, MANIFEST, TEMPORARY_PREFIX, Manifest, Pointer, SegmentKind
from graph.snapshot.reader import EMPTY, Snapshot
from graph.snapshot.segment import Segment
from graph.vocabulary import Basis


def write_base(
    batches: Iterable[FactBatch], root: Path, *, seq: int, pepper_fingerprint: str = "", generation: int = 0
) -> Path:
    """Write a snapshot that stands alone, and let it serve.

    Args:
        batches: All facts, in any order and split; of several versions of a fact the one that stands is taken.
        root: Folder of all versions; made when lacking.
        seq: Watermark of the store that these facts reach.
        pepper_fingerprint: Of the pepper that made the keys; readers that name another are refused.
        generation: The store's generation; a delta never goes on top of another generation.

    Returns:
        The folder of the new version.

    Raises:
        FactMalformed: a batch breaks the vocabulary.
        KeySpaceExceeded: a time or node that does not fit the key.
        StoreFull: no room left; the version before serves on.
    """
    head = Manifest(
        SegmentKind.BASE, vocabulary_digest(), pepper_fingerprint, generation, seq, EMPTY_DIGEST, has_research=False
    )
    return _write(merge_batches(batches), root, head, EMPTY)


def write_delta(batches: Iterable[FactBatch], root: Path, *, seq: int, below: Snapshot) -> Path:
    """Write facts on top of the published version `below`, and let both serve together.

    Args:
        batches: Facts whose ids `below` does not hold.
        root: Folder of all versions, where `below` was opened.
        seq: Watermark of the store that these facts reach.
        below: The version that serves now, opened from `root`.

    Returns:
        The folder of the new version.

    Raises:
        FactMalformed: a batch breaks the vocabulary.
        KeySpaceExceeded: a time or node that does not fit the key.
        StoreFull: no room left; the version before serves on.
    """
    head = replace(
        below.manifest, kind=SegmentKind.DELTA, seq=seq, parents=below.pointers, nodes={}, facts={}, categories={}, files={}
    )
    return _write(merge_batches(batches), root, head, below)


def _write(batches: list[FactBatch], root: Path, head: Manifest, below: Snapshot) -> Path:
    segment = build_segment(batches, below)
    head = replace(
        head,
        digest=extend_digest(head.digest, batches),
        has_research=head.has_research or any((b.rows["basis"] == Basis.RESEARCH).any() for b in batches),
        nodes={label: len(table) for label, table in segment.nodes.items()},
        facts={table_name(edge): len(table) for edge, table in segment.facts.items()},
        categories={table_name(edge): dict(table.categories) for edge, table in segment.facts.items()},
    )
    root.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=root))
    try:
        pointer = _fill(temporary, segment, head, root)
        _replace_current(root, pointer)
    except OSError as exc:
        raise StoreFull(str(root), exc.strerror or str(exc)) from exc
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return root / pointer.name


def _fill(temporary: Path, segment: Segment, head: Manifest, root: Path) -> Pointer:
    manifest = replace(head, files=write_arrays(temporary, segment)).to_bytes()
    write_synced(temporary / MANIFEST, manifest)
    sync(temporary)
    folder = _free_name(root, f"{head.kind}-{head.seq:012d}-{head.digest[:12]}")
    temporary.rename(folder)
    sync(root)
    return Pointer(folder.name, sha256(manifest).hexdigest())


def _free_name(root: Path, name: str) -> Path:
    # The same content published again gets a folder beside the old one, which readers may have open.
    candidate, copy = root / name, 2
    while candidate.exists():
        candidate, copy = root / f"{name}-{copy}", copy + 1
    return candidate


def _replace_current(root: Path, pointer: Pointer) -> None:
    beside = root / f"{TEMPORARY_PREFIX}{CURRENT}"
    write_synced(beside, f"{pointer.name} {pointer.manifest_sha256}\n".encode())
    os.replace(beside, root / CURRENT)
    sync(root)
