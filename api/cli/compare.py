"""`creditgraph compare`: champion and challengers on the same loans that none of them learnt from."""

from typing import Annotated

import typer

from api.cli.comparison import print_comparison, print_verdict
from api.cli.console import working
from api.cli.options import (
    MODELS,
    SNAPSHOTS,
    ModelsOption,
    SigningKeyOption,
    SnapshotsOption,
    TrustedKeysOption,
    read_trusted,
)


def compare(
    versions: Annotated[
        list[str] | None,
        typer.Argument(help="Versions by number, name or alias; the champion and the last training's unless told."),
    ] = None,
    models: ModelsOption = MODELS,
    snapshots: SnapshotsOption = SNAPSHOTS,
    trusted_keys: TrustedKeysOption = None,
    signing_key: SigningKeyOption = None,
) -> None:
    """Measure models side by side, with paired intervals, and say what the champion rule makes of them."""
    trusted = read_trusted(trusted_keys, signing_key)

    from gnn.errors import VersionUnknown
    from gnn.registry.champion import choose_champion
    from gnn.registry.measure import compare as measure
    from gnn.registry.models import Models
    from graph.snapshot import Snapshot

    held = Models(models, trusted)
    chosen = [held.registry.find(name).version for name in versions or []] or held.contenders()
    if not chosen:
        raise VersionUnknown("to compare", str(models))
    with working("measuring"):
        snapshot = Snapshot.open(snapshots)
        found = measure(snapshot, held.entrants(snapshot, chosen))
    live = held.live
    incumbent = live.champion if live is not None and live.champion in chosen else None
    print_comparison(found, incumbent)
    print_verdict(choose_champion(found.candidates, found.gains, incumbent))
