"""Fills the columns that count what everyone else at the subject's venues is known to have, however many they are.

A walk reads the most recent members of a place alone; a district's rate of default needs all of them. The subject's own
facts are taken off: whoever is alone at a venue counts nothing there. Knows columns and walks, not how the counts are kept.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gnn.features.aggregates import Floats
from gnn.features.plan import Column, Statistic
from gnn.features.venue_timelines import own_timeline, venue_ties, venue_timeline
from gnn.features.walk import Reached, Walk
from graph.question import Question, Selection, ask
from graph.ranges import laid_out
from graph.snapshot.columns import Ints
from graph.steps import Step


@dataclass(frozen=True)
class Census:
    """Columns over the venues of one step: column `places[i]` of the plan counts the facts of `outcomes[i]`."""

    tie: Step
    outcomes: tuple[Step, ...]
    places: tuple[int, ...]


def is_census(column: Column) -> bool:
    """Whether a column counts everyone's facts."""
    return column.statistic is Statistic.CENSUS


def build_census(columns: Sequence[tuple[int, Column]]) -> tuple[Census, ...]:
    """Sort such columns, each given with its place in the plan."""
    of_tie: defaultdict[Step, list[tuple[Step, int]]] = defaultdict(list)
    for place, column in columns:
        tie, back, outcome = column.path
        assert back == tie.back
        of_tie[tie].append((outcome, place))
    return tuple(Census(tie, *zip(*made, strict=True)) for tie, made in of_tie.items())


class CensusReader:
    """Fills these columns for the subjects of one walk."""

    def __init__(self, walk: Walk) -> None:
        self._walk, self._snapshot = walk, walk.snapshot.before_request
        self._own: dict[Step, Ints] = {}

    def fill(self, out: Floats, census: Census) -> None:
        """Put the columns of a step into `out` float64 [columns, subjects]."""
        n = out.shape[1]
        out[list(census.places)] = 0.0
        taken = [(step, at) for step, at in zip(census.outcomes, census.places, strict=True) if self._walk.may_take(step)]
        if not taken or not self._walk.may_take(census.tie.back):
            return
        reached = self._walk.reach((census.tie,))
        if not len(reached.owner):
            return
        owner, row = _rows(reached)
        member = self._members_at(census.tie, owner, reached.question.row[row])
        counts: list[Ints] = []
        for step, _ in taken:
            everyone = venue_timeline(self._snapshot, census.tie, step).count(reached.question.low, reached.question.high)
            counts.extend((everyone[row], -self._own_facts(step)[member]))
        whose = np.concatenate([owner, self._whose[member]])
        group = np.arange(0, len(taken) * n, n)[:, None] + whose
        total = np.bincount(group.ravel(), weights=np.concatenate(counts), minlength=len(taken) * n)
        out[[place for _, place in taken]] = total.reshape(-1, n)

    def _members_at(self, tie: Step, owner: Ints, venue: Ints) -> Ints:
        """The subjects' own rows that are tied to their venues, as places in the question about the subjects."""
        counts = np.bincount(self._whose, minlength=len(self._walk.rows))
        at, member = laid_out((np.cumsum(counts) - counts)[owner], counts[owner])
        held = venue_ties(self._snapshot, tie).hold(self._subjects.row[member], venue[at], self._walk.as_of_s[owner[at]])
        return np.asarray(member[held])

    def _own_facts(self, outcome: Step) -> Ints:
        """int64 [rows] facts of each row that a subject is made of."""
        if outcome not in self._own:
            self._own[outcome] = own_timeline(self._snapshot, outcome).count(self._subjects.low, self._subjects.high)
        return self._own[outcome]

    @cached_property
    def _subjects(self) -> Question:
        return ask(self._walk.snapshot, self._walk.subject, self._walk.rows, self._walk.as_of_s)

    @cached_property
    def _whose(self) -> Ints:
        """Whose each row of the question is, ascending."""
        return np.arange(len(self._walk.rows)) if self._subjects.owner is None else self._subjects.owner


def _rows(reached: Reached) -> tuple[Ints, Ints]:
    """The rows that the nodes reached are made of: whose each is, and its place in the question about them."""
    question = reached.question
    if question.owner is None:
        return reached.owner, reached.place
    found = reached.spread(Selection(question.owner, np.arange(len(question.row)), question.row))
    return found.owner, found.ref
