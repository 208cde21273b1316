"""`creditgraph snapshot`: publishes what the store holds for training and serving."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import out, working
from api.cli.options import (
    SNAPSHOTS,
    STORE,
    PasswordOption,
    PepperOption,
    SnapshotsOption,
    StoreOption,
    UserOption,
    read_login,
    read_pepper,
)


def snapshot(
    store: StoreOption = str(STORE),
    snapshots: SnapshotsOption = SNAPSHOTS,
    pepper: PepperOption = None,
    user: UserOption = None,
    password: PasswordOption = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Write a new base instead of a delta.")] = False,
) -> None:
    """Publish a snapshot of the graph; running services take it up by themselves."""
    from graph.errors import StoreEmpty
    from graph.opening import DUCKDB_SUFFIX, open_store
    from graph.snapshot import publish_snapshot

    key = read_pepper(pepper)
    if store.endswith(DUCKDB_SUFFIX) and not Path(store).exists():
        raise StoreEmpty(store)  # opening would make one, and services would take up a graph without anyone in it
    with open_store(store, key.fingerprint, auth=read_login(user, password)) as graph:
        if not graph.identity().seq:
            raise StoreEmpty(store)
        with working("publishing a snapshot"):
            place = publish_snapshot(graph, snapshots, rebuild=rebuild)
    out.print(f"published {place}", soft_wrap=True)
