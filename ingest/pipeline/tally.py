"""What became of the rows of one file so far: kept with the checkpoint, so that a resumed load accounts for all of it."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from graph.store import GraphStore
from ingest.formats.camt053 import BLOCK_ENTRIES
from ingest.formats.parquet import BATCH_ROWS
from ingest.formats.text import BLOCK_BYTES
from ingest.pipeline.turning import Turned


def file_key(source: str, table: str, sha256: str) -> str:
    """Under which a store keeps how far a file's content was read, whatever the file is called."""
    return f"{_FILE}{source}:{table}:{sha256}"


def read_tallies(store: GraphStore, source: str) -> dict[str, "Tally"]:
    """What a store keeps of every file of a source, by `file_key`."""
    return {key: Tally.from_text(text) for key, text in store.checkpoints(f"{_FILE}{source}:").items()}


_FILE = "file:"
CUT = f"{BLOCK_BYTES}/{BLOCK_ENTRIES}/{BATCH_ROWS}"
"""What decides where blocks end, in lines, statements and tables."""


@dataclass
class Tally:
    """Counts of one file, and where reading goes on.

    Attributes:
        cut: How the file was cut into blocks; under another rule block numbers mean other places.
        next_block: The first block that is not in the graph.
        done: Whether all blocks are.
        delivered_us: Recorded time of the delivery that brought the content first.
        read: Rows and refused lines.
        rejected: Rows by the reason they were refused for.
        facts: Facts by edge type, written as `Person:PAID:Company`.
        withheld: Facts that would have joined a node to itself, likewise.
        nulls: Accepted rows without a value, by column.
        days: Facts by the day they were known, days since 1970 as text.
    """

    delivered_us: int
    cut: str = CUT
    next_block: int = 0
    done: bool = False
    read: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)
    nulls: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)

    @property
    def accepted(self) -> int:
        """Rows that gave their facts."""
        return self.read - self.rejected.total()

    def add(self, block: int, turned: Turned) -> None:
        """Count one more block."""
        self.next_block = block + 1
        self.read += turned.read
        self.rejected.update(dict(turned.refused["reason"].value_counts().iter_rows()))
        self.facts.update({":".join(edge): rows.height for edge, rows in turned.facts.items()})
        self.withheld.update({":".join(edge): count for edge, count in turned.withheld.items()})
        self.nulls.update(turned.nulls)
        self.days.update({str(day): count for day, count in turned.days.items()})

    def to_text(self) -> str:
        """For the checkpoint."""
        return json.dumps(vars(self), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Back from the checkpoint."""
        values = json.loads(text)
        counters = {name: Counter(value) for name, value in values.items() if isinstance(value, dict)}
        return cls(**(values | counters))
