"""Whether a score as of T rests on nothing that became known at T or after it.

The same persons are asked about in a world whose future is another one, with the columns and the model that were made in
this one; every bit of every score must be the same. It fits nothing.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gnn.dataset import Dataset, Model, build_tables
from gnn.examples import NO_LOAN, Examples
from graph.snapshot import Snapshot
from graph.snapshot.columns import Keys


@dataclass(frozen=True)
class Asked:
    """Persons by their keys S16 [n], each scored as of the same second."""

    keys: Keys
    as_of_s: int


def pick_asked(data: Dataset, as_of_s: int, most: int) -> Asked:
    """The last `most` distinct subjects whose examples came before `as_of_s`."""
    rows = data.examples.rows[data.examples.as_of_s < as_of_s]
    rows = data.snapshot.standing(data.task.subject, rows, np.full(len(rows), as_of_s))
    _, last = np.unique(rows[::-1], return_index=True)
    chosen = rows[::-1][np.sort(last)[:most]]
    return Asked(data.snapshot.keys_of(data.task.subject, chosen), as_of_s)


def scores_as_of(model: Model, data: Dataset, world: Snapshot, asked: Asked) -> NDArray[np.float64]:
    """Log-odds float64 [n] of the persons asked about, by a model fitted on `data`, with the facts of `world`.

    A person of whom nothing is left in that world is an error: facts from before T make every person asked about.
    """
    rows = world.rows_of(data.task.subject, asked.keys)
    assert (rows >= 0).all(), "a person asked about is not known in the other world"
    when = np.full(len(rows), asked.as_of_s, np.int64)
    rows = world.standing(data.task.subject, rows, when)
    examples = Examples(rows, when, np.full(len(rows), NO_LOAN, np.int64), np.zeros(len(rows), np.int8), when)
    own, neighbours = build_tables(world, data.own_plan, data.neighbours_plan, examples)
    there = replace(data, snapshot=world, examples=examples, own=own, neighbours=neighbours, earlier=None)
    return model.log_odds(there, np.arange(len(rows)))


def changed(before: NDArray[np.float64], after: NDArray[np.float64]) -> int:
    """How many scores differ in any bit."""
    return int((before.view(np.int64) != after.view(np.int64)).sum())
