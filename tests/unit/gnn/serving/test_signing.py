"""Keys and signatures: who may read a key, what a signature covers, and what each refusal names."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gnn.errors import KeyUnusable, SignatureRefused
from gnn.serving.signing import (
    SigningKey,
    line_of,
    public_file,
    read_line,
    read_signing_key,
    read_trusted_keys,
    write_new_key,
)

RECORD = {"kind": "live", "champion": "abc", "sequence": 1}


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return write_new_key(tmp_path / "signing.key")


def test_a_new_key_is_for_its_owner_alone_and_its_public_half_is_trusted(key: SigningKey, tmp_path: Path) -> None:
    file = tmp_path / "signing.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in public_file(file).read_bytes()
    again = read_signing_key(file)
    assert again.key_id == key.key_id
    read_trusted_keys([public_file(file)]).check("it", again.seal(RECORD), kind="live")


def test_a_key_file_is_never_replaced(key: SigningKey, tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="never replaced"):
        write_new_key(tmp_path / "signing.key")


def test_the_same_record_has_the_same_signature(key: SigningKey) -> None:
    assert line_of(key.seal(RECORD)) == line_of(key.seal(dict(reversed(RECORD.items()))))


@pytest.mark.parametrize("name", ["champion", "kind", "sequence", "key", "signature"])
def test_every_field_is_covered(key: SigningKey, name: str) -> None:
    sealed = key.seal(RECORD) | {name: "other"}
    with pytest.raises(SignatureRefused, match="it "):
        key.trusted.check("it", sealed, kind="live")


def test_a_signature_of_one_kind_does_not_stand_under_another(key: SigningKey) -> None:
    with pytest.raises(SignatureRefused, match="kind live, not bundle"):
        key.trusted.check("it", key.seal(RECORD), kind="bundle")


def test_a_record_without_signature_is_refused(key: SigningKey) -> None:
    with pytest.raises(SignatureRefused, match="not trusted"):
        key.trusted.check("it", RECORD, kind="live")


def test_several_keys_in_one_file_are_all_trusted(key: SigningKey, tmp_path: Path) -> None:
    newer = write_new_key(tmp_path / "newer.key")
    both = tmp_path / "both.pub"
    both.write_bytes(b"".join(public_file(tmp_path / name).read_bytes() for name in ("signing.key", "newer.key")))
    assert set(read_trusted_keys([both]).by_id) == {key.key_id, newer.key_id}


def test_a_key_open_to_others_is_refused(key: SigningKey, tmp_path: Path) -> None:
    (tmp_path / "signing.key").chmod(0o640)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        read_signing_key(tmp_path / "signing.key")


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_without_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "not.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(KeyUnusable, match="creditgraph keys new"):
        read_signing_key(file)
    with pytest.raises(KeyUnusable, match=r"not\.key"):
        read_trusted_keys([file])


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    file = tmp_path / "other.key"
    file.write_bytes(
        other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    file.chmod(0o600)
    with pytest.raises(KeyUnusable, match="another kind"):
        read_signing_key(file)


def test_a_key_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="creditgraph keys new"):
        read_signing_key(tmp_path / "none")
    with pytest.raises(KeyUnusable, match=r"\.pub"):
        read_trusted_keys([tmp_path / "none"])


@pytest.mark.parametrize("line", [b"{}x", b"[]", b'{"b":1, "a":2}', b'{"a": 1}', b"\xff"])
def test_a_line_written_otherwise_is_refused(line: bytes) -> None:
    with pytest.raises(SignatureRefused, match="it "):
        read_line("it", line)
