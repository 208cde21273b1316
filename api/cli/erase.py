"""`creditgraph erase`: forget persons in the graph, its snapshots and what lies in quarantine."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import err, out, working
from api.cli.neo4j import HOME, HomeOption
from api.cli.options import (
    SNAPSHOTS,
    STORE,
    IntakeOption,
    PasswordOption,
    PepperOption,
    SnapshotsOption,
    StoreOption,
    UserOption,
    place_intake,
    read_login,
    read_pepper,
)


def erase(
    subjects: Annotated[
        list[str],
        typer.Argument(
            metavar="SUBJECT...", help="Customer numbers, telephone numbers, e-mail addresses or node keys; name all you know."
        ),
    ],
    source: Annotated[str, typer.Option("--source", help="Source whose customer numbers these are.")] = "sandbox",
    store: StoreOption = str(STORE),
    intake: IntakeOption = None,
    snapshots: SnapshotsOption = SNAPSHOTS,
    home: HomeOption = HOME,
    pepper: PepperOption = None,
    user: UserOption = None,
    password: PasswordOption = None,
) -> None:
    """Forget persons: their facts, what only they hold, refused rows and older snapshots; a receipt for each."""
    from graph.opening import open_store
    from ingest.erasure import ErasePlaces, erase_subjects
    from ingest.load import Intake

    key, login = read_pepper(pepper), read_login(user, password)
    places = ErasePlaces(
        open_store=lambda: open_store(store, key.fingerprint, auth=login),
        compact=_compaction(store, home),
        intake=Intake(place_intake(store, intake)),
        snapshots=snapshots,
    )
    with working("erasing"):
        erasure = erase_subjects(source, subjects, places, key)
    out.print("taken away: " + ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in erasure.taken.items()))
    for receipt in erasure.receipts:
        out.print(f"receipt {receipt.receipt} in {receipt.path}", soft_wrap=True, markup=False)
        out.print(f"  its salt, for whoever asked and kept nowhere here: {receipt.salt}", soft_wrap=True)
    if places.compact is None:
        err.print("this server is not run from here: its operator has to compact the store for the bytes to leave the disk")


def _compaction(store: str, home: Path) -> Callable[[], None] | None:
    """Rewrites the store without what it keeps for reuse; None for a server that was not started from here."""
    from graph.opening import DUCKDB_SUFFIX

    if store.endswith(DUCKDB_SUFFIX):
        from graph.duckdb.compact import compact as compact_file

        return lambda: compact_file(Path(store))
    from graph.neo4j.compact import compact as compact_server
    from graph.neo4j.finding import find_server

    server = find_server(home.expanduser(), store)
    return None if server is None else lambda: compact_server(server)
