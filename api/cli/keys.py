"""`creditgraph keys`: the key that signs models."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out

keys = typer.Typer(help="Make the key that signs models.", no_args_is_help=True)


@keys.callback()
def _group() -> None:
    """Keep `new` a command of its own."""


@keys.command(epilog="Example: creditgraph keys new signing.key")
def new(
    file: Annotated[Path, typer.Argument(help="File to write the private key to; .pub beside it holds the public half.")],
) -> None:
    """Make an Ed25519 key pair; the private half is for its owner alone, the public half for whoever serves."""
    from gnn.serving.signing import public_file, write_new_key

    made = write_new_key(file)
    out.print(
        f"key {made.key_id}: {file} signs and is for you alone, {public_file(file)} is what serving trusts", soft_wrap=True
    )
