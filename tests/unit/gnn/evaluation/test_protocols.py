"""Folds are a function of outcomes and seed, stratified; training parts are cut by time."""

import numpy as np
import pytest

from gnn.evaluation import protocols
from gnn.evaluation.protocols import out_of_time, purge, split_training, stratified_folds
from gnn.examples import Examples


def _examples(label):
    number = len(label)
    second = np.arange(number) * 10
    return Examples(np.arange(number), second, np.arange(number), np.asarray(label, np.int8), second + 25)


@pytest.fixture
def examples():
    return _examples((np.arange(103) % 7 == 0).astype(np.int8))


def test_out_of_time_tests_on_the_last_three_tenths(examples):
    (part,) = out_of_time(examples)
    assert part.split.train.tolist() == list(range(72))
    assert part.split.test.tolist() == list(range(72, 103))


def test_training_parts_follow_each_other_in_time(examples):
    for part in [*out_of_time(examples), *stratified_folds(examples, folds=5, repeats=2)]:
        split = part.split
        assert split.fit.max() < split.stop.min()
        assert split.stop.max() < split.calibrate.min()


def test_no_example_is_both_learnt_from_and_judged(examples):
    for part in stratified_folds(examples, folds=5, repeats=2):
        assert sorted([*part.split.train, *part.split.test]) == list(range(103))


def test_each_repeat_judges_every_example_once(examples):
    parts = stratified_folds(examples, folds=5, repeats=3)
    for repeat in range(3):
        judged = np.concatenate([part.split.test for part in parts if part.repeat == repeat])
        assert sorted(judged) == list(range(103))


def test_folds_differ_by_at_most_one_bad_loan_and_one_example(examples):
    parts = stratified_folds(examples, folds=5, repeats=1)
    bad = [int(examples.label[part.split.test].sum()) for part in parts]
    size = [len(part.split.test) for part in parts]
    assert max(bad) - min(bad) <= 1
    assert max(size) - min(size) <= 1


def test_folds_are_the_same_each_time_and_differ_between_repeats(examples):
    first, again = (stratified_folds(examples, folds=5, repeats=2) for _ in range(2))
    assert [part.split.test.tolist() for part in first] == [part.split.test.tolist() for part in again]
    assert first[0].split.test.tolist() != first[5].split.test.tolist()


def test_one_split_serves_each_model_seed(examples):
    parts = out_of_time(examples, seeds=3)
    assert [part.seed for part in parts] == [0, 1, 2]
    assert len({part.split.test.tobytes() for part in parts}) == 1


def test_order_of_positions_handed_in_does_not_matter():
    split = split_training(np.array([5, 1, 3, 0, 2, 4, 9, 8, 7, 6]), np.array([11, 10]))
    assert split.train.tolist() == list(range(10))
    assert split.test.tolist() == [10, 11]


def test_purge_leaves_what_was_known_before_the_first_test_instant():
    examples = _examples([0, 1] * 10)  # scored every 10 seconds, known 25 later
    assert purge(examples, np.arange(14), np.arange(14, 20)).tolist() == list(range(12))  # 11 * 10 + 25 < 140


def test_purge_for_no_test_leaves_everything():
    assert purge(_examples([0, 1] * 10), np.arange(20), np.arange(0)).tolist() == list(range(20))


def test_out_of_time_purged_cuts_what_is_left_by_time(examples):
    (part,) = out_of_time(examples, purged=True)
    assert part.split.train.tolist() == list(range(70))
    assert part.split.test.tolist() == list(range(72, 103))
    assert min(len(part.split.fit), len(part.split.stop), len(part.split.calibrate)) > 0


def test_where_milestones_teach_and_there_are_many_lessons_the_period_that_stops_calibrates_too(examples, monkeypatch):
    (plain,) = out_of_time(examples, purged=True)
    for many, milestones in ((72, True), (73, True), (1, False)):
        monkeypatch.setattr(protocols, "MANY_LESSONS", many)
        (part,) = out_of_time(examples, purged=True, milestones=milestones)
        stopping, calibrating = part.split.stop.tolist(), part.split.calibrate.tolist()
        if (many, milestones) == (72, True):
            assert stopping == []
            assert calibrating == [*plain.split.stop.tolist(), *plain.split.calibrate.tolist()]
        else:
            assert (stopping, calibrating) == (plain.split.stop.tolist(), plain.split.calibrate.tolist())
        assert part.split.train.tolist() == plain.split.train.tolist()


def test_what_was_purged_is_young_and_nothing_teaches_from_the_first_test_instant_on(examples):
    (part,), (plain,) = out_of_time(examples, purged=True), out_of_time(examples)
    taught = np.union1d(part.split.train, part.split.young)
    assert taught.tolist() == plain.split.train.tolist()
    assert (examples.known_s[part.split.young] >= part.split.taught_to_s).all()
    assert part.split.taught_to_s == examples.as_of_s[part.split.test[0]]
    assert len(plain.split.young) == 0
