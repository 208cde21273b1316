"""Loans are divided by time so that both outcomes can be learnt from and calibrated on, wherever the bad loans lie."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.dataset import Dataset, build_dataset
from gnn.division import divide, learnt_to_s, outcomes_known_to_s, trained_to_s
from gnn.errors import EmptyTrainingSet, NothingToCompare
from gnn.evaluation.protocols import split_training
from gnn.examples import UNKNOWN
from gnn.milestones import Milestones
from gnn.registry.measure import later_examples
from gnn.tasks import TASKS
from gnn.training import Recipe, TrainedModels
from graph.snapshot import Snapshot


@pytest.fixture(scope="module")
def planted_data(planted: Snapshot) -> Dataset:
    return build_dataset(planted, TASKS["superlender"])


def with_bad(data: Dataset, bad: list[int]) -> Dataset:
    """A hundred loans of which these went bad."""
    label = np.zeros(100, np.int8)
    label[bad] = 1
    return replace(data, examples=replace(data.examples.take(np.arange(100)), label=label))


def test_last_fifteen_in_a_hundred_loans_test_and_those_before_train(planted_data: Dataset) -> None:
    split = divide(with_bad(planted_data, [5, 20, 80, 83]))
    usual = split_training(np.arange(85), np.arange(85, 100))
    assert split.calibrate.tolist() == usual.calibrate.tolist()
    assert split.test.tolist() == usual.test.tolist()
    assert np.array_equal(split.train, np.arange(85))


def test_calibration_begins_earlier_where_it_would_lack_bad_loans(planted_data: Dataset) -> None:
    split = divide(with_bad(planted_data, [3, 9, 40, 50]))
    assert split.calibrate.tolist() == list(range(40, 85))
    assert len(split.fit) > len(split.stop) > 0


def test_test_part_with_one_outcome_is_let_be(planted_data: Dataset) -> None:
    assert len(divide(with_bad(planted_data, [3, 9, 40, 50])).test) == 15


@pytest.mark.parametrize(("bad", "part"), [([80, 81, 82], "training"), ([3], "training"), ([], "training")])
def test_too_few_bad_loans_to_learn_from_are_said_so(planted_data: Dataset, bad: list[int], part: str) -> None:
    with pytest.raises(EmptyTrainingSet, match=f"in its {part} part"):
        divide(with_bad(planted_data, bad))


def dated(data: Dataset, window: int) -> Dataset:
    """A hundred loans, one a second, a quarter of them bad, each known `window` seconds after its instant."""
    found = with_bad(data, list(range(0, 100, 4)))
    seconds = np.arange(100) + 1_000
    examples = replace(found.examples, as_of_s=seconds, known_s=seconds + window)
    return replace(found, task=TASKS["sandbox"], examples=examples)


def test_outcomes_not_known_when_the_test_part_begins_teach_nothing(planted_data: Dataset) -> None:
    data = dated(planted_data, window=30)
    split = divide(data)
    assert split.train.tolist() == list(range(55))
    assert outcomes_known_to_s(data, split) == 1_084 < data.examples.as_of_s[split.test].min()


def with_milestone(data: Dataset, known_s: np.ndarray) -> Dataset:
    """The same loans with one milestone that all of them met, known at these seconds."""
    return replace(data, milestones=Milestones(("early",), np.ones((len(known_s), 1), np.int8), known_s[:, None]))


def test_where_every_outcome_was_known_in_time_no_milestone_teaches_that_was_not(planted_data: Dataset) -> None:
    """A milestone's reporting lag may end after the window of the outcome has closed."""
    data = with_milestone(dated(planted_data, window=0), np.arange(100) + 1_010)
    split = divide(data)
    begins_s = int(data.examples.as_of_s[split.test].min())
    assert len(split.young) == 0
    assert split.taught_to_s == begins_s
    taught = data.milestones.taught(split.train, split.taught_to_s)[:, 0]
    assert taught.tolist() == [1 if second < begins_s else UNKNOWN for second in split.train + 1_010]
    assert 1 in taught
    assert UNKNOWN in taught


def test_a_model_knows_of_young_loans_and_of_the_milestones_it_learnt_by(planted_data: Dataset) -> None:
    data = with_milestone(dated(planted_data, window=30), np.arange(100) + 1_009)
    split = divide(data)
    assert split.young.tolist() == list(range(55, 85))
    begins_s = int(data.examples.as_of_s[split.test].min())
    assert trained_to_s(data, split) == data.examples.as_of_s[84]
    assert outcomes_known_to_s(data, split) == begins_s - 1
    late = with_milestone(data, np.full(100, 5_000))
    assert outcomes_known_to_s(late, split) == data.examples.known_s[54]


def test_where_too_few_outcomes_are_known_in_time_all_teach_and_the_last_is_recorded(planted_data: Dataset) -> None:
    data = dated(planted_data, window=60)
    split = divide(data)
    assert len(split.train) == 85
    assert outcomes_known_to_s(data, split) == 1_144
    assert learnt_to_s({"trained_to_s": 1_084, "outcomes_known_to_s": 1_144}) == 1_144


def test_outcomes_without_dates_all_teach(planted_data: Dataset) -> None:
    data = replace(dated(planted_data, window=60), task=TASKS["superlender"])
    assert len(divide(data).train) == 85
    assert outcomes_known_to_s(data, divide(data)) is None
    assert learnt_to_s({"trained_to_s": 1_084, "outcomes_known_to_s": None}) == 1_084


def test_no_loan_later_than_what_was_known_is_said_with_its_day(planted: Snapshot) -> None:
    with pytest.raises(NothingToCompare, match="reaches to 2100-01-01"):
        later_examples(planted, TASKS["superlender"], 4_102_444_800)


@pytest.mark.parametrize(("window", "in_time", "known_s"), [(30, True, 1_084), (60, False, 1_144)])
def test_whether_outcomes_were_known_in_time_is_a_plain_value(
    planted_data: Dataset, window: int, in_time: bool, known_s: int
) -> None:
    data = dated(planted_data, window)
    trained = TrainedModels(data, divide(data), Recipe(1), None, None, None, {})  # type: ignore[arg-type] # fitted models are not asked
    assert trained.in_time is in_time
    assert trained.learnt_to_s == known_s
