"""Turns one block of a file into facts and refusals: what each worker does, from a block, the source and the pepper alone.

Where a source stands on consent, a row gives facts only if the person consented to the family of every one of them; the row
is refused otherwise, whole.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from graph.identity import Pepper
from graph.vocabulary import SPECS, Basis, EdgeType, NodeLabel, RelType
from ingest.checks import REFUSAL_SCHEMA, REJECTION_SCHEMA, RejectReason
from ingest.facts import build_facts
from ingest.formats.pieces import Block, Piece
from ingest.formats.reading import keep_fields, parse_block
from ingest.rows import accept_rows
from ingest.source import SourceSpec, TableSpec

Rows = Mapping[str, pl.DataFrame]
DAY_S = 86_400


@dataclass(frozen=True)
class Consents:
    """Whom a grant is known of, by family: `person` and `family`, each pair once; None where no source needs any."""

    granted: pl.DataFrame | None = None


@dataclass(frozen=True)
class Turned:
    """What became of the rows of one block.

    Attributes:
        read: Rows and refused lines.
        refused: Of `REFUSAL_SCHEMA`.
        facts: Rows of `derived.fact_schema` by edge type.
        withheld: Facts that would have joined a node to itself, by edge type.
        nulls: Accepted rows without a value, by declared column.
        days: Facts by the day they were known, days since 1970.
        accepted: The accepted rows, where they are wanted.
    """

    read: int
    refused: pl.DataFrame
    facts: Mapping[EdgeType, pl.DataFrame]
    withheld: Mapping[EdgeType, int]
    nulls: Mapping[str, int]
    days: Mapping[int, int]
    accepted: pl.DataFrame = field(repr=False)


def turn_block(
    source: SourceSpec, spec: TableSpec, block: Block, delivered_us: int, pepper: Pepper, consents: Consents
) -> Turned:
    """`turn_piece` of a block of a table that looks into no other."""
    return turn_piece(source, spec, parse_block(block, spec), delivered_us, pepper, consents, {})


def turn_piece(
    source: SourceSpec, spec: TableSpec, piece: Piece, delivered_us: int, pepper: Pepper, consents: Consents, earlier: Rows
) -> Turned:
    """Check the rows of a piece and build their facts.

    Args:
        source: The source.
        spec: The piece's table.
        piece: As `formats.reading.parse_block` gives it.
        delivered_us: Recorded time of the delivery, UTC microseconds.
        pepper: The secret the store was made with.
        consents: Whom a grant is known of.
        earlier: Accepted rows of the tables looked into.
    """
    accepted, refused = accept_rows(spec, piece.texts, earlier, delivered_us)
    facts: defaultdict[EdgeType, list[pl.DataFrame]] = defaultdict(list)
    withheld: Counter[EdgeType] = Counter()
    for rule in spec.rules:
        made, left = build_facts(rule, accepted, source, pepper, spec.corrections)
        facts[rule.edge].append(made)
        withheld[rule.edge] += left
    gathered = {edge: pl.concat(parts) for edge, parts in facts.items()}
    lacking = _without_basis(gathered, consents)
    if lacking.height:
        gathered = {edge: rows.join(lacking, on="row", how="anti", maintain_order="left") for edge, rows in gathered.items()}
        accepted = accepted.join(lacking, on="row", how="anti", maintain_order="left")
        refused = pl.concat([refused, _refuse(lacking, piece.texts)])
    return Turned(
        read=piece.texts.height + piece.refused.height,
        refused=pl.concat([piece.refused, refused]).select(list(REFUSAL_SCHEMA)),
        facts={edge: rows.drop("row") for edge, rows in gathered.items() if rows.height},
        withheld={edge: count for edge, count in withheld.items() if count},
        nulls=_nulls(spec, piece.texts.join(refused.select("row"), on="row", how="anti")),
        days=_days(gathered),
        accepted=accepted,
    )


def _without_basis(facts: Mapping[EdgeType, pl.DataFrame], consents: Consents) -> pl.DataFrame:
    """Rows of which a fact of basis consent is about a person who is not known to have granted its family."""
    lacking = [pl.DataFrame(schema={"row": pl.Int64()})]
    if consents.granted is None:
        return lacking[0]
    for edge, rows in facts.items():
        person = "source_id" if edge.source is NodeLabel.PERSON else "target_id" if edge.target is NodeLabel.PERSON else None
        if person is None or edge.rel is RelType.CONSENTED:
            continue
        granted = consents.granted.filter(pl.col("family") == SPECS[edge].family.value).select(pl.col("person").alias(person))
        needing = rows.filter(pl.col("basis") == Basis.CONSENT.value)
        lacking.append(needing.join(granted, on=person, how="anti").select("row"))
    return pl.concat(lacking).unique().sort("row")


def _refuse(rows: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    rejections = rows.select("row", reason=pl.lit(RejectReason.NO_BASIS.value), column=pl.lit(""))
    return keep_fields(rejections.select(pl.col(name).cast(dtype) for name, dtype in REJECTION_SCHEMA.items()), texts)


def _nulls(spec: TableSpec, texts: pl.DataFrame) -> dict[str, int]:
    if not texts.height:
        return {}
    counts = texts.select(pl.col(column.name).null_count() for column in spec.columns).row(0, named=True)
    return {name: count for name, count in counts.items() if count}


def _days(facts: Mapping[EdgeType, pl.DataFrame]) -> dict[int, int]:
    days: Counter[int] = Counter()
    for rows in facts.values():
        days.update(dict(rows.group_by(pl.col("known_at_s") // DAY_S).len().iter_rows()))
    return dict(days)
