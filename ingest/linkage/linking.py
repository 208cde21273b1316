"""From evidence to who is whom: the joins of a forest, who knows whom, and the pairs an analyst should look at.

All of it depends on the set of facts alone, and what is known before a moment only on facts known before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from graph.facts import FactBatch
from ingest.linkage.bearers import bearer_links
from ingest.linkage.contacts import mutual_contacts
from ingest.linkage.evidence import Evidence, read_evidence
from ingest.linkage.joining import Contradiction, Forest, Link, Traits, join_links
from ingest.linkage.model import ABSENT, COMPARED, NEAR, OTHER, SAME, Weights, candidate_pairs, committed_weights
from ingest.linkage.records import make_records
from ingest.linkage.weighing import probability, weigh_pairs

CERTAIN_BITS = 60.0
JOINS = {
    **{"source_id": pl.String(), "target_id": pl.String(), "known_s": pl.Int64(), "probability_pct": pl.Float64()},
    **{"rule": pl.String(), "undated": pl.Boolean(), "weakness": pl.Int8()},
}
REVIEW = {
    **{"source_id": pl.String(), "target_id": pl.String(), "probability_pct": pl.Float64(), "doubt": pl.String()},
    **{f"{name}_bits": pl.Float64() for name in COMPARED},
    "prior_bits": pl.Float64(),
}


@dataclass(frozen=True)
class Linked:
    """What linkage says.

    Attributes:
        joins: One row a join of two groups, columns of `JOINS`, ends ordered by key.
        contacts: Who knows whom, columns of `contacts.KNOWN_PAIRS`.
        review: Doubtful pairs with the bits of each comparison, columns of `REVIEW`, the likeliest first; keys, no raw value.
    """

    joins: pl.DataFrame
    contacts: pl.DataFrame
    review: pl.DataFrame


@dataclass(frozen=True)
class Compared:
    """Facts read and pairs compared, before any of it is weighed: `pairs` as `candidate_pairs` gives them."""

    evidence: Evidence
    records: pl.DataFrame
    pairs: pl.DataFrame


def link(batches: Iterable[FactBatch]) -> Linked:
    """Say who is whom in facts that come in any order."""
    return decide(compare(batches), committed_weights())


def compare(batches: Iterable[FactBatch]) -> Compared:
    """Read facts, and compare the pairs worth it; the longest part of the work."""
    evidence = read_evidence(batches)
    records = make_records(evidence)
    return Compared(evidence, records, candidate_pairs(records))


def decide(compared: Compared, weights: Weights) -> Linked:
    """Weigh the pairs and join them."""
    records = compared.records
    pairs, nodes = weigh_pairs(compared.pairs, records, weights), records["node"]
    pairs = pairs.with_columns(nodes.gather(pairs["left"]).alias("source_id"), nodes.gather(pairs["right"]).alias("target_id"))
    return _join(compared.evidence, records, pairs, weights)


def _join(evidence: Evidence, records: pl.DataFrame, pairs: pl.DataFrame, weights: Weights) -> Linked:
    bearers = bearer_links(evidence, records)
    ends = [records["node"], bearers["left"], evidence.cards["node"], evidence.cards["contact"]]
    keys = pl.concat(end.rename("key") for end in ends).unique().sort().to_list()
    places = {key: place for place, key in enumerate(keys)}
    ways = _ways(pairs, bearers)
    forest = Forest(len(keys))
    joined, refused = join_links(forest, _links(ways, places), _traits(records, places), _contradiction(weights))
    return Linked(
        joins=_joins(ways, joined),
        contacts=mutual_contacts(evidence.cards, forest, places),
        review=_review(pairs, forest, places, {ways["pair"][link.place] for link in refused}, weights),
    )


def _ways(pairs: pl.DataFrame, bearers: pl.DataFrame) -> pl.DataFrame:
    """All links, in the order they are taken."""
    rule = pl.when("by_document").then(pl.lit("document")).otherwise(pl.lit("weights"))
    weighed = (
        pairs.with_row_index("pair")
        .filter(pl.col("linked_s").is_not_null())
        .select(
            *(
                "source_id",
                "target_id",
                pl.col("linked_s").alias("known_s"),
                pl.col("linked_bits").alias("bits"),
                rule.alias("rule"),
            ),
            *("undated", "weakness"),
            (pl.col("birth_date") != ABSENT).alias("birth_heard"),  # known with the names, and so whenever a pair is linked
            "document_heard",
            pl.col("pair").cast(pl.Int64),
        )
    )
    borne = bearers.select(
        pl.min_horizontal("left", "right").alias("source_id"),
        pl.max_horizontal("left", "right").alias("target_id"),
        pl.col("second").alias("known_s"),
        pl.lit(CERTAIN_BITS).alias("bits"),
        "rule",
        "undated",
        "weakness",
        pl.lit(True).alias("birth_heard"),
        pl.lit(True).alias("document_heard"),
        pl.lit(-1, pl.Int64).alias("pair"),
    )
    # bits are compared to the hundredth, so that the order is the same on every machine
    return (
        pl.concat([weighed, borne])
        .with_columns(pl.col("bits").round(2))
        .sort("known_s", "bits", "source_id", "target_id", descending=[False, True, False, False])
    )


def _links(ways: pl.DataFrame, places: dict[str, int]) -> list[Link]:
    columns = ("known_s", "bits", "source_id", "target_id", "birth_heard", "document_heard")
    return [
        Link(second, bits, places[source], places[target], place, birth, document)
        for place, (second, bits, source, target, birth, document) in enumerate(ways.select(columns).iter_rows())
    ]


def _traits(records: pl.DataFrame, places: dict[str, int]) -> Traits:
    births: list[tuple[int, int] | None] = [None] * len(places)
    documents: list[tuple[int, int] | None] = [None] * len(places)
    columns = ("node", "known_s", "birth_date", "document", "document_s")
    for node, named, birth, document, second in records.select(columns).iter_rows():
        births[places[node]] = None if birth is None else (named, birth)
        # nobody has a record before being named
        documents[places[node]] = None if document is None else (max(named, second), document)
    return Traits(births, documents)


def _contradiction(weights: Weights) -> Contradiction:
    return Contradiction(weights.bits("birth_date")[OTHER], weights.bits("document")[OTHER], weights.link_bits)


def _joins(ways: pl.DataFrame, joined: list[Link]) -> pl.DataFrame:
    taken = ways[[link.place for link in joined]]
    return (
        taken.with_columns(probability(pl.col("bits")).alias("probability_pct")).select(*JOINS).sort("source_id", "target_id")
    )


def _review(pairs: pl.DataFrame, forest: Forest, places: dict[str, int], refused: set[int], weights: Weights) -> pl.DataFrame:
    """Pairs that stayed apart though they might be one, because the sum was low or their groups contradict each other."""
    numbered = pairs.with_row_index("pair")
    contradicted = pl.col("pair").is_in(sorted(refused))
    between = pl.col("linked_s").is_null() & (pl.col("bits") >= weights.review_bits)
    alike = (pl.col("given_name") >= NEAR) | (pl.col("birth_date") == SAME["birth_date"])
    doubtful = numbered.filter(contradicted | (between & alike))
    apart = [
        forest.root(places[source]) != forest.root(places[target])
        for source, target in doubtful.select("source_id", "target_id").iter_rows()
    ]
    doubt = pl.when(contradicted).then(pl.lit("contradicted")).otherwise(pl.lit("unlikely"))
    return (
        doubtful.filter(pl.Series(apart, dtype=pl.Boolean))
        .with_columns(probability(pl.col("bits")).alias("probability_pct"), doubt.alias("doubt"))
        .select(*REVIEW)
        .sort("probability_pct", "source_id", "target_id", descending=[True, False, False])
    )
