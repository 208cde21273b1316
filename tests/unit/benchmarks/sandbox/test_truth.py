"""The sealed truth meets the right loan, and files that do not belong are refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.sandbox.truth import (
    HALF_A_PATH,
    TruthMismatch,
    calibration_error,
    default_rate,
    join_truth,
    read_sealed,
)
from benchmarks.sandbox.worlds import PEPPER
from gnn.models.calibrate import log_odds_of
from graph.vocabulary import NodeLabel
from tests.support.sandbox_economy import write_sealed


def test_each_example_gets_the_probability_of_its_own_loan(economy, data, truth):
    approved = economy.truth.filter("approved")
    keys = [PEPPER.node_key(NodeLabel.LOAN, "sandbox", loan) for loan in approved["application_id"]]
    chance = dict(zip(keys, approved["p_default_12m"], strict=True))
    person = dict(zip(keys, approved["applicant"], strict=True))
    scored = [data.snapshot.key_of(NodeLabel.LOAN, int(row)) for row in data.examples.loan_rows]
    assert truth.log_odds.tolist() == log_odds_of(np.array([chance[key] for key in scored]), HALF_A_PATH).tolist()
    assert [f"P{number:07d}" for number in truth.person] == [person[key] for key in scored]


def test_labels_are_those_the_sealed_files_state(data, truth):
    over = truth.defaulted >= 0
    assert over.sum() > 100
    assert truth.defaulted[over].tolist() == data.examples.label[over].tolist()


def test_thin_and_ring_are_marks_of_the_person(truth):
    assert set(truth.person[truth.ring].tolist()) <= set(range(6))
    assert truth.thin.tolist() == (truth.person % 5 < 2).tolist()


def test_loan_that_no_sealed_application_names_is_refused(worlds, data):
    sealed = read_sealed(worlds.economy)
    cut = replace(sealed, applications=sealed.applications.head(3))
    with pytest.raises(TruthMismatch, match="loans scored are not in truth"):
        join_truth(cut, data.snapshot, data.examples, PEPPER)


def test_declined_applications_companies_and_open_loans_are_told_apart(economy, tmp_path: Path):
    company = {"application_id": "L01-7", "applicant": "C0000001", "month": 3, "approved": True, "p_default_12m": 0.5}
    with_company = pl.concat([economy.truth, pl.DataFrame([company])], how="diagonal_relaxed")
    write_sealed(tmp_path, replace(economy, truth=with_company))
    sealed = read_sealed(tmp_path)
    approved = economy.truth.filter("approved")
    assert sealed.applications["application_id"].to_list() == approved["application_id"].to_list()
    assert 0 < sealed.applications["defaulted"].null_count() < sealed.applications.height


def test_default_told_before_its_months_are_over_does_not_count(economy, tmp_path: Path):
    write_sealed(tmp_path, economy)
    approved = economy.truth.filter("approved")
    last = approved.filter(pl.col("defaulted_12m").is_null())["month"].min()
    assert approved.filter(pl.col("month") >= last)["defaulted_12m"].drop_nulls().min() == 1
    over = approved.filter(pl.col("month") < last)["defaulted_12m"]
    assert default_rate(read_sealed(tmp_path)) == pytest.approx(over.cast(pl.Float64).mean())
    assert calibration_error(read_sealed(tmp_path))[1] == len(over)


@pytest.mark.parametrize(("yes", "no"), [("true", "false"), ("1", "0"), ("True", "False")])
def test_flags_may_be_written_either_way(economy, tmp_path: Path, yes: str, no: str):
    people = economy.people.with_columns(pl.when("thin").then(pl.lit(yes)).otherwise(pl.lit(no)).alias("thin"))
    write_sealed(tmp_path, replace(economy, people=people))
    assert int(read_sealed(tmp_path).thin.sum()) == int(economy.people["thin"].sum())


def test_adversaries_of_unknown_kinds_are_refused(economy, tmp_path: Path):
    write_sealed(tmp_path, replace(economy, adversaries=economy.adversaries.with_columns(kind=pl.lit("martian"))))
    with pytest.raises(TruthMismatch, match="martian"):
        read_sealed(tmp_path)


def test_adversaries_of_other_known_kinds_alone_make_no_ring(economy, tmp_path: Path):
    write_sealed(tmp_path, replace(economy, adversaries=economy.adversaries.with_columns(kind=pl.lit("bust_out"))))
    assert not read_sealed(tmp_path).ring.any()


def test_economy_without_adversaries_has_no_rings(economy, tmp_path: Path):
    write_sealed(tmp_path, replace(economy, adversaries=economy.adversaries.clear()))
    assert not read_sealed(tmp_path).ring.any()


def test_calibration_error_is_the_gap_between_stated_and_realised(economy, tmp_path: Path):
    truth = economy.truth.filter("approved").with_columns(p_default_12m=pl.lit(0.25), defaulted_12m=pl.lit(0))
    write_sealed(tmp_path, replace(economy, truth=truth))
    assert calibration_error(read_sealed(tmp_path)) == (pytest.approx(0.25), truth.height)


def test_certainty_has_finite_log_odds():
    assert log_odds_of(np.array([0.0, 1.0, 0.5]), 0.01).tolist() == pytest.approx([-np.log(99), np.log(99), 0.0])
