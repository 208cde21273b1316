"""The economies are those the bars name, and of each little is kept."""

import shutil
from pathlib import Path

import pytest

from benchmarks.model.economies import ECONOMIES, NULL_ECONOMY, Making, Place, keep_truth, write_worlds
from benchmarks.sandbox.truth import read_sealed
from benchmarks.sandbox.worlds import World, place_of
from ingest.sandbox.knobs import Knobs
from tests.support.sandbox_economy import HandMade, write_sealed


def test_seeds_and_knobs_are_those_of_the_bars() -> None:
    turned = {one.seed: one.knobs for one in (*ECONOMIES, NULL_ECONOMY)}
    assert turned == {
        101: Knobs(),
        102: Knobs(),
        103: Knobs(contagion=0.5),
        104: Knobs(homophily=0.5),
        105: Knobs(drift=1.0),
        106: Knobs(contagion=0.0, homophily=0.0, ring_share=0.0),
    }


@pytest.fixture
def simulated() -> list[Path]:
    return []


@pytest.fixture
def place(tmp_path: Path, economy: HandMade, simulated: list[Path]) -> Place:
    def simulate(folder: Path, _: object) -> None:
        simulated.append(folder)
        write_sealed(folder, economy)
        (folder / "raw").mkdir()

    return Place(ECONOMIES[0], Making(1_000, simulate, lambda _: economy.batches), tmp_path)


def test_raw_files_go_and_worlds_and_truth_stay(place: Place, simulated: list[Path]) -> None:
    write_worlds(place)
    keep_truth(place)
    assert len(simulated) == 1
    assert sorted(path.name for path in place.folder.iterdir()) == [
        "plain",
        place_of(place.folder, World.SHUFFLED).name,
        "truth",
    ]
    assert read_sealed(place.truth).applications.height == 1_200
    assert place.open(World.PLAIN).digest != place.open(World.SHUFFLED).digest


def test_a_world_that_is_lost_is_made_of_an_economy_simulated_again(place: Place, simulated: list[Path]) -> None:
    write_worlds(place)
    keep_truth(place)
    kept = (place.folder / World.PLAIN).stat().st_mtime_ns
    shutil.rmtree(place_of(place.folder, World.SHUFFLED))
    write_worlds(place)
    assert len(simulated) == 2
    assert (place.folder / World.PLAIN).stat().st_mtime_ns == kept
    assert place.open(World.SHUFFLED).num_nodes("Person") > 0
