"""`creditgraph train`: learns from the published snapshot and writes a model bundle, or registers signed ones."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.comparison import print_comparison
from api.cli.console import out, progress
from api.cli.measures import print_measures, print_not_in_time
from api.cli.options import (
    BUNDLE,
    SNAPSHOTS,
    BundleOption,
    PepperOption,
    SigningKeyOption,
    SnapshotsOption,
    read_key,
    read_pepper,
)
from api.places import SHARED_PREFIX

if TYPE_CHECKING:
    from gnn.serving.signing import SigningKey
    from gnn.tasks import Task
    from gnn.training import Recipe
    from graph.snapshot import Snapshot

DEFAULT_SEED = 0


def train(
    task: Annotated[str, typer.Argument(help="What to learn: superlender, berka, or one of the sandbox's tasks.")],
    snapshots: SnapshotsOption = SNAPSHOTS,
    bundle: BundleOption = BUNDLE,
    pepper: PepperOption = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bundle, byte for byte.")] = DEFAULT_SEED,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="Settings of the models, as `creditgraph tune` writes them.")
    ] = None,
    camouflage: Annotated[
        float,
        typer.Option(
            "--camouflage",
            min=0.0,
            max=5.0,
            help="Made-up persons planted for each borrower that teaches, so that ties to strangers count for little.",
        ),
    ] = 0.0,
    models: Annotated[
        Path | None,
        typer.Option(
            "--models",
            envvar=SHARED_PREFIX + "MODELS",
            help="Register the models here, signed, with run, measures and card; then no --bundle is written.",
            show_default=False,
        ),
    ] = None,
    signing_key: SigningKeyOption = None,
) -> None:
    """Train and calibrate on the published snapshot; write a model bundle, or with --models register a challenger."""
    from gnn.tasks import TASKS

    if task not in TASKS:
        raise typer.BadParameter(f"choose from {', '.join(sorted(TASKS))}", param_hint="TASK")
    key = read_pepper(pepper)
    signing = None if models is None else read_key(signing_key)

    from gnn.training import NOT_IN_TIME, ModelSettings, Recipe, train_bundle
    from gnn.tuning import read_settings_file
    from graph.snapshot import Snapshot

    recipe = Recipe(seed, ModelSettings() if settings is None else read_settings_file(settings), camouflage)
    snapshot = Snapshot.open(snapshots, key.fingerprint)
    if models is not None and signing is not None:
        _register(models, snapshot, TASKS[task], recipe, signing)
        return
    with progress(f"training {task}") as advance:
        report = train_bundle(
            snapshot,
            TASKS[task],
            seed=seed,
            out=bundle,
            settings=recipe.settings,
            camouflage=camouflage,
            progress=advance,
        )
    print_measures(report.metrics, report.examples)
    if not report.in_time:
        print_not_in_time(NOT_IN_TIME)
    out.print(f"wrote {report.place}, model version {report.model_version}", soft_wrap=True)


def _register(models: Path, snapshot: "Snapshot", task: "Task", recipe: "Recipe", key: "SigningKey") -> None:
    from gnn.registry.enrol import enrol_training
    from gnn.training import NOT_IN_TIME

    with progress(f"training {task.name}") as advance:
        enrolled = enrol_training(models, snapshot, task, recipe, key, advance)
    print_measures(enrolled.trained.metrics, enrolled.trained.examples)
    if not enrolled.trained.in_time:
        print_not_in_time(NOT_IN_TIME)
    if enrolled.comparison is not None:
        print_comparison(enrolled.comparison)
    for combination, version in enrolled.versions.items():
        out.print(f"registered {version.version} as number {version.number}: {combination}", soft_wrap=True)
    out.print("go on with `creditgraph compare` and `creditgraph promote challenger`", soft_wrap=True)
