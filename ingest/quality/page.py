"""The quality page: one HTML file that needs nothing but itself, in light or dark as the reader's system has it.

All text from files is escaped, and a policy in the page forbids it to load or run anything.
"""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from ingest.quality.drift import DRIFTED, MOVED
from ingest.quality.sections import badge, number, share, source_section, table
from ingest.quality.summary import SourceQuality

STYLE = Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_page(path: Path, sources: Sequence[SourceQuality], now: datetime) -> None:
    """Write the page of all sources."""
    path.write_text(build_page(sources, now), encoding="utf-8")


def build_page(sources: Sequence[SourceQuality], now: datetime) -> str:
    """The page of all sources; `now` is printed."""
    body = "".join(source_section(source) for source in sources)
    empty = "<p>Nothing was read yet: no manifest, and no row in quarantine.</p>"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="color-scheme" content="light dark">
<title>Sources and their quality</title>
<style>{STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<main>
<h1>Sources and their quality</h1>
<p class="muted">As of {now:%Y-%m-%d %H:%M} UTC. Told from the manifests of all runs and the rows in quarantine.</p>
{_overview(sources) if sources else empty}
{body}
<footer class="muted">Freshness is the age of the newest known fact when its file was delivered. Drift is the population
stability index of the last delivery of a table against all before it, less what chance alone gives: below {MOVED} stable,
below {DRIFTED} moved, drifted from there on.</footer>
</main>
</body>
</html>
"""


def _overview(sources: Sequence[SourceQuality]) -> str:
    rows = []
    for source in sources:
        last = source.deliveries[-1] if source.deliveries else None
        rows.append(
            [
                f'<a href="#{escape(source.source)}">{escape(source.source)}</a>',
                number(len(source.deliveries)),
                number(source.read),
                share(source.rejected_share),
                number(sum(source.held.values())),
                "-" if last is None or last.age_days is None else f"{last.age_days:,} days",
                "-" if last is None else f"{last.delivered_at:%Y-%m-%d}",
                badge(source.verdict),
            ]
        )
    heads = ["source", "deliveries", "rows", "refused", "in quarantine", "freshness", "last delivered", "drift"]
    return table(heads, rows, numbers={1, 2, 3, 4, 5})
