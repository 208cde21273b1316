from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from graph.errors import PepperMismatch
from graph.snapshot import Snapshot, publish_snapshot
from graph.snapshot.publish import MAXIMUM_DELTAS
from tests.support.ledger_store import LedgerStore
from tests.support.snapshots import CALLED, HOLDS, PERSON, SAME_AS, batches, fact


def commit(number: int, *, known_at_s: int = 5) -> list:
    return batches([fact(CALLED, number, number, number + 1, known_at_s), fact(HOLDS, number, number, number, known_at_s)])


def test_first_publication_is_a_base_and_the_next_a_delta(tmp_path):
    store = LedgerStore(commit(1))
    publish_snapshot(store, tmp_path)
    store.commits.append(commit(2))
    folder = publish_snapshot(store, tmp_path)
    snapshot = Snapshot.open(tmp_path, "pepper")
    assert folder.name == snapshot.version
    assert folder.name.startswith("delta-000000000002")
    assert (snapshot.seq, snapshot.num_facts(CALLED)) == (2, 2)


def test_nothing_new_publishes_nothing(tmp_path):
    store = LedgerStore(commit(1))
    assert publish_snapshot(store, tmp_path) == publish_snapshot(store, tmp_path)
    assert len(list(tmp_path.glob("*-*"))) == 1


def test_restated_fact_brings_a_new_base(tmp_path):
    store = LedgerStore(commit(1))
    publish_snapshot(store, tmp_path)
    store.commits = [[], commit(1, known_at_s=3)]
    assert publish_snapshot(store, tmp_path).name.startswith("base-")
    assert Snapshot.open(tmp_path).num_facts(CALLED) == 1


def test_too_many_deltas_are_folded_into_a_base(tmp_path):
    store, kinds = LedgerStore(), []
    for number in range(MAXIMUM_DELTAS + 3):
        store.commits.append(commit(number))
        kinds.append(publish_snapshot(store, tmp_path).name.split("-")[0])
    assert kinds == ["base", *["delta"] * MAXIMUM_DELTAS, "base", "delta"]
    assert Snapshot.open(tmp_path).num_facts(CALLED) == MAXIMUM_DELTAS + 3


def test_other_generation_brings_a_new_base(tmp_path):
    publish_snapshot(LedgerStore(commit(1)), tmp_path)
    erased = LedgerStore([], commit(2), generation=2)
    assert publish_snapshot(erased, tmp_path).name.startswith("base-")


def test_facts_retired_since_bring_a_new_base(tmp_path):
    store = LedgerStore(commit(1), commit(2))
    publish_snapshot(store, tmp_path)
    store.commits, store.retired_seq = [commit(1), [], [], commit(3)], 3
    assert publish_snapshot(store, tmp_path).name.startswith("base-")
    assert Snapshot.open(tmp_path).num_facts(CALLED) == 2
    store.commits.append(commit(4))
    assert publish_snapshot(store, tmp_path).name.startswith("delta-")


def test_persons_found_to_be_the_same_go_into_a_delta_and_are_joined_as_a_rebuild_joins_them(tmp_path):
    first = batches([fact(CALLED, 1, 0, 5, 2), fact(CALLED, 2, 1, 5, 3), fact(SAME_AS, 7, 2, 3, 4)])
    found = batches([fact(SAME_AS, 9, 0, 1, 5), fact(SAME_AS, 8, 1, 2, 6)])
    store = LedgerStore(first)
    publish_snapshot(store, tmp_path)
    store.commits.append(found)
    assert publish_snapshot(store, tmp_path).name.startswith("delta-")
    with_delta = Snapshot.open(tmp_path)
    assert publish_snapshot(store, tmp_path, rebuild=True).name.startswith("base-")
    rebuilt = Snapshot.open(tmp_path)
    groups = {as_of_s: [_stands_for(one, as_of_s) for one in (with_delta, rebuilt)] for as_of_s in range(4, 8)}
    assert all(delta == base for delta, base in groups.values())
    assert [len(set(delta.values())) for delta, _ in groups.values()] == [5, 4, 3, 2]


def _stands_for(snapshot: Snapshot, as_of_s: int) -> dict[str, str]:
    rows = np.arange(snapshot.num_nodes(PERSON))
    standing = snapshot.standing(PERSON, rows, np.full(len(rows), as_of_s))
    return {snapshot.key_of(PERSON, row): snapshot.key_of(PERSON, int(found)) for row, found in enumerate(standing)}


def test_rebuild_in_another_order_gives_the_same_digest_beside_the_old_folder(tmp_path):
    old = publish_snapshot(LedgerStore(commit(1), commit(2)), tmp_path)
    before = Snapshot.open(tmp_path)
    new = publish_snapshot(LedgerStore(commit(2), commit(1)), tmp_path, rebuild=True)
    assert Snapshot.open(tmp_path).digest == before.digest
    assert old.exists()
    assert new != old


def test_rebuild_repairs_a_damaged_snapshot(tmp_path):
    store = LedgerStore(commit(1))
    next(publish_snapshot(store, tmp_path).glob("nodes.*")).unlink()
    publish_snapshot(store, tmp_path, rebuild=True)
    Snapshot.open(tmp_path).verify()


def test_store_with_another_pepper_is_refused(tmp_path):
    publish_snapshot(LedgerStore(commit(1)), tmp_path)
    with pytest.raises(PepperMismatch):
        publish_snapshot(LedgerStore(commit(1), commit(2), pepper="other"), tmp_path)


def test_facts_committed_while_publishing_wait_for_the_next_delta(tmp_path):
    store = LedgerStore(commit(1))

    class Growing(LedgerStore):
        def export(self, since: int = 0, *, edges=None):
            self.commits = [*store.commits, commit(2)]
            yield from super().export(since, edges=edges)

    publish_snapshot(Growing(commit(1)), tmp_path)
    assert (Snapshot.open(tmp_path).seq, Snapshot.open(tmp_path).num_facts(CALLED)) == (1, 1)


def test_what_a_killed_publication_left_is_taken_away(tmp_path):
    (tmp_path / ".writing-abc").mkdir()
    (tmp_path / ".writing-abc" / "half.npy").write_bytes(b"half")
    (tmp_path / ".writing-CURRENT").write_text("half")
    publish_snapshot(LedgerStore(commit(1)), tmp_path)
    assert not list(tmp_path.glob(".writing-*"))


def test_publications_at_once_wait_for_each_other(tmp_path):
    store = LedgerStore(commit(1), commit(2))
    with ThreadPoolExecutor(4) as threads:
        folders = {f.result() for f in [threads.submit(publish_snapshot, store, tmp_path) for _ in range(4)]}
    assert len(folders) == 1
