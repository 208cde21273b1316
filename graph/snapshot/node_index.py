"""Where each node's facts lie in a sorted run, for questions about so many nodes that searching for each would cost more.

Most nodes asked about have no fact of a given relation: one byte a node says so, and they are searched no further. Made in
memory from a run's keys; knows no file.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.snapshot.columns import CompositeKeys, Ints
from graph.snapshot.format import SECOND_BITS

_WORD_BITS = 64


@dataclass(frozen=True)
class NodeIndex:
    """Nodes that have facts in a run.

    `has` bool[64 w + 1] says whether row i has any, at last False for all rows above; the same is bit i % 64 of `words`
    uint64[w] at i // 64; `before` int64[w] is how many rows below a word have; `start` int64[k + 1] is where the facts of
    the k rows begin, and at last where the run ends.
    """

    has: NDArray[np.bool_]
    words: NDArray[np.uint64]
    before: Ints
    start: Ints

    def find(self, rows: Ints) -> tuple[Ints, Ints, Ints]:
        """Places in `rows` int64[n] of those that have facts, ascending, and from where to where each one's lie."""
        asked = np.flatnonzero(self.has.take(rows, mode="clip"))
        row = rows[asked]
        lower = (np.uint64(1) << (row % _WORD_BITS).astype(np.uint64)) - np.uint64(1)
        word = row // _WORD_BITS
        place = self.before[word] + np.bitwise_count(self.words[word] & lower)
        return asked, self.start[place], self.start[place + 1]


def build_node_index(key: CompositeKeys) -> NodeIndex:
    """The index of a run's keys uint64[n], sorted; n may be 0."""
    row = (key >> np.uint64(SECOND_BITS)).astype(np.int64)
    begins = np.ones(len(row), np.bool_)
    begins[1:] = row[1:] != row[:-1]
    first = np.flatnonzero(begins)
    size = int(row[-1]) // _WORD_BITS + 1 if len(row) else 1
    has = np.zeros(size * _WORD_BITS + 1, np.bool_)
    has[row[first]] = True
    words = np.packbits(has[:-1], bitorder="little").view("<u8").astype(np.uint64, copy=False)
    counts = np.bitwise_count(words).astype(np.int64)
    return NodeIndex(has, words, np.cumsum(counts) - counts, np.append(first, len(row)))
