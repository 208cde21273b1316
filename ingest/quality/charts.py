"""Drawings of the quality page: SVG in the page itself, coloured by its style, each mark with a text of what it stands for.

Knows numbers and labels; what they are about is the page's matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

WIDE, NARROW = 960, 300
MOST_BARS = 200  # more days than this are drawn by week, more weeks by month
WEEK_DAYS = 7
AXIS_BELOW, AXIS_LEFT = 22, 52


@dataclass(frozen=True)
class Bin:
    """Days that share a bar: from the first to the last, both included, and what is counted in them."""

    first: date
    last: date
    count: int

    @property
    def label(self) -> str:
        """The days, for people."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


def bin_days(days: Mapping[date, int], begin: date, end: date) -> list[Bin]:
    """Counts by day, or week from Monday, or month where there would be too many bars; without gaps from begin to end."""
    span = (end - begin).days + 1
    starts: list[date] = []
    if span <= MOST_BARS:
        starts = [begin + timedelta(days=i) for i in range(span)]
    elif span <= MOST_BARS * WEEK_DAYS:
        monday = begin - timedelta(days=begin.weekday())
        starts = [monday + timedelta(days=i) for i in range(0, (end - monday).days + 1, WEEK_DAYS)]
    else:
        months = range(begin.year * 12 + begin.month - 1, end.year * 12 + end.month)
        starts = [date(month // 12, month % 12 + 1, 1) for month in months]
    counts = [0] * len(starts)
    at = 0
    for day in sorted(days):
        while at + 1 < len(starts) and starts[at + 1] <= day:
            at += 1
        counts[at] += days[day]
    lasts = [*(start - timedelta(days=1) for start in starts[1:]), end]
    return [Bin(*each) for each in zip(starts, lasts, counts, strict=True)]


def volume_chart(bins: Sequence[Bin], title: str, *, height: int = 150) -> str:
    """Bars over time with a scale on the left and dates below."""
    top = nice_ceiling(max((each.count for each in bins), default=0))
    inner_w, inner_h = WIDE - AXIS_LEFT, height - AXIS_BELOW
    lines = [
        f'<line class="grid" x1="{AXIS_LEFT}" x2="{WIDE}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="axis" x="{AXIS_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{short(top * share)}</text>'
        for share in (0, 0.5, 1)
        for y in [8 + (inner_h - 8) * (1 - share)]
    ]
    bars = _bars(bins, top, AXIS_LEFT, inner_w, 8, inner_h - 8)
    dates = [
        f'<text class="axis" x="{AXIS_LEFT + inner_w * i / len(bins):.1f}" y="{height - 5}">{bins[i].first}</text>'
        for i in _ticks(len(bins), 6)
    ]
    return _svg(WIDE, height, title, [*lines, bars, *dates])


def sparkline(bins: Sequence[Bin], title: str, *, height: int = 44) -> str:
    """The same bars small, to its own scale, without axes."""
    top = max((each.count for each in bins), default=0) or 1
    base = f'<line class="grid" x1="0" x2="{NARROW}" y1="{height - 0.5}" y2="{height - 0.5}"/>'
    return _svg(NARROW, height, title, [base, _bars(bins, top, 0, NARROW, 1, height - 2)])


def line_chart(values: Sequence[tuple[str, float]], title: str, unit: str, *, height: int = 120) -> str:
    """Points joined by a line, evenly spaced, from 0 up; each point tells its label and value."""
    top = nice_ceiling(max((value for _, value in values), default=0))
    inner_w, inner_h = WIDE / 2 - AXIS_LEFT - 12, height - AXIS_BELOW - 8
    points = [
        (AXIS_LEFT + 6 + inner_w * (i / (len(values) - 1) if len(values) > 1 else 0.5), 8 + inner_h * (1 - value / top))
        for i, (_, value) in enumerate(values)
    ]
    lines = [
        f'<line class="grid" x1="{AXIS_LEFT}" x2="{WIDE / 2}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="axis" x="{AXIS_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{short(top * share)}{unit}</text>'
        for share in (0, 0.5, 1)
        for y in [8 + inner_h * (1 - share)]
    ]
    path = f'<polyline class="line" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
    dots = [
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{escape(label)}: {value:,.4g}{unit}</title></circle>'
        for (x, y), (label, value) in zip(points, values, strict=True)
    ]
    return _svg(WIDE // 2, height, title, [*lines, path, *dots])


def nice_ceiling(value: float) -> float:
    """The least of 1, 2 or 5 times a power of ten that is not below a value; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** (len(str(int(value))) - 1 if value >= 1 else -2)
    while power < value:
        for step in (1, 2, 5, 10):
            if step * power >= value:
                return step * power
        power *= 10
    return power


def short(value: float) -> str:
    """A number for an axis: `1.5M`, `20k`, `0.5`."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:.3g}"


def _bars(bins: Sequence[Bin], top: float, left: float, width: float, above: float, height: float) -> str:
    step = width / max(1, len(bins))
    wide = max(step - (2 if step > 6 else 0.4 if step > 2 else 0), 0.5)
    marks = []
    for i, each in enumerate(bins):
        tall = height * each.count / top
        if each.count:
            tall = max(tall, 1)
            mark = f'x="{left + i * step:.2f}" y="{above + height - tall:.2f}" width="{wide:.2f}" height="{tall:.2f}"'
            marks.append(f'<rect class="bar" {mark}><title>{each.label}: {each.count:,}</title></rect>')
    return "".join(marks)


def _ticks(count: int, most: int) -> list[int]:
    return list(range(0, count, max(1, -(-count // most))))


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    inside = "".join(parts)
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">{inside}</svg>'
