"""A card of points: what each bin of each column adds, how points become log-odds, and the table to publish.

The points are the model: log-odds follow from their sum, so whoever holds the published table can score by hand, and the
stored card is nothing but names, cuts and whole numbers. Knows no fitting.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.models.binning import Bins
from gnn.scores import ANCHOR_ODDS, ANCHOR_POINTS, HIGHEST_SCORE, LOWEST_SCORE, POINTS_TO_DOUBLE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CARD_FORMAT = 1  # raise when the fields of a stored card change
POINTS_A_LOG_ODDS = POINTS_TO_DOUBLE / math.log(2.0)


@dataclass(frozen=True)
class Line:
    """One column of a card: `points` of each bin, in the order of `bins.woe`, so missing last."""

    column: str
    bins: Bins
    points: tuple[int, ...]


@dataclass(frozen=True)
class Card:
    """Points of a loan: `base` and, of each line, those of the bin its value falls into. More is safer."""

    base: int
    lines: tuple[Line, ...] = ()

    def points(self, names: Sequence[str], values: Floats) -> Ints:
        """Sum of points before it is bounded to the scale, int64 [n], of rows float64 [n, len(names)]."""
        places = {name: place for place, name in enumerate(names)}
        total = np.full(len(values), self.base, np.int64)
        for line in self.lines:
            total += np.array(line.points, np.int64)[line.bins.place(values[:, places[line.column]])]
        return total

    def score(self, names: Sequence[str], values: Floats) -> Ints:
        """Points from 300 to 850, int64 [n]."""
        return np.clip(self.points(names, values), LOWEST_SCORE, HIGHEST_SCORE)

    def log_odds(self, names: Sequence[str], values: Floats) -> Floats:
        """Log-odds of going bad that the points stand for, float64 [n]."""
        return (ANCHOR_POINTS - self.points(names, values)) / POINTS_A_LOG_ODDS - math.log(ANCHOR_ODDS)

    def to_json(self) -> str:
        """The card as canonical JSON of plain numbers; it reads back to the same card, bit for bit."""
        lines = [
            {
                "column": line.column,
                "cuts": line.bins.cuts,
                "woe": line.bins.woe,
                "share": line.bins.share,
                "information_value": line.bins.information_value,
                "chance_value": line.bins.chance_value,
                "points": line.points,
            }
            for line in self.lines
        ]
        declared = {"format": CARD_FORMAT, "scale": _scale(), "base": self.base, "lines": lines}
        return json.dumps(declared, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """Read a card back.

        Raises:
            ValueError: it has another format or scale, or a line whose parts do not fit together.
        """
        declared = json.loads(text)
        if (declared["format"], declared["scale"]) != (CARD_FORMAT, _scale()):
            raise ValueError(f"the card has format {declared['format']} and scale {declared['scale']}; train it again")
        return cls(int(declared["base"]), tuple(_line(line) for line in declared["lines"]))

    def to_markdown(self) -> str:
        """The table to publish: every bin of every column with its points, and what they are added to."""
        rows = [f"| base | every loan | {self.base} | | |"]
        for line in self.lines:
            shown = (_says(line.bins, place) for place in range(len(line.points)))
            column = line.column.replace("|", "\\|")  # a category's text is a source's, and may hold anything
            rows += [
                f"| {column} | {says} | {points} | {share:.1%} | {woe:+.3f} |"
                for says, points, share, woe in zip(shown, line.points, line.bins.share, line.bins.woe, strict=True)
            ]
        head = ("| column | value | points | share of loans | weight of evidence |", "|---|---|---:|---:|---:|")
        said = (
            f"Score: the sum of points, bounded to {LOWEST_SCORE}-{HIGHEST_SCORE}. {ANCHOR_POINTS} points are "
            f"{ANCHOR_ODDS:g} good loans to one bad; every {POINTS_TO_DOUBLE} points more double these odds."
        )
        return "\n".join([*head, *rows, "", said, ""])


def _scale() -> list[float]:
    return [LOWEST_SCORE, HIGHEST_SCORE, ANCHOR_POINTS, ANCHOR_ODDS, POINTS_TO_DOUBLE]


def _line(stored: dict[str, Any]) -> Line:
    cuts, woe, share = (tuple(float(v) for v in stored[name]) for name in ("cuts", "woe", "share"))
    points = tuple(int(v) for v in stored["points"])
    if not len(cuts) + 2 == len(woe) == len(share) == len(points):
        raise ValueError(f"the line of {stored['column']} has {len(cuts)} cuts and points for {len(points)} bins")
    return Line(stored["column"], Bins(cuts, woe, share, stored["information_value"], stored["chance_value"]), points)


def _says(bins: Bins, place: int) -> str:
    cuts = [f"{cut:.6g}" for cut in bins.cuts]
    if place == len(cuts) + 1:
        return "not known"
    if not cuts:
        return "known"
    if place == 0:
        return f"below {cuts[0]}"
    return f"{cuts[-1]} or more" if place == len(cuts) else f"{cuts[place - 1]} to below {cuts[place]}"
