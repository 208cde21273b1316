"""Joins in order of time, and since when two nodes are one."""

from ingest.linkage.joining import Contradiction, Forest, Link, Traits, join_links

AGAINST = Contradiction(birth_bits=-8.0, document_bits=-7.0, link_bits=10.0)


def links(*rows: tuple[int, int, int, float]) -> list[Link]:
    return [Link(second, bits, left, right, place, False, False) for place, (second, left, right, bits) in enumerate(rows)]


def bare(count: int) -> Traits:
    return Traits([None] * count, [None] * count)


def test_two_nodes_are_together_since_the_latest_join_on_their_way():
    forest = Forest(5)
    join_links(forest, links((3, 0, 1, 20.0), (5, 2, 3, 20.0), (9, 1, 2, 20.0)), bare(5), AGAINST)
    assert forest.together_since(0, 1) == 3
    assert forest.together_since(2, 3) == 5
    assert forest.together_since(0, 3) == 9
    assert forest.together_since(4, 4) == 0
    assert forest.together_since(0, 4) is None


def test_a_link_within_a_group_joins_nothing():
    joined, refused = join_links(Forest(3), links((1, 0, 1, 20.0), (2, 1, 2, 20.0), (3, 0, 2, 20.0)), bare(3), AGAINST)
    assert [link.second for link in joined] == [1, 2]
    assert refused == []


def test_groups_with_other_birth_dates_need_that_much_more():
    traits = Traits([(0, 1), None, (0, 2)], [None] * 3)
    _, refused = join_links(Forest(3), links((1, 0, 1, 12.0), (2, 1, 2, 12.0)), traits, AGAINST)
    assert [link.second for link in refused] == [2]
    joined, _ = join_links(Forest(3), links((1, 0, 1, 12.0), (2, 1, 2, 19.0)), traits, AGAINST)
    assert len(joined) == 2


def test_a_birth_date_known_later_does_not_count_against_an_earlier_join():
    traits = Traits([(1, 7), None, (50, 8)], [None] * 3)
    joined, _ = join_links(Forest(3), links((2, 0, 1, 12.0), (3, 1, 2, 12.0)), traits, AGAINST)
    assert len(joined) == 2
    _, refused = join_links(Forest(3), links((2, 0, 1, 12.0), (60, 1, 2, 12.0)), traits, AGAINST)
    assert len(refused) == 1


def test_a_document_known_later_does_not_count_against_an_earlier_join():
    traits = Traits([None] * 3, [(1, 7), None, (50, 8)])
    joined, _ = join_links(Forest(3), links((2, 0, 1, 12.0), (3, 1, 2, 12.0)), traits, AGAINST)
    assert len(joined) == 2
    _, refused = join_links(Forest(3), links((2, 0, 1, 12.0), (60, 1, 2, 12.0)), traits, AGAINST)
    assert len(refused) == 1
