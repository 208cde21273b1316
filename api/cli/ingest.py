"""`creditgraph ingest`: source files in, facts in the store, and an account of every row."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from api.cli.console import err, out, progress
from api.cli.options import STORE, PasswordOption, PepperOption, StoreOption, UserOption, read_login, read_pepper

if TYPE_CHECKING:
    from ingest.report import LoadReport


def ingest(
    source: Annotated[str, typer.Argument(help="Name of a declared source: superlender, berka or sandbox.")],
    folder: Annotated[Path, typer.Argument(help="Folder that holds the source's files; of a sandbox, its raw/.")],
    store: StoreOption = str(STORE),
    pepper: PepperOption = None,
    user: UserOption = None,
    password: PasswordOption = None,
) -> None:
    """Load the files of a source into the graph, in one transaction; loading again changes nothing."""
    from graph.opening import open_store
    from ingest.errors import SourceMissing, SourceUnknown
    from ingest.load import SOURCES, load_source

    key = read_pepper(pepper)
    if source not in SOURCES:
        raise SourceUnknown(source, sorted(SOURCES))
    if not folder.is_dir():
        raise SourceMissing(source, folder)  # before a store is made, which would keep a mistyped pepper
    with open_store(store, key.fingerprint, auth=read_login(user, password)) as graph, progress(f"loading {source}") as advance:
        report = load_source(source, folder, graph, key, progress=advance)
    print_report(report)


def print_report(report: "LoadReport") -> None:
    """Rows by file and facts by what became of them; refused and unread input is named."""
    table = Table("file", "rows", "accepted", "refused", title=f"source {report.source}")
    for part in report.tables:
        reasons = ", ".join(f"{count} {reason}" for reason, count in part.rejected.items())
        table.add_row(part.file, f"{part.read:,}", f"{part.accepted:,}", reasons or "0")
        for refused in part.examples:
            where = f" in {refused.column}" if refused.column else ""
            err.print(f"refused: {part.file}, line {refused.row}: {refused.reason}{where}")
    out.print(table)
    for edge, count in report.withheld.items():
        err.print(f"withheld: {count:,} {edge.rel} that would join a node to itself")
    for name, why in report.unread.items():
        err.print(f"not read: {name} ({why})")
    done = report.written
    if done is not None:
        out.print(
            f"facts: {done.written:,} written, {done.duplicates:,} known already, {done.restated:,} restated, "
            f"{done.conflicts:,} in conflict"
        )
