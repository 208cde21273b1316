"""Puts the arrays of a segment into a folder, and maps them back: one .npy file an array, named by what it holds.

Writes durably (file, folder, rename) and says sizes and digests; knows neither facts nor manifests' meaning.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np

from graph.derived import table_name
from graph.errors import SnapshotCorrupt
from graph.snapshot.columns import Column
from graph.snapshot.format import Manifest, Pointer, StoredFile, read_manifest
from graph.snapshot.merges import Merges
from graph.snapshot.segment import FactTable, NodeTable, Run, Segment
from graph.snapshot.versions import Versions
from graph.steps import Direction
from graph.vocabulary import SPECS, EdgeType, NodeLabel

TABLES: dict[str, EdgeType] = {table_name(edge): edge for edge in SPECS}
WRITERS = 8  # files under way at once: a small segment is hundreds of files, and syncing one is mostly waiting
_MERGE_PARTS = ("parent", "merged_s", "key", "member")
_VERSION_PARTS = ("ref", "series", "ended", "ended_s")
_RUN_PARTS = ("key", "index", "ref", "other")


def segment_arrays(segment: Segment) -> Iterator[tuple[str, Column]]:
    """Every array of a segment with its file name, in a fixed order."""
    for label, nodes in sorted(segment.nodes.items()):
        yield f"nodes.{label.lower()}.npy", nodes.keys
    for label, merges in sorted(segment.merges.items()):
        for part in _MERGE_PARTS:
            yield f"merges.{label.lower()}.{part}.npy", getattr(merges, part)
    for edge, facts in sorted(segment.facts.items()):
        table = table_name(edge)
        for column, values in facts.columns.items():
            yield f"{table}.{column}.npy", values
        for direction, run in facts.runs.items():
            for part in _RUN_PARTS:
                yield f"{table}.{direction}-{part}.npy", getattr(run, part)
        for part in _VERSION_PARTS if facts.versions else ():
            yield f"{table}.versions-{part}.npy", getattr(facts.versions, part)


def write_arrays(folder: Path, segment: Segment) -> dict[str, StoredFile]:
    """Write and sync every array; returns size and SHA-256 by file name."""

    def write(named: tuple[str, Column]) -> tuple[str, StoredFile]:
        path = folder / named[0]
        with path.open("wb") as file:
            np.save(file, named[1], allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        return path.name, StoredFile(path.stat().st_size, file_digest(path))

    with ThreadPoolExecutor(WRITERS) as writers:
        return dict(writers.map(write, segment_arrays(segment)))


def file_digest(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        state = sha256()
        while chunk := file.read(1 << 20):
            state.update(chunk)
    return state.hexdigest()


def check_digests(root: Path, pointer: Pointer) -> None:
    """Read every file of a segment and compare its SHA-256 with the published one.

    Raises:
        SnapshotCorrupt: a file was edited.
    """
    for name, stored in read_manifest(root, pointer).files.items():
        if file_digest(root / pointer.name / name) != stored.sha256:
            raise SnapshotCorrupt(str(root), f"{pointer.name}/{name} was edited after it was published")


def map_segments(root: Path, pointers: Sequence[Pointer], manifests: Sequence[Manifest]) -> list[Segment]:
    """Map the files of a base and its deltas read-only; nothing is read but their headers.

    Raises:
        SnapshotCorrupt: a file is lacking, or its size is not the published one.
    """
    segments: list[Segment] = []
    nodes: defaultdict[NodeLabel, int] = defaultdict(int)
    facts: defaultdict[EdgeType, int] = defaultdict(int)
    for pointer, manifest in zip(pointers, manifests, strict=True):
        segment = _map_segment(root / pointer.name, manifest, nodes, facts)
        for label, node_table in segment.nodes.items():
            nodes[label] += len(node_table)
        for edge, fact_table in segment.facts.items():
            facts[edge] += len(fact_table)
        segments.append(segment)
    return segments


def _map_segment(
    folder: Path, manifest: Manifest, nodes_below: Mapping[NodeLabel, int], facts_below: Mapping[EdgeType, int]
) -> Segment:
    arrays = {name: _map(folder / name, stored) for name, stored in manifest.files.items()}
    nodes = {
        label: NodeTable(nodes_below.get(label, 0), arrays[f"nodes.{label.lower()}.npy"])
        for label in NodeLabel
        if label in manifest.nodes
    }
    parts: dict[str, dict[str, Column]] = {table: {} for table in manifest.facts}
    for name, values in arrays.items():
        table, _, part = name.removesuffix(".npy").partition(".")
        if table in parts:
            parts[table][part] = values
    facts = {TABLES[t]: _table(columns, facts_below.get(TABLES[t], 0), manifest.categories[t]) for t, columns in parts.items()}
    merges = {
        label: Merges(*(arrays[f"merges.{label.lower()}.{part}.npy"] for part in _MERGE_PARTS))
        for label in NodeLabel
        if f"merges.{label.lower()}.{_MERGE_PARTS[0]}.npy" in arrays
    }
    return Segment(nodes, facts, merges)


def _table(parts: dict[str, Column], start: int, categories: dict[str, list[str]]) -> FactTable:
    runs = {d: Run(*(parts.pop(f"{d}-{part}") for part in _RUN_PARTS)) for d in Direction if f"{d}-key" in parts}
    versions = Versions(*(parts.pop(f"versions-{part}") for part in _VERSION_PARTS)) if "versions-ref" in parts else None
    return FactTable(start, parts, runs, categories, versions)


def _map(path: Path, stored: StoredFile) -> Column:
    try:
        size = path.stat().st_size
    except OSError as exc:
        raise SnapshotCorrupt(str(path.parent), f"{path.name} is lacking") from exc
    if size != stored.size_bytes:
        raise SnapshotCorrupt(str(path.parent), f"{path.name} has {size} bytes, published were {stored.size_bytes}")
    try:
        # A plain view of the mapping: NumPy's memmap class costs microseconds at every slice.
        mapped: Column = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    except (ValueError, OSError) as exc:
        raise SnapshotCorrupt(str(path.parent), f"{path.name} is not the array that was published") from exc
    return mapped
