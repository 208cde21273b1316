"""`creditgraph retain`: take out what may be kept no longer."""

from datetime import UTC, datetime
from pathlib import Path

from api.cli.console import out, working
from api.cli.options import (
    STORE,
    AsOfOption,
    PasswordOption,
    PepperOption,
    PublishOption,
    StoreOption,
    UserOption,
    read_login,
    read_pepper,
)


def retain(
    store: StoreOption = str(STORE),
    as_of: AsOfOption = None,
    snapshots: PublishOption = None,
    pepper: PepperOption = None,
    user: UserOption = None,
    password: PasswordOption = None,
) -> None:
    """Take out facts known longer ago than their relation may be kept, and derive again what hung on them."""
    from graph.opening import open_store
    from graph.snapshot import publish_snapshot
    from ingest.linkage import derive
    from ingest.retention import expire_facts

    key = read_pepper(pepper)
    with open_store(store, key.fingerprint, auth=read_login(user, password)) as graph:
        with working("taking out what may be kept no longer"):
            gone = expire_facts(graph, as_of or datetime.now(UTC))
            derive(graph, key)
        if snapshots is not None:
            publish_snapshot(graph, Path(snapshots))
    for edge, count in gone.items():
        out.print(f"{count:,} {edge.rel} ({edge.source} to {edge.target})")
    out.print(f"{sum(gone.values()):,} facts taken out")
