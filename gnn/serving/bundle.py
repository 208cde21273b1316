"""The model on disk: a folder of tensors, trees as text and one canonical manifest that vouches for every file.

Written beside its place and renamed, read back only when every byte is as written. The manifest's `model_version` is the
digest of all the rest, so equal contents have equal versions. It knows no snapshot and never unpickles.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from gnn.errors import BundleCorrupt, BundleMismatch, ModelNotFound
from graph.derived import vocabulary_digest

BUNDLE_FORMAT = 9  # raise when files, tensor names, or the manifest's fields or what they mean, change
MANIFEST = "manifest.json"
TEMPORARY_PREFIX = ".writing-"
VERSION_DIGITS = 16


@dataclass(frozen=True)
class Bundle:
    """What was read: the manifest's fields, and the bytes of every other file by name, checked."""

    place: str
    version: str
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]


def write_bundle(out: Path, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """Write a bundle to the folder `out`, in place of one that may be there, and return its model version.

    Args:
        out: Folder to make; its parent is made when lacking.
        manifest: Plain values to keep; format, vocabulary, files and version are added.
        files: Contents by name.
    """
    listed = {name: {"sha256": sha256(raw).hexdigest(), "bytes": len(raw)} for name, raw in files.items()}
    full = {**manifest, "format": BUNDLE_FORMAT, "vocabulary_digest": vocabulary_digest(), "files": listed}
    version = _version(full)
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=out.parent))
    try:
        folder = temporary / "bundle"
        folder.mkdir()
        for name, raw in files.items():
            (folder / name).write_bytes(raw)
        (folder / MANIFEST).write_bytes(canonical_json({**full, "model_version": version}))
        _put_in_place(folder, out, temporary / "replaced")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return version


def _put_in_place(folder: Path, out: Path, replaced: Path) -> None:
    """Rename `folder` to `out`; what was there moves to `replaced`, and back where that fails."""
    if out.exists():
        out.rename(replaced)
    try:
        folder.rename(out)
    except OSError:
        if replaced.exists():
            replaced.rename(out)
        raise


def read_bundle(place: Path) -> Bundle:
    """Read a bundle whose every byte is as it was written.

    Raises:
        ModelNotFound: no manifest at that place.
        BundleCorrupt: a file is lacking, short or edited; the message names it.
        BundleMismatch: written in another format or with another vocabulary.
    """
    return parse_bundle(place, read_manifest(place))


def read_manifest(place: Path) -> bytes:
    """The bytes of a bundle's manifest, unchecked.

    Raises:
        ModelNotFound: there is none.
    """
    try:
        return (place / MANIFEST).read_bytes()
    except OSError as exc:
        raise ModelNotFound(str(place)) from exc


def parse_bundle(place: Path, raw: bytes) -> Bundle:
    """The bundle whose manifest was read already, so that what was checked of these bytes holds for what is read.

    Raises:
        BundleCorrupt, BundleMismatch: as `read_bundle`.
    """
    manifest = parse_manifest(place, raw)
    _check_origin(place, manifest)
    return Bundle(
        place=str(place),
        version=manifest["model_version"],
        manifest=manifest,
        files={name: _read_file(place, name, listed["sha256"]) for name, listed in manifest["files"].items()},
    )


def canonical_json(data: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys, one field a line: equal values give equal bytes."""
    return json.dumps(data, sort_keys=True, indent=1, ensure_ascii=True, allow_nan=False).encode() + b"\n"


def _version(manifest: Mapping[str, Any]) -> str:
    return sha256(canonical_json(manifest)).hexdigest()[:VERSION_DIGITS]


def parse_manifest(place: Path, raw: bytes) -> dict[str, Any]:
    """The fields of a manifest as it was written, whatever made it.

    Raises:
        BundleCorrupt: it was edited.
    """
    try:
        manifest: dict[str, Any] = json.loads(raw)
        stated = manifest.get("model_version")
        content = {name: value for name, value in manifest.items() if name != "model_version"}
        # Compared as bytes: a byte of white space changed is an edit too.
        intact = canonical_json(manifest) == raw and _version(content) == stated
    except (ValueError, AttributeError) as exc:
        raise BundleCorrupt(str(place), MANIFEST, "cannot be read as JSON") from exc
    if not intact:
        raise BundleCorrupt(str(place), MANIFEST, "was edited after it was written")
    return manifest


def _check_origin(place: Path, manifest: Mapping[str, Any]) -> None:
    if manifest["format"] != BUNDLE_FORMAT:
        raise BundleMismatch(str(place), "format", expected=str(BUNDLE_FORMAT), actual=str(manifest["format"]))
    if manifest["vocabulary_digest"] != vocabulary_digest():
        raise BundleMismatch(str(place), "vocabulary", expected=vocabulary_digest(), actual=str(manifest["vocabulary_digest"]))


def _read_file(place: Path, name: str, digest: str) -> bytes:
    try:
        raw = (place / name).read_bytes()
    except OSError as exc:
        raise BundleCorrupt(str(place), name, "is lacking or cannot be read") from exc
    if sha256(raw).hexdigest() != digest:
        raise BundleCorrupt(str(place), name, "was edited after it was written")
    return raw
