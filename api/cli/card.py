"""`creditgraph card`: writes the model card and the data sheet of a version anew."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import out, working
from api.cli.options import (
    MODELS,
    SNAPSHOTS,
    ModelsOption,
    SigningKeyOption,
    SnapshotsOption,
    TrustedKeysOption,
    read_trusted,
)
from api.errors import SettingsInvalid

if TYPE_CHECKING:
    from gnn.evaluation.metrics import Interval


def card(
    version: Annotated[str, typer.Argument(help="By number, name or alias, as `creditgraph models` lists them.")],
    gains: Annotated[
        Path | None,
        typer.Option("--gains", help="JSON of what each signal family adds in AUC: {family: [value, low, high]}."),
    ] = None,
    models: ModelsOption = MODELS,
    snapshots: SnapshotsOption = SNAPSHOTS,
    trusted_keys: TrustedKeysOption = None,
    signing_key: SigningKeyOption = None,
) -> None:
    """Measure a version and those of its training, and write its model card, data sheet and pictures."""
    trusted = read_trusted(trusted_keys, signing_key)

    from gnn.registry.card import write_cards
    from gnn.registry.measure import compare
    from gnn.registry.models import Models
    from graph.snapshot import Snapshot

    held = Models(models, trusted)
    chosen = held.registry.find(version)
    with working("measuring"):
        snapshot = Snapshot.open(snapshots)
        names = [chosen.version, *(one.version for one in held.family(chosen))]
        found = compare(snapshot, held.entrants(snapshot, names))
    folder = write_cards(models, snapshot, chosen.version, found, _read_gains(gains))
    out.print(f"wrote {folder}", soft_wrap=True)


def _read_gains(file: Path | None) -> "dict[str, Interval]":
    from gnn.evaluation.metrics import Interval

    if file is None:
        return {}
    try:
        return {str(family): Interval(*map(float, ends)) for family, ends in json.loads(file.read_bytes()).items()}
    except (ValueError, TypeError, AttributeError) as exc:
        raise SettingsInvalid("--gains", f"{file} is not JSON of the form {{family: [value, low, high]}}") from exc
