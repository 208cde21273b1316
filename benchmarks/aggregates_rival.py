"""The same columns over others' facts in SQL: windows for the most recent facts of each node, joins along a path.

It is handed facts that count, under the nodes that stand for their ends; limits, times and sums are its own work.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gnn.features.paths import is_owned
from gnn.features.plan import Column, FeaturePlan, Statistic
from gnn.features.stated import Stated
from gnn.features.walk import HUB_LIMIT, OWN_LIMIT
from graph.derived import properties
from graph.question import ask
from graph.recent import recent_of
from graph.snapshot import Snapshot
from graph.snapshot.columns import Ints
from graph.steps import Step
from graph.vocabulary import Kind

CHOOSE = """
create or replace table {name} as
select * from (select *, row_number() over (partition by node order by known_at_s desc, ref desc) as nth
               from {facts} where known_at_s < {as_of_s})
where nth <= {limit}
"""
FOLLOW = """
create or replace table {name} as
select distinct level.owner, chosen.other as node from {level} as level join {chosen} as chosen on level.node = chosen.node
{where}
"""
SUM_UP = """
select level.owner, {columns} from {level} as level join {chosen} as chosen on level.node = chosen.node
group by level.owner order by level.owner
"""
EXPRESSIONS = {
    Statistic.COUNT: "count(*)",
    Statistic.SUM: "sum({prop})",
    Statistic.MEAN: "sum({prop})::double / nullif(count({prop}), 0)",
    Statistic.MIN: "min({prop})",
    Statistic.MAX: "max({prop})",
    Statistic.POSITIVE_SHARE: "(count(*) filter ({prop} > 0))::double / nullif(count({prop}), 0)",
}
OF_NOTHING = {Statistic.COUNT: 0.0, Statistic.SUM: 0.0}


class SqlAggregates:
    """Aggregates of subjects `rows` int64 [n], all as of one second, in an in-memory DuckDB of so many threads."""

    def __init__(self, snapshot: Snapshot, plan: FeaturePlan, rows: Ints, as_of_s: int, threads: int) -> None:
        self._snapshot, self._plan, self._rows, self._as_of_s = snapshot, plan, rows, as_of_s
        self._database = duckdb.connect(config={"threads": threads})
        self._facts: dict[Step, str] = {}
        self._chosen: dict[tuple[Step, int], str] = {}
        self._levels: dict[tuple[Step, ...], str] = {(): "level_0"}
        self._store("level_0", {"owner": np.arange(len(rows)), "node": rows})

    def hand_over(self, path: Sequence[Step]) -> None:
        """Give it the facts of every step of a path; its own seconds begin after that."""
        for step in path:
            if step not in self._facts:
                self._facts[step] = f"facts_{len(self._facts)}"
                self._store(self._facts[step], self._counting(step))

    def aggregate(self, columns: Sequence[Column]) -> list[NDArray[np.float64]]:
        """Values float64 [n] of columns of one path; what earlier paths had to choose and follow is kept."""
        *before, step = columns[0].path
        level = self._follow(tuple(before))
        told = ", ".join(f"{EXPRESSIONS[c.statistic].format(prop=c.prop)} as column_{i}" for i, c in enumerate(columns))
        query = SUM_UP.format(columns=told, level=level, chosen=self._choose(step, HUB_LIMIT))
        found = self._database.execute(query).fetchnumpy()
        values = []
        for i, column in enumerate(columns):
            out = np.full(len(self._rows), OF_NOTHING.get(column.statistic, np.nan))
            out[found["owner"]] = np.ma.filled(np.ma.asarray(found[f"column_{i}"]).astype(np.float64), np.nan)
            values.append(out)
        return values

    def _follow(self, path: tuple[Step, ...]) -> str:
        if path not in self._levels:
            *before, step = path
            upper = self._follow(tuple(before))
            limit = OWN_LIMIT if all(is_owned(hop) for hop in before) else HUB_LIMIT
            chosen, name = self._choose(step, limit), f"level_{len(self._levels)}"
            themselves = "join level_0 as self on self.owner = level.owner where chosen.other <> self.node"
            where = themselves if step.far is self._plan.label else ""
            self._database.execute(FOLLOW.format(name=name, level=upper, chosen=chosen, where=where))
            self._levels[path] = name
        return self._levels[path]

    def _choose(self, step: Step, limit: int) -> str:
        if (step, limit) not in self._chosen:
            name = f"chosen_{len(self._chosen)}"
            self._database.execute(CHOOSE.format(name=name, facts=self._facts[step], as_of_s=self._as_of_s, limit=limit))
            self._chosen[step, limit] = name
        return self._chosen[step, limit]

    def _counting(self, step: Step) -> dict[str, Ints | pa.Array]:
        """All facts of a step that count as of the second, under the nodes that stand for their ends."""
        snapshot, rows = self._snapshot, np.arange(self._snapshot.num_nodes(step.near))
        rows = rows[snapshot.standing(step.near, rows, np.full(len(rows), self._as_of_s)) == rows]
        question = ask(snapshot, step.near, rows, np.full(len(rows), self._as_of_s))
        owner, ref, other = recent_of(snapshot, step, question, snapshot.num_facts(step.edge), ordered=False)
        facts: dict[str, Ints | pa.Array] = {
            "node": rows[owner],
            "other": other,
            "ref": ref,
            "known_at_s": snapshot.take(step.edge, "known_at_s", ref),
        }
        stated = Stated(snapshot, step.edge, ref, self._plan.currency)
        for prop in properties(step.edge):
            if prop.kind in (Kind.INTEGER, Kind.MONEY):
                values, there = stated.number(prop.name)
                facts[prop.name] = pa.array(values, mask=~there)
        return facts

    def _store(self, table: str, columns: dict[str, Ints | pa.Array]) -> None:
        self._database.register("handed", pa.table(columns))
        self._database.execute(f"create or replace table {table} as select * from handed")
        self._database.unregister("handed")
