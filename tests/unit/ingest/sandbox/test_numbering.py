"""Numberings are permutations that show nothing of what they number."""

import numpy as np
import pytest

from ingest.sandbox.draws import Draws
from ingest.sandbox.numbering import Numbering


@pytest.mark.parametrize("digits", [3, 4, 5])
def test_every_number_of_the_range_is_given_once(digits: int) -> None:
    everything = np.arange(10**digits)

    numbers = Numbering(Draws(7), "thing", digits).number(everything)

    assert (np.sort(numbers) == everything).all()


def test_kinds_are_independent_permutations() -> None:
    numbering = Numbering(Draws(7), "thing", 4, kinds=3)
    everything = np.arange(10_000)

    one, other = numbering.number(everything, 0), numbering.number(everything, np.full(10_000, 2))

    assert len(np.unique(other)) == 10_000
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.05


def test_another_seed_or_name_numbers_otherwise() -> None:
    things = np.arange(1_000)
    first = Numbering(Draws(7), "thing", 8).number(things)

    for other in (Numbering(Draws(8), "thing", 8), Numbering(Draws(7), "other", 8)):
        assert (other.number(things) == first).mean() < 0.01


def test_neighbours_are_not_a_constant_apart() -> None:
    steps = np.diff(Numbering(Draws(7), "thing", 8).number(np.arange(10_000)))

    assert np.unique(steps, return_counts=True)[1].max() < 5


def test_a_thing_beyond_the_range_is_refused() -> None:
    with pytest.raises(AssertionError, match="thing beyond 3 digits"):
        Numbering(Draws(7), "thing", 3).number(np.array([1_000]))
