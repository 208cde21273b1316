"""Facts of a whole first load, laid on disk as they come and settled when all are there, in bounded memory.

Decides how a load of any size is cut so that the rule of `graph/versions.py` can be applied piece by piece: every version
of an id is in one piece. Knows no server.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import duckdb
import polars as pl

from graph.derived import fact_schema, table_name
from graph.errors import FactMalformed
from graph.facts import FactBatch, check_batch
from graph.store import WriteReport
from graph.versions import Held, Settlement, settle
from graph.vocabulary import RELATIONS, EdgeType, RelType

HELD_ROWS = 250_000
"""Facts kept in memory before they go to disk; about 100 MB."""
SETTLED_ROWS = 250_000
"""Versions of repeated ids that are settled at once."""
MEMORY_LIMIT = "1GB"
_ID_PREFIX_BITS = 32


class Spill:
    """The facts of one load.

    Args:
        folder: Made here; must not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        self._held: dict[EdgeType, list[pl.DataFrame]] = {}
        self._rows = 0
        self._parts: dict[EdgeType, list[Path]] = {}

    def add(self, batch: FactBatch) -> None:
        """Take facts in.

        Raises:
            FactMalformed: the batch breaks the vocabulary.
        """
        check_batch(batch)
        self._held.setdefault(batch.edge, []).append(batch.rows.select(*fact_schema(batch.edge)))
        self._rows += len(batch)
        if self._rows >= HELD_ROWS:
            self._flush()

    def settled(self) -> Iterator[tuple[EdgeType, Settlement]]:
        """What stands and what lost, by edge type in declared order, in pieces; the reports add up to all facts taken in.

        Raises:
            FactMalformed: an id is that of facts between other labels.
        """
        self._flush()
        self._refuse_shared_ids()
        for spec in RELATIONS:
            if parts := self._parts.get(spec.edge):
                for settlement in self._settle(spec.edge, parts):
                    yield spec.edge, settlement

    def _flush(self) -> None:
        for edge, frames in self._held.items():
            parts = self._parts.setdefault(edge, [])
            path = self._folder / f"{table_name(edge)}.{len(parts)}.parquet"
            pl.concat(frames).write_parquet(path, compression="lz4", statistics=False)
            parts.append(path)
        self._held, self._rows = {}, 0

    def _settle(self, edge: EdgeType, parts: list[Path]) -> Iterator[Settlement]:
        repeated = self._read_repeated(parts)
        nothing = pl.DataFrame(schema=fact_schema(edge))
        for part in parts:
            rows = pl.read_parquet(part)
            if repeated.height:
                rows = rows.join(repeated, on="id", how="anti")
            yield Settlement(rows, nothing["id"], nothing, nothing["id"], WriteReport(written=rows.height))
        held = Held(FactBatch(edge, nothing), FactBatch(edge, nothing))
        pieces = -(-int(repeated["versions"].sum()) // SETTLED_ROWS)
        bounds = [format(i * 2**_ID_PREFIX_BITS // pieces, "08x") for i in range(pieces)] + ["g"]  # "g" follows every digit
        for low, high in pairwise(bounds):
            within = (pl.col("id") >= low) & (pl.col("id") < high)
            ids = repeated.lazy().filter(within)
            rows = pl.scan_parquet(parts).filter(within).join(ids, on="id", how="semi").collect()
            yield settle(FactBatch(edge, rows.select(*fact_schema(edge))), held)

    def _refuse_shared_ids(self) -> None:
        """An id is unique within its relation, whatever the labels at the ends."""
        for relation in RelType:
            of_relation = [parts for edge, parts in self._parts.items() if edge.rel is relation]
            if len(of_relation) > 1:
                ids = " UNION ALL ".join("SELECT DISTINCT id::UUID AS id FROM read_parquet(?)" for _ in of_relation)
                if self._read(f"SELECT id FROM ({ids}) GROUP BY id HAVING count(*) > 1 LIMIT 1", of_relation).height:
                    raise FactMalformed(relation, "an id in the load is that of facts between other labels")

    def _read_repeated(self, parts: list[Path]) -> pl.DataFrame:
        """Ids that occur more than once, with how often."""
        return self._read(
            "SELECT replace(id::VARCHAR, '-', '') AS id, versions FROM"
            " (SELECT id::UUID AS id, count(*) AS versions FROM read_parquet(?) GROUP BY 1 HAVING count(*) > 1)",
            [parts],
        )

    def _read(self, statement: str, files: list[list[Path]]) -> pl.DataFrame:
        """Answer of DuckDB, which goes to disk where memory does not do."""
        with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(self._folder / "sort")}) as connection:
            found = connection.sql(statement, params=[[str(path) for path in paths] for paths in files])
            return pl.DataFrame(found.to_arrow_table())
