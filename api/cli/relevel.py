"""`creditgraph relevel`: reads the champion's scores against those of the latest applicants."""

from datetime import UTC, datetime

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


def relevel(
    models: ModelsOption = MODELS,
    snapshots: SnapshotsOption = SNAPSHOTS,
    signing_key: SigningKeyOption = None,
    trusted_keys: TrustedKeysOption = None,
) -> None:
    """Renew the level the champion's probabilities rest on, once a month: no outcome is needed, and no rank changes."""
    key, trusted = read_key(signing_key), read_trusted(trusted_keys, signing_key)

    from gnn.registry.models import Models
    from gnn.registry.relevel import relevel as renew
    from graph.snapshot import Snapshot

    with working("measuring"):
        made = renew(Models(models, trusted), Snapshot.open(snapshots), key, datetime.now(UTC))
    told = f"level {made.level.value:.4f} of {made.level.applicants} applicants, {made.before:.4f} before"
    if made.level.value == made.before:
        out.print(f"{made.live.champion} stays champion: {told}", soft_wrap=True)
    else:
        out.print(f"{made.live.champion} is champion since {made.live.champion_since}: {told}", soft_wrap=True)
