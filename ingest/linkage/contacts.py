"""Who knows whom: two persons of whom each lists the other, known when the later side did and both were recognised.

Whom a card names is told by the joins of linkage: the listed node and the other side's listing node are one person. Two listing
nodes give one fact, so that joins made later add facts and change none.
"""

from collections import defaultdict

import polars as pl

from ingest.linkage.joining import Forest

KNOWN_PAIRS = {
    **{"source_id": pl.String(), "target_id": pl.String(), "known_s": pl.Int64()},
    **{"undated": pl.Boolean(), "weakness": pl.Int8()},
}


def mutual_contacts(cards: pl.DataFrame, forest: Forest, places: dict[str, int]) -> pl.DataFrame:
    """Pairs of listing nodes who hold each other as contacts.

    Args:
        cards: Who lists whom: node, contact, known_s of the first card, weakness, undated.
        forest: All joins.
        places: Place in the forest of each node; two nodes that are one person cannot come to know each other.

    Returns:
        Columns of `KNOWN_PAIRS`, source before target, ordered by both.
    """
    listings = [
        (places[node], places[contact], known, weakness, undated)
        for node, contact, known, weakness, undated in cards.select(
            "node", "contact", "known_s", "weakness", "undated"
        ).iter_rows()
    ]
    by_people: dict[tuple[int, int], list[tuple[int, int, int, int, bool]]] = defaultdict(list)
    for card in listings:
        by_people[forest.root(card[0]), forest.root(card[1])].append(card)
    best: dict[tuple[int, int], tuple[int, int, bool]] = {}
    for (mine, other), cards_there in by_people.items():
        if mine > other or (other, mine) not in by_people:
            continue
        for left, listed_right, left_s, left_weak, left_undated in cards_there:
            for right, listed_left, right_s, right_weak, right_undated in by_people[other, mine]:
                right_known, left_known = forest.together_since(listed_right, right), forest.together_since(listed_left, left)
                assert right_known is not None, "a card's contact is in the other side's group"
                assert left_known is not None, "a card's contact is in the other side's group"
                said = (
                    max(left_s, right_s, right_known, left_known),
                    min(left_weak, right_weak),
                    left_undated or right_undated,
                )
                together = forest.together_since(left, right) if mine == other else None
                if together is not None and together <= said[0]:
                    continue  # one person by then; two who knew each other before they became one still did
                pair = (min(left, right), max(left, right))
                best[pair] = min(said, best.get(pair, said))
    keys = {place: key for key, place in places.items()}
    rows = [
        (*sorted((keys[left], keys[right])), known, undated, weak) for (left, right), (known, weak, undated) in best.items()
    ]
    return pl.DataFrame(rows, schema=KNOWN_PAIRS, orient="row").sort("source_id", "target_id")
