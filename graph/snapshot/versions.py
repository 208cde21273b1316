"""Until when each version of a corrected fact counts: up to the second at which the next one of its series was known.

Built over all segments up to one, as merges are, so that a version in a delta ends one in the base. Versions stand in order of
(known_at_s, fact id): of those known in one second only the last ever counts, and a withdrawn one never does. Knows no file.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.facts import MAXIMUM_SECOND
from graph.snapshot.columns import Ints, Keys

NEVER = MAXIMUM_SECOND + 1  # stands as the end of a fact that nothing ends


@dataclass(frozen=True)
class Versions:
    """The facts of one edge type that are versions, in one segment and all below it.

    `ref` int32[k], ascending, and `series` S16[k] are the versions; `ended` int32[m], ascending, are those with an end and
    `ended_s` int64[m] those ends: the known_at_s of the next version, or the version's own where it never counts.
    """

    ref: NDArray[np.int32]
    series: Keys
    ended: NDArray[np.int32]
    ended_s: Ints

    def ends_s(self, refs: Ints) -> Ints:
        """int64[n] ends of any facts of the edge type; NEVER where there is none. One counts as of T if T <= its end."""
        place = np.minimum(np.searchsorted(self.ended, refs), max(len(self.ended) - 1, 0))
        if not len(self.ended):
            return np.full(len(refs), NEVER, np.int64)
        return np.where(self.ended[place] == refs, self.ended_s[place], NEVER)


@dataclass(frozen=True)
class Members:
    """Versions in order of their refs: int64[k] refs, series S16[k], when known, fact ids S16[k], and which never count."""

    ref: Ints
    series: Keys
    known_at_s: Ints
    ids: Keys
    never: NDArray[np.bool_]


def build_versions(members: Members) -> Versions:
    """Which version ends which, among all of one edge type."""
    order = np.lexsort((members.ids, members.known_at_s, members.series))
    followed = members.series[order][1:] == members.series[order][:-1]
    ends_s = np.full(len(members.ref), NEVER, np.int64)
    ends_s[order[:-1][followed]] = members.known_at_s[order[1:][followed]]
    ends_s[members.never] = members.known_at_s[members.never]
    ended = np.flatnonzero(ends_s < NEVER)
    return Versions(members.ref.astype(np.int32), members.series, members.ref[ended].astype(np.int32), ends_s[ended])
