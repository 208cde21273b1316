"""`creditgraph source`: draft a mapping by looking at a file, and see what a mapping would do with a delivery."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from api.cli.console import command, err, out, progress

if TYPE_CHECKING:
    from ingest.source import SourceSpec
    from ingest.trial import TableTrial, Trial

source = typer.Typer(help="Bring your own source: a mapping file instead of code.", no_args_is_help=True)

MARK = "CHOOSE"


@source.command(epilog="Example: creditgraph source new orders.csv --out orders.yaml")
def new(
    file: Annotated[Path, typer.Argument(help="A delimited file, JSON Lines or Parquet.")],
    to: Annotated[Path | None, typer.Option("--out", help="Where the draft is written; shown when not given.")] = None,
) -> None:
    """Look at the beginning of a file and draft its mapping; what a person must decide is marked CHOOSE."""
    from ingest.drafting.draft import build_draft
    from ingest.drafting.look import look_at
    from ingest.errors import DraftRefused

    draft = build_draft(look_at(file))
    if to is None:
        print(draft, end="")
        return
    if to.exists():
        raise DraftRefused(file, f"{to} exists already; name another file with --out")
    to.write_text(draft, encoding="utf-8")
    out.print(
        f"{to}: {draft.count(MARK) - 1} choices to make; then run: {command()} source check {to} {file.parent}", soft_wrap=True
    )


@source.command(epilog="Example: creditgraph source check mappings/bitcoin_otc.yaml data/bitcoin_otc")
def check(
    mapping: Annotated[Path, typer.Argument(help="A mapping file.")],
    folder: Annotated[Path, typer.Argument(help="Folder that holds the files it names.")],
) -> None:
    """Say what a mapping would read, refuse and state; writes nothing."""
    from ingest.mapping.build import build_source
    from ingest.mapping.document import read_document
    from ingest.trial import try_source

    document = read_document(mapping)
    declared = build_source(document, drafts=True)
    with progress(f"reading {declared.name}") as advance:
        trial = try_source(declared, folder, progress=advance)
    _print_trial(declared, trial)
    if document.values.get("draft"):
        err.print(f"{mapping} is still a draft; it can be loaded once the line `draft: true` is gone", soft_wrap=True)


def _print_trial(declared: "SourceSpec", trial: "Trial") -> None:
    rows = Table(
        "table", "rows", "accepted", "refused", "columns not always given", title=f"source {declared.name} ({declared.basis})"
    )
    for table in trial.tables:
        tally = table.tally
        refused = ", ".join(f"{count:,} {reason}" for reason, count in sorted(tally.rejected.items()))
        rows.add_row(table.spec.name, f"{tally.read:,}", f"{tally.accepted:,}", refused or "0", _missing(table))
    out.print(rows)
    for table in trial.tables:
        for reason, examples in sorted(table.examples.items()):
            places = "; ".join(f"{e.file} row {e.row}" + (f" in {e.column}" if e.column else "") for e in examples)
            err.print(f"refused for {reason}: {places}", soft_wrap=True)
    facts = Table("relation", "facts", "of their own", title="what the rows state")
    for edge, count in trial.distinct.items():
        made = sum(table.tally.facts[":".join(edge)] for table in trial.tables)
        facts.add_row(" ".join(edge), f"{made:,}", f"{count:,}")
    out.print(facts)
    for name, why in trial.unread.items():
        err.print(f"not read: {name}" + (f" ({why})" if why else " (the mapping does not name it)"), soft_wrap=True)
    out.print("nothing was written")


def _missing(table: "TableTrial") -> str:
    accepted = table.tally.accepted
    shares = {name: count / accepted for name, count in table.tally.nulls.items() if accepted}
    return ", ".join(f"{name} {share:.1%} missing" for name, share in shares.items())
