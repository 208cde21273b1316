"""Arguments and options that several commands share, each declared once with its variable and its help."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.errors import PepperMissing, SettingsInvalid
from api.instants import read_instant
from api.places import DEFAULT_BUNDLE, DEFAULT_SNAPSHOTS, DEFAULT_STORE, PEPPER_VARIABLE, SHARED_PREFIX
from graph.identity import Pepper

if TYPE_CHECKING:
    from ingest.source import SourceSpec

STORE = Path(DEFAULT_STORE)
SNAPSHOTS = Path(DEFAULT_SNAPSHOTS)
BUNDLE = Path(DEFAULT_BUNDLE)
DEFAULT_USER = "neo4j"
SERVER_INTAKE = Path("creditgraph-intake")
INTAKE_SUFFIX = ".intake"
MAPPING_SUFFIXES = (".yaml", ".yml")


def _read_time(text: str) -> datetime:
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
IntakeOption = Annotated[
    Path | None,
    typer.Option(
        "--intake",
        envvar=SHARED_PREFIX + "INTAKE",
        help="Folder of refused rows and accounts of runs; beside the store unless told: graph.duckdb has graph.intake/.",
        show_default=False,
    ),
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, help="Processes that read at the same time.")]
PublishOption = Annotated[
    Path | None,
    typer.Option("--snapshots", help="Publish a snapshot here after each commit; nothing is published unless told."),
]
MappingOption = Annotated[
    list[Path] | None,
    typer.Option("--mapping", help="A mapping file that declares a source; for several sources, several times."),
]
DeliveredOption = Annotated[
    datetime | None,
    typer.Option(
        "--delivered-at",
        parser=_read_time,
        metavar="TIME",
        help="When the files were delivered (RFC 3339); the source's declared time unless told.",
    ),
]
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
        parser=_read_time,
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


def place_intake(store: str, given: Path | None) -> Path:
    """The folder of refused rows and manifests that belongs to a store, where none was given."""
    if given is not None:
        return given
    return Path(store).with_suffix(INTAKE_SUFFIX) if store.endswith(".duckdb") else SERVER_INTAKE


def find_declared(name: str, mappings: Sequence[Path] = ()) -> "SourceSpec":
    """The declaration of a source, by its name or as the path of a mapping file.

    Args:
        name: As declared in code or by one of `mappings`, or the path of a mapping file.
        mappings: Files that declare further sources.

    Raises:
        SourceUnknown: neither declares it.
        MappingUnreadable, MappingInvalid, MappingUndecided: a mapping cannot be used.
    """
    from ingest.catalogue import find_source

    paths = [Path(name)] if name.endswith(MAPPING_SUFFIXES) else mappings
    if not paths:
        return find_source(name)
    from ingest.mapping import read_mapping

    mapped = {source.name: source for source in map(read_mapping, paths)}
    return next(iter(mapped.values())) if paths is not mappings else mapped.get(name) or find_source(name)
