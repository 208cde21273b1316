"""Prints how well models did, side by side, and on how many loans."""

from collections.abc import Mapping

from rich.table import Table

from api.cli.console import out


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
