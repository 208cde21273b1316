"""The counts of the areas: the full one keeps to the bars, and its pieces can be sent to processes of their own."""

import pickle
from pathlib import Path

import pytest

from benchmarks.model.economies import Place
from benchmarks.model.sandbox import SIZES_OF
from benchmarks.model.view import View
from benchmarks.pieces import apart
from benchmarks.sandbox.worlds import World
from benchmarks.scale import Scale


def test_the_full_count_is_the_one_of_the_bars() -> None:
    full = SIZES_OF[Scale.FULL]
    assert (full.making.persons, full.least_tested, full.draws) == (50_000, 25_000, 1_000)
    assert [one.seed for one in full.economies] == [101, 102, 103, 104, 105]
    assert World.SHUFFLED in full.economies[0].worlds
    assert full.null.seed == 106
    assert full.call is apart


def test_the_full_count_measures_the_champion_named_beforehand_and_its_control() -> None:
    roster = SIZES_OF[Scale.FULL].roster
    assert (roster.champion, roster.control) == ("average", "own_average")
    assert {"average", "own_average"} <= set(roster.look_up())
    assert "lightgbm_peers" in roster.group_of("own_average")  # whose trees it is averaged with
    assert set(roster.trees) == {"lightgbm", "lightgbm_neighbours", "lightgbm_milestones", "lightgbm_peers"}


@pytest.mark.parametrize("scale", Scale)
def test_pieces_can_be_sent_to_another_process(scale: Scale) -> None:
    size = SIZES_OF[scale]
    sent = (View(Place(size.null, size.making, Path("kept")), World.PLAIN, size.least_tested), size.roster)
    assert pickle.loads(pickle.dumps(sent)) == sent
