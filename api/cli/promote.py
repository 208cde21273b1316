"""`creditgraph promote`: makes a registered model the champion, by the champion rule."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from api.cli.comparison import print_comparison, print_verdict
from api.cli.console import out, working
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


def promote(
    version: Annotated[str, typer.Argument(help="By number, name or alias, as `creditgraph models` lists them.")],
    trees_alone: Annotated[
        bool, typer.Option("--trees-alone", help="Let a model without the graph network answer; the network is its shadow.")
    ] = False,
    shadow: Annotated[str | None, typer.Option("--shadow", help="Version to score beside it without answering.")] = None,
    despite: Annotated[
        str | None, typer.Option("--despite", metavar="REASON", help="Promote though the rule speaks against it; recorded.")
    ] = None,
    models: ModelsOption = MODELS,
    snapshots: SnapshotsOption = SNAPSHOTS,
    signing_key: SigningKeyOption = None,
    trusted_keys: TrustedKeysOption = None,
) -> None:
    """Measure a version beside the champion and, where the champion rule allows it, make it what answers."""
    key, trusted = read_key(signing_key), read_trusted(trusted_keys, signing_key)

    from gnn.registry.models import Models
    from gnn.registry.promotion import Wish
    from gnn.registry.promotion import promote as make_champion
    from graph.snapshot import Snapshot

    wish = Wish(version, trees_alone=trees_alone, shadow=shadow, despite=despite)
    with working("measuring"):
        made = make_champion(Models(models, trusted), Snapshot.open(snapshots), wish, key, datetime.now(UTC))
    if made.comparison is not None:
        print_comparison(made.comparison)
    if made.verdict is not None:
        print_verdict(made.verdict)
    beside = "" if made.live.shadow is None else f", {made.live.shadow} is its shadow"
    out.print(f"{made.live.champion} is champion since {made.live.champion_since}{beside}", soft_wrap=True)
