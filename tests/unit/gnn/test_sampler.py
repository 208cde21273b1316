import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.loader import NodeLoader
from torch_geometric.nn import HeteroConv, SAGEConv
from torch_geometric.sampler import EdgeSamplerInput

from gnn.hetero import to_hetero_data
from gnn.sampler import AsOfSampler
from graph.steps import Direction
from tests.support.snapshots import CALLED, HOLDS, PAID, PERSON, SAME_AS, batches, expected_tree, fact, graphs, in_memory, key

ROWS = [
    *(fact(CALLED, n, n % 4, (n * 3 + 1) % 4, n % 9) for n in range(20)),
    *(fact(HOLDS, 100 + n, n, n, 1) for n in range(4)),
    *(fact(PAID, 200 + n, n % 4, (n + 1) % 4, n % 7) for n in range(12)),
]
FANOUTS = (3, 2)


def loader(snapshot, data, times, **options) -> NodeLoader:
    sampler = AsOfSampler(snapshot, data, FANOUTS)
    return NodeLoader(data, sampler, input_nodes="Person", input_time=times, **options)


def edges_of(tree) -> list[tuple]:
    """(edge type as messages run, fact id) of every fact in an expected tree."""
    return [
        entry
        for step, children in tree[1]
        for fact_id, child in children
        for entry in [(step.edge.rel if step.direction is Direction.IN else f"rev_{step.edge.rel}", fact_id), *edges_of(child)]
    ]


@given(graphs(), st.data())
@settings(max_examples=20, deadline=None)
def test_loader_draws_the_facts_of_the_neighbourhood_as_of_each_seed(rows, data):
    snapshot = in_memory(rows)
    graph = to_hetero_data(snapshot, 12)
    if "Person" not in graph.node_types:
        return
    seeds = graph["Person"].num_nodes
    times = data.draw(st.lists(st.integers(0, 11), min_size=seeds, max_size=seeds))
    (batch,) = loader(snapshot, graph, torch.tensor(times), batch_size=seeds)
    keys = [bytes(k.tolist()).hex() for k in graph["Person"].key]
    expected = [e for k, t in zip(keys, times, strict=True) for e in edges_of(expected_tree(rows, PERSON, k, t, FANOUTS))]
    found = []
    for source, rel, target in batch.edge_types:
        name, ends = rel.removeprefix("rev_"), {source, target}
        forward = next(e for e in snapshot.edges() if e.rel == name and {e.source, e.target} == ends)
        found += [(rel, i) for i in snapshot.fact_ids(forward, batch[source, rel, target].ref.numpy())]
    assert sorted(found) == sorted(expected)


def test_every_edge_joins_the_nodes_of_its_fact_within_one_tree():
    snapshot = in_memory(ROWS)
    graph = to_hetero_data(snapshot, 12)
    for batch in loader(snapshot, graph, torch.full((4,), 8), batch_size=2):
        for triple in batch.edge_types:
            row, col = batch[triple].edge_index
            ends = graph[triple].edge_index[:, batch[triple].e_id]
            assert torch.equal(batch[triple[0]].n_id[row], ends[0])
            assert torch.equal(batch[triple[2]].n_id[col], ends[1])
            assert torch.equal(batch[triple[0]].batch[row], batch[triple[2]].batch[col])
            assert (batch[triple].time < batch["Person"].seed_time[batch[triple[2]].batch[col]]).all()


def test_node_that_is_part_of_another_by_the_datas_time_has_that_ones_place():
    snapshot = in_memory([*ROWS, fact(SAME_AS, 900, 0, 1, 10)])
    graph = to_hetero_data(snapshot, 12)
    (batch,) = loader(snapshot, graph, torch.full((3,), 9), batch_size=3)  # each as of before they were one
    assert graph["Person"].num_nodes == 3
    for triple in batch.edge_types:
        row, col = batch[triple].edge_index
        ends = graph[triple].edge_index[:, batch[triple].e_id]
        assert torch.equal(batch[triple[0]].n_id[row], ends[0])
        assert torch.equal(batch[triple[2]].n_id[col], ends[1])


def test_seeds_come_first_in_their_order():
    snapshot = in_memory(ROWS)
    graph = to_hetero_data(snapshot, 12)
    (batch,) = loader(snapshot, graph, torch.full((4,), 8), batch_size=4)
    assert batch["Person"].batch_size == 4
    assert batch["Person"].n_id[:4].tolist() == [0, 1, 2, 3]
    assert batch["Person"].batch[:4].tolist() == [0, 1, 2, 3]


def test_stock_network_learns_from_the_loader():
    torch.manual_seed(0)
    snapshot = in_memory(ROWS)
    graph = to_hetero_data(snapshot, 12)
    for label in graph.node_types:
        graph[label].x = torch.eye(4)
    network = HeteroConv({t: SAGEConv((4, 4), 1) for t in graph.edge_types}, aggr="sum")
    optimiser = torch.optim.Adam(network.parameters(), 0.05)
    wanted, losses = torch.tensor([0.0, 1.0, 2.0, 3.0]), []
    for _ in range(30):
        for batch in loader(snapshot, graph, torch.full((4,), 12), batch_size=4):
            out = network(batch.x_dict, batch.edge_index_dict)["Person"][:4, 0]
            loss = (out - wanted[batch["Person"].input_id]).square().mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    assert losses[-1] < losses[0] / 2


def test_loader_without_times_is_refused():
    snapshot = in_memory(ROWS)
    batches_of = iter(loader(snapshot, to_hetero_data(snapshot, 12), None, batch_size=4))
    with pytest.raises(ValueError, match="input_time"):
        next(batches_of)


def test_seed_later_than_the_data_is_refused():
    snapshot = in_memory(ROWS)
    batches_of = iter(loader(snapshot, to_hetero_data(snapshot, 3), torch.full((4,), 9), batch_size=4))
    with pytest.raises(ValueError, match="later than the data"):
        next(batches_of)


def test_facts_of_an_overlay_are_drawn():
    snapshot = in_memory(ROWS).with_overlay(batches([fact(CALLED, 900, 0, 1, 10)]))
    graph = to_hetero_data(snapshot, 12)
    (batch,) = loader(snapshot, graph, torch.full((4,), 12), batch_size=4)
    newest = {snapshot.fact_ids(CALLED, store.ref.numpy())[i] for store in [batch[CALLED]] for i in range(len(store.ref))}
    assert fact(CALLED, 900, 0, 1, 10)[1]["id"] in newest
    assert key(PERSON, 0) in {bytes(k.tolist()).hex() for k in batch["Person"].key}


def test_link_sampling_is_not_offered():
    snapshot = in_memory(ROWS)
    sampler = AsOfSampler(snapshot, to_hetero_data(snapshot, 12))
    assert sampler.edge_permutation is None
    with pytest.raises(NotImplementedError, match="NodeLoader"):
        sampler.sample_from_edges(EdgeSamplerInput(None, torch.tensor([0]), torch.tensor([1])))
