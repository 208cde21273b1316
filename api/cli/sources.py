"""`creditgraph sources`: what each source delivered and how good it was, as a table and as a page with plots."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out
from api.cli.options import STORE, IntakeOption, StoreOption, place_intake


def sources(
    store: StoreOption = str(STORE),
    intake: IntakeOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write the quality page with its plots.")
    ] = None,
) -> None:
    """Tell of each source: deliveries and rows, refused then and held now, age of the newest fact at delivery, drift."""
    from ingest.quality.page import write_page
    from ingest.quality.sections import share
    from ingest.quality.summary import read_quality

    known = read_quality(place_intake(store, intake))
    table = Table("source", "brought", "rows", "refused", "held", "age", "delivered", "drift")
    for source in known:
        last = source.deliveries[-1] if source.deliveries else None
        table.add_row(
            escape(source.source),
            f"{len(source.deliveries):,}",
            f"{source.read:,}",
            share(source.rejected_share),
            f"{sum(source.held.values()):,}",
            "-" if last is None or last.age_days is None else f"{last.age_days:,} d",
            "-" if last is None else f"{last.delivered_at:%Y-%m-%d}",
            source.verdict.value,
        )
    out.print(table)
    if html is not None:
        write_page(html, known, datetime.now(UTC))
        out.print(f"written {html}", soft_wrap=True, markup=False)
