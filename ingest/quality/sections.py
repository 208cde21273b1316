"""What the quality page says of one source: volume, freshness, refusals, empty values and drift, in plots and in figures."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from html import escape
from math import exp

from ingest.quality.charts import bin_days, line_chart, sparkline, volume_chart
from ingest.quality.drift import Drift, Verdict
from ingest.quality.history import SourceDelivery, TableDelivery
from ingest.quality.summary import SourceQuality

DELIVERIES_SHOWN = 12
MARKS = {Verdict.FIRST: "○", Verdict.STABLE: "●", Verdict.MOVED: "▲", Verdict.DRIFTED: "◆"}
"""A shape beside each word, so that colour is never all there is."""


def source_section(source: SourceQuality) -> str:
    """All of one source."""
    parts = [f'<section id="{escape(source.source)}"><h2>{escape(source.source)}</h2>', _tiles(source)]
    if source.deliveries:
        parts += [_volume(source), _deliveries(source)]
    parts += [_refusals(source), _nulls(source), _drift(source), "</section>"]
    return "".join(parts)


def number(value: int) -> str:
    """A whole number with its thousands apart."""
    return f"{value:,}"


def share(value: float) -> str:
    """A share as per cent; a little is never nothing."""
    if value == 0:
        return "0 %"
    return "< 0.01 %" if value < 0.0001 else f"{100 * value:.2f} %"


def badge(verdict: Verdict) -> str:
    """A verdict as a word with its mark."""
    return f'<span class="badge {verdict}">{MARKS[verdict]} {verdict}</span>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Collection[int] = ()) -> str:
    """A table whose cells are HTML already; `numbers` are columns set to the right."""

    def cells(tag: str, values: Sequence[str]) -> str:
        return "".join(f"<{tag}{' class=n' if i in numbers else ''}>{value}</{tag}>" for i, value in enumerate(values))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{cells("th", heads)}</tr></thead><tbody>{body}</tbody></table></div>'


def _tiles(source: SourceQuality) -> str:
    last = source.deliveries[-1] if source.deliveries else None
    newest = max((d.newest for d in source.deliveries if d.newest), default=None)
    facts = sum(t.facts for delivery in source.deliveries for t in delivery.tables.values())
    tiles = {
        "rows read": number(source.read),
        "facts": number(facts),
        "refused when read": share(source.rejected_share),
        "in quarantine now": number(sum(source.held.values())),
        "newest fact": str(newest or "-"),
        "freshness": "-" if last is None or last.age_days is None else f"{last.age_days:,} days",
    }
    inside = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in tiles.items())
    return f'<dl class="tiles">{inside}</dl>'


def _volume(source: SourceQuality) -> str:
    days = {name: _days(source.of(name)) for name in source.tables}
    everything = _add(days.values())
    if not everything:
        return ""
    begin, end = min(everything), max(everything)
    bins = bin_days(everything, begin, end)
    unit = "day" if len(bins) == (end - begin).days + 1 else "week" if len(bins) > (end - begin).days / 8 else "month"
    whole = volume_chart(bins, f"facts of {source.source} by {unit}")
    small = "".join(
        f'<figure><figcaption>{escape(name)}<span class="muted">{_span(counts)}</span></figcaption>'
        f"{sparkline(bin_days(counts, begin, end), f'facts of {name} by {unit}')}</figure>"
        for name, counts in days.items()
        if counts
    )
    return f'<h3>Facts by the {unit} they were known</h3>{whole}<div class="multiples">{small}</div>'


def _deliveries(source: SourceQuality) -> str:
    shown = source.deliveries[-DELIVERIES_SHOWN:]
    charts = ""
    if len(source.deliveries) > 1:
        refused = [(_when(d), 100 * d.rejected.total() / d.read if d.read else 0.0) for d in source.deliveries]
        ages = [(_when(d), float(d.age_days)) for d in source.deliveries if d.age_days is not None]
        charts = (
            '<div class="pair">'
            f"<figure><figcaption>refused rows, by delivery</figcaption>{line_chart(refused, 'refused rows', ' %')}</figure>"
            f"<figure><figcaption>newest fact's age, by delivery</figcaption>{line_chart(ages, 'freshness', ' d')}</figure>"
            "</div>"
        )
    rows = [
        [
            _when(d),
            f"{d.delivered_at:%Y-%m-%d}",
            number(len(d.tables)),
            number(d.read),
            number(d.rejected.total()),
            "-" if d.age_days is None else number(d.age_days),
            f"{d.seconds:,.1f}",
        ]
        for d in reversed(shown)
    ]
    heads = ["read at (UTC)", "delivered", "tables", "rows", "refused", "freshness, days", "seconds"]
    more = len(source.deliveries) - len(shown)
    note = f'<p class="muted">and {more:,} before these</p>' if more else ""
    return f"<h3>Deliveries</h3>{charts}{table(heads, rows, numbers={2, 3, 4, 5, 6})}{note}"


def _refusals(source: SourceQuality) -> str:
    read = {
        (name, code): sum(t.rejected.get(code, 0) for t in source.of(name))
        for name in source.tables
        for code in source.rejected
    }
    counts = {key: count for key, count in read.items() if count}
    keys = sorted(counts.keys() | source.held.keys(), key=lambda key: (-max(counts.get(key, 0), source.held.get(key, 0)), key))
    if not keys:
        return '<h3>Refused rows</h3><p class="muted">None.</p>'
    most = max(max(counts.get(key, 0), source.held.get(key, 0)) for key in keys)
    rows = [
        [
            escape(name),
            f"<code>{escape(code)}</code>",
            _meter(max(counts.get((name, code), 0), source.held.get((name, code), 0)) / most),
            number(counts.get((name, code), 0)),
            number(source.held.get((name, code), 0)),
        ]
        for name, code in keys
    ]
    return f"<h3>Refused rows</h3>{table(['table', 'code', '', 'when read', 'in quarantine now'], rows, numbers={3, 4})}"


def _nulls(source: SourceQuality) -> str:
    rows, shown = [], source.deliveries[-DELIVERIES_SHOWN:]
    for name in source.tables:
        for column in sorted({c for t in source.of(name) for c in t.nulls}):
            rates = [d.tables[name].null_rates.get(column, 0.0) if name in d.tables else None for d in shown]
            rows.append([escape(name), escape(column), *map(_heat, rates)])
    if not rows:
        return ""
    heads = ["table", "column", *(f"{d.read_at:%m-%d %H:%M}" for d in shown)]
    inside = table(heads, rows, numbers=range(2, len(heads)))
    note = '<p class="muted">Share of accepted rows without a value, by delivery; columns that are not named have none.</p>'
    return f"<h3>Empty values</h3>{note}{inside}"


def _drift(source: SourceQuality) -> str:
    drifts = [drift for drift in source.drifts if drift.volume is not None]
    if not drifts:
        return ""
    rows = [
        [
            escape(d.table),
            f"{d.weekdays:.3f}",
            f"{d.rejections:.3f}",
            f"{d.nulls:.3f}" + (f" <span class=muted>{escape(d.column)}</span>" if d.column else ""),
            _times(d),
            badge(d.verdict),
        ]
        for d in sorted(drifts, key=lambda d: (-d.score, d.table))
    ]
    heads = ["table", "weekdays", "refusals", "empty values", "rows against the median", "verdict"]
    return f"<h3>Drift of the last delivery</h3>{table(heads, rows, numbers={1, 2, 3, 4})}"


def _days(tables: Sequence[TableDelivery]) -> dict[date, int]:
    return _add(table.days for table in tables)


def _add(counts: Iterable[Mapping[date, int]]) -> dict[date, int]:
    total: Counter[date] = Counter()
    for days in counts:
        total.update(days)
    return dict(total)


def _span(days: dict[date, int]) -> str:
    quiet = (max(days) - min(days)).days + 1 - len(days)
    return f" {number(sum(days.values()))} facts" + (f", {quiet:,} days without" if quiet else "")


def _when(delivery: SourceDelivery) -> str:
    return f"{delivery.read_at:%Y-%m-%d %H:%M:%S}"


def _times(drift: Drift) -> str:
    return "-" if drift.volume is None else f"{exp(drift.volume):.2f} ×"


def _meter(part: float) -> str:
    return f'<span class="meter"><span style="width:{100 * part:.1f}%"></span></span>'


def _heat(rate: float | None) -> str:
    if rate is None:
        return '<span class="heat muted">-</span>'
    return f'<span class="heat" style="--rate:{100 * rate:.1f}%">{share(rate)}</span>'
