"""Who teaches and who is judged: enough tested, nothing learnt that was not known yet."""

import numpy as np
import pytest

from benchmarks.model.division import TooFewTested, divide
from gnn.examples import Examples

WINDOW = 10


def _examples(count: int) -> Examples:
    """One a second, every third bad, each known `WINDOW` seconds later."""
    seconds = np.arange(count)
    return Examples(seconds, seconds, seconds, (seconds % 3 == 0).astype(np.int8), seconds + WINDOW)


def test_the_last_third_is_tested_where_that_is_enough() -> None:
    found = divide(_examples(100), 20)
    assert found.examples.as_of_s[found.part.split.test].tolist() == list(range(70, 100))


def test_more_are_tested_where_the_bar_asks_for_more_and_none_teaches_that_was_not_known() -> None:
    found = divide(_examples(100), 50)
    learnt, tested = (found.examples.take(found.part.split.train), found.examples.take(found.part.split.test))
    assert tested.as_of_s.tolist() == list(range(50, 100))
    assert learnt.as_of_s.tolist() == list(range(40))
    assert learnt.known_s.max() < tested.as_of_s.min()


@pytest.mark.parametrize("least_tested", [89, 100, 101])
def test_too_few_to_test_and_learn_from_is_an_error_and_not_a_smaller_test(least_tested: int) -> None:
    with pytest.raises(TooFewTested, match=str(least_tested)):
        divide(_examples(100), least_tested)
