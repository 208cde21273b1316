"""How long the neighbour tables of every person of an economy of 20 million facts take, as of one instant.

    python -m benchmarks.prove model-aggregates

The economy is the sandbox's. Its files and its snapshot are kept under `.prove/aggregates`, each a piece that an interrupted
run does not make again. DuckDB makes the columns over others' facts from the same facts in the same run, and must find the
same values.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.aggregates_rival import SqlAggregates
from benchmarks.ingest.economy import prepare_economy
from benchmarks.pieces import BUDGET_S, Unfinished, apart
from benchmarks.results import Figure
from benchmarks.sandbox.truth import SOURCE
from benchmarks.sandbox.worlds import once, publish, read_economy
from benchmarks.scale import Scale
from gnn.features.bulk import build_in_bulk
from gnn.features.layout import build_layout
from gnn.features.plan import FeaturePlan, Scope
from gnn.features.planning import plan_features
from gnn.features.table import FeatureTable
from gnn.tasks import TASKS, Task
from graph.facts import MAXIMUM_SECOND
from graph.snapshot import Snapshot
from graph.snapshot.columns import Ints
from graph.steps import Step
from ingest.sandbox.knobs import Scale as EconomyScale

CACHE = Path(".prove") / "aggregates"
ECONOMIES = {Scale.FULL: EconomyScale(82_000), Scale.REDUCED: EconomyScale(1_000, months=12)}
FACTS_WANTED = {Scale.FULL: 20_000_000, Scale.REDUCED: 1}
PROCESSES = 2
MOST_S = 60.0
T = TypeVar("T")
Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Asked:
    """Every person there is at one instant: int64 [n] rows, none part of another, and its UTC second, exclusive."""

    rows: Ints
    as_of_s: int

    @property
    def instants(self) -> Ints:
        """The second of each, int64 [n]."""
        return np.full(len(self.rows), self.as_of_s, np.int64)


def main(scale: Scale, root: Path = CACHE) -> list[Figure]:
    """Seconds for the tables of all persons, beside DuckDB's for the same columns.

    Raises:
        Unfinished: the economy is made, and the time of one run is over; run it again.
    """
    snapshot, task = Snapshot.open(prepare_graph(ECONOMIES[scale], root)), TASKS[SOURCE]
    facts = sum(snapshot.num_facts(edge) for edge in snapshot.edges())
    assert facts >= FACTS_WANTED[scale], f"{facts:,} facts are too few: the economy must be larger"
    asked = ask_everyone(snapshot, task)
    plan = plan_features(snapshot, task.subject, asked.as_of_s, Scope.NEIGHBOURS, currency=task.currency, unseen=task.unseen)
    table, seconds = _timed(lambda: build_in_bulk(snapshot, plan, asked.rows, asked.instants, processes=PROCESSES))
    rival_s, compared = rival_seconds(snapshot, plan, asked, table)
    return [
        Figure(
            "model.aggregates.seconds_20m",
            seconds,
            "seconds for every person",
            rival=rival_s,
            rival_name="DuckDB, windows and joins, two threads",
            counts={
                "facts": facts,
                "persons": len(asked.rows),
                "columns": len(plan.columns),
                "compared_columns": compared,
                "processes": PROCESSES,
            },
            seed=ECONOMIES[scale].seed,
            note=f"simulated economy, all persons as of one instant after its last fact; at most {MOST_S:g} s are wanted. Ours "
            "are all columns, with those of a subject's own and the start of the processes. The rival made those over others' "
            f"facts alone, {compared} with equal values, and merges and consents were resolved for it before",
        )
    ]


def prepare_graph(scale: EconomyScale, root: Path) -> Path:
    """Folder of the economy's snapshot; the economy and the snapshot are made where they are not there yet."""
    place, began = root / f"graph-{scale.persons}-{scale.months}-{scale.seed}", time.monotonic()
    if not place.exists():
        economy = prepare_economy(root, scale).parent
        if time.monotonic() - began > BUDGET_S / 3:
            raise Unfinished("model-aggregates: the economy is written; run it again to go on")
        apart(_publish, economy, place)
    return place


def _publish(economy: Path, place: Path) -> None:
    once(place, lambda folder: publish(read_economy(economy), folder))


def ask_everyone(snapshot: Snapshot, task: Task) -> Asked:
    """All subjects of a task as of the second after the last fact of all."""
    known = [int(table.columns["known_at_s"].max()) for edge in snapshot.edges() for table in snapshot.facts(edge)]
    as_of_s = min(max(known) + 1, MAXIMUM_SECOND)
    rows = np.arange(snapshot.num_nodes(task.subject))
    return Asked(np.flatnonzero(snapshot.standing(task.subject, rows, np.full(len(rows), as_of_s)) == rows), as_of_s)


def rival_seconds(snapshot: Snapshot, plan: FeaturePlan, asked: Asked, table: FeatureTable) -> tuple[float, int]:
    """Seconds that DuckDB takes for the columns over others' facts, and how many those are.

    Raises:
        AssertionError: it found another value than the table has.
    """
    places = [p for step in build_layout(plan).shared for block in step.blocks for p in block.places.tolist()]
    by_path: defaultdict[Steps, list[int]] = defaultdict(list)
    for place in places:
        if all(step.back not in plan.unseen for step in plan.columns[place].path):  # the rival knows nothing of those
            by_path[plan.columns[place].path].append(place)
    rival = SqlAggregates(snapshot, plan, asked.rows, asked.as_of_s, PROCESSES)
    for path in by_path:
        rival.hand_over(path)
    total = 0.0
    for of_path in by_path.values():
        columns = [plan.columns[place] for place in of_path]
        found, seconds = _timed(lambda: rival.aggregate(columns))  # noqa: B023 # called at once
        total += seconds
        for place, values in zip(of_path, found, strict=True):
            assert_same(plan.names[place], values, table.values[:, place])
    return total, sum(map(len, by_path.values()))


def assert_same(name: str, theirs: NDArray[np.float64], ours: NDArray[np.float64]) -> None:
    """Counts to the last, means to the rounding of a division."""
    assert np.allclose(theirs, ours, rtol=1e-12, atol=0.0, equal_nan=True), f"DuckDB has other values of {name}"


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun
