"""A hand-made economy in the sandbox's terms: facts as its readers give them, and the sealed files beside them.

One rule is planted: late payers default more, and so do the friends of late payers. The true probability is known.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.sandbox.worlds import PEPPER
from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.identity import NodeKey
from graph.vocabulary import EdgeType, NodeLabel, RelType

SOURCE = "sandbox"
DAY_S, MONTH_S = 86_400, 2_629_746
FIRST_S = int(datetime(2022, 1, 1, tzinfo=UTC).timestamp())
END_S = int(datetime(2025, 12, 31, tzinfo=UTC).timestamp())
LOANS_EACH = 3
PERSON, LOAN, LENDER = NodeLabel.PERSON, NodeLabel.LOAN, NodeLabel.LENDER
APPLIED = EdgeType(PERSON, RelType.APPLIED_FOR, LOAN)
FUNDED = EdgeType(LENDER, RelType.FUNDED, LOAN)
REPAID = EdgeType(PERSON, RelType.REPAID, LOAN)
DEFAULTED = EdgeType(PERSON, RelType.DEFAULTED_ON, LOAN)
CALLED = EdgeType(PERSON, RelType.CALLED, PERSON)
BILLED = EdgeType(PERSON, RelType.BILLED_BY, NodeLabel.COMPANY)
BOUGHT = EdgeType(PERSON, RelType.BOUGHT_FROM, NodeLabel.COMPANY)
DEVICE = EdgeType(PERSON, RelType.USES_DEVICE, NodeLabel.DEVICE)

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class HandMade:
    """Facts, and what only the sealed files say."""

    batches: list[FactBatch]
    truth: pl.DataFrame
    people: pl.DataFrame
    adversaries: pl.DataFrame


def hand_made(persons: int = 400, seed: int = 5, calls: int = 10, bills: int = 10, orders: int = 5) -> HandMade:
    """An economy of 48 months; each person takes three loans, and calls, bills and orders so many times."""
    draw = np.random.default_rng(seed)
    late = draw.normal(size=persons)
    friend = (np.arange(persons) ^ 1) % persons  # friends come in pairs
    chance = 1 / (1 + np.exp(3.2 - 1.2 * late - 0.8 * late[friend]))
    person = np.repeat(np.arange(persons), LOANS_EACH)
    loan = np.arange(len(person))
    month = draw.integers(1, 47, len(person))
    applied_s = FIRST_S + month * MONTH_S + draw.integers(0, 20 * DAY_S, len(person))
    decided_s = applied_s + 3_600
    default_s = decided_s + draw.integers(95, 350, len(person)) * DAY_S
    bad = draw.random(len(person)) < chance[person]
    known = bad & (default_s < END_S - 10 * DAY_S)
    amount = {"amount_minor": draw.integers(1, 50, len(person)) * 10_000}
    caller, biller, buyer = (np.repeat(np.arange(persons), count) for count in (calls, bills, orders))
    devices = np.arange(persons) // 3  # three share one
    batches = [
        _batch(draw, APPLIED, person, loan, applied_s, amount),
        _batch(draw, FUNDED, loan % 5, loan, decided_s, amount),
        _batch(draw, DEFAULTED, person[known], loan[known], default_s[known], {}),
        _repaid(draw, person, loan, decided_s, late),
        _batch(draw, CALLED, caller, friend[caller], _any_time(draw, len(caller)), {}),
        _batch(draw, DEVICE, np.arange(persons), devices, _any_time(draw, persons), {}),
        _billed(draw, biller, late),
        _batch(draw, BOUGHT, buyer, draw.integers(0, 30, len(buyer)), _any_time(draw, len(buyer)), {"amount_minor": buyer + 1}),
    ]
    truth = pl.DataFrame(
        {
            "application_id": _names(LOAN, loan),
            "applicant": _sealed_names(person),
            "month": month,
            "approved": True,
            "p_default_12m": chance[person],
            "defaulted_12m": pl.Series(bad).cast(pl.Int8),
        }
    )
    # A month is over for all of its loans or for none; of those that are not, a default is told when it comes.
    over = pl.col("month") < int(month[decided_s + 366 * DAY_S >= END_S].min())
    truth = truth.with_columns(pl.when(over | pl.Series(known)).then("defaulted_12m"))
    declined = pl.DataFrame({"application_id": ["L01-declined"], "applicant": ["P0000000"], "month": [3], "approved": [False]})
    people = pl.DataFrame({"person": _sealed_names(np.arange(persons)), "thin": np.arange(persons) % 5 < 2})
    ring = np.arange(0, min(6, persons))
    adversaries = pl.DataFrame({"kind": "synthetic", "group": 0, "member": _sealed_names(ring), "from_month": 8})
    return HandMade(batches, pl.concat([truth, declined], how="diagonal_relaxed"), people, adversaries)


def write_sealed(out: Path, economy: HandMade) -> None:
    """The sealed files as the sandbox lays them out."""
    sealed = out / "sealed"
    sealed.mkdir(parents=True, exist_ok=True)
    for name in ("truth", "people", "adversaries"):
        getattr(economy, name).write_csv(sealed / f"{name}.csv")


def _repaid(draw: np.random.Generator, person: Ints, loan: Ints, decided_s: Ints, late: NDArray[np.float64]) -> FactBatch:
    paid = np.repeat(np.arange(len(person)), 3)
    when = decided_s[paid] + np.tile([30, 60, 90], len(person)) * DAY_S
    kept = when < END_S
    days = np.round(4 * late[person[paid]] + draw.normal(size=len(paid)) * 3).astype(np.int64)
    values = {"instalment": np.tile([1, 2, 3], len(person))[kept], "days_late": days[kept]}
    return _batch(draw, REPAID, person[paid][kept], loan[paid][kept], when[kept], values)


def _billed(draw: np.random.Generator, biller: Ints, late: NDArray[np.float64]) -> FactBatch:
    days = np.round(3 * late[biller] + draw.normal(size=len(biller)) * 3).astype(np.int64)
    return _batch(
        draw, BILLED, biller, biller % 4, _any_time(draw, len(biller)), {"amount_minor": days * 0 + 3_000, "days_late": days}
    )


def _any_time(draw: np.random.Generator, count: int) -> Ints:
    return FIRST_S + draw.integers(0, END_S - FIRST_S, count)


def _sealed_names(persons: Ints) -> list[str]:
    return [f"P{number:07d}" for number in persons.tolist()]


def _keys(label: NodeLabel, numbers: Ints) -> list[NodeKey]:
    return [PEPPER.node_key(label, SOURCE, name) for name in _names(label, numbers)]


def _names(label: NodeLabel, numbers: Ints) -> list[str]:
    return [f"{label}-{number:08d}" for number in numbers.tolist()]


def _batch(
    draw: np.random.Generator, edge: EdgeType, source: Ints, target: Ints, at_s: Ints, values: dict[str, Ints]
) -> FactBatch:
    text = draw.bytes(16 * len(source)).hex()
    columns: dict[str, object] = {
        "id": [text[i : i + 32] for i in range(0, len(text), 32)],
        "source_id": _keys(edge.source, source),
        "target_id": _keys(edge.target, target),
        "at_us": at_s * 1_000_000,
        "known_at_s": at_s + 1,
        **values,
    }
    schema = fact_schema(edge)
    fixed = {"attested_by": "institution", "basis": "research", "undated": False, "origin": SOURCE}
    if "currency" in schema:
        fixed["currency"] = "EUR"
    rows = pl.DataFrame(columns, schema_overrides={name: schema[name] for name in columns})
    others = [pl.lit(fixed.get(name), dtype=dtype).alias(name) for name, dtype in schema.items() if name not in columns]
    return FactBatch(edge, rows.with_columns(others).select(list(schema)))
