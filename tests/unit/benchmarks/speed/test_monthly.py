"""A monthly graph holds what was known before its month began, and the loans asked for within it."""

from datetime import UTC, datetime

import numpy as np
import torch

from benchmarks.speed.hetero_sage import HeteroSage
from benchmarks.speed.monthly import Month, build_months
from gnn.examples import Examples
from tests.support.snapshots import CALLED, HOLDS, PERSON, SAME_AS, fact, in_memory, rows_of

CALLS, ANSWERS = ("Person", "CALLED", "Person"), ("Person", "rev_CALLED", "Person")


def second(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 12, tzinfo=UTC).timestamp())


ROWS = [
    fact(CALLED, 1, 0, 1, second(2024, 1, 5)),
    fact(CALLED, 2, 1, 2, second(2024, 2, 5)),
    fact(HOLDS, 3, 0, 7, second(2024, 2, 6)),
    fact(CALLED, 4, 2, 0, second(2024, 3, 5)),
    fact(CALLED, 5, 2, 1, second(2024, 6, 5)),
]


def months(rows=ROWS) -> list[Month]:
    snapshot = in_memory(rows)
    asked = [(0, second(2024, 2, 20)), (1, second(2024, 4, 1)), (2, second(2024, 4, 28))]
    borrowers = rows_of(snapshot, PERSON, [person for person, _ in asked])
    times = np.array([as_of_s for _, as_of_s in asked])
    label = np.array([0, 1, 0], np.int8)
    return build_months(snapshot, PERSON, Examples(borrowers, times, borrowers, label, times))


def test_a_month_holds_the_facts_known_before_it_began():
    february, april = months()
    edges = [(triple, pairs.shape[1]) for triple, pairs in february.edge_index.items() if pairs.shape[1]]
    assert sorted(number for _, number in edges) == [1, 1]
    assert sorted(pairs.shape[1] for pairs in april.edge_index.values()) == [1, 1, 3, 3]


def test_loans_are_judged_on_the_graph_of_their_month():
    february, april = months()
    assert (february.places.tolist(), april.places.tolist()) == ([0], [1, 2])
    calls = next(pairs for triple, pairs in april.edge_index.items() if triple == CALLS)
    first, second_, third = (int(month.nodes[place]) for month, place in ((february, 0), (april, 0), (april, 1)))
    assert calls.T.tolist() == [[first, second_], [second_, third], [third, first]]


def test_nodes_carry_the_numbers_of_their_facts_so_far():
    february, april = months()
    made = [torch.sinh(month.x["Person"])[:, 1:].sum(dim=1).round().int().tolist() for month in (february, april)]
    of = [dict(zip(range(len(numbers)), numbers, strict=True)) for numbers in made]
    first, second_, third = int(february.nodes[0]), int(april.nodes[0]), int(april.nodes[1])
    assert [of[0][node] for node in (first, second_, third)] == [1, 1, 0]
    assert [of[1][node] for node in (first, second_, third)] == [3, 2, 2]


def test_what_becomes_known_later_changes_no_graph():
    without = months(ROWS[:-1])
    for month, other in zip(months(), without, strict=True):
        assert month.nodes.tolist() == other.nodes.tolist()
        assert {t: p.tolist() for t, p in month.edge_index.items()} == {t: p.tolist() for t, p in other.edge_index.items()}
        assert all(torch.equal(table, other.x[label]) for label, table in month.x.items())


def test_persons_found_to_be_one_are_one_node():
    _, april = months([*ROWS, fact(SAME_AS, 9, 1, 2, second(2024, 3, 9))])
    assert april.nodes[0] == april.nodes[1]


def test_a_network_reads_the_neighbours_of_a_month():
    torch.manual_seed(0)
    february, april = months()
    widths = {label: table.shape[1] for label, table in april.x.items()}
    network = HeteroSage(list(april.edge_index), widths, 8, "Person").eval()
    with torch.inference_mode():
        whole = network(april.x, april.edge_index)
        cut = {triple: pairs if triple == ANSWERS else pairs[:, :0] for triple, pairs in april.edge_index.items()}
        alone = network(april.x, cut)
        early = network(february.x, february.edge_index)
    assert whole.shape == early.shape == (len(april.x["Person"]),)
    assert not torch.equal(whole, alone)
