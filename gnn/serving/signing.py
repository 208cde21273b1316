"""Signatures: who vouches for a bundle and for what is live. Ed25519 (RFC 8032), so the same record has the same signature.

Whoever trains holds the signing key; whoever serves holds the public keys it trusts, and nothing secret. A record says
which kind it is, so that no signature can stand under something else. The only module that knows the library.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gnn.errors import KeyUnusable, SignatureRefused

KEY_ID_DIGITS = 16
PUBLIC_SUFFIX = ".pub"
OWNER_ONLY = 0o600
_END = b"-----END PUBLIC KEY-----\n"


class SigningKey:
    """A private key and the name its public half goes by."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key_id = _key_id(private.public_key())

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"

    @property
    def trusted(self) -> "TrustedKeys":
        """The public half, as the only key trusted."""
        return TrustedKeys({self.key_id: self._private.public_key()})

    def seal(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The record with `key` and `signature` added; the signature covers everything else."""
        named = {**record, "key": self.key_id}
        return {**named, "signature": self._private.sign(line_of(named)).hex()}


@dataclass(frozen=True)
class TrustedKeys:
    """Public keys by id whose signatures count."""

    by_id: Mapping[str, Ed25519PublicKey]

    def check(self, thing: str, record: Mapping[str, Any], *, kind: str) -> None:
        """Return when a trusted key signed this record as a record of this kind.

        Raises:
            SignatureRefused: unsigned, signed by another key, or edited since; names `thing`.
        """
        named = {name: value for name, value in record.items() if name != "signature"}
        public = self.by_id.get(str(named.get("key")))
        if public is None:
            raise SignatureRefused(thing, f"is signed with the key {named.get('key')}, which is not trusted here")
        try:
            public.verify(bytes.fromhex(str(record.get("signature"))), line_of(named))
        except (InvalidSignature, ValueError) as exc:
            raise SignatureRefused(thing, "was edited after it was signed") from exc
        if named.get("kind") != kind:
            raise SignatureRefused(thing, f"is a signed record of the kind {named.get('kind')}, not {kind}")


def line_of(record: Mapping[str, Any]) -> bytes:
    """Canonical JSON on one line: equal values give equal bytes."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def read_line(thing: str, line: bytes) -> dict[str, Any]:
    """A record from its line, byte for byte as `line_of` writes it.

    Raises:
        SignatureRefused: it is another text.
    """
    try:
        record = json.loads(line)
        as_written = isinstance(record, dict) and line_of(record) == line
    except ValueError as exc:
        raise SignatureRefused(thing, "cannot be read as JSON") from exc
    if not as_written:
        raise SignatureRefused(thing, "was edited after it was signed")
    found: dict[str, Any] = record
    return found


def write_new_key(file: Path) -> SigningKey:
    """Make a key: `file` for its owner alone, and beside it the public half, `file` plus `.pub`.

    Raises:
        KeyUnusable: a file of one of these names is there already.
    """
    private = Ed25519PrivateKey.generate()
    secret = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    beside = public_file(file)
    for place in (file, beside):
        if place.exists():
            raise KeyUnusable(str(place), "is there already and is never replaced; name another file")
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as out:
        out.write(secret)
    beside.write_bytes(public)
    return SigningKey(private)


def read_signing_key(file: Path) -> SigningKey:
    """The private key in a file that its owner alone can read.

    Raises:
        KeyUnusable: lacking, readable by others, or no Ed25519 key.
    """
    try:
        if file.stat().st_mode & 0o077:
            raise KeyUnusable(str(file), f"can be read by other users; run `chmod 600 {file}`, and make a new key if they did")
        private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except OSError as exc:
        raise KeyUnusable(str(file), "cannot be read; make a key with `creditgraph keys new FILE`") from exc
    except (ValueError, TypeError) as exc:
        raise KeyUnusable(str(file), "holds no private key; make one with `creditgraph keys new FILE`") from exc
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusable(str(file), "holds a key of another kind; make an Ed25519 key with `creditgraph keys new FILE`")
    return SigningKey(private)


def read_trusted_keys(files: Iterable[Path]) -> TrustedKeys:
    """All public keys in these files; a file may hold several, one after the other, while keys are changed.

    Raises:
        KeyUnusable: a file is lacking or holds no public key.
    """
    found: dict[str, Ed25519PublicKey] = {}
    for file in files:
        try:
            blocks = [block + _END for block in file.read_bytes().split(_END)[:-1]]
            keys = [serialization.load_pem_public_key(block) for block in blocks]
        except OSError as exc:
            raise KeyUnusable(str(file), "cannot be read; name the .pub file that `creditgraph keys new` wrote") from exc
        except ValueError as exc:
            raise KeyUnusable(str(file), "holds no public key; name the .pub file that `creditgraph keys new` wrote") from exc
        found |= {_key_id(key): key for key in keys if isinstance(key, Ed25519PublicKey)}
        if not found:
            raise KeyUnusable(str(file), "holds no public key; name the .pub file that `creditgraph keys new` wrote")
    return TrustedKeys(found)


def public_file(file: Path) -> Path:
    """Where the public half of the key in `file` lies."""
    return file.with_name(file.name + PUBLIC_SUFFIX)


def _key_id(public: Ed25519PublicKey) -> str:
    return sha256(public.public_bytes_raw()).hexdigest()[:KEY_ID_DIGITS]
