"""`creditgraph retrain`: trains anew on newer data, where age or drift ask for it; made for a scheduler to call."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from api.cli.comparison import print_comparison
from api.cli.console import out, progress, working
from api.cli.options import (
    MODELS,
    SNAPSHOTS,
    ModelsOption,
    SigningKeyOption,
    SnapshotsOption,
    TrustedKeysOption,
    read_key,
    read_trusted,
)

NOT_MEASURED = 5  # exit code: a scheduler must not take it for "no drift"


def retrain(
    if_older_than: Annotated[
        float | None, typer.Option("--if-older-than", metavar="DAYS", min=0, help="Train where the last training is older.")
    ] = None,
    if_drift: Annotated[
        bool, typer.Option("--if-drift", help="Train where the latest month's people, scores or defaults have shifted.")
    ] = False,
    models: ModelsOption = MODELS,
    snapshots: SnapshotsOption = SNAPSHOTS,
    signing_key: SigningKeyOption = None,
    trusted_keys: TrustedKeysOption = None,
) -> None:
    """Train with the last training's settings on the published snapshot and register the challenger; promotes nothing."""
    key, trusted = read_key(signing_key), read_trusted(trusted_keys, signing_key)

    from gnn.registry.enrol import enrol_training
    from gnn.registry.models import Models
    from gnn.registry.retrain import Conditions, decide_retraining
    from graph.snapshot import Snapshot

    snapshot = Snapshot.open(snapshots)
    with working("looking whether to train"):
        asked = Conditions(if_older_than, drift=if_drift)
        decision = decide_retraining(Models(models, trusted), snapshot, asked, datetime.now(UTC))
    out.print(f"{'training' if decision.train else 'not training'}: {decision.why}", soft_wrap=True)
    if not decision.is_measured:
        raise typer.Exit(NOT_MEASURED)
    if not decision.train:
        return
    with progress(f"training {decision.task.name}") as advance:
        enrolled = enrol_training(models, snapshot, decision.task, decision.recipe, key, advance)
    if enrolled.comparison is not None:
        print_comparison(enrolled.comparison)
    out.print("registered as challenger; go on with `creditgraph compare` and `creditgraph promote challenger`", soft_wrap=True)
