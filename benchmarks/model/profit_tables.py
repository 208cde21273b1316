"""What the models earn at lenders' own costs on the judged applications, as tables of the page.

The cut-off is chosen on the first part of the test period and its profit told on the rest, so that no loan is used for both.
Costs are examples of what a lender would declare; nobody's real ones.
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
CHOOSING_SHARE = 1 / 3  # of the test period, in order of time
HEAD = ("model", "approved", "bad among them", "cents an application", "above approving all", "above the best trees")


def profit_tables(judged: Judged, scores: Mapping[str, NDArray[np.float64]], rival: str) -> list[Table]:
    """A table for each lender: every model's profit, and what it is above that of `rival`'s scores.

    Args:
        judged: The applications, in order of time.
        scores: Log-odds float64 [k] by model.
        rival: One of the models.
    """
    cut = int(len(judged.label) * CHOOSING_SHARE)
    parts = (np.arange(cut), np.arange(cut, len(judged.label)))
    books = {name: _books(judged, log_odds, parts) for name, log_odds in scores.items()}
    return [_table(title, costs, books, rival) for title, costs in COSTS.items()]


def _table(title: str, costs: Costs, books: Mapping[str, tuple[Book, Book]], rival: str) -> Table:
    rows = []
    for name, both in books.items():
        found, above = measure_profit(costs, *both), compare_profit(costs, both, books[rival])
        cells = (_bounded(one) for one in (found.per_application, found.over_all, above))
        rows.append((name, f"{found.approved_share:.1%}", f"{found.bad_share:.2%}", *cells))
    return Table(f"Profit of a {title}", HEAD, rows)


def _books(
    judged: Judged, log_odds: NDArray[np.float64], parts: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> tuple[Book, Book]:
    first, second = (Book(judged.label[part], log_odds[part], judged.amount_minor[part], judged.person[part]) for part in parts)
    return first, second


def _bounded(found: Interval) -> str:
    return f"{found.value:,.0f} ({found.low:,.0f} to {found.high:,.0f})"
