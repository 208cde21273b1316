"""How likely a pair is one person, and since when that could be said.

Each comparison counts from the second both sides' values were known. Bits add up in that order, and a pair is linked from the
first second on which the sum suffices: what becomes known later is heard for later pairs, never for this one. A rare name says
more than a common one, and a match is the less likely the more persons there are; both are judged by the records then known.
"""

import polars as pl

from ingest.linkage.model import ABSENT, COMPARED, IDENTIFIERS, NEAR, OTHER, SAME, SPELLED, Weights

LEAST_RECORDS = 10_000  # of fewer records no frequencies are read; a young graph is judged as one of this size
TOKEN_PRIOR = 500.0  # records' worth of the average frequency that a token's own is mixed with
NAMED = ("given_name", "family_name")
_OF_RECORD = (
    "known_s",
    "weakness",
    "undated",
    "records",
    *(f"{name}_count" for name in NAMED),
    *(f"{i}_s" for i in IDENTIFIERS),
)


def weigh_pairs(pairs: pl.DataFrame, records: pl.DataFrame, weights: Weights) -> pl.DataFrame:
    """Bits of each comparison, their sum, and when the pair could be linked.

    Args:
        pairs: As `candidate_pairs` gives them.
        records: As `make_records` gives them.
        weights: The committed weights.

    Returns:
        The pairs with `<comparison>_bits`, `prior_bits`, `bits` (log odds on all evidence), `linked_s` (null where it never
        suffices), `linked_bits` (log odds then), `document_heard` (both documents were known then), `by_document` (they were
        the same), `undated` and `weakness`.
    """
    own = records.select("record", *_OF_RECORD)
    both = pairs.join(own.rename(lambda name: f"{name}_l"), left_on="left", right_on="record_l", maintain_order="left").join(
        own.rename(lambda name: f"{name}_r"), left_on="right", right_on="record_r", maintain_order="left"
    )
    later = pl.col("known_s_l") >= pl.col("known_s_r")
    both = both.with_columns(
        pl.max_horizontal("known_s_l", "known_s_r").alias("named_s"),
        *(
            pl.when(later).then(f"{name}_l").otherwise(f"{name}_r").alias(name)
            for name in ("records", *(f"{n}_count" for n in NAMED))
        ),
    )
    both = both.with_columns(
        *(pl.max_horizontal("named_s", f"{name}_s_l", f"{name}_s_r").alias(f"{name}_s") for name in IDENTIFIERS),
        (weights.matches_per_record / pl.max_horizontal("records", LEAST_RECORDS)).log(2).alias("prior_bits"),
        *(_bits(name, weights).alias(f"{name}_bits") for name in COMPARED),
    )
    spelled = pl.sum_horizontal("prior_bits", *(f"{name}_bits" for name in SPELLED))
    both = both.with_columns(
        spelled.alias("named_bits"), pl.sum_horizontal(spelled, *(f"{name}_bits" for name in IDENTIFIERS)).alias("bits")
    )
    moments = ("named", *IDENTIFIERS)
    both = both.with_columns(_bits_by(pl.col(f"{name}_s")).alias(f"bits_by_{name}") for name in moments)
    enough = {name: pl.col(f"bits_by_{name}") >= weights.link_bits for name in moments}
    enough["document"] |= _same_document()
    enough = {
        name: suffices & _comparable(pl.col(f"{name}_s")) & ~_someone_else(pl.col(f"{name}_s"))
        for name, suffices in enough.items()
    }
    both = both.with_columns(
        pl.min_horizontal(pl.when(enough[name]).then(f"{name}_s") for name in moments).alias("linked_s"),
    )
    return both.with_columns(
        _bits_by(pl.col("linked_s")).alias("linked_bits"),
        ((pl.col("document") != ABSENT) & (pl.col("document_s") <= pl.col("linked_s"))).alias("document_heard"),
        _shared("document", pl.col("linked_s")).alias("by_document"),
        (pl.col("undated_l") | pl.col("undated_r")).alias("undated"),
        pl.min_horizontal("weakness_l", "weakness_r").alias("weakness"),
    ).select(
        *("left", "right", *COMPARED, *(f"{name}_bits" for name in COMPARED), "prior_bits", "bits"),
        *("linked_s", "linked_bits", "document_heard", "by_document", "undated", "weakness"),
    )


def probability(bits: pl.Expr) -> pl.Expr:
    """Log odds to base 2 as a percentage, to the hundredth."""
    return (100 / (1 + (-bits.clip(-60, 60) * pl.lit(2.0).log()).exp())).round(2)


def _bits(compared: str, weights: Weights) -> pl.Expr:
    bits = pl.col(compared).replace_strict(weights.bits(compared), return_dtype=pl.Float64)
    if compared not in NAMED:
        return bits
    same_m, same_u = weights.levels[compared][SAME[compared]]
    known = pl.max_horizontal("records", LEAST_RECORDS)
    frequency = (pl.col(f"{compared}_count") + TOKEN_PRIOR * same_u) / (known + TOKEN_PRIOR)
    few = pl.col("records") < LEAST_RECORDS
    share = pl.when(few).then(same_u).otherwise(frequency)
    return pl.when(pl.col(compared) == SAME[compared]).then((same_m / share).log(2)).otherwise(bits)


def _bits_by(second: pl.Expr) -> pl.Expr:
    """Log odds on what was known by a second, null where the second is."""
    known = (pl.when(pl.col(f"{name}_s") <= second).then(f"{name}_bits").otherwise(0.0) for name in IDENTIFIERS)
    return pl.when(second.is_not_null()).then(pl.sum_horizontal("named_bits", *known))


def _shared(identifier: str, second: pl.Expr) -> pl.Expr:
    """Both were known to have the same identifier by a second."""
    return (pl.col(identifier) == SAME[identifier]) & (pl.col(f"{identifier}_s") <= second)


def _comparable(second: pl.Expr) -> pl.Expr:
    """What was known by a second made the pair a candidate: what `candidate_pairs` finds it by later must not count before."""
    same_given = pl.col("given_name") == SAME["given_name"]
    born_alike = (pl.col("birth_date") == SAME["birth_date"]) & (same_given | (pl.col("family_name") >= NEAR))
    shared = (_shared(name, second) for name in ("document", "email", "phone"))
    return pl.any_horizontal(born_alike, *shared, _shared("address", second) & same_given)


def _someone_else(second: pl.Expr) -> pl.Expr:
    """Another given name and, by a second, not the same document: a twin or a relative, however much they share."""
    return (pl.col("given_name") == OTHER) & ~_shared("document", second)


def _same_document() -> pl.Expr:
    """The same document, both names alike and no contradicting birth date: one person, whatever else differs."""
    alike = pl.all_horizontal(pl.col(name) >= NEAR for name in NAMED)
    return (pl.col("document") == SAME["document"]) & alike & (pl.col("birth_date") != OTHER)
