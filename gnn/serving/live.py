"""What is live: the signed record `live.json`, and the signed bundles it names, as serving reads them.

A folder of models holds `bundles/VERSION`, `live.json` and the record of all that was live before, `history.jsonl`, whose
last line `live.json` repeats. This module reads and refuses; `gnn.registry` writes.
"""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from gnn.errors import NothingLive, SignatureRefused
from gnn.serving.bundle import MANIFEST, Bundle, parse_bundle, parse_manifest, read_manifest
from gnn.serving.signing import SigningKey, TrustedKeys, line_of, read_line

LIVE_FORMAT = 2  # raise when a field of the record changes
WITHOUT_TASK = 1  # a format of the history's older lines; no model is served by one
LIVE, HISTORY, BUNDLES, SIGNATURE = "live.json", "history.jsonl", "bundles", "signature.json"
LIVE_KIND, BUNDLE_KIND = "live", "bundle"


@dataclass(frozen=True)
class Live:
    """One state of what is live: times are RFC 3339 in UTC; `previous` is the digest of the history's line before.

    `shadow` is scored beside the champion and never answers. `sequence` counts from 1. `task` is what the
    champion was trained for, so that a record cannot stand in the folder of another; empty in lines of format 1.
    """

    sequence: int
    previous: str
    at: str
    action: str
    reason: str
    champion: str
    champion_since: str
    shadow: str | None
    shadow_since: str | None
    task: str = ""


def live_line(live: Live, key: SigningKey) -> bytes:
    """The record signed, as one line without its end."""
    return line_of(key.seal({**vars(live), "format": LIVE_FORMAT, "kind": LIVE_KIND}))


def read_live_line(thing: str, line: bytes, trusted: TrustedKeys) -> Live:
    """The state that a signed line states.

    Raises:
        SignatureRefused: edited, signed by a key that is not trusted, or of another format.
    """
    record = read_line(thing, line)
    trusted.check(thing, record, kind=LIVE_KIND)
    if record.pop("format", None) not in (WITHOUT_TASK, LIVE_FORMAT):
        raise SignatureRefused(thing, f"has another format than {LIVE_FORMAT}")
    fields = {name: value for name, value in record.items() if name in Live.__dataclass_fields__}
    return Live(**fields)


def read_live(models: Path, trusted: TrustedKeys) -> Live:
    """What is live in a folder of models.

    Raises:
        NothingLive: there is no `live.json`.
        SignatureRefused: it cannot be trusted.
    """
    return read_live_line(str(models / LIVE), live_bytes(models).removesuffix(b"\n"), trusted)


def live_bytes(models: Path) -> bytes:
    """The bytes of `live.json`, by which a change is noticed.

    Raises:
        NothingLive: there is none.
    """
    try:
        return (models / LIVE).read_bytes()
    except OSError as exc:
        raise NothingLive(str(models)) from exc


def bundle_place(models: Path, version: str) -> Path:
    """Folder of a version's bundle."""
    return models / BUNDLES / version


def sign_bundle(place: Path, key: SigningKey) -> None:
    """Sign the manifest of the bundle at `place`, and with it every file the manifest vouches for."""
    raw = read_manifest(place)
    bundle = parse_bundle(place, raw)
    record = {"kind": BUNDLE_KIND, "model_version": bundle.version, "manifest_sha256": sha256(raw).hexdigest()}
    beside = place / f".{SIGNATURE}"
    beside.write_bytes(line_of(key.seal(record)) + b"\n")
    os.replace(beside, place / SIGNATURE)


def read_signed_bundle(models: Path, version: str, trusted: TrustedKeys) -> Bundle:
    """The bundle of a version, every byte of it as it was when a trusted key signed it.

    Raises:
        ModelNotFound: no such bundle.
        SignatureRefused: unsigned, signed by another key, or the signature is of another bundle.
        BundleCorrupt, BundleMismatch: as `read_bundle`.
    """
    place = bundle_place(models, version)
    return parse_bundle(place, _signed_manifest(place, version, trusted))


def read_signed_manifest(models: Path, version: str, trusted: TrustedKeys) -> dict[str, Any]:
    """The fields of a version's manifest, also where another format or vocabulary keeps its model from being used.

    Raises:
        ModelNotFound, SignatureRefused, BundleCorrupt: as `read_signed_bundle`; no other file is read.
    """
    place = bundle_place(models, version)
    return parse_manifest(place, _signed_manifest(place, version, trusted))


def _signed_manifest(place: Path, version: str, trusted: TrustedKeys) -> bytes:
    """The manifest's bytes, read once: those that are hashed here are those that the caller parses."""
    raw = read_manifest(place)
    thing = f"{place / SIGNATURE}"
    try:
        line = (place / SIGNATURE).read_bytes()
    except OSError as exc:
        raise SignatureRefused(thing, "is lacking") from exc
    record = read_line(thing, line.removesuffix(b"\n"))
    trusted.check(thing, record, kind=BUNDLE_KIND)
    if record["model_version"] != version:
        raise SignatureRefused(thing, f"is the signature of version {record['model_version']}")
    if record["manifest_sha256"] != sha256(raw).hexdigest():
        raise SignatureRefused(str(place / MANIFEST), "was edited after it was signed")
    return raw


def check_task(live: Live, bundle: Bundle) -> None:
    """Return when a bundle is of the task that the record was signed for.

    Raises:
        SignatureRefused: it is of another, or the record names none.
    """
    task = bundle.manifest["task"]
    if live.task != task:
        raise SignatureRefused(
            f"{LIVE}, line {live.sequence},", f"is signed for the task {live.task!r}, its model is of {task}"
        )
