"""Other worlds made of the same facts, and other divisions of the same loans: what a score may and may not rest on.

Works on facts before a snapshot is written. It fits nothing and measures nothing.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.evaluation.protocols import Part, out_of_time, split_training
from gnn.examples import Examples
from graph.facts import FactBatch
from graph.snapshot.build import merge_batches
from graph.vocabulary import DESCRIBING, RELATIONS, NodeLabel, RelType

TEST_PERSONS = 0.4  # share of persons that the entity-disjoint division keeps for judging
SWAPS = 100  # tries to undo a tie of a person to oneself
_DAY_S, _SECOND_US = 86_400, 1_000_000
_IDENTIFIERS = {
    (RelType.USES_DEVICE, NodeLabel.DEVICE),
    (RelType.HAS_PHONE, NodeLabel.PHONE),
    (RelType.HAS_EMAIL, NodeLabel.EMAIL),
    (RelType.HAS_DOCUMENT, NodeLabel.DOCUMENT),
    (RelType.LIVES_AT, NodeLabel.ADDRESS),
    (RelType.DELIVERED_TO, NodeLabel.ADDRESS),
}
SHUFFLED = frozenset(
    spec.edge
    for spec in RELATIONS
    if spec.edge.source is NodeLabel.PERSON
    and (
        (spec.edge.target is NodeLabel.PERSON and spec.edge.rel not in DESCRIBING | {RelType.SAME_AS})
        or (spec.edge.rel, spec.edge.target) in _IDENTIFIERS
    )
)
"""Relations between persons, and from persons to identifiers that several may share; who is who stays as it is."""


def entity_disjoint(examples: Examples, person: NDArray[np.int64], *, seeds: int = 1) -> list[Part]:
    """Out of time, and no person judged was ever a subject in training.

    Persons are drawn whatever they did, so that neither part is picked by how often someone borrows.

    Args:
        examples: In order of time.
        person: int64 [n], whose example each is.
        seeds: One part for each; each keeps other persons for judging.
    """
    parts = []
    for part in out_of_time(examples, seeds=seeds):
        persons = np.unique(person)
        kept = np.random.default_rng(part.seed).random(len(persons)) < TEST_PERSONS
        judged = kept[np.searchsorted(persons, person)]
        split = split_training(part.split.train[~judged[part.split.train]], part.split.test[judged[part.split.test]])
        parts.append(Part(part.repeat, part.fold, part.seed, split))
    return parts


def shuffle_ends(batches: Iterable[FactBatch], seed: int) -> list[FactBatch]:
    """The same facts with the targets of every relation in `SHUFFLED` permuted within relation and calendar month (UTC).

    Every node keeps its number of facts in every month, at both ends; who is tied to whom is left to chance. A fact
    stated several times counts once. The months are those in which facts became known.
    """
    held = list(batches)
    kept = [batch for batch in held if batch.edge not in SHUFFLED]
    shuffled = [batch for batch in held if batch.edge in SHUFFLED]
    return [*kept, *(_shuffle(batch, seed) for batch in merge_batches(shuffled))]


def _shuffle(batch: FactBatch, seed: int) -> FactBatch:
    rows = batch.rows.sort("id")
    month = rows["known_at_s"].to_numpy().astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    generator = np.random.default_rng([seed, *":".join(batch.edge).encode()])
    target = np.empty(len(month), np.int64)
    target[np.argsort(month, kind="stable")] = np.lexsort((generator.random(len(month)), month))
    if batch.edge.source is batch.edge.target:
        _part_from_oneself(rows, target, month, generator)
    return FactBatch(batch.edge, rows.with_columns(rows["target_id"].gather(target.astype(np.uint32)).alias("target_id")))


def _part_from_oneself(
    rows: pl.DataFrame, target: NDArray[np.int64], month: NDArray[np.int64], generator: np.random.Generator
) -> None:
    """Swap targets in place until no person is tied to oneself, as far as a month's facts allow."""
    node = pl.concat([rows["source_id"], rows["target_id"]]).rank("dense").to_numpy()
    source, end = node[: len(month)], node[len(month) :]
    order = np.argsort(month, kind="stable")
    for at in np.flatnonzero(source == end[target]):
        low, high = np.searchsorted(month[order], [month[at], month[at] + 1])
        for other in order[generator.integers(low, high, SWAPS)]:
            if source[at] != end[target[other]] and source[other] != end[target[at]]:
                target[at], target[other] = target[other], target[at]
                break


def move_future(batches: Iterable[FactBatch], as_of_s: int, days: int) -> list[FactBatch]:
    """The same facts, those known at or after `as_of_s` happening and becoming known `days` later."""
    later = pl.col("known_at_s") >= as_of_s
    moved_s = pl.when(later).then(pl.lit(days * _DAY_S, pl.Int64)).otherwise(0)  # microseconds do not fit 32 bits
    shifts = (pl.col("known_at_s") + moved_s, pl.col("at_us") + moved_s * _SECOND_US)
    return [FactBatch(batch.edge, batch.rows.with_columns(*shifts)) for batch in batches]


def delete_future(batches: Iterable[FactBatch], as_of_s: int) -> list[FactBatch]:
    """The facts known before `as_of_s`."""
    return [FactBatch(batch.edge, batch.rows.filter(pl.col("known_at_s") < as_of_s)) for batch in batches]
