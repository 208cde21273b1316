"""Who consents to what: whether a person's `CONSENTED` facts allow a family of facts for a purpose, at T and to this day.

A person consents where the latest of these facts says so, whichever of the person's keys it was told of. Facts are
searched in runs of their own, so an overlay's count at once. Decides nothing about which facts need a consent.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graph.snapshot.columns import CompositeKeys, Ints, composite_key, split_key
from graph.snapshot.format import NO_CATEGORY
from graph.snapshot.merges import NEVER, Merges
from graph.snapshot.segment import FactTable, Run
from graph.steps import Direction
from graph.vocabulary import ConsentAction, EdgeType, Family, NodeLabel, Purpose, RelType

CONSENTED = EdgeType(NodeLabel.PERSON, RelType.CONSENTED, NodeLabel.PERSON)
YES, UNSAID, NO = 1, 0, -1


class Consents:
    """The consents of one version of the graph, for one purpose.

    Args:
        tables: All `CONSENTED` facts, one table a segment.
        merges: Which persons are one as of when.
        purpose: What the facts are to be used for.
    """

    def __init__(self, tables: Sequence[FactTable], merges: Merges | None, purpose: Purpose) -> None:
        self._tables, self._merges, self._purpose = tuple(tables), merges, purpose
        self._codes: dict[str, dict[str, int]] = {}
        for name in ("family", "purpose", "action"):
            texts = [text for table in tables for text in table.categories[name]]
            self._codes[name] = {text: code for code, text in enumerate(texts)}

    def decided(self, family: Family, rows: Ints, as_of_s: Ints) -> NDArray[np.int8]:
        """int8[n] what persons say, each as of its own second and as far as this version reaches.

        Args:
            family: Signal family of the facts.
            rows: int64[n] persons that stand for themselves as of `as_of_s`.
            as_of_s: int64[n] UTC seconds, exclusive.

        Returns:
            YES where they consent at both times, NO where they took it back at either, else UNSAID.
        """
        # One person and second asked about many times is searched once.
        (rows, as_of_s), place = np.unique(np.stack([rows, as_of_s]), axis=1, return_inverse=True)
        forever = np.full(len(rows), NEVER)
        lasting = rows if self._merges is None else self._merges.standing(rows, forever)
        found = np.minimum(self._latest(family, rows, as_of_s), self._latest(family, lasting, forever))
        return found[place.reshape(-1)]

    def spells(self, family: Family, rows: Ints) -> tuple[Ints, Ints, Ints]:
        """When persons consent: `decided` says YES as of T where begin < T <= end of one of their spells.

        Args:
            family: Signal family of the facts.
            rows: int64[n] persons, whether or not they stand for themselves at any time.

        Returns:
            int64[m] each: position in `rows`, ascending, begin and end. Spells of one position do not overlap.
        """
        owner, row = self._ever(rows)
        low, high = composite_key(row, np.zeros_like(row)), composite_key(row, np.full(len(row), NEVER))
        found = (self._found(table, family, low, high) for table in self._tables)
        changes = [np.empty(0, np.uint64), *(composite_key(owner[place], known_at_s) for place, known_at_s, _, _ in found)]
        if self._merges is not None:
            merges_s = self._merges.merges_s(row)
            changes.append(composite_key(owner[merges_s < NEVER], merges_s[merges_s < NEVER]))
        owner, begin_s = split_key(np.unique(np.concatenate(changes)))
        standing = rows[owner] if self._merges is None else self._merges.standing(rows[owner], begin_s + 1)
        said = self.decided(family, standing, begin_s + 1) == YES
        end_s = np.full(len(owner), NEVER)
        end_s[:-1] = np.where(owner[1:] == owner[:-1], begin_s[1:], NEVER)
        return owner[said], begin_s[said], end_s[said]

    def _ever(self, rows: Ints) -> tuple[Ints, Ints]:
        """All rows that are ever one with each of `rows`, those themselves included: position, ascending, and row."""
        if self._merges is None:
            return np.arange(len(rows)), rows
        forever = np.full(len(rows), NEVER)
        lasting = self._merges.standing(rows, forever)
        members = self._merges.members(lasting, forever)
        return (np.arange(len(rows)), lasting) if members is None else members

    def _latest(self, family: Family, rows: Ints, as_of_s: Ints) -> NDArray[np.int8]:
        """What the latest fact about this family known before a second says."""
        members = None if self._merges is None else self._merges.members(rows, as_of_s)
        owner, row = (np.arange(len(rows)), rows) if members is None else members
        low, high = composite_key(row, np.zeros_like(row)), composite_key(row, as_of_s[owner])
        parts = [part for table in self._tables if len((part := self._found(table, family, low, high))[0])]
        said = np.full(len(rows), UNSAID, np.int8)
        if parts:
            place, known_at_s, ids, granted = (np.concatenate(column) for column in zip(*parts, strict=True))
            whose = owner[place]
            order = np.lexsort((ids, known_at_s, whose))
            said[whose[order]] = np.where(granted[order], YES, NO)  # of several the last one stays
        return said

    def _found(
        self, table: FactTable, family: Family, low: CompositeKeys, high: CompositeKeys
    ) -> tuple[Ints, Ints, NDArray[np.bytes_], NDArray[np.bool_]]:
        """Facts of one segment about this family and purpose: for which place, when known, their ids, and if granted."""
        run: Run = table.runs[Direction.OUT]
        first = run.key.searchsorted(low)
        counts = run.key.searchsorted(high) - first
        place = np.repeat(np.arange(len(low)), counts)
        at = np.arange(len(place)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
        ref = run.ref[at].astype(np.int64) - table.start
        columns = table.columns
        meant = columns["family"][ref] == self._code("family", family)
        meant &= columns["purpose"][ref] == self._code("purpose", self._purpose)
        place, ref = place[meant], ref[meant]
        granted = columns["action"][ref] == self._code("action", ConsentAction.GRANTED)
        return place, columns["known_at_s"][ref], columns["id"][ref], granted

    def _code(self, name: str, text: str) -> int:
        return self._codes[name].get(text, NO_CATEGORY - 1)
