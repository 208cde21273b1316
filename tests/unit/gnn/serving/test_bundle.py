from pathlib import Path

import pytest

from gnn.errors import BundleCorrupt, BundleMismatch, ModelNotFound
from gnn.serving import bundle
from gnn.serving.bundle import MANIFEST, canonical_json, read_bundle, write_bundle

FILES = {"weights.bin": b"\x00\x01\x02", "trees.txt": b"tree=0\n"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_bundle(tmp_path / "bundle", {"seed": 1, "task": "planted"}, FILES)
    return tmp_path / "bundle"


def test_what_was_written_is_read_back(place: Path) -> None:
    read = read_bundle(place)
    assert dict(read.files) == FILES
    assert read.manifest["task"] == "planted"


def test_same_content_has_the_same_bytes_and_version(tmp_path: Path, place: Path) -> None:
    version = write_bundle(tmp_path / "again", {"task": "planted", "seed": 1}, dict(reversed(FILES.items())))
    assert version == read_bundle(place).version
    assert (tmp_path / "again" / MANIFEST).read_bytes() == (place / MANIFEST).read_bytes()


def test_other_content_has_another_version(tmp_path: Path, place: Path) -> None:
    other = write_bundle(tmp_path / "other", {"seed": 1, "task": "planted"}, {**FILES, "trees.txt": b"tree=1\n"})
    assert other != read_bundle(place).version


@pytest.mark.parametrize("name", [MANIFEST, *FILES])
def test_any_byte_edited_is_refused_with_the_name_of_the_file(place: Path, name: str) -> None:
    intact = (place / name).read_bytes()
    for at in range(len(intact)):
        (place / name).write_bytes(intact[:at] + bytes([intact[at] ^ 1]) + intact[at + 1 :])
        with pytest.raises(BundleCorrupt, match=name):
            read_bundle(place)


@pytest.mark.parametrize("name", FILES)
def test_file_lacking_or_short_is_refused_with_its_name(place: Path, name: str) -> None:
    (place / name).write_bytes(FILES[name][:-1])
    with pytest.raises(BundleCorrupt, match=name):
        read_bundle(place)
    (place / name).unlink()
    with pytest.raises(BundleCorrupt, match=name):
        read_bundle(place)


def test_white_space_added_to_the_manifest_is_an_edit(place: Path) -> None:
    (place / MANIFEST).write_bytes((place / MANIFEST).read_bytes() + b"\n")
    with pytest.raises(BundleCorrupt, match=MANIFEST):
        read_bundle(place)


def test_no_bundle_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="creditgraph train"):
        read_bundle(tmp_path / "nowhere")


def test_bundle_of_another_vocabulary_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "vocabulary_digest", lambda: "f" * 64)
    with pytest.raises(BundleMismatch, match="vocabulary"):
        read_bundle(place)


def test_bundle_of_another_format_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "BUNDLE_FORMAT", bundle.BUNDLE_FORMAT + 1)
    with pytest.raises(BundleMismatch, match="format"):
        read_bundle(place)


def test_writing_again_replaces_the_bundle_and_leaves_nothing_beside_it(place: Path) -> None:
    version = write_bundle(place, {"seed": 2}, {"weights.bin": b"new"})
    assert read_bundle(place).version == version
    assert [path.name for path in place.parent.iterdir()] == ["bundle"]


def test_bundle_that_fails_to_be_written_leaves_the_one_before(place: Path) -> None:
    before = read_bundle(place).version
    with pytest.raises(TypeError):
        write_bundle(place, {"seed": 2}, {"weights.bin": "not bytes"})  # type: ignore[dict-item] # what a bug would pass
    assert read_bundle(place).version == before
    assert [path.name for path in place.parent.iterdir()] == ["bundle"]


def test_canonical_json_refuses_numbers_that_json_does_not_know() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json({"auc": float("nan")})
