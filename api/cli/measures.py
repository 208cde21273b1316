"""Prints how well models did, side by side, and on how many loans."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from api.cli.console import out

if TYPE_CHECKING:
    from gnn.evaluation.evaluate import Figure

RANKING = ("auc", "ks")  # measures that need loans of both outcomes


def print_measures(metrics: Mapping[str, Mapping[str, float]], examples: Mapping[str, int]) -> None:
    """One row a model, one column a measure.

    Args:
        metrics: By model, then by measure.
        examples: Number of loans by part; `test` is what was measured on.
    """
    measures = list(next(iter(metrics.values()), {}))
    counts = ", ".join(f"{count:,} {part}" for part, count in examples.items())
    table = Table("model", *measures, title="on the last loans in time, unseen in training", caption=f"loans: {counts}")
    for model, values in metrics.items():
        table.add_row(model, *(f"{values[name]:.3f}" for name in measures))
    out.print(table)
    missing = [name for name in RANKING if measures and name not in measures]
    if missing:
        out.print(f"[yellow]not measured[/]: {' and '.join(missing)}, since all loans of the test part ended the same way")


def print_not_in_time(why: str) -> None:
    """Say that what was measured rests on outcomes of later days, and why."""
    out.print(f"[yellow]not in time[/]: {why}; `creditgraph compare` measures on later loans alone", soft_wrap=True)


def print_figures(figures: "Sequence[Figure]") -> None:
    """One row a figure, with its 95 % interval where one can be had.

    Args:
        figures: Keys are `TASK.PROTOCOL.MEASURE.NAME`; name and measure are shown.
    """
    table = Table("measure", "of", "value", "95 % interval", title="on loans unseen in training")
    for figure in figures:
        measure, name = figure.key.split(".")[2:]
        interval = "" if figure.low is None or figure.high is None else f"{figure.low:.3f} to {figure.high:.3f}"
        table.add_row(measure, name, f"{figure.value:.3f}", interval)
    table.caption = "".join(f"{f.examples:,} loans, {f.bad:,} of them bad, {f.parts} part(s)" for f in figures[:1])
    out.print(table)
