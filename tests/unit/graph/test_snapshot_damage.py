import json
import os
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from graph.errors import (
    FormatMismatch,
    PepperMismatch,
    SnapshotCorrupt,
    SnapshotMissing,
    StoreFull,
    VocabularyMismatch,
)
from graph.snapshot import Snapshot, write_base, writer
from graph.snapshot.format import CURRENT, MANIFEST
from tests.support.snapshots import CALLED, batches, fact

BEFORE, AFTER = [fact(CALLED, 1, 0, 1, 5)], [fact(CALLED, 2, 2, 3, 5)]


@pytest.fixture
def root(tmp_path):
    write_base(batches(BEFORE), tmp_path, seq=1, pepper_fingerprint="mine")
    return tmp_path


def edit_manifest(root, **changes):
    """Edit the served manifest and sign it anew, as another version of the code would have written it."""
    path = root / (root / CURRENT).read_text().split()[0] / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    (root / CURRENT).write_text(f"{path.parent.name} {sha256(path.read_bytes()).hexdigest()}")


def test_nothing_published_is_said_so(tmp_path):
    with pytest.raises(SnapshotMissing, match="creditgraph snapshot"):
        Snapshot.open(tmp_path)


def test_other_vocabulary_is_refused(root):
    edit_manifest(root, vocabulary_digest="f" * 64)
    with pytest.raises(VocabularyMismatch, match="ffffffffffff"):
        Snapshot.open(root)


def test_other_format_is_refused(root):
    edit_manifest(root, format=999)
    with pytest.raises(FormatMismatch, match="999"):
        Snapshot.open(root)


def test_other_pepper_is_refused(root):
    assert Snapshot.open(root, "mine").seq == 1
    with pytest.raises(PepperMismatch):
        Snapshot.open(root, "theirs")


def test_truncated_file_is_refused(root):
    (file,) = root.glob("*/*.out-key.npy")
    os.truncate(file, file.stat().st_size - 1)
    with pytest.raises(SnapshotCorrupt, match="out-key"):
        Snapshot.open(root)


def test_lacking_file_is_refused(root):
    (file,) = root.glob("*/*.out-key.npy")
    file.unlink()
    with pytest.raises(SnapshotCorrupt, match="is lacking"):
        Snapshot.open(root)


def test_edited_manifest_is_refused(root):
    (manifest,) = root.glob(f"*/{MANIFEST}")
    manifest.write_text(manifest.read_text().replace('"seq": 1', '"seq": 2'))
    with pytest.raises(SnapshotCorrupt, match="edited"):
        Snapshot.open(root)


@pytest.mark.parametrize("text", ["", "base-1", "../elsewhere " + "0" * 64, "a b c"])
def test_unreadable_pointer_is_refused(root, text):
    (root / CURRENT).write_text(text)
    with pytest.raises(SnapshotCorrupt):
        Snapshot.open(root)


def test_pointer_that_is_no_text_is_refused(root):
    (root / CURRENT).write_bytes(b"\xff\xfe\x00 \x80")
    with pytest.raises(SnapshotCorrupt, match=CURRENT):
        Snapshot.open(root)


def test_pointer_leads_nowhere_outside_its_root(root, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / CURRENT).write_text((root / CURRENT).read_text().replace("base-", f"../{root.name}/base-"))
    with pytest.raises(SnapshotCorrupt, match=CURRENT):
        Snapshot.open(elsewhere)


def test_file_of_the_right_size_that_is_no_array_is_refused(root):
    (file,) = root.glob("*/*.out-key.npy")
    file.write_bytes(b"x" * file.stat().st_size)
    with pytest.raises(SnapshotCorrupt, match="out-key"):
        Snapshot.open(root)


@pytest.mark.parametrize("changes", [{"files": None}, {"kind": "novel"}, {"files": {"a": {}}}, {"more": 1}])
def test_manifest_that_is_none_is_refused(root, changes):
    edit_manifest(root, **changes)
    with pytest.raises(SnapshotCorrupt, match=MANIFEST):
        Snapshot.open(root)


def test_verify_leaves_out_what_was_verified_before(root):
    snapshot = Snapshot.open(root)
    next(root.glob("*/*.known_at_s.npy")).write_bytes(b"")
    snapshot.verify(but=snapshot.pointers)


def test_verify_finds_one_changed_byte(root):
    snapshot = Snapshot.open(root)
    snapshot.verify()
    (file,) = root.glob("*/*.known_at_s.npy")
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.write_bytes(raw)
    with pytest.raises(SnapshotCorrupt, match="known_at_s"):
        snapshot.verify()


@pytest.mark.parametrize("step", ["write_arrays", "write_synced", "_free_name", "_replace_current"])
def test_failure_midway_leaves_the_version_before_serving(root, monkeypatch, step):
    before = Snapshot.open(root)

    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, step, fail)
    with pytest.raises(StoreFull, match="No space left"):
        write_base(batches(AFTER), root, seq=2, pepper_fingerprint="mine")
    assert Snapshot.open(root).version == before.version
    assert not list(root.glob(".writing-*"))


def test_crash_between_folder_and_pointer_leaves_the_version_before_and_the_next_try_works(root, monkeypatch):
    before = Snapshot.open(root)
    with monkeypatch.context() as broken:
        broken.setattr(writer, "_replace_current", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            write_base(batches(AFTER), root, seq=2)
    assert Snapshot.open(root).version == before.version
    write_base(batches(AFTER), root, seq=2)
    assert Snapshot.open(root).seq == 2


def test_reader_keeps_its_version_while_a_newer_one_is_published(root):
    pinned = Snapshot.open(root)
    write_base(batches(AFTER), root, seq=2)
    assert pinned.fact_ids(CALLED, np.array([0])) == [BEFORE[0][1]["id"]]
    assert Snapshot.open(root).fact_ids(CALLED, np.array([0])) == [AFTER[0][1]["id"]]


def test_mapped_facts_cannot_be_written_to(root):
    run = Snapshot.open(root).facts(CALLED)[0]
    with pytest.raises(ValueError, match="read-only"):
        run.columns["known_at_s"][0] = 1


def test_manifest_bytes_are_canonical(root):
    manifest = Snapshot.open(root).manifest
    assert replace(manifest).to_bytes() == manifest.to_bytes() == next(root.glob(f"*/{MANIFEST}")).read_bytes()
