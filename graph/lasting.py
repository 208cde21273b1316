"""From when until when each fact of a step counts, over all times at once: what `graph/recent.py` would find as of any of them.

A fact counts as of T where its begin < T <= its end. It begins when it is known and ends when the next version of it is known;
one that rests on consent counts while the persons it touches consent. Merges move no fact: rows are as the facts state them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.facts import MAXIMUM_SECOND
from graph.ranges import laid_out
from graph.snapshot.columns import CompositeKeys, Ints, composite_key, split_key
from graph.snapshot.reader import Snapshot
from graph.steps import Step
from graph.vocabulary import SPECS, Basis, NodeLabel

ENDLESS = MAXIMUM_SECOND + 1  # the end of what nothing ends


class Lasting(NamedTuple):
    """Crossable facts of one step, ascending by `begin` uint64[n], which is `near row << 34 | begin`.

    `other` int[n] is the row at the other end; `end_s` int64[n], or None where nothing ends. A fact that counts in several
    spells stands there once for each.
    """

    begin: CompositeKeys
    other: NDArray[np.int32]
    end_s: Ints | None


def lasting(snapshot: Snapshot, step: Step) -> Lasting:
    """All facts of a step that count as of any time, known at any time.

    Args:
        snapshot: A version without a request's facts, which need no consent of their own.
        step: Any but those between persons, who may become one.
    """
    assert step.near is not step.far or step.stays or snapshot.merges(step.far) is None
    runs = snapshot.runs(step.edge, step.direction)
    if len(runs) == 1 and not snapshot.corrects(step.edge) and snapshot.consents(step.edge) is None:
        return Lasting(runs[0].key, runs[0].other, None)
    key = np.concatenate([np.empty(0, np.uint64), *(run.key for run in runs)])
    ref = np.concatenate([np.empty(0, np.int64), *(run.ref for run in runs)])
    other = np.concatenate([np.empty(0, np.int32), *(run.other for run in runs)])
    near, begin_s = split_key(key)
    place, begin_s, end_s = np.arange(len(ref)), begin_s, snapshot.ends_s(step.edge, ref)
    for label, rows in ((step.near, near), (step.far, other.astype(np.int64))):
        if label is NodeLabel.PERSON:
            spells = _consented(snapshot, step, ref[place], rows[place])
            place, begin_s, end_s = (
                place[spells.fact],
                np.maximum(begin_s[spells.fact], spells.begin_s),
                np.minimum(end_s[spells.fact], spells.end_s),
            )
    counting = begin_s < end_s
    place, begin_s, end_s = place[counting], begin_s[counting], end_s[counting]
    begin = composite_key(near[place], begin_s)
    order = np.argsort(begin, kind="stable")
    return Lasting(begin[order], other[place[order]], None if (end_s == ENDLESS).all() else end_s[order])


class _Spells(NamedTuple):
    """When facts may be used: as of T where begin < T <= end of one of those of a `fact`, int64[m] each."""

    fact: Ints
    begin_s: Ints
    end_s: Ints


def _consented(snapshot: Snapshot, step: Step, ref: Ints, rows: Ints) -> _Spells:
    """The spells in which persons at one end let facts be used; of a fact that rests on no consent, one without end."""
    fact, consents = np.arange(len(ref)), snapshot.consents(step.edge)
    if consents is None:
        return _Spells(fact, np.full(len(ref), -1), np.full(len(ref), ENDLESS))
    basis = snapshot.categories(step.edge, "basis").index(Basis.CONSENT)
    asking = snapshot.take(step.edge, "basis", ref) == basis
    persons, person = np.unique(rows[asking], return_inverse=True)
    place, begin_s, end_s = consents.spells(SPECS[step.edge].family, persons)
    first = np.searchsorted(place, person)
    counts = np.searchsorted(place, person, side="right") - first
    asked, at = laid_out(first, counts)
    free = fact[~asking]
    return _Spells(
        np.concatenate([free, fact[asking][asked]]),
        np.concatenate([np.full(len(free), -1), begin_s[at]]),
        np.concatenate([np.full(len(free), ENDLESS), end_s[at]]),
    )
