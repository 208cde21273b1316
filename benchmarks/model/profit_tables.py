"""What the models earn at lenders' own costs on the judged applications, as tables of the page.

The cut-off is chosen on the applications that calibrate, whose outcomes were known before the judged ones begin, by scores of a
fit that saw nothing of them; its profit is told on the judged. Costs are examples of what a lender would declare.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.model.judged import Judged
from benchmarks.sandbox.report import Table
from gnn.evaluation.metrics import Interval
from gnn.evaluation.profit import Book, Costs, compare_profit, measure_profit

COSTS = {
    "bank: 45 % lost on default, 4 % margin, 5 EUR a refusal": Costs(0.45, 0.04, 500.0),
    "online lender: 60 % lost on default, 8 % margin, 10 EUR a refusal": Costs(0.60, 0.08, 1_000.0),
    "platform: 75 % lost on default, 6 % margin, refusals free": Costs(0.75, 0.06),
}
Scored = tuple[Judged, Mapping[str, NDArray[np.float64]]]
"""Applications in order of time, and their log-odds float64 [k] by model."""
HEAD = ("model", "approved", "bad among them", "cents an application", "above approving all", "above the best trees")


def profit_tables(earlier: Scored, judged: Scored, rival: str) -> list[Table]:
    """A table for each lender: every model's profit, and what it is above that of `rival`'s scores.

    Args:
        earlier: What cut-offs are chosen on; a model without scores of it is left out.
        judged: What profits are told on.
        rival: One of the models.
    """
    books = {name: (_book(earlier, name), _book(judged, name)) for name in judged[1] if len(earlier[1][name])}
    return [_table(title, costs, books, rival) for title, costs in COSTS.items()]


def _table(title: str, costs: Costs, books: Mapping[str, tuple[Book, Book]], rival: str) -> Table:
    rows = []
    for name, both in books.items():
        found, above = measure_profit(costs, *both), compare_profit(costs, both, books[rival])
        cells = (_bounded(one) for one in (found.per_application, found.over_all, above))
        rows.append((name, f"{found.approved_share:.1%}", f"{found.bad_share:.2%}", *cells))
    return Table(f"Profit of a {title}", HEAD, rows)


def _book(scored: Scored, name: str) -> Book:
    of, scores = scored
    return Book(of.label, scores[name], of.amount_minor, of.person)


def _bounded(found: Interval) -> str:
    return f"{found.value:,.0f} ({found.low:,.0f} to {found.high:,.0f})"
