"""What linkage knows of each person, read from facts: the first name, the first of each identifier, and since when.

Only the first value known counts, so that a fact known later never changes what was derived before it. What the subject alone
asserts is no evidence of who the subject is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from graph.facts import FactBatch
from graph.vocabulary import NAME_KEYS, Attestation, Basis, EdgeType, NodeLabel, RelType

_PERSON = NodeLabel.PERSON
KNOWN_AS = EdgeType(_PERSON, RelType.KNOWN_AS, _PERSON)
LISTED_ON = EdgeType(_PERSON, RelType.LISTED_ON, _PERSON)
CALLED = EdgeType(_PERSON, RelType.CALLED, _PERSON)
LISTS_CONTACT = EdgeType(_PERSON, RelType.LISTS_CONTACT, _PERSON)
HOLDINGS = {
    "phone": EdgeType(_PERSON, RelType.HAS_PHONE, NodeLabel.PHONE),
    "email": EdgeType(_PERSON, RelType.HAS_EMAIL, NodeLabel.EMAIL),
    "document": EdgeType(_PERSON, RelType.HAS_DOCUMENT, NodeLabel.DOCUMENT),
    "address": EdgeType(_PERSON, RelType.LIVES_AT, NodeLabel.ADDRESS),
}
EDGES = (KNOWN_AS, LISTED_ON, CALLED, LISTS_CONTACT, *HOLDINGS.values())

WEAKEST_FIRST = (Basis.RESEARCH, Basis.CONSENT, Basis.CONTRACT, Basis.PUBLIC, Basis.LEGAL_OBLIGATION)
_NAMES = tuple(spec.name for spec in NAME_KEYS)
_KNOWN = {"node": pl.String(), "known_s": pl.Int64(), "at_us": pl.Int64(), "id": pl.String()}
_STANDING = {"weakness": pl.Int8(), "undated": pl.Boolean()}
_HELD = _KNOWN | {"value": pl.String(), "attested": pl.Boolean()} | _STANDING
_CARDS = {"node": pl.String(), "contact": pl.String(), "known_s": pl.Int64()} | _STANDING
_SEEN = {"node": pl.String(), "known_s": pl.Int64()}
_ORDER = ("known_s", "at_us", "id")


@dataclass(frozen=True)
class Evidence:
    """What facts say of persons.

    Attributes:
        names: First KNOWN_AS of each person: node, known_s, weakness, undated and the keyed properties, ordered by node.
        held: By kind, when each person was first known to have each identifier: node, value, known_s, attested.
        reached: Persons that a number reaches (ends of calls, contacts): node and known_s of the first.
        listed: Persons entered on a list: node and known_s of the first.
        cards: Who lists whom: node, contact, and known_s, weakness and undated of the first.
    """

    names: pl.DataFrame
    held: dict[str, pl.DataFrame]
    reached: pl.DataFrame
    listed: pl.DataFrame
    cards: pl.DataFrame


def read_evidence(batches: Iterable[FactBatch]) -> Evidence:
    """Gather the evidence of facts in any order; other facts than those of `EDGES` are passed over."""
    kinds = {edge: kind for kind, edge in HOLDINGS.items()}
    names, reached, listed, cards = [], [], [], []
    held: dict[str, list[pl.DataFrame]] = {kind: [] for kind in HOLDINGS}
    for batch in batches:
        rows = batch.rows.with_columns(
            pl.col("source_id").alias("node"),
            pl.col("known_at_s").alias("known_s"),
            (pl.col("attested_by") != Attestation.SUBJECT.value).alias("attested"),
            _weakness(),
        )
        if batch.edge == KNOWN_AS:
            names.append(rows.filter("attested").select(*_KNOWN, *_STANDING, *_NAMES))
        elif batch.edge in kinds:
            held[kinds[batch.edge]].append(rows.select(*(_KNOWN), pl.col("target_id").alias("value"), "attested", *_STANDING))
        elif batch.edge == LISTED_ON:
            listed.append(_since(rows.select(*_SEEN)))
        elif batch.edge == LISTS_CONTACT:
            pairs = rows.select("node", pl.col("target_id").alias("contact"), "known_s", *_STANDING)
            cards.append(_earliest(pairs))
            reached.append(_since(rows.select(pl.col("target_id").alias("node"), "known_s")))
        elif batch.edge == CALLED:
            ends = (rows.select(pl.col(end).alias("node"), "known_s") for end in ("source_id", "target_id"))
            reached.append(_since(pl.concat(ends)))
    return Evidence(
        names=_first(_whole(names, _KNOWN | _STANDING | dict.fromkeys(_NAMES, pl.String())), "node"),
        held={kind: _first(_whole(parts, _HELD), "node", "value") for kind, parts in held.items()},
        reached=_since(_whole(reached, _SEEN)),
        listed=_since(_whole(listed, _SEEN)),
        cards=_earliest(_whole(cards, _CARDS)),
    )


def basis_of(weakness: pl.Expr) -> pl.Expr:
    """The basis with this place among `WEAKEST_FIRST`."""
    return weakness.replace_strict({place: basis.value for place, basis in enumerate(WEAKEST_FIRST)}, return_dtype=pl.String)


def _weakness() -> pl.Expr:
    places = {basis.value: place for place, basis in enumerate(WEAKEST_FIRST)}
    return pl.col("basis").replace_strict(places, return_dtype=pl.Int8).alias("weakness")


def _whole(parts: list[pl.DataFrame], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return pl.concat(parts).select(*schema) if parts else pl.DataFrame(schema=schema)


def _first(frame: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """The first row of each key; of two known in the same second the order of their ids decides."""
    return frame.sort(*keys, *_ORDER).unique(keys, keep="first", maintain_order=True)


def _earliest(cards: pl.DataFrame) -> pl.DataFrame:
    """The first card of each pair; of two known in the same second the weaker one, and then the undated."""
    ordered = cards.sort("known_s", "weakness", "undated", descending=[False, False, True])
    return ordered.unique(["node", "contact"], keep="first", maintain_order=True).sort("node", "contact")


def _since(seen: pl.DataFrame) -> pl.DataFrame:
    """Since when each node was seen."""
    return seen.group_by("node").agg(pl.col("known_s").min()).sort("node")
