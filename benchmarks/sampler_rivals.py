"""Two other ways to draw the same neighbourhoods from the same facts: a loop with `bisect`, and SQL with a window.

Both walk the same steps with the same limits and times, so they must select the same number of facts.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from graph.snapshot import Snapshot
from graph.snapshot.columns import Ints
from graph.snapshot.format import SECOND_BITS
from graph.steps import Step
from graph.vocabulary import NodeLabel

LATERAL = """
create or replace table chosen as
select owner, node, as_of, other, ref from (
    select asked.owner, asked.node, asked.as_of, facts.other, facts.ref,
           row_number() over (partition by asked.owner order by facts.known_at_s desc, facts.place desc) as nth
    from asked join {table} as facts on facts.node = asked.node and facts.known_at_s < asked.as_of)
where nth <= {limit}
"""


class Adjacency(NamedTuple):
    """One step's facts: those of node n lie at `first[n]` .. `first[n + 1]`, by time."""

    first: "array[int]"
    seconds: "array[int]"
    others: "array[int]"
    refs: "array[int]"


class BisectSampler:
    """Walks node by node in Python over flat arrays, with one `bisect` a node and step."""

    name = "a Python loop with bisect over flat arrays, one thread"

    def __init__(self, snapshot: Snapshot) -> None:
        self.steps = {label: snapshot.steps(label) for label in snapshot.labels()}
        self.adjacency = {step: _adjacency(snapshot, step) for steps in self.steps.values() for step in steps}

    def count(self, label: NodeLabel, rows: Ints, as_of_s: Ints, fanouts: Sequence[int]) -> int:
        """Draws the neighbourhoods and returns the number of facts in them."""
        total, level = 0, [(label, row, at) for row, at in zip(rows.tolist(), as_of_s.tolist(), strict=True)]
        for limit in fanouts:
            below: list[tuple[NodeLabel, int, int]] = []
            refs: list[int] = []
            for near, node, at in level:
                for step in self.steps[near]:
                    first, seconds, others, found = self.adjacency[step]
                    begin = first[node]
                    end = bisect_left(seconds, at, begin, first[node + 1])
                    begin = max(begin, end - limit)
                    far = step.far
                    below += [(far, other, at) for other in others[begin:end]]
                    refs += found[begin:end]
            total, level = total + len(refs), below
        return total


class SqlSampler:
    """Asks an in-memory DuckDB: one window query a step and hop, all seeds at once."""

    name = "DuckDB, a window query a step and hop"

    def __init__(self, snapshot: Snapshot, threads: int) -> None:
        self.database = duckdb.connect(config={"threads": threads})
        self.steps = {label: snapshot.steps(label) for label in snapshot.labels()}
        self.tables: dict[Step, str] = {}
        for steps in self.steps.values():
            for step in steps:
                self.tables[step] = f"step_{len(self.tables)}"
                (run,) = snapshot.runs(*step)
                columns = {"node": run.key >> SECOND_BITS, "known_at_s": run.key & (2**SECOND_BITS - 1)}
                columns |= {"other": run.other, "ref": run.ref, "place": np.arange(len(run.key))}
                self._store(self.tables[step], {name: values.astype(np.int64) for name, values in columns.items()})

    def count(self, label: NodeLabel, rows: Ints, as_of_s: Ints, fanouts: Sequence[int]) -> int:
        """Draws the neighbourhoods and returns the number of facts in them."""
        total, level = 0, {label: (rows, as_of_s)}
        for limit in fanouts:
            below: defaultdict[NodeLabel, list[tuple[Ints, Ints]]] = defaultdict(list)
            for near, (nodes, times) in level.items():
                self._store("asked", {"owner": np.arange(len(nodes)), "node": nodes, "as_of": times})
                for step in self.steps[near]:
                    self.database.execute(LATERAL.format(table=self.tables[step], limit=limit))
                    found = self.database.execute("select other, as_of, ref from chosen").fetchnumpy()
                    total += len(found["ref"])
                    below[step.far].append((np.asarray(found["other"]), np.asarray(found["as_of"])))
            level = {far: (np.concatenate([n for n, _ in p]), np.concatenate([t for _, t in p])) for far, p in below.items()}
        return total

    def _store(self, table: str, columns: dict[str, Ints]) -> None:
        self.database.register("handed", pa.table(columns))
        self.database.execute(f"create or replace table {table} as select * from handed")


def _adjacency(snapshot: Snapshot, step: Step) -> Adjacency:
    (run,) = snapshot.runs(*step)
    nodes = run.key >> np.uint64(SECOND_BITS)
    first = np.searchsorted(nodes, np.arange(snapshot.num_nodes(step.near) + 1, dtype=np.uint64))
    seconds = run.key & np.uint64(2**SECOND_BITS - 1)
    return Adjacency(*(array("q", part.astype(np.int64).tobytes()) for part in (first, seconds, run.other, run.ref)))
