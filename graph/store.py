"""The contract of a store: write facts once, export them since a watermark, read what touches a node.

Two stores keep it: `graph/duckdb/` and `graph/neo4j/`. The rule that makes a graph a function of the set of its inputs
lives in both and is held by one suite, `tests/contract/`:

- same id, same content, same times: a duplicate, nothing changes;
- same id, same content, other times: a restatement, the earliest (known_at_s, at_us) stands;
- same id, other content: a conflict, the version with the lowest (known_at_s, content digest) is the fact; the others
  are kept aside.

Where a source declares corrections, each version is a fact with an id of its own and a `series` that its versions share
(`graph/derived.py`): to a store they are unlike facts. Which of them counts as of a time is the snapshot's matter.

Facts are taken away in two ways only: `write` retires those that a derivation no longer gives, and `erase` forgets a node.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, Self

from graph.facts import FactBatch
from graph.identity import FactId, NodeKey
from graph.vocabulary import EdgeType, NodeLabel

GENERATION_BITS = 48
STORE_FORMAT = 3  # raise when tables, labels or bookkeeping of a store change


@dataclass(frozen=True)
class StoreIdentity:
    """What a store was made with and how far it has come.

    `generation` is drawn when a store is made and again when a subject is erased, so that no two states are taken for one; a
    snapshot of another generation is never continued. `retired_seq` is the watermark when facts were last retired: a
    snapshot that reaches less far holds some that are gone.
    """

    vocabulary_digest: str
    pepper_fingerprint: str
    format: int
    generation: int
    seq: int
    retired_seq: int


def draw_generation() -> int:
    """A number for a new store; apart from it, stores of the same facts are the same."""
    return secrets.randbits(GENERATION_BITS)


@dataclass(frozen=True)
class WriteReport:
    """What became of the facts of one `write`: all but `retired` add up to the facts handed in."""

    written: int = 0
    duplicates: int = 0
    restated: int = 0
    conflicts: int = 0
    retired: int = 0

    def __add__(self, other: "WriteReport") -> "WriteReport":
        return WriteReport(
            self.written + other.written,
            self.duplicates + other.duplicates,
            self.restated + other.restated,
            self.conflicts + other.conflicts,
            self.retired + other.retired,
        )


@dataclass(frozen=True)
class EraseReport:
    """What one `erase` took away: facts and losing versions at the erased nodes, and nodes that are gone with them."""

    facts: int = 0
    versions: int = 0
    nodes: int = 0


NOTHING: Mapping[EdgeType, Sequence[FactId]] = MappingProxyType({})
NO_CHECKPOINTS: Mapping[str, str | None] = MappingProxyType({})


class GraphStore(Protocol):
    """One graph, in a server or a file. Opened by `graph.opening.open_store`, closed by its caller."""

    def identity(self) -> StoreIdentity:
        """Vocabulary, pepper, format, generation and watermark as stored."""
        ...

    def write(
        self,
        batches: Iterable[FactBatch],
        *,
        retire: Mapping[EdgeType, Sequence[FactId]] = NOTHING,
        checkpoints: Mapping[str, str | None] = NO_CHECKPOINTS,
    ) -> WriteReport:
        """Write all batches in one transaction, or none of them.

        Args:
            batches: Facts to bring in.
            retire: Facts to take away first, with the versions that lost to them; ids that are not there are passed over.
                Retiring any raises `seq`, so that a snapshot notices.
            checkpoints: Texts to keep under their keys, in the same transaction; None removes a key.

        Raises:
            FactMalformed: a batch breaks the vocabulary; nothing was written.
            StoreFull: no room left; nothing was written.
            StoreUnavailable: the store went away; nothing was written.
        """
        ...

    def checkpoints(self, prefix: str = "") -> dict[str, str]:
        """Texts kept by `write`, by key, of the keys that begin with `prefix`."""
        ...

    def export(self, since: int = 0, *, edges: Collection[EdgeType] | None = None) -> Iterator[FactBatch]:
        """Facts with `seq` > since, by edge type in declared order, each batch ordered by `seq`, with a `seq` column.

        Only of the edge types in `edges`, where they are given.
        """
        ...

    def conflicts(self) -> Iterator[FactBatch]:
        """Versions that lost against another version of the same id, by edge type, ordered by id and digest."""
        ...

    def read_facts(self, label: NodeLabel, key: NodeKey, as_of_s: int) -> list[FactBatch]:
        """Every fact at either end of one node with `known_at_s` < as_of_s, by edge type, ordered by (known_at_s, id)."""
        ...

    def erase(self, nodes: Mapping[NodeLabel, Collection[NodeKey]]) -> EraseReport:
        """Forget nodes: every fact and version at either end of them, and nodes that no fact names any more.

        With a version of a series go those that it replaced, or they would count again.

        One transaction; draws a new generation, so that every snapshot made before is refused. Bytes that the database
        keeps for reuse are `compact`'s matter. Checkpoints stay.

        Raises:
            StoreFull, StoreUnavailable: nothing was erased.
        """
        ...

    def close(self) -> None:
        """Release the server session or the file."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...
