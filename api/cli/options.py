"""Arguments and options that several commands share, each declared once with its variable and its help."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.errors import PepperMissing, SettingsInvalid
from api.instants import read_instant
from api.places import (
    DEFAULT_BUNDLE,
    DEFAULT_MODELS,
    DEFAULT_SNAPSHOTS,
    DEFAULT_STORE,
    PEPPER_VARIABLE,
    SHARED_PREFIX,
    SIGNING_KEY_VARIABLE,
    TRUSTED_KEYS_VARIABLE,
)
from graph.identity import Pepper

if TYPE_CHECKING:
    from gnn.serving.signing import SigningKey, TrustedKeys
    from ingest.source import SourceSpec

STORE = Path(DEFAULT_STORE)
SNAPSHOTS = Path(DEFAULT_SNAPSHOTS)
BUNDLE = Path(DEFAULT_BUNDLE)
MODELS = Path(DEFAULT_MODELS)
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
ModelsOption = Annotated[
    Path, typer.Option("--models", envvar=SHARED_PREFIX + "MODELS", help="Folder of registered models and of what is live.")
]
SigningKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--signing-key",
        envvar=SIGNING_KEY_VARIABLE,
        help="File of the private key that signs models, as `creditgraph keys new` makes it.",
        show_default=False,
    ),
]
TrustedKeysOption = Annotated[
    Path | None,
    typer.Option(
        "--trusted-keys",
        envvar=TRUSTED_KEYS_VARIABLE,
        help="File of public keys whose signatures count; that of the signing key unless told.",
        show_default=False,
    ),
]
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


def read_key(file: Path | None) -> "SigningKey":
    """The key that signs models.

    Raises:
        SettingsInvalid: none was named.
        KeyUnusable: the file cannot be used.
    """
    from gnn.serving.signing import read_signing_key

    if file is None:
        raise SettingsInvalid(
            SIGNING_KEY_VARIABLE, "it is not set, and nothing is signed without a key (`creditgraph keys new`)"
        )
    return read_signing_key(file)


def read_trusted(trusted: Path | None, signing: Path | None) -> "TrustedKeys":
    """The public keys whose signatures count: those named, else the public half of the signing key.

    Raises:
        SettingsInvalid: neither was named.
        KeyUnusable: the file cannot be used.
    """
    from gnn.serving.signing import public_file, read_trusted_keys

    if trusted is None and signing is None:
        raise SettingsInvalid(TRUSTED_KEYS_VARIABLE, "it is not set, and no signature counts without a public key")
    return read_trusted_keys([trusted if trusted is not None else public_file(signing or Path())])


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
