import numpy as np
import torch

from gnn.network.forest import Forest, TreeStore, Variants


def carried(forest: Forest) -> dict[tuple[str, int], torch.Tensor]:
    return {(depth, hop.step): hop.numbers for depth, hops in (("near", forest.near), ("far", forest.far)) for hop in hops}


def test_chosen_trees_are_renumbered_in_the_order_given(planted_trees: TreeStore) -> None:
    forward, backward = planted_trees.select(np.array([3, 8])), planted_trees.select(np.array([8, 3]))
    assert torch.equal(forward.own, backward.own.flip(0))
    for one, other in zip(forward.near, backward.near, strict=True):
        cut = int((one.owners[one.owner] == 0).sum())
        assert torch.equal(torch.cat([one.numbers[cut:], one.numbers[:cut]]), other.numbers)


def test_tree_that_recurs_stands_there_twice(planted_trees: TreeStore) -> None:
    once, twice = planted_trees.select(np.array([5])), planted_trees.select(np.array([5, 5]))
    for key, numbers in carried(once).items():
        assert torch.equal(carried(twice)[key], torch.cat([numbers, numbers]))
    assert twice.inner == {label: 2 * count for label, count in once.inner.items()}


def test_owners_are_ascending_and_each_has_a_fact(planted_trees: TreeStore) -> None:
    forest = planted_trees.select(np.array([9, 2, 77]))
    for hop in (*forest.near, *forest.far):
        assert (hop.owners.diff() > 0).all()
        assert hop.owner.unique_consecutive().tolist() == list(range(len(hop.owners)))


def test_far_facts_belong_to_nodes_of_their_own_tree(planted_trees: TreeStore) -> None:
    forest = planted_trees.select(np.array([4, 5]))
    alone = planted_trees.select(np.array([4]))
    for hop in forest.far:
        first = hop.owners < alone.inner[hop.owner_label]
        (same,) = (h for h in alone.far if h.step == hop.step)
        assert hop.owners[first].tolist() == same.owners.tolist()


def test_what_is_reached_through_a_removed_step_goes_with_it(planted_trees: TreeStore) -> None:
    steps = max(hop.step for hop in planted_trees.hops) + 1
    for gone in {hop.step for hop in planted_trees.hops if hop.depth == 0}:
        keep = np.ones((1, steps), dtype=bool)
        keep[0, gone] = False
        forest = planted_trees.select(np.array([6]), Variants(planted_trees.own[6:7], keep))
        far = sum(len(hop.owner) for hop in forest.far)
        through = sum(int((hop.via[hop.start[6] : hop.start[7]] == gone).sum()) for hop in planted_trees.hops if hop.depth == 1)
        assert gone not in {hop.step for hop in forest.near}
        assert far == sum(len(hop.owner) for hop in planted_trees.select(np.array([6])).far) - through
