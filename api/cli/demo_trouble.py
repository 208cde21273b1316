"""How many of a person's contacts were known to be in trouble: told in the demo, and used to choose whom it shows.

Counts in the published snapshot, strictly before the instant of each question, with persons held to be one by then as one. The
model does not read this count.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.scores import ScoreRequest
from graph.question import ask
from graph.snapshot import Snapshot
from graph.snapshot.segment import pack_hex
from graph.vocabulary import EdgeType, NodeLabel, RelType

PERSON, LOAN = NodeLabel.PERSON, NodeLabel.LOAN
TIES = (EdgeType(PERSON, RelType.KNOWS, PERSON), EdgeType(PERSON, RelType.CALLED, PERSON))
TROUBLE = (EdgeType(PERSON, RelType.MISSED, LOAN), EdgeType(PERSON, RelType.DEFAULTED_ON, LOAN))
Rows = NDArray[np.int64]
_COUNTS = (pl.col("known_at_s") < pl.col("as_of_s")) & (pl.col("as_of_s") <= pl.col("ends_s"))


def count_contacts(snapshot: Snapshot, requests: Sequence[ScoreRequest]) -> list[tuple[int, int]]:
    """For each request: persons tied to its subject, and those of them who had missed an instalment or defaulted."""
    as_of_s = np.array([request.as_of_s for request in requests], np.int64)
    subject = snapshot.standing(PERSON, snapshot.rows_of(PERSON, pack_hex([str(r.key) for r in requests])), as_of_s)
    ties = pl.concat([_facts(snapshot, edge) for edge in TIES])
    both_ways = pl.concat([ties, ties.select("known_at_s", "ends_s", person="other", other="person").select(ties.columns)])
    met = _members(snapshot, subject, as_of_s).join(both_ways, on="person").filter(_COUNTS)
    contacts = (
        met.with_columns(
            pl.Series("other", snapshot.standing(PERSON, met["other"].to_numpy(), met["as_of_s"].to_numpy())),
            pl.Series("subject", subject[met["place"].to_numpy()]),
        )
        .filter(pl.col("other") != pl.col("subject"))
        .unique(["place", "other"])
    )
    others = _members(snapshot, contacts["other"].to_numpy(), contacts["as_of_s"].to_numpy())
    trouble = pl.concat([_facts(snapshot, edge).drop("other") for edge in TROUBLE])
    troubled = others.join(trouble, on="person").filter(_COUNTS)["place"].to_numpy()
    total, bad = (
        np.bincount(contacts["place"].to_numpy()[rows], minlength=len(requests)) for rows in (..., np.unique(troubled))
    )
    return list(zip(total.tolist(), bad.tolist(), strict=True))


def _members(snapshot: Snapshot, nodes: Rows, as_of_s: Rows) -> pl.DataFrame:
    """The persons that each node is made of as of its second, with its place among the nodes."""
    question = ask(snapshot, PERSON, nodes, as_of_s)
    place = np.arange(len(nodes)) if question.owner is None else question.owner
    return pl.DataFrame({"place": place, "person": question.row, "as_of_s": question.as_of_s})


def _facts(snapshot: Snapshot, edge: EdgeType) -> pl.DataFrame:
    refs = np.arange(snapshot.num_facts(edge), dtype=np.int64)
    columns = {"person": "source_row", "other": "target_row", "known_at_s": "known_at_s"}
    taken = {name: snapshot.take(edge, column, refs) for name, column in columns.items()}
    return pl.DataFrame(taken | {"ends_s": snapshot.ends_s(edge, refs)})
