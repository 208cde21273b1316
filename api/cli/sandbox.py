"""`creditgraph sandbox`: a simulated economy's raw files with a sealed truth, and replays of it under stress."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from api.cli.console import command, out, progress
from ingest.sandbox.knobs import SIZES

if TYPE_CHECKING:
    from ingest.sandbox.knobs import Scale
    from ingest.sandbox.rerun import Comparison

OUT = Path("sandbox")
LOANS_SHOWN = 20

sandbox = typer.Typer(
    help="Simulate an economy: raw files of its institutions, and the truth, sealed.", invoke_without_command=True
)
OutOption = Annotated[Path, typer.Option("--out", help="Folder for raw/, sealed/ and sandbox.json.")]


@sandbox.callback(epilog="Example: creditgraph sandbox --size small --out sandbox")
def write(
    ctx: typer.Context,
    size: Annotated[str, typer.Option("--size", metavar="|".join(SIZES), help="A named number of persons.")] = "small",
    persons: Annotated[int | None, typer.Option("--persons", help="Persons, instead of a size.")] = None,
    months: Annotated[int, typer.Option("--months", help="Months, from January 2022 on.")] = 48,
    seed: Annotated[int, typer.Option("--seed", help="Which economy: the same seed gives the same bytes.")] = 7,
    folder: OutOption = OUT,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes; they change no byte.")] = 2,
    knob: Annotated[
        list[str] | None,
        typer.Option("--knob", metavar="NAME=VALUE", help="homophily, contagion, selection, drift, thin_share, ring_share."),
    ] = None,
) -> None:
    """Write an economy's raw files, its sealed truth and its manifest."""
    if ctx.invoked_subcommand is not None:
        return
    from ingest.sandbox.generate import RAW, write_sandbox

    scale = _scale(size, persons, months, seed, knob or [])
    with progress(f"sandbox of {scale.persons:,} persons") as advance:
        report = write_sandbox(folder, scale, workers=workers, progress=advance)
    table = Table("file", "rows", title=f"{folder / RAW}")
    for name, rows in report.rows.items():
        table.add_row(name, f"{rows:,}")
    out.print(table)
    out.print(
        f"{report.applications:,} applications, {report.granted:,} loans granted, {report.defaulted:,} defaulted; "
        f"digest {report.digest}"
    )
    out.print(f"read them with: {command()} ingest sandbox {folder / RAW}", soft_wrap=True)


@sandbox.command(epilog="Example: creditgraph sandbox rerun sandbox --at 2024-01 --fail P0000163 --fail C2648718")
def rerun(
    folder: Annotated[Path, typer.Argument(help="Folder of the sandbox.")],
    at: Annotated[str, typer.Option("--at", metavar="YYYY-MM", help="Month from which things go differently.")],
    fail: Annotated[
        list[str] | None, typer.Option("--fail", metavar="ID", help="Person that stops paying, or company that closes.")
    ] = None,
    isolate: Annotated[
        list[str] | None, typer.Option("--isolate", metavar="ID", help="Person or company whose ties end.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Also write the loans that differ to this CSV file.")] = None,
) -> None:
    """Replay a sandbox with the same random numbers after someone failed or was isolated, and compare both courses."""
    from ingest.sandbox.generate import read_scale
    from ingest.sandbox.rerun import Intervention
    from ingest.sandbox.rerun import rerun as replay

    if not fail and not isolate:
        raise typer.BadParameter("name someone with --fail or --isolate", param_hint="--fail")
    scale = read_scale(folder)
    intervention = Intervention(_month(at, scale), tuple(fail or ()), tuple(isolate or ()))
    found = replay(scale, intervention)
    _print_comparison(found, at)
    if to is not None:
        found.loans.write_csv(to)
        out.print(f"wrote {to}", soft_wrap=True)


def _scale(size: str, persons: int | None, months: int, seed: int, knobs: list[str]) -> "Scale":
    from ingest.sandbox.knobs import Knobs, Scale

    if size not in SIZES:
        raise typer.BadParameter(f"choose from {', '.join(SIZES)}", param_hint="--size")
    turned: dict[str, float] = {}
    for text in knobs:
        name, _, value = text.partition("=")
        if name not in Knobs.__dataclass_fields__ or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
            raise typer.BadParameter(
                f"{text!r}: write NAME=VALUE with one of {', '.join(Knobs.__dataclass_fields__)}", param_hint="--knob"
            )
        turned[name] = float(value)
    try:
        return Scale(SIZES[size] if persons is None else persons, months, seed, Knobs(**turned))
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc


def _month(text: str, scale: "Scale") -> int:
    from ingest.sandbox.knobs import FIRST_YEAR

    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        raise typer.BadParameter(f"{text!r}: write a month as YYYY-MM", param_hint="--at")
    month = (int(text[:4]) - FIRST_YEAR) * 12 + int(text[5:]) - 1
    if not 0 <= month < scale.months:
        last = scale.months - 1
        ends = f"{FIRST_YEAR}-01 to {FIRST_YEAR + last // 12}-{last % 12 + 1:02d}"
        raise typer.BadParameter(f"{text}: the sandbox has the months {ends}", param_hint="--at")
    return month


def _print_comparison(found: "Comparison", at: str) -> None:
    before, after = (int(found.months[name].sum()) for name in ("defaults_before", "defaults_after"))
    out.print(f"defaults of persons from {at} on: {before:,} as it was, {after:,} changed ({after - before:+,})")
    table = Table("applicant", "applied in month", "default as it was", "default changed", title="loans whose course differs")
    table.caption = f"{min(LOANS_SHOWN, found.loans.height)} of {found.loans.height}"
    for row in found.loans.head(LOANS_SHOWN).iter_rows(named=True):
        told = (
            "not granted"
            if not row[f"granted_{when}"]
            else ("no" if row[f"default_{when}"] is None else str(row[f"default_{when}"]))
            for when in ("before", "after")
        )
        table.add_row(row["applicant"], str(row["applied_month"]), *told)
    out.print(table)
