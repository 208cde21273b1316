"""What figures of speed say, and when they refuse to say it."""

import pytest

from benchmarks.speed.incremental import build_figures
from benchmarks.speed.passes import assert_same
from benchmarks.speed.score_all import build_figure
from graph.vocabulary import Family

PARTS = {"facts": 1_000, "new": 10, "since_s": 5}
DELTA = {"seconds": [2.0, 1.0, 4.0], "published": "delta", "scores": [1, 2, 3]}
REBUILT = {"seconds": [80.0], "published": "base", "scores": [1, 2, 3]}


def test_the_ratio_is_that_of_the_usual_round_with_the_slowest_and_the_quickest_around_it() -> None:
    (figure,) = build_figures(PARTS, DELTA, REBUILT, 7)
    assert (figure.low, figure.value, figure.high) == (20.0, 40.0, 80.0)
    assert figure.counts == {"facts": 1_000, "new_facts": 10, "persons_scored": 3}


def test_one_score_of_other_bits_is_refused() -> None:
    with pytest.raises(AssertionError, match="1 of 3 scores differ"):
        build_figures(PARTS, DELTA, REBUILT | {"scores": [1, 2, 4]}, 7)


def test_a_delta_that_became_a_base_is_refused() -> None:
    with pytest.raises(AssertionError, match="the same way"):
        build_figures(PARTS, DELTA | {"published": "base"}, REBUILT, 7)


def test_shares_that_differ_or_are_lacking_are_refused() -> None:
    assert_same({Family.SOCIAL: 0.5, Family.LIFE: 0.0}, {Family.SOCIAL: 0.5 + 1e-12})
    with pytest.raises(AssertionError, match="social"):
        assert_same({Family.SOCIAL: 0.5}, {Family.SOCIAL: 0.6})
    with pytest.raises(AssertionError, match="life"):
        assert_same({Family.LIFE: 0.1}, {})


def test_the_book_takes_the_time_of_all_its_parts_and_the_memory_of_the_largest() -> None:
    part = {"persons": 100, "scorable": 90, "facts": 1_000, "economies": 2, "alone": 4, "s": 60.0, "alone_s": 2.0}
    figure = build_figure([part | {"kib": 2**20}, part | {"kib": 3 * 2**20}])
    assert figure.value == 2.0
    assert figure.rival == pytest.approx(4.0 / 8 * 200 / 2 / 60)
    assert figure.counts["persons"] == 200
    assert "3.00 GiB" in (figure.note or "")
