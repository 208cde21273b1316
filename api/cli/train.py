"""`creditgraph train`: learns from the published snapshot and writes a model bundle."""

from typing import Annotated

import typer

from api.cli.console import out, progress
from api.cli.measures import print_measures
from api.cli.options import BUNDLE, SNAPSHOTS, BundleOption, PepperOption, SnapshotsOption, read_pepper

DEFAULT_SEED = 0


def train(
    task: Annotated[str, typer.Argument(help="What to learn: superlender, berka, or one of the sandbox's tasks.")],
    snapshots: SnapshotsOption = SNAPSHOTS,
    bundle: BundleOption = BUNDLE,
    pepper: PepperOption = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bundle, byte for byte.")] = DEFAULT_SEED,
) -> None:
    """Train, calibrate and write a model bundle from the published snapshot."""
    from gnn.tasks import TASKS

    if task not in TASKS:
        raise typer.BadParameter(f"choose from {', '.join(sorted(TASKS))}", param_hint="TASK")
    key = read_pepper(pepper)

    from gnn.training import train_bundle
    from graph.snapshot import Snapshot

    with progress(f"training {task}") as advance:
        report = train_bundle(Snapshot.open(snapshots, key.fingerprint), TASKS[task], seed=seed, out=bundle, progress=advance)
    print_measures(report.metrics, report.examples)
    out.print(f"wrote {report.place}, model version {report.model_version}", soft_wrap=True)
