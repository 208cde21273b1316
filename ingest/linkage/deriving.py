"""Writes what linkage says into a store, and takes away what it no longer says: the facts of origin `linkage`.

Derived facts are a function of all others: made again from the whole store after each run, compared with those that stand, and
written with the difference retired in one transaction. Where neither the store nor the weights changed, nothing is done.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.identity import FactId, Pepper
from graph.store import GraphStore
from graph.vocabulary import Attestation, EdgeType, NodeLabel, RelType
from ingest.linkage.evidence import EDGES, basis_of
from ingest.linkage.linking import REVIEW, Linked, link
from ingest.linkage.model import WEIGHTS

ORIGIN = "linkage"
CHECKPOINT = "derived"
SAME_AS = EdgeType(NodeLabel.PERSON, RelType.SAME_AS, NodeLabel.PERSON)
KNOWS = EdgeType(NodeLabel.PERSON, RelType.KNOWS, NodeLabel.PERSON)
_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class DeriveReport:
    """What a derivation changed.

    Attributes:
        same_as: SAME_AS facts that stand.
        knows: KNOWS facts that stand.
        written: Facts that were not there before, or said otherwise.
        retired: Facts taken away.
        review: Doubtful pairs, as in `Linked`; None where nothing had to be done.
    """

    same_as: int = 0
    knows: int = 0
    written: int = 0
    retired: int = 0
    review: pl.DataFrame | None = None


def derive(store: GraphStore, pepper: Pepper, review: Path | None = None) -> DeriveReport:
    """Bring the derived facts of a store up to date.

    Args:
        store: Read whole, as far as linkage is concerned, and written to.
        pepper: The secret the store was made with.
        review: Parquet file for the doubtful pairs; replaced where something had to be done.
    """
    kept = json.loads(store.checkpoints(CHECKPOINT).get(CHECKPOINT, "{}"))
    if kept.get("state") == _state(store):
        return DeriveReport(kept["same_as"], kept["knows"])
    present = {edge: _standing(store, edge) for edge in (SAME_AS, KNOWS)}
    linked = link(store.export(edges=EDGES))
    wanted = {batch.edge: batch for batch in _facts(linked, pepper)}
    batches, retire = [], {}
    for edge, standing in present.items():
        new = wanted[edge].rows
        changed = new.join(standing, on=standing.columns, how="anti", nulls_equal=True)
        stale = standing.join(new, on=standing.columns, how="anti", nulls_equal=True)
        batches.append(FactBatch(edge, changed))
        retire[edge] = [FactId(fact) for fact in stale["id"].sort()]
    counts = {"same_as": len(wanted[SAME_AS]), "knows": len(wanted[KNOWS])}
    written, retired = sum(map(len, batches)), sum(map(len, retire.values()))
    if written or retired:
        store.write([batch for batch in batches if len(batch)], retire=retire)
    # only once the facts stand: stopped in between, the next call makes them again and finds nothing to change
    store.write(
        [], checkpoints={CHECKPOINT: json.dumps(counts | {"seq": store.identity().seq, "state": _state(store)}, sort_keys=True)}
    )
    if review is not None:
        write_review(linked.review, review)
    return DeriveReport(**counts, written=written, retired=retired, review=linked.review)


def derived_batches(batches: Sequence[FactBatch], pepper: Pepper) -> list[FactBatch]:
    """What `derive` would write for a store of these facts."""
    return [batch for batch in _facts(link(batches), pepper) if len(batch)]


def write_review(review: pl.DataFrame, path: Path) -> None:
    """Write doubtful pairs by key, with the bits of each comparison; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    review.select(*REVIEW).write_parquet(part)
    part.replace(path)


def _facts(linked: Linked, pepper: Pepper) -> list[FactBatch]:
    same = _whole(SAME_AS, linked.joins, Attestation.INSTITUTION, pepper)
    return [same, _whole(KNOWS, linked.contacts, Attestation.BOTH, pepper)]


def _whole(edge: EdgeType, rows: pl.DataFrame, attested_by: Attestation, pepper: Pepper) -> FactBatch:
    facts = rows.with_columns(
        pepper.fact_ids(edge, ORIGIN, pl.col("source_id"), pl.col("target_id")).alias("id"),
        (pl.col("known_s") * _MICROSECONDS).alias("at_us"),
        pl.col("known_s").alias("known_at_s"),
        pl.lit(attested_by.value).alias("attested_by"),
        basis_of(pl.col("weakness")).alias("basis"),
        pl.lit(ORIGIN).alias("origin"),
        pl.lit(None).alias("series"),
        pl.lit(None).alias("withdrawn"),
    )
    return FactBatch(edge, facts.select(pl.col(name).cast(dtype) for name, dtype in fact_schema(edge).items()).sort("id"))


def _standing(store: GraphStore, edge: EdgeType) -> pl.DataFrame:
    schema = fact_schema(edge)
    parts = [batch.rows.select(*schema).filter(pl.col("origin") == ORIGIN) for batch in store.export(edges=[edge])]
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _state(store: GraphStore) -> list[str]:
    """All that derived facts depend on, as one text each: the store's facts, who was erased, and the weights."""
    identity = store.identity()
    return [str(identity.seq), str(identity.generation), sha256(WEIGHTS.read_bytes()).hexdigest()]
