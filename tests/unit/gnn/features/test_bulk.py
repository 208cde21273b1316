"""A table made in bulk is, to the last bit, the rows that its subjects get one by one."""

from pathlib import Path

import numpy as np
import pytest

import gnn.features.bulk
from gnn.examples import build_examples
from gnn.features.bulk import build_in_bulk
from gnn.features.layout import build_layout
from gnn.features.plan import FeaturePlan, Scope
from gnn.features.planning import plan_features
from gnn.features.table import build_features
from gnn.tasks import TASKS
from graph.errors import KeySpaceExceeded, SnapshotCorrupt
from graph.recent import PLAIN_SEARCH_LIMIT
from graph.snapshot import Snapshot, write_base
from tests.support.lending import planted_batches
from tests.support.sandbox_economy import hand_made
from tests.support.snapshots import CALLED, PERSON, batches, published
from tests.support.varied_society import DAY_S, DAYS, REPAID, varied_society

INSTANTS_S = np.array([90, 201, 399]) * DAY_S


@pytest.fixture(scope="module")
def society(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    root: Path = tmp_path_factory.mktemp("society")
    return published(root, varied_society(1), varied_society(2, 2_000, 300), varied_society(3, 4_000, 200))


@pytest.fixture(scope="module")
def plan(society: Snapshot) -> FeaturePlan:
    return plan_features(society, PERSON, DAYS * DAY_S, Scope.NEIGHBOURS, currency="CZK")


def _asked(snapshot: Snapshot, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Every person as of several instants, some twice, in no order."""
    persons = np.arange(snapshot.num_nodes(PERSON))
    rows, as_of_s = (part.ravel() for part in np.meshgrid(persons, INSTANTS_S))
    order = np.random.default_rng(seed).permutation(np.append(np.arange(len(rows)), [0, 7, 9]))
    return rows[order], as_of_s[order]


def _one_by_one(snapshot: Snapshot, plan: FeaturePlan, rows: np.ndarray, as_of_s: np.ndarray) -> bytes:
    alone = [build_features(snapshot, plan, rows[i : i + 1], as_of_s[i : i + 1]).values for i in range(len(rows))]
    return np.concatenate(alone).tobytes()


def test_rows_with_merges_corrections_and_consents_are_those_made_one_by_one(society, plan):
    rows, as_of_s = _asked(society)
    assert len(rows) > PLAIN_SEARCH_LIMIT, "too few to be searched for in bulk"
    assert society.merges(PERSON) is not None
    assert society.corrects(REPAID)
    assert society.consents(CALLED) is not None
    table = build_in_bulk(society, plan, rows, as_of_s)
    assert table.values.tobytes() == _one_by_one(society, plan, rows, as_of_s)
    shared = [place for step in build_layout(plan).shared for block in step.blocks for place in block.places]
    assert len(shared) > 100
    speaking = (np.nan_to_num(table.values[:, shared]) != 0).any(axis=0)
    assert speaking.sum() > 50, "the columns over others say too little to show anything"


def test_rows_of_a_request_with_facts_of_its_own_are_those_made_one_by_one(society, plan):
    with_request = society.with_overlay(batches(varied_society(9, 9_000, 120)), as_of_s=int(INSTANTS_S[-1]))
    rows, as_of_s = _asked(with_request)
    assert build_in_bulk(with_request, plan, rows, as_of_s, processes=2).values.tobytes() == _one_by_one(
        with_request, plan, rows, as_of_s
    )


def test_rows_without_what_leads_back_to_the_subject_are_those_made_one_by_one(society):
    unseen = frozenset(step for step in society.steps(PERSON) if step.edge == CALLED and step.direction == "out")
    plan = plan_features(society, PERSON, DAYS * DAY_S, Scope.NEIGHBOURS, currency="CZK", unseen=unseen)
    rows, as_of_s = _asked(society)
    assert build_in_bulk(society, plan, rows, as_of_s).values.tobytes() == _one_by_one(society, plan, rows, as_of_s)


@pytest.mark.parametrize("name", ["superlender", "sandbox"])
def test_rows_of_an_economy_are_those_made_one_by_one(tmp_path, name):
    write_base(planted_batches() if name == "superlender" else hand_made().batches, tmp_path, seq=1)
    snapshot, task = Snapshot.open(tmp_path), TASKS[name]
    examples = build_examples(snapshot, task)
    plan = plan_features(
        snapshot, task.subject, int(examples.as_of_s[-1]), Scope.NEIGHBOURS, currency=task.currency, unseen=task.unseen
    )
    chosen = np.arange(0, len(examples), max(len(examples) // 60, 1))
    values = build_in_bulk(snapshot, plan, examples.rows, examples.as_of_s).values
    assert values[chosen].tobytes() == _one_by_one(snapshot, plan, examples.rows[chosen], examples.as_of_s[chosen])


def test_pieces_and_processes_change_no_bit(society, plan, monkeypatch):
    rows, as_of_s = _asked(society)
    whole = build_in_bulk(society, plan, rows, as_of_s, processes=1).values.tobytes()
    monkeypatch.setattr(gnn.features.bulk, "AT_ONCE", 37)
    for processes in (1, 2, 3):
        assert build_in_bulk(society, plan, rows, as_of_s, processes=processes).values.tobytes() == whole


def test_everyone_as_of_one_instant_is_the_rows_made_one_by_one(society, plan, monkeypatch):
    rows = np.arange(society.num_nodes(PERSON))
    as_of_s = np.full(len(rows), INSTANTS_S[1])
    expected = _one_by_one(society, plan, rows, as_of_s)
    for size in (7, 2_048):
        monkeypatch.setattr(gnn.features.bulk, "AT_ONE_INSTANT", size)
        assert build_in_bulk(society, plan, rows, as_of_s).values.tobytes() == expected


def test_error_of_a_worker_comes_up_as_what_it_is(society, plan, monkeypatch):
    monkeypatch.setattr(gnn.features.bulk, "AT_ONCE", 2)
    with pytest.raises(KeySpaceExceeded, match="as-of second"):
        build_in_bulk(society, plan, np.arange(4), np.array([9, 9, 9, 2**40]), processes=2)


def test_version_that_is_gone_is_an_error(tmp_path, monkeypatch):
    snapshot = published(tmp_path / "here", varied_society(1))
    plan = plan_features(snapshot, PERSON, DAYS * DAY_S, Scope.OWN, currency="CZK")
    (tmp_path / "here").rename(tmp_path / "away")
    monkeypatch.setattr(gnn.features.bulk, "AT_ONE_INSTANT", 2)
    with pytest.raises(SnapshotCorrupt):
        build_in_bulk(snapshot, plan, np.arange(4), np.full(4, 10**6), processes=2)


def test_workers_read_the_version_they_were_given_when_another_one_serves_by_now(tmp_path, monkeypatch):
    snapshot = published(tmp_path, varied_society(1))
    plan = plan_features(snapshot, PERSON, DAYS * DAY_S, Scope.NEIGHBOURS, currency="CZK")
    rows, as_of_s = _asked(snapshot)
    before = build_in_bulk(snapshot, plan, rows, as_of_s).values.tobytes()
    write_base(batches(varied_society(5)), tmp_path, seq=2)
    monkeypatch.setattr(gnn.features.bulk, "AT_ONCE", 64)
    assert Snapshot.open(tmp_path).version != snapshot.version
    assert build_in_bulk(snapshot, plan, rows, as_of_s, processes=2).values.tobytes() == before


def test_no_subjects_make_a_table_without_rows(society, plan):
    none = np.empty(0, np.int64)
    assert build_in_bulk(society, plan, none, none).values.shape == (0, len(plan.columns))
