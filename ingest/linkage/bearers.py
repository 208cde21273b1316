"""Persons of whom nothing is known but one identifier: whoever a number reaches, or bears the document a list names.

Such a person is held to be the first named one known to have that number or document, unless that is a venue by then.
A person who has been named is never taken for one of these.
"""

from dataclasses import dataclass

import polars as pl

from ingest.linkage.evidence import Evidence
from ingest.linkage.records import venues

_LINKS = {
    **{"left": pl.String(), "right": pl.String(), "second": pl.Int64(), "rule": pl.String()},
    **{"undated": pl.Boolean(), "weakness": pl.Int8()},
}


@dataclass(frozen=True)
class Bearing:
    """One way to be known by an identifier alone: its kind, and the rule its links are said to follow."""

    kind: str
    rule: str


NUMBER, DOCUMENT = Bearing("phone", "subscriber"), Bearing("document", "bearer")


def bearer_links(evidence: Evidence, records: pl.DataFrame) -> pl.DataFrame:
    """Links between nameless persons and named ones.

    Args:
        evidence: What facts say.
        records: As `make_records` gives them.

    Returns:
        `left` (the nameless node), `right` (the named one), `second` (when it could be said), rule, undated, weakness;
        ordered by `left`.
    """
    ways = ((NUMBER, evidence.reached), (DOCUMENT, evidence.listed))
    return pl.concat(_links(bearing, seen, evidence, records) for bearing, seen in ways).sort("left", "rule")


def _links(bearing: Bearing, seen: pl.DataFrame, evidence: Evidence, records: pl.DataFrame) -> pl.DataFrame:
    held = evidence.held[bearing.kind]
    named = records.select(pl.col("node").alias("right"), pl.col("known_s").alias("named_s"), "undated", "weakness")
    holders = (
        held.filter("attested")
        .join(named, left_on="node", right_on="right", suffix="_named", maintain_order="left")
        .select(
            "value",
            pl.col("node").alias("right"),
            pl.max_horizontal("known_s", "named_s").alias("since_s"),
            (pl.col("undated") | pl.col("undated_named")).alias("undated"),
            pl.min_horizontal("weakness", "weakness_named"),
        )
        .sort("value", "since_s", "right")
        .unique("value", keep="first", maintain_order=True)
    )
    own = held.sort("node", "known_s", "at_us", "id").unique("node", keep="first", maintain_order=True)
    alone = own.join(seen.rename({"known_s": "seen_s"}).select("node", "seen_s"), on="node", maintain_order="left").select(
        pl.col("node").alias("left"),
        "value",
        pl.max_horizontal("known_s", "seen_s").alias("own_s"),
        pl.col("undated").alias("undated_own"),
        pl.col("weakness").alias("weakness_own"),
    )
    joined = (
        alone.join(holders, on="value", maintain_order="left")
        .join(venues(held, records, bearing.kind), on="value", how="left", maintain_order="left")
        .join(
            records.select(pl.col("node").alias("left"), pl.col("known_s").alias("named_s")),
            on="left",
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.max_horizontal("own_s", "since_s").alias("second"))
        .filter(
            pl.col("named_s").is_null() | (pl.col("named_s") > pl.col("second")),
            pl.col("venue_s").is_null() | (pl.col("second") < pl.col("venue_s")),
        )
    )
    return joined.select(
        "left",
        "right",
        "second",
        pl.lit(bearing.rule).alias("rule"),
        (pl.col("undated") | pl.col("undated_own")).alias("undated"),
        pl.min_horizontal("weakness", "weakness_own").alias("weakness"),
    ).cast(pl.Schema(_LINKS))
