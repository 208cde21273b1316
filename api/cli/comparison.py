"""Prints models measured side by side on the same loans, and what the champion rule says of them."""

from math import isnan
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from api.cli.console import out

if TYPE_CHECKING:
    from gnn.evaluation.metrics import Interval
    from gnn.registry.champion import Verdict
    from gnn.registry.measure import Comparison


def print_comparison(comparison: "Comparison", over: str | None = None) -> None:
    """One row a version.

    Args:
        comparison: What was measured.
        over: Version whose difference to each other is shown; the first one's where None.
    """
    base = over or comparison.candidates[0].version
    title = "on the same loans, later than what any of them learnt from"
    table = Table(
        "version", "network", "AUC", f"paired AUC over {base}", "Brier", "slope", "calibration error", "worst month", "ms",
        title=title,
    )  # fmt: skip
    for one in comparison.candidates:
        gain = "" if one.version == base else _interval(comparison.gains[one.version, base], sign="+")
        figures = (one.slope, one.calibration_error, one.worst_month_auc)
        table.add_row(
            one.version, "yes" if one.has_network else "no", _interval(one.auc), gain, _interval(one.brier),
            *("-" if isnan(value) else f"{value:.3f}" for value in figures), f"{one.cost_ms:.1f}",
        )  # fmt: skip
    bad = comparison.candidates[0].bad
    table.caption = f"{len(comparison.examples):,} loans, {bad:,} of them bad; 95 % intervals resample persons"
    out.print(table)


def print_verdict(verdict: "Verdict") -> None:
    """What the rule says, a sentence a line."""
    for reason in verdict.reasons:
        out.print(f"- {escape(reason)}", soft_wrap=True)


def _interval(found: "Interval", sign: str = "") -> str:
    if isnan(found.value):
        return "-"
    return f"{found.value:{sign}.3f} ({found.low:{sign}.3f} to {found.high:{sign}.3f})"
