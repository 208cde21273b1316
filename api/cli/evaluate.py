"""`creditgraph evaluate`: how well models did, side by side, on loans they had not seen.

Without a protocol, the models of a bundle as measured when it was trained; with one, every model there is, fitted anew.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import out, progress
from api.cli.measures import print_figures, print_measures, print_not_in_time
from api.cli.options import BUNDLE, SNAPSHOTS, BundleOption, SnapshotsOption

if TYPE_CHECKING:
    from gnn.dataset import Dataset
    from gnn.evaluation.protocols import Part, Protocol

FOLDS = 5


def evaluate(
    bundle: BundleOption = BUNDLE,
    protocol: Annotated[
        str | None,
        typer.Option(
            "--protocol",
            metavar="oot|oot-purged|cv",
            help="Fit and compare every model: oot on the first 70 % of loans in time, judged on the rest; oot-purged on those "
            "of them whose outcome was known by then; cv in folds, where outcomes bear no date.",
        ),
    ] = None,
    task: Annotated[str, typer.Option("--task", help="What to predict, with --protocol.")] = "superlender",
    snapshots: SnapshotsOption = SNAPSHOTS,
    repeats: Annotated[int, typer.Option("--repeats", min=1, help="Seeds of oot, or shuffles of cv.")] = 1,
) -> None:
    """Compare a bundle's models on the last loans in time; with --protocol, every model on the published snapshot."""
    if protocol is None:
        _show_bundle(bundle)
    else:
        _run(protocol, task, snapshots, repeats)


def _show_bundle(bundle: Path) -> None:
    from gnn.serving.bundle import read_bundle
    from gnn.training import NOT_IN_TIME

    found = read_bundle(bundle)
    print_measures(found.manifest["metrics"], found.manifest["examples"])
    if not found.manifest["outcomes_in_time"]:
        print_not_in_time(NOT_IN_TIME)
    out.print(f"task {found.manifest['task']}, model version {found.version}", soft_wrap=True)


def _run(named: str, task: str, snapshots: Path, repeats: int) -> None:
    from gnn.evaluation.protocols import Protocol
    from gnn.tasks import TASKS

    if named not in list(Protocol):
        raise typer.BadParameter(f"choose from {', '.join(Protocol)}", param_hint="--protocol")
    if task not in TASKS:
        raise typer.BadParameter(f"choose from {', '.join(sorted(TASKS))}", param_hint="--task")
    if named == Protocol.PURGED and not TASKS[task].has_dated_outcomes:
        undated = "its outcomes were told all at once, after the last loan, so none was known by then; use oot"
        raise typer.BadParameter(f"not for {task}: {undated}", param_hint="--protocol")
    if named == Protocol.FOLDS and TASKS[task].has_dated_outcomes:
        overlap = "windows of loans overlap, so folds teach what was known only later; use oot-purged"
        raise typer.BadParameter(f"not for {task}: {overlap}", param_hint="--protocol")

    from gnn.dataset import build_dataset
    from gnn.evaluation.contenders import contenders
    from gnn.evaluation.evaluate import build_figures
    from gnn.evaluation.protocol_run import run_protocol
    from graph.snapshot import Snapshot

    protocol = Protocol(named)
    models = contenders()
    with progress(f"evaluating {task}") as advance, tempfile.TemporaryDirectory() as kept:
        data = build_dataset(Snapshot.open(snapshots), TASKS[task])
        parts = _parts(data, protocol, repeats)
        done: list[str] = []

        def tell(what: str) -> None:
            done.append(what)
            advance(what, len(done), len(parts) * len(models))

        predictions = run_protocol(data, parts, models, Path(kept), tell)
    print_figures(build_figures(data, protocol, predictions))
    out.print(f"task {task}, protocol {protocol}, snapshot {data.snapshot.version}", soft_wrap=True)


def _parts(data: "Dataset", protocol: "Protocol", repeats: int) -> "list[Part]":
    from gnn.division import check_both
    from gnn.evaluation import protocols

    if protocol is protocols.Protocol.OUT_OF_TIME:
        return protocols.out_of_time(data.examples, seeds=repeats)
    if protocol is protocols.Protocol.PURGED:
        parts = protocols.out_of_time(data.examples, seeds=repeats, purged=True, milestones=bool(data.milestones.names))
        check_both(data, "training", parts[0].split.train)
        return parts
    return protocols.stratified_folds(data.examples, folds=FOLDS, repeats=repeats)
