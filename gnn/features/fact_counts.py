"""How many facts speak of a subject: its own, adverse ones among them, and those of others it is tied to.

Each fact counts once, by whichever paths it is reached, and whether or not a model reads its relation. Facts that the subject
has a part in are no neighbour's: what ties it to somebody says nothing of that one. No count is a feature.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.features.distinct import distinct
from gnn.features.paths import Path, is_owned, outcome_steps, own_paths, peer_paths
from gnn.features.walk import HUB_LIMIT, Walk
from graph.derived import properties
from graph.recent import recent_of
from graph.snapshot import Snapshot
from graph.steps import Step
from graph.vocabulary import ADVERSE, ADVERSE_STANDINGS, STANDING, EdgeType, NodeLabel

Ints = NDArray[np.int64]
AT_ONCE = 512  # subjects counted together
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True)
class FactCounts:
    """Facts of each of n subjects, int64 [n] each; of one node and relation the most recent that a walk takes.

    `own` lie at the subject and at what it holds or applied for; `adverse` are those of them that tell of missed instalments
    or default. `neighbours` are of those the subject is tied to: their loans, and their ties to others.
    """

    own: Ints
    neighbours: Ints
    adverse: Ints

    def take(self, index: Ints) -> "FactCounts":
        """Those of the subjects at these positions."""
        return FactCounts(self.own[index], self.neighbours[index], self.adverse[index])


def count_in_bulk(
    snapshot: Snapshot, label: NodeLabel, rows: Ints, as_of_s: Ints, unseen: frozenset[Step] = frozenset()
) -> FactCounts:
    """`count_facts` of many subjects: rows int64 [n], each as of its own UTC second, exclusive."""
    pieces = [slice(begin, begin + AT_ONCE) for begin in range(0, len(rows), AT_ONCE)]
    return join_counts([count_facts(Walk(snapshot, rows[at], as_of_s[at], label, unseen=unseen)) for at in pieces])


def join_counts(parts: Sequence[FactCounts]) -> FactCounts:
    """Those of several parts, one after the other."""
    each = ([getattr(part, name) for part in parts] for name in ("own", "neighbours", "adverse"))
    return FactCounts(*(np.concatenate([_NONE, *counts]) for counts in each))


def count_facts(walk: Walk) -> FactCounts:
    """The counts of a walk's subjects, none of which depends on another subject."""
    counting = _Counting(walk)
    own = counting.distinct(counting.own())
    part_in = counting.distinct((*own.items(), *counting.led_back()))
    others = counting.distinct(counting.neighbours())
    kept = {edge: codes[~np.isin(codes, part_in.get(edge, _NONE))] for edge, codes in others.items()}
    adverse = {edge: counting.adverse(edge, codes) for edge, codes in own.items()}
    return FactCounts(counting.total(own), counting.total(kept), counting.total(adverse))


class _Counting:
    """Facts as codes, `subject * facts of the edge type + ref`, so that one met twice is seen to be one."""

    def __init__(self, walk: Walk) -> None:
        self._walk, self._snapshot, self._subject = walk, walk.snapshot, walk.subject

    def own(self) -> Iterator[tuple[EdgeType, Ints]]:
        for path in own_paths(self._snapshot, self._subject):
            yield self._facts(path)

    def led_back(self) -> Iterator[tuple[EdgeType, Ints]]:
        """Facts of others at what the subject owns."""
        for hop in self._snapshot.steps(self._subject):
            if is_owned(hop):
                yield from (self._facts((hop, s)) for s in self._snapshot.steps(hop.far) if s.far is self._subject)

    def neighbours(self) -> Iterator[tuple[EdgeType, Ints]]:
        paths = peer_paths(self._snapshot, self._subject)
        outcomes = [step for step in outcome_steps(self._snapshot, self._subject) if self._walk.may_take(step)]
        ends = [self._walk.nodes(path) for path in paths]
        size = max(self._snapshot.num_nodes(self._subject), 1)
        tied = distinct(np.concatenate([_NONE, *(owner * size + row for owner, row in ends)]))
        if not len(tied):
            return
        reached = self._walk.reach_all(tied // size, tied % size, self._subject)
        for step in outcomes:
            if step.back in self._walk.unseen:  # what leads back must not be known of: it is left out before it is counted
                yield from (self._facts((*path, step)) for path in paths)
                continue
            found = recent_of(self._snapshot, step, reached.question, HUB_LIMIT, ordered=False)
            owner, ref, _ = reached.spread(found)
            yield step.edge, self._codes(step.edge, owner, ref)
        for path in paths:
            if len(path) == 1:
                yield from (self._facts((*path, step)) for step in dict.fromkeys((path[0], path[0].back)))

    def adverse(self, edge: EdgeType, codes: Ints) -> Ints:
        """Which of the facts are adverse."""
        if edge.rel in ADVERSE:
            return codes
        (standing,) = STANDING
        if standing not in properties(edge) or not len(codes):
            return _NONE
        texts = self._snapshot.categories(edge, standing.name)
        bad = [code for code, text in enumerate(texts) if text in ADVERSE_STANDINGS]
        told = self._snapshot.take(edge, standing.name, codes % self._size(edge))
        return codes[np.isin(told, bad)]

    def distinct(self, met: Iterator[tuple[EdgeType, Ints]] | tuple[tuple[EdgeType, Ints], ...]) -> dict[EdgeType, Ints]:
        of_edge: defaultdict[EdgeType, list[Ints]] = defaultdict(list)
        for edge, codes in met:
            of_edge[edge].append(codes)
        return {edge: distinct(np.concatenate(parts)) for edge, parts in of_edge.items()}

    def total(self, met: dict[EdgeType, Ints]) -> Ints:
        whose = [codes // self._size(edge) for edge, codes in met.items()]
        return np.bincount(np.concatenate([_NONE, *whose]), minlength=len(self._walk.rows)).astype(np.int64)

    def _facts(self, path: Path) -> tuple[EdgeType, Ints]:
        found = self._walk.facts(path)
        return path[-1].edge, self._codes(path[-1].edge, found.owner, found.ref)

    def _codes(self, edge: EdgeType, owner: Ints, ref: Ints) -> Ints:
        return owner * self._size(edge) + ref

    def _size(self, edge: EdgeType) -> int:
        return max(self._snapshot.num_facts(edge), 1)
