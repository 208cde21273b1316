import numpy as np
import pytest

from gnn.features.distinct import distinct, numbered


@pytest.mark.parametrize("below", [7, 10**12], ids=["counted", "sorted"])
@pytest.mark.parametrize("count", [0, 1, 300])
def test_each_value_stands_once_and_every_one_has_its_place(below, count):
    values = np.random.default_rng(count).integers(0, min(below, 10**6), count)
    found, place = numbered(values, below)
    assert found.tolist() == sorted(set(values.tolist())) == distinct(values).tolist()
    assert found[place].tolist() == values.tolist()
