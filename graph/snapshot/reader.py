"""A pinned version of the graph: nodes, facts and sorted runs of a base, its deltas and an overlay, read as one.

Opening maps files and reads no fact. Row numbers, refs and category codes are this version's own: they may differ in
another version of the same facts, so keep keys, fact ids and category texts, never numbers. Knows no store.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from graph.derived import fact_schema, vocabulary_digest
from graph.errors import PepperMismatch, VocabularyMismatch
from graph.facts import FactBatch
from graph.identity import FactId, NodeKey
from graph.snapshot.columns import KEY_DTYPE, Column, Ints, Keys, column_type, gather
from graph.snapshot.consent import CONSENTED, Consents
from graph.snapshot.digest import EMPTY_DIGEST
from graph.snapshot.files import check_digests, map_segments
from graph.snapshot.format import Manifest, Pointer, SegmentKind, read_manifest, read_pointer
from graph.snapshot.merges import Merges
from graph.snapshot.overlay import build_overlay
from graph.snapshot.segment import FactTable, NodeTable, Run, Segment, find_keys, outgoing_refs, pack_hex, unpack_hex
from graph.snapshot.versions import NEVER, Versions
from graph.steps import Direction, Step, steps_at
from graph.vocabulary import SPECS, Basis, EdgeType, NodeLabel, Purpose

PERSON = NodeLabel.PERSON
Kept = TypeVar("Kept")


class Snapshot:
    """An immutable version of the graph. Made by `Snapshot.open`; safe to share between threads.

    `version` names it, `seq` is the store's watermark it reaches, `digest` covers its facts and is the same from
    whichever store they came; an overlay changes none of the three. `purpose` is what persons must have consented to where
    a fact rests on their consent.
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        manifest: Manifest,
        pointers: tuple[Pointer, ...],
        root: Path | None,
        *,
        purpose: Purpose = Purpose.CREDIT_SCORING,
        before_request: "Snapshot | None" = None,
    ) -> None:
        self._before_request, self._kept, self._keeping = before_request, dict[Hashable, Any](), RLock()
        self.manifest, self.pointers, self.root, self.purpose = manifest, pointers, root, purpose
        self._segments = tuple(segments)
        self._columns: dict[tuple[EdgeType, str], tuple[list[int], list[Column], np.dtype[Any]]] = {}
        nodes: defaultdict[NodeLabel, list[NodeTable]] = defaultdict(list)
        facts: defaultdict[EdgeType, list[FactTable]] = defaultdict(list)
        for segment in segments:
            for label, node_table in segment.nodes.items():
                nodes[label].append(node_table)
            for edge, fact_table in segment.facts.items():
                facts[edge].append(fact_table)
        # A segment's merges take in all that lies below it: the topmost ones hold.
        self._merges = {label: merges for segment in segments for label, merges in segment.merges.items()}
        self._versions = {edge: t.versions for edge, tables in facts.items() for t in tables if t.versions is not None}
        self._nodes = {label: tuple(tables) for label, tables in nodes.items()}
        self._facts = {edge: tuple(tables) for edge, tables in facts.items()}
        self._runs = {
            (edge, direction): runs
            for edge, tables in facts.items()
            for direction in Direction
            if SPECS[edge].crossed_by and (runs := tuple(t.runs[direction] for t in tables if direction in t.runs))
        }

        on_consent = {e for e, tables in facts.items() if any(Basis.CONSENT in t.categories["basis"] for t in tables)}
        self._on_consent = frozenset(edge for edge in on_consent if PERSON in (edge.source, edge.target))
        self._of_request = {e: t.start for segment in segments if segment.of_request for e, t in segment.facts.items()}
        self._steps = {label: tuple(s for s in steps_at(label) if s in self._runs) for label in NodeLabel}

    @classmethod
    def open(
        cls,
        root: Path,
        pepper_fingerprint: str | None = None,
        *,
        purpose: Purpose = Purpose.CREDIT_SCORING,
        pointer: Pointer | None = None,
    ) -> Self:
        """Map the version that serves, or another one.

        Args:
            root: Folder of all versions.
            pepper_fingerprint: When given, refuse a snapshot whose keys were made with another pepper.
            purpose: What facts that rest on consent are to be used for.
            pointer: The version; without it, the one that serves.

        Raises:
            SnapshotMissing: nothing has been published there.
            SnapshotCorrupt: a file is lacking, short or edited.
            VocabularyMismatch, FormatMismatch, PepperMismatch: made with another one.
        """
        pointer = pointer or read_pointer(root)
        top = read_manifest(root, pointer)
        pointers = (*top.parents, pointer)
        manifests = [*(read_manifest(root, p) for p in top.parents), top]
        for manifest in manifests:
            _check_origin(f"the snapshot {root}", manifest, pepper_fingerprint)
        return cls(map_segments(root, pointers, manifests), top, pointers, root, purpose=purpose)

    @property
    def version(self) -> str:
        """Name of the version's folder."""
        return self.pointers[-1].name if self.pointers else "empty"

    @property
    def is_published(self) -> bool:
        """Whether it is a version in a folder as it stands, without an overlay."""
        return self.root is not None and len(self._segments) == len(self.pointers)

    @property
    def before_request(self) -> "Snapshot":
        """The version without the facts that came with a request."""
        return self._before_request or self

    def keep(self, name: Hashable, build: Callable[[], Kept]) -> Kept:
        """What is worked out from the whole version: made when first asked for, by one thread, and kept as long as it."""
        if name not in self._kept:
            with self._keeping:
                if name not in self._kept:
                    self._kept[name] = build()
        return cast(Kept, self._kept[name])

    @property
    def seq(self) -> int:
        """The store's watermark that this version reaches."""
        return self.manifest.seq

    @property
    def digest(self) -> str:
        """Digest of all published facts, 64 hexadecimal digits."""
        return self.manifest.digest

    @property
    def has_research(self) -> bool:
        """Whether any published fact stands on the basis `research`."""
        return self.manifest.has_research

    def verify(self, *, but: Collection[Pointer] = ()) -> None:
        """Read every file and compare its digest with the manifest's.

        Args:
            but: Segments to leave out, such as those of a version that was verified before.

        Raises:
            SnapshotCorrupt: a file was edited.
        """
        for pointer in self.pointers:
            if pointer in but:
                continue
            assert self.root is not None
            check_digests(self.root, pointer)

    def edges(self) -> tuple[EdgeType, ...]:
        """Edge types that have facts, sorted."""
        return tuple(sorted(self._facts))

    def labels(self) -> tuple[NodeLabel, ...]:
        """Labels that have nodes, sorted."""
        return tuple(sorted(self._nodes))

    def num_nodes(self, label: NodeLabel) -> int:
        """Nodes of one label, known at any time."""
        tables = self._nodes.get(label)
        return tables[-1].start + len(tables[-1]) if tables else 0

    def num_facts(self, edge: EdgeType) -> int:
        """Facts of one edge type, known at any time, crossable or not."""
        tables = self._facts.get(edge)
        return tables[-1].start + len(tables[-1]) if tables else 0

    def row_of(self, label: NodeLabel, key: NodeKey) -> int | None:
        """Row of a node in this version, None when it holds no such node."""
        row = int(self.rows_of(label, pack_hex([key]))[0])
        return None if row < 0 else row

    def rows_of(self, label: NodeLabel, keys: Keys) -> Ints:
        """int64[n] rows of raw keys S16[n], -1 where this version holds no such node."""
        rows = np.full(len(keys), -1, np.int64)
        for table in self._nodes.get(label, ()):
            rows = np.maximum(rows, find_keys(table, keys))
        return rows

    def merges(self, label: NodeLabel) -> Merges | None:
        """Which nodes of a label are one as of when; None where nothing says that any are."""
        return self._merges.get(label)

    def standing(self, label: NodeLabel, rows: Ints, as_of_s: Ints) -> Ints:
        """int64[n] rows of the nodes that `rows` are part of, each as of its own second, exclusive.

        Nodes that `SAME_AS` facts known before then join are one node, which the row of one of them stands for.
        """
        merges = self.merges(label)
        return np.asarray(rows, np.int64) if merges is None else merges.standing(rows, as_of_s)

    def consents(self, edge: EdgeType) -> Consents | None:
        """What persons consent to; None where no fact of this edge type rests on a person's consent."""
        return self._consents if edge in self._on_consent else None

    @cached_property
    def _consents(self) -> Consents:
        return Consents(self.facts(CONSENTED), self.merges(PERSON), self.purpose)

    def versions(self, edge: EdgeType) -> Versions | None:
        """The facts of an edge type that are versions of corrected facts; None where none is."""
        return self._versions.get(edge)

    def corrects(self, edge: EdgeType) -> bool:
        """Whether any fact of an edge type was replaced or withdrawn, so that not all known before T count as of T."""
        versions = self._versions.get(edge)
        return versions is not None and len(versions.ended) > 0

    def ends_s(self, edge: EdgeType, refs: Ints) -> Ints:
        """int64[n] up to which second each of the facts `refs` counts.

        Of the facts known before T those count as of T whose end is not before T: a version ends when the next one is known,
        a withdrawn one at once. What nothing ends has 2**34, which stands after every second.
        """
        versions = self._versions.get(edge)
        return np.full(len(refs), NEVER, np.int64) if versions is None else versions.ends_s(refs)

    def came_with_request(self, edge: EdgeType, refs: Ints) -> NDArray[np.bool_]:
        """bool[n] which of the facts `refs` came with the request that an overlay was made for."""
        return refs >= self._of_request.get(edge, self.num_facts(edge))

    def key_of(self, label: NodeLabel, row: int) -> NodeKey:
        """Key of the node at a row."""
        return NodeKey(unpack_hex(self.keys_of(label, np.array([row])))[0])

    def keys_of(self, label: NodeLabel, rows: Ints) -> Keys:
        """S16[n] raw keys of the nodes at `rows`."""
        tables = self._nodes.get(label, ())
        return gather([t.start for t in tables], [t.keys for t in tables], rows, KEY_DTYPE)

    def fact_ids(self, edge: EdgeType, refs: Ints) -> list[FactId]:
        """Ids of the facts `refs`."""
        return [FactId(text) for text in unpack_hex(self.take(edge, "id", refs))]

    def take(self, edge: EdgeType, column: str, refs: Ints) -> Column:
        """Values of one column for the facts `refs`.

        Args:
            edge: An edge type of the vocabulary.
            column: A declared property, or at_us, known_at_s, undated, source_row, target_row, attested_by, basis,
                origin, id (S16, compared as bytes).
            refs: int64[n] as `recent` or `neighbourhood` return them.

        Returns:
            [n]: int64 with MISSING, float64 with NaN, bool, or int32 codes into `categories(edge, column)` with -1.
        """
        place = self._columns.get((edge, column))
        if place is None:
            tables, kind = self._facts.get(edge, ()), column_type(edge, column)
            place = [t.start for t in tables], [t.columns[column] for t in tables], kind
            self._columns[edge, column] = place
        starts, parts, kind = place
        values = gather(starts, parts, refs, kind)
        return values.astype(np.int64) if column in ("source_row", "target_row") else values

    def categories(self, edge: EdgeType, column: str) -> list[str]:
        """Texts of a coded column, by code; compare texts between versions, not codes."""
        return [text for table in self._facts.get(edge, ()) for text in table.categories[column]]

    @property
    def currencies(self) -> tuple[str, ...]:
        """ISO 4217 codes that any fact carries, sorted."""
        found = {c for e in self._facts if "currency" in fact_schema(e) for c in self.categories(e, "currency")}
        return tuple(sorted(found))

    def runs(self, edge: EdgeType, direction: Direction) -> tuple[Run, ...]:
        """Sorted runs of one edge type in one direction, one a segment that has any."""
        return self._runs.get((edge, direction), ())

    def steps(self, label: NodeLabel) -> tuple[Step, ...]:
        """Steps from a node of this label that any crossable fact allows, in the order of `steps_at`."""
        return self._steps[label]

    def facts(self, edge: EdgeType) -> tuple[FactTable, ...]:
        """Fact tables of one edge type, one a segment that has any."""
        return self._facts.get(edge, ())

    def refs_at(self, edge: EdgeType, rows: Ints) -> Ints:
        """int64[n] refs of the crossable facts that leave the nodes at these rows."""
        found = [np.empty(0, np.int64)]
        for run in self.runs(edge, Direction.OUT):
            found.extend(outgoing_refs(run, row) for row in rows)
        return np.concatenate(found)

    def with_overlay(self, batches: Iterable[FactBatch], *, as_of_s: int | None = None) -> "Snapshot":
        """This version with a request's own facts and nodes; facts already published stay as they are.

        Args:
            batches: Facts of the request.
            as_of_s: As `graph.snapshot.overlay.build_overlay` has it.

        Raises:
            FactMalformed: a batch breaks the vocabulary.
            KeySpaceExceeded: a time that does not fit the key.
        """
        segments = (*self._segments, build_overlay(batches, self, as_of_s=as_of_s))
        below = None if as_of_s is None else self.before_request
        return Snapshot(segments, self.manifest, self.pointers, self.root, purpose=self.purpose, before_request=below)


def _check_origin(thing: str, manifest: Manifest, pepper_fingerprint: str | None) -> None:
    if manifest.vocabulary_digest != vocabulary_digest():
        raise VocabularyMismatch(thing, expected=vocabulary_digest(), actual=manifest.vocabulary_digest)
    if pepper_fingerprint is not None and manifest.pepper_fingerprint != pepper_fingerprint:
        raise PepperMismatch(thing)


EMPTY = Snapshot((), Manifest(SegmentKind.BASE, vocabulary_digest(), "", 0, 0, EMPTY_DIGEST, has_research=False), (), None)
