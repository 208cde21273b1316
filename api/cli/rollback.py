"""`creditgraph rollback`: makes the champion before the one now live again."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from api.cli.console import out
from api.cli.options import MODELS, ModelsOption, SigningKeyOption, TrustedKeysOption, read_key, read_trusted


def rollback(
    reason: Annotated[str, typer.Option("--reason", help="Why; recorded.")] = "not told",
    models: ModelsOption = MODELS,
    signing_key: SigningKeyOption = None,
    trusted_keys: TrustedKeysOption = None,
) -> None:
    """Go back to the previous champion, with the shadow it had; a running service follows with its next request."""
    key, trusted = read_key(signing_key), read_trusted(trusted_keys, signing_key)

    from gnn.registry.models import Models
    from gnn.registry.promotion import roll_back

    live = roll_back(Models(models, trusted), reason, key, datetime.now(UTC))
    out.print(f"{live.champion} is champion again, since {live.champion_since}", soft_wrap=True)
