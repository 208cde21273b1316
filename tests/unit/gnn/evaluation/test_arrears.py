"""Instalments missed in the latest month beside the three before: counted by hand, and found in facts as of an instant."""

import numpy as np
import polars as pl
import pytest

from gnn.evaluation import arrears
from gnn.evaluation.arrears import LEAST_LOANS, MONTH_S, Arrears, compare_months, measure_arrears
from gnn.examples import build_scored
from gnn.tasks import TASKS
from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.snapshot import Snapshot
from graph.snapshot.reader import EMPTY
from graph.vocabulary import NodeLabel
from tests.support.sandbox_economy import hand_made

TASK = TASKS["sandbox"]
MISSED = TASK.milestones[0].edge
DAY_S = 86_400
NOW_S = 1_700_000_000  # November of the second year, when loans of the hand-made economy run


def missed_by(snapshot: Snapshot, loans: np.ndarray, known_s: int, number: int) -> FactBatch:
    """These loans each miss an instalment, known at a second."""
    persons = {loan: row for loan, row in zip(*_pairs(snapshot), strict=True)}
    rows = pl.DataFrame(
        {
            "id": [f"{number:08x}{at:024x}" for at in range(len(loans))],
            "source_id": [snapshot.key_of(NodeLabel.PERSON, persons[loan]) for loan in loans.tolist()],
            "target_id": [snapshot.key_of(NodeLabel.LOAN, loan) for loan in loans.tolist()],
            "at_us": np.full(len(loans), (known_s - DAY_S) * 1_000_000),
            "known_at_s": np.full(len(loans), known_s),
            "instalment": np.ones(len(loans), np.int64),
        }
    ).with_columns(
        pl.lit("institution").alias("attested_by"),
        pl.lit("contract").alias("basis"),
        pl.lit(False).alias("undated"),
        pl.lit("test").alias("origin"),
    )
    schema = fact_schema(MISSED)
    lacking = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in rows.columns]
    return FactBatch(MISSED, rows.with_columns(lacking).select(pl.col(name).cast(dtype) for name, dtype in schema.items()))


def _pairs(snapshot: Snapshot) -> tuple[list[int], list[int]]:
    asked = build_scored(snapshot, TASK)
    return asked.loan_rows.tolist(), asked.rows.tolist()


@pytest.fixture(scope="module")
def calm() -> tuple[Snapshot, np.ndarray]:
    """An economy without missed instalments, and its loans that are young at every month looked at."""
    snapshot = EMPTY.with_overlay(hand_made(400).batches)
    asked = build_scored(snapshot, TASK)
    first, last = NOW_S - arrears.OLDEST_S, NOW_S - 3 * MONTH_S - arrears.YOUNGEST_S
    return snapshot, asked.loan_rows[(asked.as_of_s >= first) & (asked.as_of_s < last)]


def test_the_latest_month_is_held_against_all_before_together() -> None:
    found = compare_months([1_000, 1_000, 1_000, 1_000], [80, 40, 50, 60])
    assert found is not None
    assert (found.loans, found.missed, found.expected) == (1_000, 80, pytest.approx(50.0))
    assert found.deviations == pytest.approx(0.03 / np.sqrt(0.05 * 0.95 * (1 / 1_000 + 1 / 3_000)))
    assert found.is_off


def test_a_rise_that_is_sure_and_small_or_large_and_by_chance_is_none() -> None:
    sure, by_chance = compare_months([200_000] * 4, [11_000, *[10_000] * 3]), compare_months([300] * 4, [8, 5, 5, 5])
    assert sure is not None
    assert by_chance is not None
    assert sure.deviations > 3
    assert not sure.is_off
    assert not by_chance.is_off


def test_a_fall_counts_as_a_rise_does() -> None:
    assert Arrears(1_000, 20, 50.0, -4.0).is_off


def test_of_few_loans_and_of_a_task_without_instalments_nothing_is_said(calm: tuple[Snapshot, np.ndarray]) -> None:
    assert compare_months([LEAST_LOANS - 1, 500, 500, 500], [50, 5, 5, 5]) is None
    assert measure_arrears(calm[0], TASKS["superlender"]) is None


def test_instalments_missed_are_counted_by_when_they_are_known(
    calm: tuple[Snapshot, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot, loans = calm
    monkeypatch.setattr(arrears, "LEAST_LOANS", 10)
    few, many = loans[:4], loans[:30]
    facts = [missed_by(snapshot, few, NOW_S - 10 * DAY_S - back * MONTH_S, back) for back in range(1, 4)]
    facts.append(missed_by(snapshot, many, NOW_S - 10 * DAY_S, 9))
    turned = snapshot.with_overlay(facts)
    now = measure_arrears(turned, TASK, NOW_S)
    before = measure_arrears(turned, TASK, NOW_S - 11 * DAY_S)
    assert now is not None
    assert before is not None
    assert (now.missed, now.is_off) == (30, True)
    assert (before.missed, before.is_off) == (4, False)  # the month before is the latest then: nothing of the rise is known
    assert now.expected == pytest.approx(4.0, rel=0.3)
