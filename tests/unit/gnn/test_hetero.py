import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.nn import HeteroConv, HGTConv, SAGEConv

from gnn.hetero import numeric_properties, to_hetero_data
from graph.snapshot.reader import EMPTY
from tests.support.snapshots import (
    CALLED,
    HOLDS,
    PAID,
    PERSON,
    SAME_AS,
    batches,
    consent,
    fact,
    graphs,
    in_memory,
    key,
    version,
)

CALLED_BACK = ("Person", "rev_CALLED", "Person")
ROWS = [
    fact(CALLED, 1, 0, 1, 5, duration_seconds=60),
    fact(CALLED, 2, 1, 2, 7),
    fact(HOLDS, 3, 0, 0, 1),
    fact(PAID, 4, 0, 1, 6),
]


def same(one, other) -> bool:
    """Equal types and equal tensors, except for the snapshot's own numbers."""
    if one.node_types != other.node_types or one.edge_types != other.edge_types:
        return False
    stores = [(one[t], other[t]) for t in [*one.node_types, *one.edge_types]]
    names = {"key", "edge_index", "edge_attr", "time", "num_nodes"}
    return all(
        torch.equal(torch.as_tensor(a[n]).nan_to_num(-1), torch.as_tensor(b[n]).nan_to_num(-1))
        for a, b in stores
        for n in names & set(a.keys())
    )


def test_only_facts_known_strictly_before_the_time_are_held():
    data = to_hetero_data(in_memory(ROWS), 7)
    assert data[CALLED].time.tolist() == [5]
    assert data[CALLED].edge_index.shape == (2, 1)
    assert data["Person"].num_nodes == 2


def test_of_a_corrected_fact_the_version_that_counts_is_held():
    versions = [version(HOLDS, 10 + n, 7, 0, n, 10 * n) for n in (1, 2)] + [version(HOLDS, 13, 7, 0, 2, 30, withdrawn=True)]
    assert [to_hetero_data(in_memory([*ROWS, *versions]), t)[HOLDS].time.tolist() for t in (20, 21, 31)] == [
        [1, 10],
        [1, 20],
        [1],
    ]


def test_edges_point_from_source_to_target_and_back():
    data = to_hetero_data(in_memory(ROWS), 9)
    keys = [bytes(k.tolist()).hex() for k in data["Person"].key]
    ends = [tuple(keys[i] for i in edge) for edge in data[CALLED].edge_index.t().tolist()]
    assert ends == [(key(PERSON, 0), key(PERSON, 1)), (key(PERSON, 1), key(PERSON, 2))]
    assert torch.equal(data[CALLED_BACK].edge_index, data[CALLED].edge_index.flip(0))


def test_numbers_stand_in_declared_order_and_missing_ones_are_nan():
    data = to_hetero_data(in_memory(ROWS), 9)
    assert numeric_properties(CALLED) == ("duration_seconds",)
    assert data[CALLED].edge_attr[0].item() == 60
    assert data[CALLED].edge_attr[1].isnan().all()
    assert data[PAID].edge_attr[:, 0].tolist() == [4.0]


def test_subject_attested_facts_are_no_edges_yet_name_their_nodes():
    data = to_hetero_data(in_memory([fact(CALLED, 1, 0, 1, 5, attested_by="subject")]), 9)
    assert data.edge_types == []
    assert data["Person"].num_nodes == 2


def test_graph_of_which_nothing_was_known_is_empty():
    assert to_hetero_data(in_memory(ROWS), 0).node_types == []
    assert to_hetero_data(EMPTY, 9).node_types == []


@given(graphs(), graphs(20, first=1000), st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_later_facts_and_nodes_change_nothing(rows, others, as_of_s):
    past = [(e, r) for e, r in rows if r["known_at_s"] < as_of_s]
    future = [(e, r | {"known_at_s": r["known_at_s"] + as_of_s}) for e, r in others]
    assert same(to_hetero_data(in_memory(past), as_of_s), to_hetero_data(in_memory(past + future), as_of_s))


def test_overlay_facts_are_held_like_published_ones():
    layered = in_memory(ROWS[:2]).with_overlay(batches(ROWS[2:]))
    assert same(to_hetero_data(layered, 9), to_hetero_data(in_memory(ROWS), 9))


def test_persons_who_are_one_by_then_are_one_node():
    snapshot = in_memory([*ROWS, fact(SAME_AS, 9, 0, 1, 8)])
    apart, joined = (to_hetero_data(snapshot, as_of_s) for as_of_s in (8, 9))
    assert [data["Person"].num_nodes for data in (apart, joined)] == [3, 2]
    assert [data[CALLED].edge_index.unique().tolist() for data in (apart, joined)] == [[0, 1, 2], [0, 1]]
    assert joined[CALLED].edge_index[:, 0].tolist() == [0, 0]  # what was between them is a loop


def test_facts_on_consent_are_held_where_both_persons_consent():
    rows = [fact(CALLED, 1, 0, 1, 5, basis="consent"), fact(CALLED, 2, 0, 2, 6, basis="consent")]
    data = to_hetero_data(in_memory([*rows, consent(10, 0, 1), consent(11, 1, 1)]), 9)
    assert data[CALLED].time.tolist() == [5]


@pytest.mark.parametrize("network", ["HeteroConv", "HGT"])
def test_stock_pyg_network_runs_on_it(network):
    data = to_hetero_data(in_memory(ROWS), 9)
    torch.manual_seed(0)
    x = {t: torch.ones(data[t].num_nodes, 4) for t in data.node_types}
    if network == "HGT":
        out = HGTConv(4, 8, data.metadata(), heads=2)(x, data.edge_index_dict)
    else:
        out = HeteroConv({t: SAGEConv((4, 4), 8) for t in data.edge_types})(x, data.edge_index_dict)
    assert {t: tuple(v.shape) for t, v in out.items()} == {t: (data[t].num_nodes, 8) for t in data.node_types}
    assert all(np.isfinite(v.detach().numpy()).all() for v in out.values())
