"""Keeps every measured figure once, in `docs/results.json`, and renders `docs/results.md` from it.

    python -m benchmarks.results        render the page again

Nothing here is written by hand: a figure enters through `record`, called by `benchmarks.prove`.
The sentences of the page are chosen by the figures themselves.
"""

import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.page import build_page

RESULTS = Path(__file__).parent.parent / "docs" / "results.json"
PAGE = RESULTS.with_suffix(".md")
FORMAT = 1  # raise when a field of a figure changes its meaning
VERSIONS_OF = ("creditgraph", "duckdb", "lightgbm", "neo4j", "numpy", "polars", "scikit-learn", "torch", "torch-geometric")


@dataclass(frozen=True)
class Figure:
    """One measured value, and the rival's where there is one.

    `low` and `high` bound it (for AUC a 95 % bootstrap interval); `counts` says on how much it rests;
    `note` is one sentence a reader needs to read it rightly.
    """

    key: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    rival: float | None = None
    rival_name: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    seed: int | None = None
    note: str | None = None


def record(figures: Iterable[Figure], *, command: str, results: Path = RESULTS) -> None:
    """Put figures into the results file, each replacing the one of its key, and render the page beside it."""
    stored = read(results)
    stamp = {
        "command": command,
        "versions": {name: version(name) for name in VERSIONS_OF},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
    }
    for figure in figures:
        stored[figure.key] = asdict(figure) | {"counts": dict(figure.counts)} | stamp
    stored = dict(sorted(stored.items()))  # the page lists figures in the order of the file
    text = json.dumps({"format": FORMAT, "figures": stored}, indent=1, ensure_ascii=False) + "\n"
    _replace(results, text)
    _replace(results.with_suffix(".md"), render(stored))


def read(results: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """Figures by key; empty where nothing has been recorded.

    Raises:
        ValueError: the file has another format.
    """
    if not results.exists():
        return {}
    stored = json.loads(results.read_text(encoding="utf-8"))
    if stored["format"] != FORMAT:
        raise ValueError(f"{results} has format {stored['format']}, this code reads {FORMAT}; run `make prove` again")
    figures: dict[str, dict[str, Any]] = stored["figures"]
    return figures


def render(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """The whole page as Markdown."""
    return build_page(figures)


def _replace(path: Path, text: str) -> None:
    """Write beside and rename, so that a reader never sees half a file."""
    beside = path.with_name(path.name + ".new")
    beside.parent.mkdir(parents=True, exist_ok=True)
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


if __name__ == "__main__":
    _replace(PAGE, render(read()))
    print(f"wrote {PAGE}")
