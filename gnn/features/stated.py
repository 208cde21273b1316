"""Reads what facts state: which of their numbers are there at all, and which amounts are in the currency that is read."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.derived import properties
from graph.snapshot import MISSING, Snapshot
from graph.vocabulary import CURRENCY, EdgeType, Kind

Ints = NDArray[np.int64]
Values = NDArray[np.int64] | NDArray[np.float64]


class Stated:
    """Facts of one edge type, `ref` int64 [n]; amounts of other currencies than `currency` count as not stated."""

    def __init__(self, snapshot: Snapshot, edge: EdgeType, ref: Ints, currency: str) -> None:
        self._snapshot, self._edge, self._ref, self._currency = snapshot, edge, ref, currency

    def number(self, prop: str) -> tuple[Values, NDArray[np.bool_]]:
        """Values of a numeric property, int64 or float64 [n], and bool [n] which of the facts state one."""
        values = self._snapshot.take(self._edge, prop, self._ref)
        stated = values != MISSING if values.dtype.kind == "i" else ~np.isnan(values)
        return values, stated & self._in_currency if prop in self._money else stated

    @cached_property
    def _money(self) -> frozenset[str]:
        return frozenset(prop.name for prop in properties(self._edge) if prop.kind is Kind.MONEY)

    @cached_property
    def _in_currency(self) -> NDArray[np.bool_]:
        texts = self._snapshot.categories(self._edge, CURRENCY.name)
        right = np.array([*(text == self._currency for text in texts), False])
        stated: NDArray[np.bool_] = right[self._snapshot.take(self._edge, CURRENCY.name, self._ref)]
        return stated
