"""`creditgraph quarantine list|show|replay`: the refused rows beside a graph, looked at, mended and given another chance."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import command, err, out, working
from api.cli.options import (
    STORE,
    IntakeOption,
    MappingOption,
    PasswordOption,
    PepperOption,
    PublishOption,
    StoreOption,
    UserOption,
    find_declared,
    place_intake,
    read_login,
    read_pepper,
)

if TYPE_CHECKING:
    from ingest.quarantine.repairs import Fields
    from ingest.source import SourceSpec

ROWS_SHOWN = 20

quarantine = typer.Typer(help="Refused rows: count them, look at them, mend them, replay them.", no_args_is_help=True)
SourceOption = Annotated[str | None, typer.Option("--source", help="Only rows of this source.")]
TableOption = Annotated[str | None, typer.Option("--table", help="Only rows of this table.")]
CodeOption = Annotated[str | None, typer.Option("--code", help="Only rows refused under this code.")]


@quarantine.command("list", epilog="Example: creditgraph quarantine list")
def list_(store: StoreOption = str(STORE), intake: IntakeOption = None, source: SourceOption = None) -> None:
    """Count refused rows by source, table and code."""
    import polars as pl

    from ingest.quarantine.shelf import Shelf

    shelf = Shelf(place_intake(store, intake) / "quarantine")
    entries = shelf.entries(source)
    table = Table("source", "table", "code", "rows", "files", title=escape(f"quarantine {shelf.folder}"))
    counted = entries.group_by("source", "table", "code").agg(pl.len(), pl.col("file_sha256").n_unique()).sort(pl.all())
    for name, of, code, rows, files in counted.iter_rows():
        table.add_row(_plain(name), _plain(of), code, f"{rows:,}", f"{files:,}")
    out.print(table)
    out.print(f"{entries.height:,} rows")


@quarantine.command(epilog="Example: creditgraph quarantine show --source sandbox --code bad_date --repair mend.jsonl")
def show(
    entry: Annotated[list[str] | None, typer.Argument(help="Entries to show; all that the options leave when none.")] = None,
    store: StoreOption = str(STORE),
    intake: IntakeOption = None,
    source: SourceOption = None,
    table: TableOption = None,
    code: CodeOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Rows that are shown.")] = ROWS_SHOWN,
    repair: Annotated[
        Path | None,
        typer.Option("--repair", metavar="FILE.jsonl", help="Write all these rows to a new file, to be edited and replayed."),
    ] = None,
) -> None:
    """Show refused rows with what they say: this may be personal data."""
    import polars as pl

    from ingest.errors import RepairUnknown
    from ingest.quarantine.repairs import write_repairs
    from ingest.quarantine.shelf import Shelf

    entries = Shelf(place_intake(store, intake) / "quarantine").entries(source, table, code)
    if entry:
        unknown = sorted(set(entry) - set(entries["entry"]))
        if unknown:
            raise RepairUnknown(unknown)
        entries = entries.filter(pl.col("entry").is_in(entry))
    if repair is not None:
        written = write_repairs(repair, entries)
        out.print(f"{written:,} rows written to {repair}; edit `fields`, then:", soft_wrap=True, markup=False)
        out.print(f"{command()} quarantine replay {repair}", soft_wrap=True, markup=False)
        return
    for row in entries.head(limit).iter_rows(named=True):
        where = f", column {row['field']}" if row["field"] else ""
        head = f"{row['entry']}  {row['code']}{where}  ({row['source']}, {row['file']}, row {row['row']})"
        out.print(_plain(head), style="bold", soft_wrap=True)
        for name, value in json.loads(row["fields"]).items():
            out.print(f"    {escape(name)}: {_plain(value)}", soft_wrap=True)
    if entries.height > limit:
        err.print(f"{entries.height - limit:,} more rows; raise --limit, or narrow with --source, --table, --code")


@quarantine.command(epilog="Example: creditgraph quarantine replay mend.jsonl")
def replay(
    repairs: Annotated[
        Path | None, typer.Argument(help="Mended rows, as `show --repair` wrote them; without it rows are read as they were.")
    ] = None,
    store: StoreOption = str(STORE),
    intake: IntakeOption = None,
    source: SourceOption = None,
    code: CodeOption = None,
    mapping: MappingOption = None,
    snapshots: PublishOption = None,
    pepper: PepperOption = None,
    user: UserOption = None,
    password: PasswordOption = None,
) -> None:
    """Read refused rows again; those that are accepted now enter the graph, once, and leave quarantine."""
    import polars as pl

    from graph.opening import open_store
    from graph.snapshot import publish_snapshot
    from ingest.errors import RepairUnknown
    from ingest.linkage import derive
    from ingest.load import Intake
    from ingest.quarantine.repairs import check_columns, read_repairs
    from ingest.quarantine.replay import ReplayReport, replay_entries

    key = read_pepper(pepper)
    beside = Intake(place_intake(store, intake))
    entries = beside.shelf.entries(source, code=code)
    mended = read_repairs(repairs) if repairs is not None else None
    if mended is not None:
        unknown = sorted(set(mended) - set(entries["entry"]))
        if unknown:
            raise RepairUnknown(unknown)
        entries = entries.filter(pl.col("entry").is_in(list(mended)))
    declared = {name: find_declared(name, mapping or []) for name in entries["source"].unique().sort()}
    if mended is not None and repairs is not None:
        tables = {(name, spec.name): _columns(of, spec.name) for name, of in declared.items() for spec in of.tables}
        named = entries.select("entry", "source", "table").iter_rows()
        check_columns(repairs, mended, {entry: tables.get((name, table), frozenset()) for entry, name, table in named})
    if not entries.height:
        out.print("nothing to replay")
        return
    report = ReplayReport()
    with open_store(store, key.fingerprint, auth=read_login(user, password)) as graph:
        for name, spec in declared.items():
            with working(f"replaying {name}"):
                ours = _pick(mended, entries.filter(pl.col("source") == name)["entry"].to_list())
                report += replay_entries(spec, graph, key, beside.shelf, codes=[code] if code else None, repairs=ours)
        with working("linkage"):
            derive(graph, key)
        if snapshots is not None:
            with working("publishing a snapshot"):
                publish_snapshot(graph, snapshots)
    done = report.written
    out.print(
        f"{report.read:,} rows replayed, {report.accepted:,} accepted, {report.read - report.accepted:,} stay; "
        f"facts: {done.written:,} written, {done.duplicates:,} known already, {done.conflicts:,} in conflict"
    )
    if report.pending:
        err.print(
            f"{report.pending:,} rows were left alone: their file is not loaded to where they stand; load it, then replay"
        )
    if report.bound:
        err.print(
            f"{report.bound:,} rows were left alone: equal rows of their table are numbered over the whole file, so that none "
            "can be replayed alone; mend the file and deliver it again",
            soft_wrap=True,
        )


def _pick(mended: "dict[str, Fields] | None", entries: list[str]) -> "dict[str, Fields] | None":
    return None if mended is None else {entry: mended[entry] for entry in entries}


def _columns(source: "SourceSpec", table: str) -> frozenset[str]:
    return frozenset(column.name for spec in source.tables if spec.name == table for column in spec.columns)


def _plain(value: object) -> str:
    """As text that neither the terminal nor rich's markup understands as a command."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escape("".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text))
