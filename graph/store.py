"""The contract of a store: write facts once, export them since a watermark, read what touches a node.

Two stores keep it: `graph/duckdb/` and `graph/neo4j/`. The rule that makes a graph a function of the set of its inputs
lives in both and is held by one suite, `tests/contract/`:

- same id, same content, same times: a duplicate, nothing changes;
- same id, same content, other times: a restatement, the earliest (known_at_s, at_us) stands;
- same id, other content: a conflict, the version with the lowest (known_at_s, content digest) is the fact; the others
  are kept aside.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, Self

from graph.facts import FactBatch
from graph.identity import NodeKey
from graph.vocabulary import NodeLabel

GENERATION_BITS = 48
STORE_FORMAT = 1  # raise when tables, labels or bookkeeping of a store change


@dataclass(frozen=True)
class StoreIdentity:
    """What a store was made with and how far it has come.

    `generation` is drawn when a store is made, so that no two stores are taken for one; a snapshot of another
    generation is never continued.
    """

    vocabulary_digest: str
    pepper_fingerprint: str
    format: int
    generation: int
    seq: int


def draw_generation() -> int:
    """A number for a new store; apart from it, stores of the same facts are the same."""
    return secrets.randbits(GENERATION_BITS)


@dataclass(frozen=True)
class WriteReport:
    """What became of the facts of one `write`; the four counts add up to the facts handed in."""

    written: int = 0
    duplicates: int = 0
    restated: int = 0
    conflicts: int = 0

    def __add__(self, other: "WriteReport") -> "WriteReport":
        return WriteReport(
            self.written + other.written,
            self.duplicates + other.duplicates,
            self.restated + other.restated,
            self.conflicts + other.conflicts,
        )


class GraphStore(Protocol):
    """One graph, in a server or a file. Opened by `graph.opening.open_store`, closed by its caller."""

    def identity(self) -> StoreIdentity:
        """Vocabulary, pepper, format, generation and watermark as stored."""
        ...

    def write(self, batches: Iterable[FactBatch]) -> WriteReport:
        """Write all batches in one transaction, or none of them.

        Raises:
            FactMalformed: a batch breaks the vocabulary; nothing was written.
            StoreFull: no room left; nothing was written.
            StoreUnavailable: the store went away; nothing was written.
        """
        ...

    def export(self, since: int = 0) -> Iterator[FactBatch]:
        """Facts with `seq` > since, by edge type in declared order, each batch ordered by `seq`, with a `seq` column."""
        ...

    def conflicts(self) -> Iterator[FactBatch]:
        """Versions that lost against another version of the same id, by edge type, ordered by id and digest."""
        ...

    def read_facts(self, label: NodeLabel, key: NodeKey, as_of_s: int) -> list[FactBatch]:
        """Every fact at either end of one node with `known_at_s` < as_of_s, by edge type, ordered by (known_at_s, id)."""
        ...

    def close(self) -> None:
        """Release the server session or the file."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...
