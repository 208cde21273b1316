"""How many of a person's contacts were known to be in trouble: told in the demo, and used to choose whom it shows.

Counts in the published snapshot, strictly before the instant of each question. The model does not read this count.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from gnn.scores import ScoreRequest
from graph.snapshot import Snapshot
from graph.snapshot.segment import pack_hex
from graph.vocabulary import EdgeType, NodeLabel, RelType

PERSON, LOAN = NodeLabel.PERSON, NodeLabel.LOAN
TIES = (EdgeType(PERSON, RelType.KNOWS, PERSON), EdgeType(PERSON, RelType.CALLED, PERSON))
TROUBLE = (EdgeType(PERSON, RelType.MISSED, LOAN), EdgeType(PERSON, RelType.DEFAULTED_ON, LOAN))


def count_contacts(snapshot: Snapshot, requests: Sequence[ScoreRequest]) -> list[tuple[int, int]]:
    """For each request: persons tied to its subject, and those of them who had missed an instalment or defaulted."""
    rows = snapshot.rows_of(PERSON, pack_hex([str(request.key) for request in requests]))
    asked = pl.DataFrame({"i": np.arange(len(rows)), "person": rows, "as_of_s": [request.as_of_s for request in requests]})
    ties = pl.concat([_facts(snapshot, edge) for edge in TIES])
    both_ways = pl.concat([ties, ties.select(person="other", other="person", known_at_s="known_at_s")])
    first_trouble = pl.concat([_facts(snapshot, edge) for edge in TROUBLE]).group_by("person").agg(pl.col("known_at_s").min())
    contacts = (
        asked.join(both_ways, on="person")
        .filter(pl.col("known_at_s") < pl.col("as_of_s"))
        .unique(["i", "other"])
        .join(first_trouble, left_on="other", right_on="person", how="left", suffix="_trouble")
    )
    in_trouble = (pl.col("known_at_s_trouble") < pl.col("as_of_s")).fill_null(value=False)
    counted = contacts.group_by("i").agg(pl.len(), in_trouble.sum().alias("troubled"))
    found = {i: (count, troubled) for i, count, troubled in counted.iter_rows()}
    return [found.get(i, (0, 0)) for i in range(len(rows))]


def _facts(snapshot: Snapshot, edge: EdgeType) -> pl.DataFrame:
    refs = np.arange(snapshot.num_facts(edge), dtype=np.int64)
    columns = {"person": "source_row", "other": "target_row", "known_at_s": "known_at_s"}
    return pl.DataFrame({name: snapshot.take(edge, column, refs) for name, column in columns.items()})
