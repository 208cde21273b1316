"""A store that is a list of commits: enough to publish from, without a database."""

from collections.abc import Collection, Iterator, Sequence

import polars as pl

from graph.derived import vocabulary_digest
from graph.facts import FactBatch
from graph.store import STORE_FORMAT, StoreIdentity
from graph.vocabulary import EdgeType


class LedgerStore:
    """Keeps each commit's batches under its number; `export` gives them back with `seq`."""

    def __init__(
        self, *commits: Sequence[FactBatch], pepper: str = "pepper", generation: int = 1, retired_seq: int = 0
    ) -> None:
        self.commits, self.pepper, self.generation = list(commits), pepper, generation
        self.retired_seq = retired_seq

    def identity(self) -> StoreIdentity:
        return StoreIdentity(
            vocabulary_digest(), self.pepper, STORE_FORMAT, self.generation, len(self.commits), self.retired_seq
        )

    def export(self, since: int = 0, *, edges: Collection[EdgeType] | None = None) -> Iterator[FactBatch]:
        for seq, batches in enumerate(self.commits, start=1):
            if seq > since:
                for batch in batches:
                    if edges is None or batch.edge in edges:
                        yield FactBatch(batch.edge, batch.rows.with_columns(pl.lit(seq, pl.Int64).alias("seq")))
