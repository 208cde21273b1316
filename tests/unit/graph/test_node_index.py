import numpy as np
import pytest

from graph.snapshot.columns import composite_key
from graph.snapshot.node_index import build_node_index


@pytest.mark.parametrize("highest", [0, 5, 63, 64, 65, 4_000])
@pytest.mark.parametrize("facts", [0, 1, 500])
def test_facts_of_each_node_lie_where_a_search_finds_them(highest, facts):
    draw = np.random.default_rng(highest * 1_000 + facts)
    key = np.sort(composite_key(draw.integers(0, highest + 1, facts), draw.integers(0, 2**34, facts)))
    rows = draw.integers(0, 2 * highest + 200, 700)
    low, high = (key.searchsorted(composite_key(rows + more, np.zeros_like(rows))) for more in (0, 1))
    asked, start, stop = build_node_index(key).find(rows)
    assert asked.tolist() == np.flatnonzero(high > low).tolist()
    assert start.tolist() == low[asked].tolist()
    assert stop.tolist() == high[asked].tolist()
