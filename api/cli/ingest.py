"""`creditgraph ingest`: source files in, facts in the store, and an account of every row."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import err, out, transfer
from api.cli.options import (
    STORE,
    DeliveredOption,
    IntakeOption,
    PasswordOption,
    PepperOption,
    PublishOption,
    StoreOption,
    UserOption,
    WorkersOption,
    find_declared,
    place_intake,
    read_login,
    read_pepper,
)

if TYPE_CHECKING:
    from ingest.report import LoadReport


def ingest(
    source: Annotated[
        str, typer.Argument(help="Name of a declared source (superlender, berka, sandbox), or a mapping file (.yaml).")
    ],
    folder: Annotated[Path, typer.Argument(help="Folder that holds the source's files; of a sandbox, its raw/.")],
    store: StoreOption = str(STORE),
    intake: IntakeOption = None,
    workers: WorkersOption = 1,
    snapshots: PublishOption = None,
    delivered_at: DeliveredOption = None,
    pepper: PepperOption = None,
    user: UserOption = None,
    password: PasswordOption = None,
) -> None:
    """Load the files of a source into the graph; stopped at any moment it goes on, and loading again changes nothing."""
    from graph.opening import open_store
    from ingest.errors import SourceMissing
    from ingest.load import Intake, Pace, load_source

    key = read_pepper(pepper)
    declared = find_declared(source)
    if not folder.is_dir():
        raise SourceMissing(declared.name, folder)  # before a store is made, which would keep a mistyped pepper
    beside = Intake(place_intake(store, intake))
    with (
        open_store(store, key.fingerprint, auth=read_login(user, password)) as graph,
        transfer(f"loading {declared.name}") as advance,
    ):
        pace = Pace(workers=workers, snapshots=snapshots)
        report = load_source(declared, folder, graph, key, beside, delivered_at=delivered_at, pace=pace, progress=advance)
    print_report(report)
    if report.rejected:
        out.print(f"refused rows lie in {beside.shelf.folder}; see `creditgraph quarantine list`", soft_wrap=True, markup=False)


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
        err.print(f"not read: {escape(name)} ({why})")
    done = report.written
    if done is not None:
        out.print(
            f"facts: {done.written:,} written, {done.duplicates:,} known already, {done.restated:,} restated, "
            f"{done.conflicts:,} in conflict"
        )
