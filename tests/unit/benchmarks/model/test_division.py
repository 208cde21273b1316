"""Who teaches and who is judged: enough tested, nothing learnt that was not known yet."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.model.division import TooFewTested, divide, read_data, write_data
from gnn.dataset import Dataset
from gnn.examples import Examples
from gnn.features.table import build_features

DAY_S, WINDOW = 86_400, 10


def _examples(count: int) -> Examples:
    """One a day from 1 January 1970 on, every third bad, each known `WINDOW` days later."""
    days = np.arange(count)
    return Examples(days, days * DAY_S, days, (days % 3 == 0).astype(np.int8), (days + WINDOW) * DAY_S)


def _days(examples: Examples, index: np.ndarray) -> list[int]:
    return (examples.as_of_s[index] // DAY_S).tolist()


def test_the_last_third_is_tested_from_the_beginning_of_its_month() -> None:
    found = divide(_examples(100), 20, milestones=False)
    assert _days(found.examples, found.part.split.test) == list(range(59, 100))  # 1 March


def test_more_are_tested_where_the_bar_asks_for_more_and_none_teaches_that_was_not_known() -> None:
    found = divide(_examples(100), 50, milestones=False)
    learnt, tested = (found.examples.take(found.part.split.train), found.examples.take(found.part.split.test))
    assert _days(tested, np.arange(len(tested))) == list(range(31, 100))  # 1 February
    assert _days(learnt, np.arange(len(learnt))) == list(range(21))
    assert learnt.known_s.max() < tested.as_of_s.min()


@pytest.mark.parametrize("least_tested", [89, 100, 101])
def test_too_few_to_test_and_learn_from_is_an_error_and_not_a_smaller_test(least_tested: int) -> None:
    with pytest.raises(TooFewTested, match=str(least_tested)):
        divide(_examples(100), least_tested, milestones=False)


def test_each_table_is_kept_under_its_own_scope(data: Dataset, tmp_path: Path) -> None:
    write_data(data.snapshot, data.task, 300, tmp_path / "data")
    kept, _ = read_data(data.snapshot, data.task, tmp_path / "data")
    some = kept.examples.take(np.arange(0, len(kept.examples), 9))
    for table, plan in ((kept.own, kept.own_plan), (kept.neighbours, kept.neighbours_plan)):
        built = build_features(kept.snapshot, plan, some.rows, some.as_of_s)
        assert table.names == plan.names == built.names
        assert np.array_equal(table.values[::9], built.values, equal_nan=True)
        assert isinstance(table.values, np.memmap)
