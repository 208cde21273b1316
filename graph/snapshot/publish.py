"""Brings the published snapshot up to a store: a delta where that is enough, a new base where it is not.

Decides when a base is due: facts retired or restated cannot be said by a delta. Persons found to be one can: a delta that
says so brings the merges of everything up to itself.
How files are written is writer.py's matter.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.errors import PepperMismatch, SnapshotMissing
from graph.facts import FactBatch
from graph.snapshot.columns import Keys
from graph.snapshot.format import TEMPORARY_PREFIX
from graph.snapshot.reader import Snapshot
from graph.snapshot.segment import pack_hex
from graph.snapshot.writer import write_base, write_delta
from graph.store import GraphStore, StoreIdentity

LOCK = ".lock"
MARK_BITS = 24  # of an id: two different ones seldom share them, and a flag for each value takes 16 MB
MAXIMUM_DELTAS = 8  # each one costs every read a merge; the next publication folds them into a base


def publish_snapshot(store: GraphStore, root: Path, *, rebuild: bool = False) -> Path:
    """Publish what `store` holds that the served version does not.

    Args:
        store: Open store; only read.
        root: Folder of all versions; made when lacking.
        rebuild: Write a new base from all facts, and do not look at what is published.

    Returns:
        Folder of the version that now serves; the one before, when the store holds nothing new.

    Raises:
        PepperMismatch: the snapshot at `root` belongs to a store with another pepper.
        SnapshotCorrupt, VocabularyMismatch, FormatMismatch: the published version cannot be continued; rebuild it.
        StoreFull: no room left; the version before serves on.
    """
    with _sole_publisher(root):
        return _publish(store, root, rebuild=rebuild)


def _publish(store: GraphStore, root: Path, *, rebuild: bool) -> Path:
    identity = store.identity()
    below = None if rebuild else _served(root)
    if below is not None and below.manifest.pepper_fingerprint != identity.pepper_fingerprint:
        raise PepperMismatch(f"the snapshot {root}")
    if below is None or not _continues(below, identity):
        return _publish_base(store, root, identity)
    if below.seq == identity.seq:
        return root / below.version
    batches = _export(store, below.seq, identity.seq)
    if any(_repeats(batch, below) for batch in batches):
        return _publish_base(store, root, identity)
    return write_delta(batches, root, seq=identity.seq, below=below)


@contextmanager
def _sole_publisher(root: Path) -> Iterator[None]:
    """One publication at a time, others wait; takes away what a killed one left half written."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for stale in root.glob(f"{TEMPORARY_PREFIX}*"):
            if stale.is_dir():
                shutil.rmtree(stale)
            else:
                stale.unlink()
        yield


def _served(root: Path) -> Snapshot | None:
    try:
        return Snapshot.open(root)
    except SnapshotMissing:
        return None


def _continues(below: Snapshot, identity: StoreIdentity) -> bool:
    same_line = below.manifest.generation == identity.generation and identity.retired_seq <= below.seq <= identity.seq
    return same_line and len(below.manifest.parents) < MAXIMUM_DELTAS


def _publish_base(store: GraphStore, root: Path, identity: StoreIdentity) -> Path:
    return write_base(
        _export(store, 0, identity.seq),
        root,
        seq=identity.seq,
        pepper_fingerprint=identity.pepper_fingerprint,
        generation=identity.generation,
    )


def _export(store: GraphStore, since: int, until: int) -> list[FactBatch]:
    # Facts committed while we read would be exported again next time: leave them to the next delta.
    found = (FactBatch(b.edge, b.rows.filter(pl.col("seq") <= until)) for b in store.export(since))
    return [batch for batch in found if len(batch)]


def _repeats(batch: FactBatch, below: Snapshot) -> bool:
    """Whether any fact of a batch is published already, perhaps as another version."""
    new = pack_hex(batch.rows["id"].to_list())
    met = np.zeros(1 << MARK_BITS, np.bool_)
    met[_marks(new)] = True
    for table in below.facts(batch.edge):
        published = table.columns["id"]
        alike = np.flatnonzero(met[_marks(published)])  # a few of all: texts are slow to compare
        if np.isin(published[alike], new).any():
            return True
    return False


def _marks(ids: Keys) -> NDArray[np.uint64]:
    """uint64[n] a few bits of each id: equal ids have equal marks."""
    halves = np.ascontiguousarray(ids).view(np.uint64)
    return halves[::2] & np.uint64((1 << MARK_BITS) - 1)
