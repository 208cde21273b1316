"""Brings the files of one delivery into a store, commit by commit; each commit holds facts and how far they reach.

A load that is stopped at any moment goes on behind its last commit: the refused rows of a block are on the shelf before the
commit that counts them, and written again, the same, where the commit did not happen.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

from graph.store import GraphStore, WriteReport
from graph.vocabulary import EdgeType
from ingest.facts import gather_batches
from ingest.pipeline.consents import CONSENTED, read_consents
from ingest.pipeline.crew import Crew
from ingest.pipeline.delivery import Delivery
from ingest.pipeline.files import DeliveredFile
from ingest.pipeline.tally import CUT, Tally
from ingest.pipeline.turning import Consents
from ingest.quarantine.shelf import Origin, Shelf
from ingest.source import SourceSpec

COMMIT_FACTS = 250_000
EXAMPLES = 5  # refused rows of a block that are remembered
Committed = Callable[[], None]


@dataclass
class Loading:
    """One delivery on its way into a store.

    Attributes:
        source: Whose files they are.
        store: Written to.
        shelf: Where refused rows go.
        crew: Who turns blocks into facts.
        commit_facts: Facts of one transaction, at least, but for the last.
        committed: Told after each commit.
        tallies: What became of each file so far, by its key.
        written: The store's account so far.
        refused: The first refused rows of each block of this run, by table.
    """

    source: SourceSpec
    store: GraphStore
    shelf: Shelf
    crew: Crew
    commit_facts: int = COMMIT_FACTS
    committed: Committed = lambda: None
    tallies: dict[str, Tally] = field(default_factory=dict)
    written: WriteReport = field(default_factory=WriteReport)
    refused: dict[str, list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))
    _pending: dict[EdgeType, list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))
    _touched: set[str] = field(default_factory=set)
    _consents: Consents | None = None

    def __post_init__(self) -> None:
        self._delivery = Delivery(self.source, self.crew)

    def is_done(self, file: DeliveredFile) -> bool:
        """Whether all of the file's content is in the graph."""
        tally = self.tallies.get(file.key(self.source.name))
        return tally is not None and tally.done

    def read(self, file: DeliveredFile, delivered_us: int, *, wanted: bool) -> Iterator[float]:
        """Read one file from where it was left, and tell after each block about which share of the file is done.

        Args:
            file: One of the delivery, whose tables come in declared order.
            delivered_us: Recorded time of its delivery, if its content is new.
            wanted: Keep its accepted rows for tables that look into it.
        """
        key, spec = file.key(self.source.name), file.spec
        tally = self.tallies.setdefault(key, Tally(delivered_us))
        if not tally.done and tally.cut != CUT:  # blocks ended elsewhere: reading again changes nothing
            self.shelf.clear(Origin(self.source.name, spec.name, file.path.name, file.sha256, tally.delivered_us))
            tally = self.tallies[key] = Tally(tally.delivered_us)
        if tally.done and not wanted:
            yield 1.0
            return
        origin = Origin(self.source.name, spec.name, file.path.name, file.sha256, tally.delivered_us)
        for number, turned in self._delivery.turn(file, tally, self._permitted(), wanted=wanted):
            if number < tally.next_block:
                continue
            self.shelf.put(origin, number, turned.refused)
            tally.add(number, turned)
            self.refused[spec.name].append(turned.refused.head(EXAMPLES))
            self._touched.add(key)
            for edge, rows in turned.facts.items():
                self._pending[edge].append(rows)
            if sum(part.height for parts in self._pending.values() for part in parts) >= self.commit_facts:
                self.commit()
            yield min(1.0, tally.read / max(1, file.rows))
        file.check_unchanged()
        if not tally.done:
            tally.done = True
            self._touched.add(key)
        yield 1.0

    def commit(self) -> None:
        """Write what is waiting, with the checkpoints that go with it, in one transaction."""
        if not self._touched:
            return
        checkpoints = {key: self.tallies[key].to_text() for key in sorted(self._touched)}
        self.written += self.store.write(gather_batches(self._pending), checkpoints=checkpoints)
        if CONSENTED in self._pending:
            self._consents = None  # a grant may be among them
        self._pending.clear()
        self._touched.clear()
        self.committed()

    def _permitted(self) -> Consents:
        if self._consents is None:
            if self.source.needs_consent:
                self.commit()  # grants among what is waiting count
            self._consents = read_consents(self.store) if self.source.needs_consent else Consents()
        return self._consents
