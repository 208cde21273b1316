"""Erased subjects cannot be found again by a search that found them before, anywhere below the system's folder."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from api.cli.demo_places import DemoPlaces
from benchmarks.ingest.canaries import SOURCE, Canary
from benchmarks.ingest.economy import PEPPER
from benchmarks.ingest.erasure import erase_canaries
from benchmarks.ingest.search import find_marks
from graph.canonical import canonical_hash
from graph.duckdb.compact import compact
from graph.opening import open_store
from graph.vocabulary import NodeLabel
from ingest.erasure import ErasePlaces, erase_subjects
from ingest.load import Intake

SUBJECTS = 12


@pytest.mark.slow
def test_what_the_search_found_before_is_found_nowhere_afterwards(tmp_path: Path, demo: DemoPlaces) -> None:
    before, after = erase_canaries(tmp_path, demo.raw, SUBJECTS)

    assert (before, after) == (SUBJECTS, 0)


def test_a_search_finds_a_key_in_every_format(tmp_path: Path) -> None:
    canary = Canary(3)
    key = PEPPER.node_key(NodeLabel.PHONE, SOURCE, canary.phone)
    (tmp_path / "raw.bin").write_bytes(b"xyz" + bytes.fromhex(key) + b"tail")
    (tmp_path / "number.bin").write_bytes(
        b"q" + (int.from_bytes(bytes.fromhex(key), "big") ^ (1 << 127)).to_bytes(16, "little")
    )
    (tmp_path / "text.json").write_text(json.dumps({"name": canary.name}))

    found = find_marks(tmp_path, {key: "by key", canary.name: "by name"})

    assert found == {"raw.bin": {"by key"}, "number.bin": {"by key"}, "text.json": {"by name"}}


def test_forgetting_a_stranger_takes_nothing_and_its_receipt_opens_with_the_salt(tmp_path: Path) -> None:
    store = tmp_path / "graph.duckdb"
    with open_store(str(store), PEPPER.fingerprint) as graph:
        empty = canonical_hash(graph)
    places = ErasePlaces(
        lambda: open_store(str(store), PEPPER.fingerprint), lambda: compact(store), Intake(tmp_path / "intake"), None
    )

    erasure = erase_subjects(SOURCE, ["SHOP-1"], places, PEPPER)

    [receipt] = erasure.receipts
    kept = receipt.path.read_text()
    assert not any(erasure.taken.values())
    assert json.loads(kept)["commitment"] == sha256(f"{receipt.salt}\nSHOP-1".encode()).hexdigest()
    assert receipt.salt not in kept
    with open_store(str(store), PEPPER.fingerprint) as graph:
        assert canonical_hash(graph) == empty
