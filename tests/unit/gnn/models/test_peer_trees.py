"""Trees told how peers scored: what ties tell is found, and nobody's own loan teaches the trees that score it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import gnn.models.peer_scores
from gnn.cohorts import EVER
from gnn.dataset import Dataset, EarlierLoans, Split
from gnn.errors import EmptyTrainingSet
from gnn.evaluation.metrics import auc
from gnn.evaluation.protocol_run import TellsEarlier
from gnn.evaluation.protocols import split_training
from gnn.examples import Examples
from gnn.features.plan import Scope
from gnn.features.planning import plan_features
from gnn.features.table import FeatureTable
from gnn.milestones import Milestones
from gnn.models.baselines import TrainingTable, Trees, TreeSettings, boost
from gnn.models.peer_scores import FOLDS, OutOfFold, divide_persons, fit_out_of_fold
from gnn.models.peer_trees import PeerTrees
from gnn.tasks import TASKS
from graph.vocabulary import Family
from tests.support.snapshots import KNOWS, PERSON, SAME_AS, Rows, fact, in_memory, rows_of

PAIRS = 240  # an odd person knows the even one before it, who applies first
QUICK = TreeSettings(rounds=40, learning_rate=0.1)
Ints = NDArray[np.int64]


def table(*columns: NDArray[np.float64]) -> FeatureTable:
    return FeatureTable(tuple(f"c{n}" for n in range(len(columns))), (Family.CREDIT,) * len(columns), np.stack(columns, axis=1))


def world(rows: Rows = (), seed: int = 0) -> Dataset:
    """Even persons' loans end as their own history tells, odd ones' as that of whom they know; no table tells it of the odd."""
    draws, size = np.random.default_rng(seed), 2 * PAIRS
    snapshot = in_memory([*(fact(KNOWS, n, 2 * n, 2 * n + 1, 10) for n in range(PAIRS)), *rows])
    person = np.arange(size)
    told, noise = draws.normal(size=size), draws.normal(size=size)
    even = person % 2 == 0
    label = (np.where(even, told, np.roll(told, 1)) + 0.2 * draws.normal(size=size) > 0.5).astype(np.int8)
    as_of_s = 1000 + 10 * person
    examples = Examples(rows_of(snapshot, PERSON, person.tolist()), as_of_s, person, label, as_of_s + 5)
    own = table(np.where(even, told, 0.0), noise, person.astype(np.float64))
    wide = table(np.where(even, told, 0.0), noise)
    plans = [plan_features(snapshot, PERSON, EVER - 1, scope, currency="EUR") for scope in (Scope.OWN, Scope.NEIGHBOURS)]
    nothing = Milestones((), np.empty((size, 0), np.int8), np.empty((size, 0), np.int64))
    return Dataset(snapshot, TASKS["sandbox"], examples, own, wide, plans[0], plans[1], nothing)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return world()


@pytest.fixture(scope="module")
def split(data: Dataset) -> Split:
    cut = len(data.examples) * 7 // 10
    return split_training(np.arange(cut), np.arange(cut, len(data.examples)))


def fitted(data: Dataset, split: Split, seed: int = 0, *, milestones: bool = False) -> PeerTrees:
    model = PeerTrees(settings=QUICK, milestones=milestones)
    model.fit(data, split, seed)
    return model


def test_what_peers_score_tells_what_no_table_does(data, split):
    odd = split.test[split.test % 2 == 1]
    plain = Trees("plain", Scope.NEIGHBOURS, QUICK)
    plain.fit(data, split, 0)
    assert auc(data.examples.label[odd], fitted(data, split).log_odds(data, odd)) > 0.8
    assert auc(data.examples.label[odd], plain.log_odds(data, odd)) < 0.65


def test_same_seed_gives_the_same_bits_and_a_row_alone_its_own(data, split):
    first, again, other = fitted(data, split, 3), fitted(data, split, 3), fitted(data, split, 4)
    together = first.log_odds(data, split.test)
    assert again.log_odds(data, split.test).tobytes() == together.tobytes()
    assert again.first_log_odds.tobytes() == first.first_log_odds.tobytes()
    assert [first.log_odds(data, split.test[i : i + 1])[0] for i in range(10)] == together[:10].tolist()
    assert first.log_odds(data, split.test[::-1]).tobytes() == together[::-1].tobytes()
    assert not np.array_equal(first.scorer.fold, other.scorer.fold)


def test_labels_of_test_examples_change_nothing(data, split):
    label = data.examples.label.copy()
    label[split.test] = 1 - label[split.test]
    blind = replace(data, examples=replace(data.examples, label=label))
    one, other = (fitted(known, split).log_odds(data, split.test) for known in (data, blind))
    assert one.tobytes() == other.tobytes()


def test_facts_known_after_all_examples_change_no_bit(data, split):
    later = [fact(KNOWS, 5000 + n, 3 * n, 3 * n + 2, 10**6) for n in range(100)]
    later += [fact(SAME_AS, 6000 + n, 2 * n, 2 * n + 100, 10**6) for n in range(50)]
    one, other = (fitted(known, split).log_odds(known, split.test) for known in (data, world(later)))
    assert one.tobytes() == other.tobytes()
    sooner = [fact(KNOWS, 5000 + n, 3 * n, 3 * n + 2, 10) for n in range(100)]
    assert one.tobytes() != fitted(world(sooner), split).log_odds(data, split.test).tobytes()


def test_calibrates_on_what_the_first_fit_said(data, split):
    model = fitted(data, split)
    assert isinstance(model, TellsEarlier)
    assert model.first_log_odds.tobytes() != model.raw_log_odds(data, split.calibrate).tobytes()
    turned = data.examples.label.copy()
    turned[split.calibrate] = 1 - turned[split.calibrate]
    blind = fitted(replace(data, examples=replace(data.examples, label=turned)), split)
    assert blind.first_log_odds.tobytes() == model.first_log_odds.tobytes()


def test_columns_are_mean_maximum_and_count_of_peers_scores(data):
    stars = in_memory([fact(KNOWS, n, 20, n, 10) for n in range(4)])  # person 20 knows four
    few = np.array([0, 1, 2, 3, 20])
    examples = replace(data.examples.take(few), rows=rows_of(stars, PERSON, few.tolist()))
    plan = plan_features(stars, PERSON, EVER - 1, Scope.NEIGHBOURS, currency="EUR")
    small = replace(data, snapshot=stars, examples=examples, own=data.own.take(few), neighbours_plan=plan)
    whole = fit_out_of_fold(data, np.arange(200), QUICK, 0)
    scorer = OutOfFold(np.array([0, 1, 2, FOLDS, FOLDS]), whole.boosters)
    scores = scorer.log_odds(small, np.arange(4))
    found = scorer.columns(small, small.peers)
    assert len(set(scores.tolist())) > 1
    assert found[4].tolist() == pytest.approx([scores.mean(), scores.max(), 4])
    assert np.isnan(found[:4, :2]).all()
    assert found[:4, 2].tolist() == [0] * 4


class _Taught:
    """Keeps which examples each of the boosters on own history was taught by; the last column of own numbers them."""

    def __init__(self) -> None:
        self.by: list[set[int]] = []

    def boost(self, rows: TrainingTable, seed: int, settings: TreeSettings, bags: int) -> object:
        self.by.append({int(number) for number in rows.values[:, -1]})
        return boost(rows, seed, replace(settings, rounds=2), bags)


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Taught]:
    kept = _Taught()
    monkeypatch.setattr(gnn.models.peer_scores, "boost", kept.boost)
    return kept


def with_loans_of(data: Dataset, rows: Ints) -> Dataset:
    return replace(data, examples=replace(data.examples, rows=rows))


def test_no_loan_of_a_person_teaches_the_trees_that_score_it(data, taught):
    """Every person has four loans, and one before the cohort; some have no other."""
    rows = np.arange(len(data.examples)) % 120
    past = data.examples.take(np.arange(120))
    own = table(*(np.zeros(120) for _ in range(2)), -1.0 - np.arange(120))
    earlier = EarlierLoans(replace(past, rows=np.arange(120)), own, own, 0.5)
    index = np.flatnonzero(rows < 75)
    scorer = fit_out_of_fold(replace(with_loans_of(data, rows), earlier=earlier), index, QUICK, 0)
    assert set(scorer.fold[index].tolist()) == set(range(FOLDS))
    for number in index.tolist():
        by = taught.by[scorer.fold[number]]
        assert by.isdisjoint(np.flatnonzero(rows == rows[number]).tolist())
        assert -1 - rows[number] not in by
    assert all({-1 - n for n in range(75, 120)} <= by for by in taught.by)
    assert taught.by[FOLDS] == set(index.tolist()) | {-1 - n for n in range(120)}
    assert all(len(by) < len(taught.by[FOLDS]) for by in taught.by[:FOLDS])


def test_who_does_not_teach_is_scored_by_what_all_who_do_have_taught(data, split):
    first = fit_out_of_fold(data, np.concatenate([split.fit, split.stop]), QUICK, 0)
    assert set(first.fold[split.calibrate].tolist()) == set(first.fold[split.test].tolist()) == {FOLDS}
    assert FOLDS not in first.fold[split.fit]
    alone = replace(first, fold=np.full(len(data.examples), FOLDS))
    assert alone.log_odds(data, split.test).tobytes() == first.log_odds(data, split.test).tobytes()
    assert alone.log_odds(data, split.fit).tobytes() != first.log_odds(data, split.fit).tobytes()


def test_young_examples_score_but_do_not_teach(data, split, taught):
    young = split.fit[-40:]
    fitted(data, replace(split, fit=split.fit[:-40], young=young))
    assert all(by.isdisjoint(young.tolist()) for by in taught.by)
    assert len(taught.by) == 2 * (FOLDS + 1)


@pytest.mark.parametrize(("merged_s", "one"), [(50, True), (10**6, False)])
def test_who_is_known_to_be_one_person_is_in_one_fold(merged_s, one, taught):
    """Each even person is held to be the one four numbers on, in time or long after."""
    apart = [fact(SAME_AS, 5000 + n, 8 * n, 8 * n + 4, merged_s) for n in range(30)]
    data = world(apart)
    fold = fit_out_of_fold(data, np.arange(240), QUICK, 0).fold
    assert bool((fold[0:240:8] == fold[4:240:8]).all()) is one


def test_folds_part_persons_evenly_whatever_they_are_numbered():
    draws = np.random.default_rng(1)
    person, label = draws.integers(0, 60, 300), (draws.random(300) < 0.08).astype(np.int8)
    fold = divide_persons(person, label, 5)
    of_person = {int(one): set(fold[person == one].tolist()) for one in person}
    assert all(len(folds) == 1 for folds in of_person.values())
    bad = [sum(folds == {number} for one, folds in of_person.items() if label[person == one].any()) for number in range(FOLDS)]
    assert max(bad) - min(bad) <= 1
    assert max(bad) > 1
    assert divide_persons(1000 - person, label, 5).tolist() == fold.tolist()
    assert divide_persons(person, label, 6).tolist() != fold.tolist()


def test_bad_loans_of_one_person_alone_are_refused(data):
    label = (data.examples.rows == data.examples.rows[7]).astype(np.int8)
    lone = replace(data, examples=replace(data.examples, label=label))
    with pytest.raises(EmptyTrainingSet, match="0 bad"):
        fit_out_of_fold(lone, np.arange(100), QUICK, 0)


def test_where_nobody_is_a_peer_they_are_the_plain_trees(data, split):
    alone = replace(data, neighbours_plan=data.own_plan)
    plain = Trees("plain", Scope.NEIGHBOURS, QUICK)
    plain.fit(alone, split, 0)
    assert fitted(alone, split).log_odds(alone, split.test).tobytes() == plain.log_odds(alone, split.test).tobytes()


def test_milestones_teach_them_too(data, split):
    label = data.examples.label[:, None].copy()
    early = replace(data, milestones=Milestones(("early",), label, np.full(label.shape, 1), (0,)))
    assert len(fitted(early, split, milestones=True).boosters) == len(fitted(early, split).boosters) + 1


def test_loans_before_the_cohort_teach_without_peers(data, split):
    """An application of the cohort is later than each of them, so none is a peer's."""
    past = EarlierLoans(replace(data.examples.take(np.arange(9)), as_of_s=np.full(9, 1000)), data.own, data.neighbours, 0.5)
    past = replace(past, own=data.own.take(np.arange(9)), neighbours=data.neighbours.take(np.arange(9)))
    told = replace(data, earlier=past)
    model = fitted(told, split)
    rows = model._rows(told, split.fit)
    assert rows.values.shape == (len(split.fit) + 9, 2 + 3 * len(data.peers.groups))
    assert rows.values[-9:, 4::3].tolist() == [[0.0] * len(data.peers.groups)] * 9
    assert np.isnan(rows.values[-9:, 2:4]).all()
    assert rows.weight[-9:].tolist() == [0.5] * 9
