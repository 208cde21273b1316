"""Whatever the world does at T or later, nothing that a score as of T answers moves: score, shares, reasons, evidence."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest

from gnn.serving import Include, ScoreRequest, load_scorer
from graph.derived import fact_schema, properties
from graph.facts import FactBatch
from graph.snapshot import write_base
from graph.vocabulary import DESCRIBING, RELATIONS, Attestation, EdgeType, Kind, NodeLabel
from tests.integration.gnn.conftest import Trained
from tests.support.lending import DAY_S, PEPPER, planted_batches

EVERYTHING = frozenset(Include)
BORROWERS = 240
ADDED = 300
UNSEEN = ("never seen in training", "0 sorts before the rest")


def answers(trained: Trained, batches: list[FactBatch], requests: list[ScoreRequest]) -> list[str]:
    """All that is answered, to the last bit (`repr` of a float gives it back), but for the snapshot's own name."""
    with TemporaryDirectory() as root:
        write_base(batches, Path(root), seq=9, pepper_fingerprint=PEPPER.fingerprint)
        scorer = load_scorer(trained.report.place, Path(root), pepper=PEPPER, allow_research=False)
        return [repr(replace(result, snapshot_version="")) for result in scorer.score(requests, EVERYTHING)]


def nodes_of(batches: list[FactBatch]) -> dict[NodeLabel, list[str]]:
    found: dict[NodeLabel, set[str]] = {label: set() for label in NodeLabel}
    for batch in batches:
        found[batch.edge.source].update(batch.rows["source_id"])
        found[batch.edge.target].update(batch.rows["target_id"])
    return {label: sorted(keys) for label, keys in found.items()}


def added(batches: list[FactBatch], subject: str, known_at_s: int, draw: random.Random) -> Iterator[FactBatch]:
    """Facts of every relation, at the subject, at hubs and at nodes nobody knew, with categories never seen."""
    nodes = nodes_of(batches)

    def node(label: NodeLabel) -> str:
        if label is NodeLabel.PERSON and draw.random() < 0.3:
            return subject
        return draw.choice(nodes[label]) if nodes[label] and draw.random() < 0.7 else f"{draw.getrandbits(128):032x}"

    def row(edge: EdgeType) -> dict[str, object]:
        source = node(edge.source)
        later_s = draw.choice([0, 0, 1, 3600, 400 * DAY_S])
        fixed = {
            "id": f"{draw.getrandbits(128):032x}",
            "source_id": source,
            "target_id": source if edge.rel in DESCRIBING else node(edge.target),
            "at_us": draw.choice([0, known_at_s * 1_000_000 - 1, (known_at_s + 900 * DAY_S) * 1_000_000]),
            "known_at_s": known_at_s + later_s,
            "attested_by": draw.choice(list(Attestation)),
            "basis": "contract",
            "undated": draw.random() < 0.2,
            "origin": "later",
        }
        return fixed | {prop.name: value(prop.kind) for prop in properties(edge)}

    def value(kind: Kind) -> object:
        if kind is Kind.CATEGORY:
            return draw.choice(UNSEEN)
        return draw.gauss(0, 1e6) if kind is Kind.DECIMAL else draw.randrange(-(10**6), 10**12)

    for spec in RELATIONS:
        rows = [row(spec.edge) for _ in range(ADDED // len(RELATIONS) + 1)]
        yield FactBatch(spec.edge, pl.DataFrame(rows, schema=fact_schema(spec.edge)))


def restated(batches: list[FactBatch], known_at_s: int) -> Iterator[FactBatch]:
    """Other versions of facts known before, each saying something else of the same id, known at `known_at_s`."""
    for batch in batches:
        early = batch.rows.filter(pl.col("known_at_s") < known_at_s)
        if batch.edge.rel not in DESCRIBING:
            target = pl.lit(f"{0:032x}").alias("target_id")
            yield FactBatch(batch.edge, early.with_columns(pl.lit(known_at_s, pl.Int64).alias("known_at_s"), target))


def disturbed(batch: FactBatch, as_of_s: int, draw: random.Random) -> FactBatch:
    """Facts known before an instant as they were; of the later ones some gone, the others moved and altered."""
    late = pl.col("known_at_s") >= as_of_s
    kept = batch.rows.filter(late).sample(fraction=draw.choice([0.0, 0.5, 1.0]), seed=draw.randrange(1000))
    numbers = [prop.name for prop in properties(batch.edge) if prop.kind in (Kind.INTEGER, Kind.MONEY)]
    moved = kept.with_columns(
        pl.lit(as_of_s, pl.Int64).alias("known_at_s"), pl.lit(0, pl.Int64).alias("at_us"), *(pl.col(n) * -7 for n in numbers)
    )
    return FactBatch(batch.edge, pl.concat([batch.rows.filter(~late), moved]))


@pytest.mark.parametrize("shift_s", [-20 * DAY_S, -1, 0, 1])
def test_what_becomes_known_at_t_or_later_changes_no_bit_of_any_answer(trained: Trained, shift_s: int) -> None:
    draw, batches = random.Random(shift_s), planted_batches(BORROWERS)
    asked = trained.requests[draw.randrange(60, BORROWERS)]
    request = replace(asked, as_of_s=asked.as_of_s + shift_s)
    others = [replace(trained.requests[draw.randrange(BORROWERS)], as_of_s=request.as_of_s) for _ in range(2)]
    now = [
        *(disturbed(batch, request.as_of_s, draw) for batch in batches),
        *added(batches, request.key, request.as_of_s, draw),
        *restated(batches, request.as_of_s),
    ]
    draw.shuffle(now)
    assert answers(trained, now, [request, *others]) == answers(trained, batches, [request, *others])


def test_the_same_facts_known_one_second_earlier_do_change_the_answer(trained: Trained) -> None:
    draw, batches, request = random.Random(1), planted_batches(BORROWERS), trained.requests[200]
    now = [*batches, *added(batches, request.key, request.as_of_s - 1, draw)]
    assert answers(trained, now, [request]) != answers(trained, batches, [request])
