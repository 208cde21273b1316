"""An economy that turns is the calm one, loan for loan, until the turn, and a worse one after it."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from benchmarks.model.turning import write_turning
from ingest.sandbox.generate import write_sandbox
from ingest.sandbox.knobs import Knobs, Scale

MONTHS, TURN = 14, 8
CALM = Scale(1_200, MONTHS, 7, Knobs())
TURNED = replace(CALM, knobs=Knobs(drift=3.0))
PATHS = 20


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Truth of persons in the calm and in the turning economy."""
    calm, turned = tmp_path_factory.mktemp("calm"), tmp_path_factory.mktemp("turned")
    write_sandbox(calm, CALM, workers=1, paths=PATHS)
    write_turning(turned, TURNED, turn=TURN, workers=1, paths=PATHS)
    return _persons(calm), _persons(turned)


def _persons(out: Path) -> pl.DataFrame:
    truth = pl.read_csv(out / "sealed" / "truth.csv", infer_schema=False)
    told = truth.filter(pl.col("applicant").str.starts_with("P"))
    return told.with_columns(pl.col("month").cast(pl.Int64), pl.col("p_default_12m").cast(pl.Float64))


def test_until_the_turn_nothing_tells_of_it(sealed: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    calm, turned = (one.filter(pl.col("month") < TURN).drop("defaulted_12m") for one in sealed)
    assert len(calm) > 100
    assert calm.equals(turned)  # who applied, who was granted, and the probability as if nothing were to come


def test_from_the_turn_on_loans_are_likelier_to_go_bad(sealed: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    calm, turned = (one.filter((pl.col("month") >= TURN) & (pl.col("approved") == "1"))["p_default_12m"] for one in sealed)
    assert turned.mean() > 1.2 * calm.mean()
