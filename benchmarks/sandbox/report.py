"""Writes what was measured as one page that stands alone: tables and plots, the plots beside it as PNG files too.

Only writes; every number comes measured.
"""

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.results import Figure
from benchmarks.sandbox.plots import PLOTS
from gnn.evaluation.slices import SliceRow

PAGE = "report.html"
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1c1c1c;max-width:1080px;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:.5rem 0 1.5rem;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .7rem;border-bottom:1px solid #ddd;text-align:right}
th:first-child,td:first-child{text-align:left}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(440px,1fr));gap:1rem}
.plots img{width:100%}
"""


@dataclass(frozen=True)
class Table:
    """Any other table: what stands above it, its head, and its cells."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Chapter:
    """One division of the loans as it was judged: `title` says which, `label` int8 [k], log-odds float64 [k] by model."""

    name: str
    title: str
    label: NDArray[np.int8]
    scores: Mapping[str, NDArray[np.float64]]
    slices: Sequence[SliceRow] = ()
    tables: Sequence[Table] = ()


def write_report(
    folder: Path, title: str, facts: Mapping[str, str], figures: Sequence[Figure], judged: Sequence[Chapter]
) -> Path:
    """Write the page and the plots of each division.

    Args:
        folder: Made when lacking.
        title: Of the page.
        facts: What it was measured on, said first.
        figures: As they are recorded.
        judged: Divisions to draw; each has its plots in a folder of its name.

    Returns:
        The page.
    """
    parts = [f"<h1>{escape(title)}</h1>", _table(("", ""), facts.items()), "<h2>Figures</h2>", _figures(figures)]
    for one in judged:
        parts += [f"<h2>{escape(one.title)}</h2>", _plots(folder / one.name, one), *_slices(one.slices)]
        for table in one.tables:
            parts += [f"<h3>{escape(table.title)}</h3>", _table(table.head, table.rows)]
    page = "\n".join(["<!doctype html>", '<html lang="en"><meta charset="utf-8">', f"<title>{escape(title)}</title>"])
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / PAGE
    place.write_text(f"{page}\n<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</html>\n", encoding="utf-8")
    return place


def _plots(folder: Path, judged: Chapter) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    images = []
    for name, draw in PLOTS.items():
        png = draw(judged.label, judged.scores)
        (folder / f"{name}.png").write_bytes(png)
        coded = base64.b64encode(png).decode()
        images.append(f'<img alt="{escape(name)}, {escape(judged.title)}" src="data:image/png;base64,{coded}">')
    return '<div class="plots">' + "\n".join(images) + "</div>"


def _figures(figures: Iterable[Figure]) -> str:
    def row(figure: Figure) -> tuple[str, ...]:
        between = "" if figure.low is None or figure.high is None else f"{_number(figure.low)} to {_number(figure.high)}"
        counts = ", ".join(f"{count:,} {name}" for name, count in figure.counts.items())
        return figure.key, _number(figure.value), between, figure.unit, counts

    return _table(("figure", "value", "95 % interval", "unit", "on"), (row(figure) for figure in figures))


def _slices(rows: Sequence[SliceRow]) -> Iterable[str]:
    for by, group in groupby(rows, key=lambda row: row.by):
        found = list(group)
        models = list(found[0].measures)
        for measure in found[0].measures[models[0]]:
            yield f"<h3>{escape(measure)} by {escape(by)}</h3>"
            lines = (
                (row.part, f"{row.examples:,}", f"{row.bad:,}", *(_number(row.measures[model][measure]) for model in models))
                for row in found
            )
            yield _table((by, "loans", "defaulted", *models), lines)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def line(cells: Iterable[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    top = [line(head, "th")] if any(head) else []
    return "<table>" + "\n".join([*top, *(line(row, "td") for row in rows)]) + "</table>"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4g}" if abs(value) >= 1 else f"{value:.4f}"
