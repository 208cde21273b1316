"""Loans are divided by time so that both outcomes can be learnt from and calibrated on, wherever the bad loans lie."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.dataset import Dataset, build_dataset
from gnn.errors import EmptyTrainingSet
from gnn.evaluation.protocols import split_training
from gnn.tasks import TASKS
from gnn.training import divide
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
