"""`creditgraph follow`: a folder that files arrive in, each of which enters the graph exactly once."""

import signal
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import err, out
from api.cli.options import (
    STORE,
    IntakeOption,
    MappingOption,
    PasswordOption,
    PepperOption,
    PublishOption,
    StoreOption,
    UserOption,
    WorkersOption,
    place_intake,
    read_login,
    read_pepper,
)

if TYPE_CHECKING:
    from types import FrameType

SETTLE_S = 2.0


def follow(
    inbox: Annotated[Path, typer.Argument(help="Folder with a folder for each source, named as the source.")],
    store: StoreOption = str(STORE),
    intake: IntakeOption = None,
    snapshots: PublishOption = None,
    mapping: MappingOption = None,
    workers: WorkersOption = 1,
    settle: Annotated[
        float, typer.Option("--settle", min=0, metavar="SECONDS", help="A file is whole when nothing changed it for so long.")
    ] = SETTLE_S,
    as_arrived: Annotated[
        bool,
        typer.Option("--as-arrived", help="A file was delivered when it was last changed, not when its source declares it."),
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Take what is there and whole, and end.")] = False,
    pepper: PepperOption = None,
    user: UserOption = None,
    password: PasswordOption = None,
) -> None:
    """Load files as they arrive in INBOX/<source>/; they end in its done/ or refused/. Stop it with Ctrl-C or SIGTERM."""
    from graph.opening import open_store
    from ingest.catalogue import SOURCES
    from ingest.follow import Follower, Taken, Terms
    from ingest.load import Intake, Pace

    key, login = read_pepper(pepper), read_login(user, password)
    sources = dict(SOURCES)
    if mapping:
        from ingest.mapping import read_mapping

        sources |= {source.name: source for source in map(read_mapping, mapping)}
    follower = Follower(
        inbox,
        sources,
        lambda: open_store(store, key.fingerprint, auth=login),
        key,
        Intake(place_intake(store, intake)),
        Terms(settle_s=settle, as_arrived=as_arrived, pace=Pace(workers=workers, snapshots=snapshots)),
        _stop_on_signals(),
    )
    for news in follower.run(once=once):
        if not isinstance(news, Taken):
            err.print(f"{news.source}: waiting, {news.why}", soft_wrap=True, markup=False)
        elif news.refused:
            err.print(f"{news.source}: refused {news.path.name}: {news.refused}", soft_wrap=True, markup=False)
        else:
            out.print(f"{news.source}: loaded {news.path.name}", soft_wrap=True, markup=False)


def _stop_on_signals() -> Event:
    """Set by SIGTERM and SIGINT, so that a block of rows is finished and the store closed before the process ends."""
    stop = Event()

    def note(number: int, frame: "FrameType | None") -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    return stop
