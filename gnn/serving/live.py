"""What is live: the signed record `live.json`, and the signed bundles it names, as serving reads them.

A folder of models holds `bundles/VERSION`, `live.json` and the record of all that was live before, `history.jsonl`, whose
last line `live.json` repeats. This module reads and refuses; `gnn.registry` writes.
"""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from gnn.errors import ModelNotFound, NothingLive, SignatureRefused
from gnn.serving.bundle import MANIFEST, Bundle, read_bundle
from gnn.serving.signing import SigningKey, TrustedKeys, line_of, read_line

LIVE_FORMAT = 1  # raise when a field of the record changes
LIVE, HISTORY, BUNDLES, SIGNATURE = "live.json", "history.jsonl", "bundles", "signature.json"
LIVE_KIND, BUNDLE_KIND = "live", "bundle"


@dataclass(frozen=True)
class Live:
    """One state of what is live: times are RFC 3339 in UTC; `previous` is the digest of the history's line before.

    `shadow` is scored beside the champion and never answers. `sequence` counts from 1.
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
    if record.pop("format") != LIVE_FORMAT:
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
    bundle = read_bundle(place)
    record = {"kind": BUNDLE_KIND, "model_version": bundle.version, "manifest_sha256": _manifest_digest(place)}
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
    if not (place / MANIFEST).is_file():
        raise ModelNotFound(str(place))
    thing = f"{place / SIGNATURE}"
    try:
        line = (place / SIGNATURE).read_bytes()
    except OSError as exc:
        raise SignatureRefused(thing, "is lacking") from exc
    record = read_line(thing, line.removesuffix(b"\n"))
    trusted.check(thing, record, kind=BUNDLE_KIND)
    _check_same(thing, place, record, version)
    return read_bundle(place)


def _check_same(thing: str, place: Path, record: dict[str, Any], version: str) -> None:
    if record["model_version"] != version:
        raise SignatureRefused(thing, f"is the signature of version {record['model_version']}")
    if record["manifest_sha256"] != _manifest_digest(place):
        raise SignatureRefused(str(place / MANIFEST), "was edited after it was signed")


def _manifest_digest(place: Path) -> str:
    return sha256((place / MANIFEST).read_bytes()).hexdigest()
