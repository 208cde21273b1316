"""Which milestones of a task the loans of its examples met, and since when that is known.

Like outcomes they are what is predicted, never an input, and are read whatever their known_at. Knows no feature and no model.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.cohorts import DAY_S, EVER, SECOND_US, read_facts
from gnn.examples import UNKNOWN, Examples
from gnn.outcomes import last_corrected, last_reported_s
from gnn.tasks import Cured, Milestone, Task, Within
from graph.snapshot import Snapshot
from graph.vocabulary import EdgeType

LEAST_MET = 0.004  # share of the examples with a known milestone; rarer ones say less than they cost


@dataclass(frozen=True)
class Milestones:
    """Of n examples and k milestones: `label` int8 [n, k], 1 where met, and `known_s` int64 [n, k], the second it is known.

    Where a window has not closed, `label` is `UNKNOWN` and `known_s` is `EVER`. `telling` are places of the most telling ones.
    """

    names: tuple[str, ...]
    label: NDArray[np.int8]
    known_s: NDArray[np.int64]
    telling: tuple[int, ...] = ()

    def taught(self, index: NDArray[np.int64], before_s: int, *, telling: bool = False) -> NDArray[np.int8]:
        """What examples at `index` int64 [m] teach whoever learns as of a second: int8 [m, k'], `UNKNOWN` where nothing.

        Milestones that fewer than `LEAST_MET` of them met, or nobody, teach nothing and are left out; with `telling` all
        but the most telling ones are.
        """
        places = np.array(self.telling if telling else range(len(self.names)), np.int64)
        known = self.known_s[np.ix_(index, places)] < before_s
        label = np.where(known, self.label[np.ix_(index, places)], UNKNOWN).astype(np.int8)
        often = (label == 1).sum(axis=0) >= np.maximum(LEAST_MET * known.sum(axis=0), 1)
        return label[:, often]


def read_milestones(snapshot: Snapshot, task: Task, examples: Examples) -> Milestones:
    """The milestones of examples, in the order of the task's; none for a task without.

    One counts as known when its window has closed and its reporting lag is over, met or not, or later where the fact that
    met it was told later, or a fact of its kind at the loan was corrected or withdrawn later, whatever that changed.

    Raises:
        ValueError: a task with milestones has an outcome that no facts decide.
    """
    shape = (len(examples), len(task.milestones))
    label, known_s = np.full(shape, UNKNOWN, np.int8), np.full(shape, EVER, np.int64)
    if not task.milestones:
        return Milestones((), label, known_s)
    if not isinstance(task.outcome, Within | Cured):
        raise ValueError(f"task {task.name} has milestones and an outcome without a window; leave them out")
    reported_s = last_reported_s(snapshot, task.outcome)
    by_edge: defaultdict[EdgeType, list[int]] = defaultdict(list)
    for place, milestone in enumerate(task.milestones):
        by_edge[milestone.edge].append(place)
    for edge, places in by_edge.items():
        events, corrected_s = _events(snapshot, edge, examples), _corrected_s(snapshot, edge, examples)
        for place in places:
            milestone = task.milestones[place]
            told_s = _told(events, milestone, len(examples))
            shut_s = examples.as_of_s + (milestone.horizon_days + milestone.reporting_lag_days) * DAY_S
            closed = shut_s <= reported_s
            label[closed, place] = told_s[closed] < EVER
            told_s = np.where(told_s < EVER, np.maximum(told_s, shut_s), shut_s)
            known_s[closed, place] = np.maximum(told_s, corrected_s)[closed]
    telling = tuple(place for place, milestone in enumerate(task.milestones) if milestone.telling)
    return Milestones(tuple(milestone.name for milestone in task.milestones), label, known_s, telling)


def _events(snapshot: Snapshot, edge: EdgeType, examples: Examples) -> pl.DataFrame:
    """Facts of an edge type at the examples' loans after they were scored: `place`, `after_us`, `known_at_s`."""
    scored = pl.DataFrame(
        {"place": np.arange(len(examples)), "loan": examples.loan_rows, "scored_us": examples.as_of_s * SECOND_US}
    )
    facts = read_facts(snapshot, edge, ("at_us",)).select("loan", "at_us", "known_at_s")
    found = scored.join(facts, on="loan").with_columns(after_us=pl.col("at_us") - pl.col("scored_us"))
    return found.filter(pl.col("after_us") > 0).select("place", "after_us", "known_at_s")


def _corrected_s(snapshot: Snapshot, edge: EdgeType, examples: Examples) -> NDArray[np.int64]:
    """int64 [n] second of the last correction of a fact of an edge type at each example's loan; 0 where there was none."""
    corrected = last_corrected(snapshot, (edge,))
    loans = pl.DataFrame({"loan": examples.loan_rows})
    found = loans.join(corrected, on="loan", how="left", maintain_order="left")["corrected_s"].fill_null(0)
    return found.to_numpy().astype(np.int64)


def _told(events: pl.DataFrame, milestone: Milestone, number: int) -> NDArray[np.int64]:
    """int64 [n] second at which enough facts within the window were known; `EVER` where there were too few."""
    within = events.filter(pl.col("after_us") <= milestone.horizon_days * DAY_S * SECOND_US)
    enough = (
        within.group_by("place")
        .agg(pl.col("known_at_s").sort())
        .filter(pl.col("known_at_s").list.len() >= milestone.least)
        .select("place", told_s=pl.col("known_at_s").list.get(milestone.least - 1))
    )
    told_s = np.full(number, EVER, np.int64)
    told_s[enough["place"].to_numpy()] = enough["told_s"].to_numpy()
    return told_s
