"""A score is a function of the facts known before its instant: the same bits in any company, order or later world."""

import random
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gnn.serving import Include, ScoreResult, load_scorer
from gnn.tasks import TASKS
from gnn.training import train_bundle
from graph.facts import FactBatch
from graph.snapshot import Snapshot, write_base, write_delta
from tests.integration.gnn.conftest import SEED, Trained
from tests.support.lending import PEPPER, planted_batches

NOTHING: frozenset[Include] = frozenset()


def numbers(results: list[ScoreResult]) -> list[tuple[object, ...]]:
    return [
        (r.log_odds, r.probability_of_default, r.probability_low, r.probability_high, r.score, r.thickness) for r in results
    ]


def rescored(trained: Trained, batches: list[FactBatch], root: Path, some: slice) -> list[tuple[object, ...]]:
    write_base(batches, root, seq=2, pepper_fingerprint=PEPPER.fingerprint)
    scorer = load_scorer(trained.report.place, root, pepper=PEPPER, allow_research=False)
    return numbers(scorer.score(trained.requests[some], NOTHING))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 239), min_size=1, max_size=90))
def test_score_has_the_same_bits_in_any_batch_and_order(trained: Trained, chosen: list[int]) -> None:
    together = numbers(trained.scorer.score([trained.requests[i] for i in chosen], NOTHING))
    alone = numbers(trained.scorer.score([trained.requests[chosen[0]]], NOTHING))
    assert together[0] == alone[0]
    assert dict(zip(chosen, together, strict=True)) == dict(
        zip(
            reversed(chosen),
            numbers(trained.scorer.score([trained.requests[i] for i in reversed(chosen)], NOTHING)),
            strict=True,
        )
    )


def test_score_has_the_same_bits_after_a_rebuild_from_shuffled_facts(trained: Trained, tmp_path: Path) -> None:
    shuffled = [FactBatch(b.edge, b.rows.sample(fraction=1.0, shuffle=True, seed=4)) for b in reversed(planted_batches(240))]
    some = slice(0, 60)
    assert rescored(trained, shuffled, tmp_path, some) == numbers(trained.scorer.score(trained.requests[some], NOTHING))


def test_score_has_the_same_bits_whatever_becomes_known_later(trained: Trained, tmp_path: Path) -> None:
    draw = random.Random(11)
    for at in (100, 200):
        as_of_s = trained.requests[at].as_of_s
        deleted = [FactBatch(b.edge, b.rows.filter(pl.col("known_at_s") < as_of_s)) for b in planted_batches(240)]
        altered = [later(b, as_of_s, draw) for b in planted_batches(240)]
        before = numbers(trained.scorer.score(trained.requests[at : at + 1], NOTHING))
        assert rescored(trained, deleted, tmp_path / f"deleted{at}", slice(at, at + 1)) == before
        assert rescored(trained, altered, tmp_path / f"altered{at}", slice(at, at + 1)) == before


def later(batch: FactBatch, as_of_s: int, draw: random.Random) -> FactBatch:
    """The same facts before an instant, and of those after it only some, at other times and with other ends."""
    rows, late = batch.rows, pl.col("known_at_s") >= as_of_s
    kept = rows.filter(late).sample(fraction=0.6, seed=draw.randrange(1000))
    moved = kept.with_columns(
        pl.col("known_at_s") + draw.randrange(1000), pl.col("target_id").str.replace("^.", f"{draw.randrange(16):x}")
    )
    return FactBatch(batch.edge, pl.concat([rows.filter(~late), moved]))


def test_score_has_the_same_bits_when_facts_come_in_a_delta(trained: Trained, tmp_path: Path) -> None:
    draw = random.Random(5)
    cuts = {batch.edge: draw.random() for batch in planted_batches(240)}
    first = [FactBatch(b.edge, b.rows.head(int(len(b) * cuts[b.edge]))) for b in planted_batches(240)]
    second = [FactBatch(b.edge, b.rows.tail(len(b) - int(len(b) * cuts[b.edge]))) for b in planted_batches(240)]
    write_base(first, tmp_path, seq=1, pepper_fingerprint=PEPPER.fingerprint)
    write_delta(second, tmp_path, seq=2, below=Snapshot.open(tmp_path))
    scorer = load_scorer(trained.report.place, tmp_path, pepper=PEPPER, allow_research=False)
    some = trained.requests[50:90]
    assert numbers(scorer.score(some, NOTHING)) == numbers(trained.scorer.score(some, NOTHING))


def test_same_seed_gives_the_same_bytes_and_another_seed_others(trained: Trained, tmp_path: Path) -> None:
    snapshot = Snapshot.open(trained.snapshots)
    again = train_bundle(snapshot, TASKS["superlender"], seed=SEED, out=tmp_path / "again")
    files = sorted(path.name for path in trained.report.place.iterdir())
    assert sorted(path.name for path in again.place.iterdir()) == files
    assert all((again.place / name).read_bytes() == (trained.report.place / name).read_bytes() for name in files)
    assert (
        train_bundle(snapshot, TASKS["superlender"], seed=SEED + 1, out=tmp_path / "other").model_version != again.model_version
    )
