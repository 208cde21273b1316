"""The map: no two homes at one address, neighbours next to each other, everything inside the country's frame."""

import numpy as np
import pytest

from ingest.sandbox.draws import Draws
from ingest.sandbox.places import Places
from ingest.sandbox.society import Homes

HOMES = 40_000


@pytest.fixture(scope="module")
def places() -> Places:
    neighbourhood = (np.arange(HOMES) // 300).astype(np.int32)
    return Places(Draws(7), Homes(neighbourhood, np.zeros(HOMES, np.int32)), int(neighbourhood.max()) + 1)


def test_no_two_homes_share_an_address(places: Places) -> None:
    assert places.addresses(np.arange(HOMES)).n_unique() == HOMES


def test_house_numbers_do_not_follow_the_order_of_homes(places: Places) -> None:
    house = places.addresses(np.arange(300))["street"].str.extract(r" (\d+)$").cast(int).to_numpy()

    assert abs(np.corrcoef(house, np.arange(300))[0, 1]) < 0.15


@pytest.mark.parametrize("count", [1, 2, 80, 8_400])
def test_cells_of_neighbours_touch_and_lie_in_the_frame(count: int) -> None:
    places = Places(Draws(7), Homes(np.zeros(1, np.int32), np.zeros(1, np.int32)), count)

    cells = places.cells(np.arange(count)).cast(float)

    assert cells["cell_lat"].is_between(47.4, 54.8).all()
    assert cells["cell_lon"].is_between(6.1, 14.7).all()
    for axis in cells.columns:
        assert np.abs(np.diff(cells[axis].to_numpy())).max(initial=0) < 0.21
