"""Paragraphs, tables and figures of the pages about a model, as Markdown."""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import isnan

from gnn.evaluation.metrics import Interval


def page(*paragraphs: str) -> str:
    """Paragraphs, a blank line between them."""
    return "\n\n".join(paragraphs) + "\n"


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table of cells."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def interval(found: Interval, sign: str = "") -> str:
    """A value with its ends, alone where it has none; `sign` is a format's."""
    if isnan(found.low):
        return figure(found.value)
    return f"{found.value:{sign}.4f} [{found.low:{sign}.4f}, {found.high:{sign}.4f}]"


def figure(value: float) -> str:
    """A number with three decimals, or that there is none."""
    return "not measurable" if isnan(value) else f"{value:.3f}"


def day(second: int) -> str:
    """The UTC day of a second."""
    return datetime.fromtimestamp(second, UTC).date().isoformat()
