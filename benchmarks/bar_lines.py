"""One line a bar: the figure, the bar, whether it is kept, and where it is missed what was tried against it.

Pure: figures in, text out. A verdict is chosen by the figure, so it changes when that does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.tried import tried

Figures = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Bar:
    """What the figure `key` of an area is to reach: in words, and as `keeps`."""

    key: str
    area: str
    word: str
    keeps: Callable[[Mapping[str, Any]], bool]

    def line(self, figures: Figures, more: Callable[[Mapping[str, Any]], str] = lambda found: "") -> str:
        """The line, with what `more` tells of a figure that was measured."""
        found = figures.get(self.key)
        if found is None:
            return f"- {self.key}: not measured yet (`make prove WHAT={self.area}`); the bar is {self.word}."
        is_kept = self.keeps(found)
        verdict = "keeps" if is_kept else "**misses**"
        last = "" if is_kept else tried(self.key)
        return f"- {self.key} is {_bounded(found)}: {verdict} the bar, {self.word}.{more(found)}{last}"


def _bounded(found: Mapping[str, Any]) -> str:
    between = "" if found["low"] is None else f" [{found['low']:.4g}, {found['high']:.4g}]"
    return f"{found['value']:.4g}{between}"
