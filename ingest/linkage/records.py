"""One record a named person: tokens of names and birth date, and the first identifier of each kind, unless it is a venue.

An identifier that more than so many people have, told apart by birth date or else name, is a venue (a shop's telephone, a
hostel's address): from then on, it links nobody. Who had it before that moment is still linked by it, as was right at the time.
"""

import polars as pl

from ingest.linkage.evidence import HOLDINGS, Evidence

MOST_PEOPLE = {"phone": 4, "email": 3, "document": 2, "address": 20}
"""How many people may have an identifier before it is a venue."""
_LISTS = ("given_name_near", "family_name_near", "birth_date_near")
_TOKENS = ("given_name", "family_name", "birth_date")


def make_records(evidence: Evidence) -> pl.DataFrame:
    """Records ordered by node, a row each.

    Returns:
        `record` (row number), node, known_s, weakness, undated, tokens (UInt64) and lists of tokens, for each kind of
        identifier its value (a number of its own for this call) and `<kind>_s`, when it was first known to be the person's;
        `<token>_count` and `records`, how many records with the same token, and at all, were known as of `known_s`.
    """
    names = evidence.names
    records = names.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("record"),
        *("node", "known_s", "weakness", "undated"),
        *(_token(pl.col(name)).alias(name) for name in _TOKENS),
        *(pl.col(name).str.split(" ").list.eval(_token(pl.element())).alias(name) for name in _LISTS),
        pl.col("known_s").rank("max").cast(pl.Int64).alias("records"),
    ).with_columns(pl.col("known_s").rank("max").over(name).cast(pl.Int64).alias(f"{name}_count") for name in _TOKENS)
    for kind in HOLDINGS:
        records = records.join(_usable(evidence.held[kind], records, kind), on="node", how="left", maintain_order="left")
    return records


def venues(held: pl.DataFrame, records: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Identifiers that became venues: value and `venue_s`, the second from which one person too many was known to have it."""
    named = records.select("node", *_TOKENS, pl.col("known_s").alias("named_s"))
    who = held.filter("attested").join(named, on="node")
    name = pl.concat_str("given_name", "family_name", separator=" ")
    # one person's records at several institutions must not count as several people
    person = pl.coalesce(pl.col("birth_date").cast(pl.String), name, "node")
    since = who.group_by("value", person.alias("person")).agg(pl.max_horizontal("known_s", "named_s").min().alias("venue_s"))
    most = MOST_PEOPLE[kind]
    return since.group_by("value").agg(pl.col("venue_s").sort().get(most, null_on_oob=True)).drop_nulls().sort("value")


def _usable(held: pl.DataFrame, records: pl.DataFrame, kind: str) -> pl.DataFrame:
    first = held.filter("attested").sort("node", "known_s", "at_us", "id").unique("node", keep="first", maintain_order=True)
    judged = first.join(venues(held, records, kind), on="value", how="left", maintain_order="left")
    usable = judged.filter(pl.col("venue_s").is_null() | (pl.col("known_s") < pl.col("venue_s")))
    number = pl.col("value").rank("dense").cast(pl.Int64)
    return usable.select("node", number.alias(kind), pl.col("known_s").alias(f"{kind}_s"))


def _token(text: pl.Expr) -> pl.Expr:
    return text.str.to_integer(base=16, dtype=pl.UInt64)
