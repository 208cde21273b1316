"""What a load did with every row and every fact; the figures add up, or the report cannot be made."""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.store import WriteReport
from graph.vocabulary import EdgeType
from ingest.checks import RejectReason


@dataclass(frozen=True)
class Rejection:
    """One refused row: its line in the file, why, and the column at fault where there is one; never the value."""

    row: int
    reason: RejectReason
    column: str


@dataclass(frozen=True)
class TableReport:
    """Rows of one file: read = accepted + refused, by reason. `examples` are the first refusals."""

    table: str
    file: str
    read: int
    accepted: int
    rejected: Mapping[RejectReason, int]
    examples: tuple[Rejection, ...] = ()

    def __post_init__(self) -> None:
        if self.read != self.accepted + sum(self.rejected.values()):
            raise ValueError(f"{self.file}: {self.read} rows read, but {self.accepted} + {dict(self.rejected)} accounted for")


@dataclass(frozen=True)
class LoadReport:
    """One load of one source.

    `facts` counts the facts made by edge type, `withheld` those that would have joined a node to itself, `unread`
    the files of the folder that were left alone, with the reason. `written` is the store's account, None when no
    store was written to.
    """

    source: str
    tables: tuple[TableReport, ...]
    facts: Mapping[EdgeType, int]
    withheld: Mapping[EdgeType, int]
    unread: Mapping[str, str]
    written: WriteReport | None = None

    @property
    def read(self) -> int:
        """Rows read from all files."""
        return sum(table.read for table in self.tables)

    @property
    def accepted(self) -> int:
        """Rows accepted from all files."""
        return sum(table.accepted for table in self.tables)

    @property
    def rejected(self) -> dict[RejectReason, int]:
        """Rows refused from all files, by reason."""
        totals: dict[RejectReason, int] = {}
        for table in self.tables:
            for reason, count in table.rejected.items():
                totals[reason] = totals.get(reason, 0) + count
        return totals
