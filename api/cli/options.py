"""Arguments and options that several commands share, each declared once with its variable and its help."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.errors import PepperMissing, SettingsInvalid
from api.instants import read_instant
from api.places import DEFAULT_BUNDLE, DEFAULT_SNAPSHOTS, DEFAULT_STORE, PEPPER_VARIABLE, SHARED_PREFIX
from graph.identity import Pepper

STORE = Path(DEFAULT_STORE)
SNAPSHOTS = Path(DEFAULT_SNAPSHOTS)
BUNDLE = Path(DEFAULT_BUNDLE)
DEFAULT_USER = "neo4j"


def _read_as_of(text: str) -> datetime:
    try:
        return read_instant(text)
    except ValueError as exc:
        raise typer.BadParameter(str(exc)) from exc


StoreOption = Annotated[
    str,
    typer.Option("--store", envvar=SHARED_PREFIX + "STORE", help="The graph: a path ending in .duckdb, or bolt://host:port."),
]
UserOption = Annotated[
    str | None, typer.Option("--neo4j-user", envvar="NEO4J_USER", help="User of the Neo4j server (default neo4j).")
]
PasswordOption = Annotated[
    str | None,
    typer.Option(
        "--neo4j-password",
        envvar="NEO4J_PASSWORD",
        help="Password of the Neo4j server, where it asks for one; prefer the variable.",
        show_default=False,
    ),
]
SnapshotsOption = Annotated[
    Path, typer.Option("--snapshots", envvar=SHARED_PREFIX + "SNAPSHOT_ROOT", help="Folder in which snapshots are published.")
]
BundleOption = Annotated[Path, typer.Option("--bundle", envvar=SHARED_PREFIX + "BUNDLE", help="Folder of the model bundle.")]
PepperOption = Annotated[
    str | None,
    typer.Option(
        "--pepper",
        envvar=PEPPER_VARIABLE,
        help="Secret that keys all identifiers. Prefer the variable: other users of the machine can read a command line.",
        show_default=False,
    ),
]
AllowResearchOption = Annotated[
    bool,
    typer.Option(
        "--allow-research",
        envvar=SHARED_PREFIX + "API_ALLOW_RESEARCH",
        help="Use data of basis research; not for real applicants.",
    ),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        parser=_read_as_of,
        metavar="TIME",
        help="Use only what was known before this RFC 3339 time; now unless told.",
    ),
]


def read_login(user: str | None, password: str | None) -> tuple[str, str] | None:
    """User and password for a Neo4j server; None where no password was given."""
    return (user or DEFAULT_USER, password) if password else None


def read_pepper(given: str | None) -> Pepper:
    """The pepper a command was given.

    Raises:
        PepperMissing: none was given.
        SettingsInvalid: it is too short.
    """
    if not given:
        raise PepperMissing
    try:
        return Pepper(given)
    except ValueError as exc:
        raise SettingsInvalid(PEPPER_VARIABLE, str(exc)) from exc
