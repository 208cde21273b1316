"""`creditgraph tune`: searches better settings of a model, inside the training part alone."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out, progress
from api.cli.options import MODELS, SNAPSHOTS, ModelsOption, SnapshotsOption


def tune(
    task: Annotated[str, typer.Argument(help="What to learn: superlender, berka or sandbox.")],
    model: Annotated[str, typer.Option("--model", metavar="trees|network", help="Whose settings.")] = "trees",
    trials: Annotated[
        int | None, typer.Option("--trials", min=1, help="So many more trials (20 unless --minutes is given).")
    ] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", min=0, help="Begin no trial after so many minutes.")] = None,
    models: ModelsOption = MODELS,
    snapshots: SnapshotsOption = SNAPSHOTS,
    seed: Annotated[int, typer.Option("--seed", help="Of the search and of every training.")] = 0,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="File to write the best settings to; tuned.json in the folder of models.")
    ] = None,
) -> None:
    """Search settings, judged on a period inside the training part; a search that was stopped goes on."""
    from gnn.tasks import TASKS
    from gnn.tuning import TUNED, Bounds, Tuned, write_settings_file
    from gnn.tuning import tune as search

    if task not in TASKS:
        raise typer.BadParameter(f"choose from {', '.join(sorted(TASKS))}", param_hint="TASK")
    if model not in list(Tuned):
        raise typer.BadParameter(f"choose from {', '.join(Tuned)}", param_hint="--model")
    from graph.snapshot import Snapshot

    chosen, place = Tuned(model), settings or models / TUNED
    bounds = Bounds(trials or (20 if minutes is None else None), minutes)
    with progress(f"tuning {chosen} for {task}") as advance:
        found = search(Snapshot.open(snapshots), TASKS[task], chosen, bounds, models, seed=seed, progress=advance)
    write_settings_file(place, chosen, found.settings)
    out.print(
        f"after {found.trials} trials the log loss on the validation period is {found.loss:.4f}, "
        f"with the usual settings {found.usual_loss:.4f}"
    )
    out.print(f"wrote {place}; train with them: creditgraph train {task} --settings {place}", soft_wrap=True)
