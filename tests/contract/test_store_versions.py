"""Versions of corrected facts are facts of their own to a store: kept, given back, and forgotten together."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.canonical import canonical_hash
from graph.opening import open_store
from graph.store import EraseReport, GraphStore, WriteReport
from tests.support.snapshots import HOLDS, PERSON, batches, fact, key, version

PEPPER = "0123456789abcdef"
# the account was first said to be person 1's, then person 2's, then it was nobody's
VERSIONS = [
    version(HOLDS, 1, 7, 1, 1, 10),
    version(HOLDS, 2, 7, 2, 1, 20),
    version(HOLDS, 3, 7, 2, 1, 30, withdrawn=True),
    fact(HOLDS, 4, 3, 1, 10),
]


@pytest.fixture
def store(store_address: str) -> Iterator[GraphStore]:
    with open_store(store_address, PEPPER) as opened:
        yield opened


def held(store: GraphStore) -> dict[str, tuple[object, object]]:
    rows = [row for batch in store.export() for row in batch.rows.iter_rows(named=True)]
    return {row["id"]: (row["series"], row["withdrawn"]) for row in rows}


def test_series_and_deletions_are_kept_as_they_were_written(store: GraphStore, tmp_path: Path) -> None:
    assert store.write(batches(VERSIONS)) == WriteReport(written=4)
    assert held(store) == {row["id"]: (row.get("series"), row.get("withdrawn")) for _, row in VERSIONS}
    [read] = store.read_facts(PERSON, key(PERSON, 2), 31)
    assert read.rows["withdrawn"].to_list() == [None, True]
    with open_store(str(tmp_path / "other.duckdb"), PEPPER) as other:
        for row in reversed(VERSIONS):
            other.write(batches([row]))
        assert canonical_hash(other) == canonical_hash(store)


def test_the_same_versions_again_change_nothing(store: GraphStore) -> None:
    store.write(batches(VERSIONS))
    before = store.identity()
    assert store.write(batches(VERSIONS[::-1])) == WriteReport(duplicates=4)
    assert store.identity() == before
    assert list(store.conflicts()) == []


def test_with_a_forgotten_version_go_those_it_replaced(store: GraphStore) -> None:
    store.write(batches(VERSIONS))
    assert store.erase({PERSON: [key(PERSON, 2)]}) == EraseReport(facts=3, nodes=2)
    assert held(store) == {VERSIONS[3][1]["id"]: (None, None)}


def test_without_a_forgotten_version_those_after_it_stand(store: GraphStore) -> None:
    store.write(batches(VERSIONS))
    assert store.erase({PERSON: [key(PERSON, 1)]}) == EraseReport(facts=1, nodes=1)
    assert len(held(store)) == 3
