"""Applications, loan tape, guarantees and recommendations say what the log says, in the lenders' words."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ingest.sandbox.events import LOAN_EVENTS, Event, LoanEvent
from ingest.sandbox.files.credit import write_applications, write_guarantees, write_loan_tape, write_referrals
from ingest.sandbox.files.delivery import Delivery
from tests.support.sandbox import make_delivery, table_of

PERSONS, MONTHS = 2_000, 6


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return make_delivery(tmp_path_factory.mktemp("log"), persons=PERSONS, months=MONTHS)


@pytest.fixture(scope="module")
def applications(delivery: Delivery, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return table_of(delivery, write_applications, tmp_path_factory.mktemp("raw") / "applications.csv")


def all_of(delivery: Delivery, kind: Event) -> pl.DataFrame:
    return pl.concat(delivery.log.read(kind, month) for month in range(MONTHS))


def test_every_application_is_told(delivery: Delivery, applications: pl.DataFrame) -> None:
    log = all_of(delivery, Event.APPLICATION)
    expected = delivery.identifiers.loan_ids(log["lender"].to_numpy(), log["loan"].to_numpy())

    assert set(applications["application_id"]) == set(expected)
    assert (applications["application_id"].str.slice(0, 3) == applications["lender_id"]).all()
    first = applications.unique("application_id", keep="first", maintain_order=True)
    assert first["decision"].eq("approved").sum() == log["approved"].sum()
    assert first["amount"].str.replace(".", "", literal=True).cast(pl.Int64).sum() == log["amount"].sum()


def test_a_refusal_names_no_price(applications: pl.DataFrame) -> None:
    refused = applications.filter(pl.col("decision") == "declined")

    assert refused.height > 0
    assert refused["rate_pct"].is_null().all()
    assert applications.filter(pl.col("decision") == "approved")["rate_pct"].str.contains(r"^\d+\.\d\d$").all()


def test_firms_apply_under_their_register_number(applications: pl.DataFrame) -> None:
    firms = applications.filter(pl.col("applicant_kind") == "company")

    assert firms["applicant_id"].str.contains(r"^C\d{7}$").all()
    assert firms.height > 0
    people = applications.filter(pl.col("applicant_kind") == "person")
    assert (people["applicant_id"].str.slice(0, 4) == people["lender_id"] + "-").all()


def test_corrections_change_the_declared_income_alone(delivery: Delivery, applications: pl.DataFrame) -> None:
    twice = applications.unique().filter(pl.len().over("application_id") == 2).sort("application_id", "recorded_at")
    pairs = twice.group_by("application_id", maintain_order=True).agg(pl.all())

    assert pairs.height > 0
    assert (pairs["declared_income"].list.n_unique() == 2).all()
    assert (pairs["amount"].list.n_unique() == 1).all()
    assert (pairs["recorded_at"].list.first() < pairs["recorded_at"].list.last()).all()


def test_the_loan_tape_states_only_what_belongs_to_an_event(delivery: Delivery, tmp_path: Path) -> None:
    tape = table_of(delivery, write_loan_tape, tmp_path / "loan_tape.csv")
    event = pl.col("event")

    assert set(tape["event"]) == {each.value for each in LoanEvent}
    assert tape.filter(event != "paid")["days_late"].is_null().all()
    assert tape.filter(event == "paid")["days_late"].is_not_null().all()
    assert tape.filter(event != "disbursed")["iban"].is_null().all()
    assert tape.filter(event == "disbursed")["iban"].str.contains(r"^DE\d{20}$").all()
    assert tape.filter(event.is_in(["due", "paid", "missed"]))["instalment"].is_not_null().all()


def test_loans_go_by_the_id_of_their_application(delivery: Delivery, applications: pl.DataFrame, tmp_path: Path) -> None:
    tape = table_of(delivery, write_loan_tape, tmp_path / "loan_tape.csv")
    guarantees = table_of(delivery, write_guarantees, tmp_path / "guarantees.csv")
    asked = set(applications["application_id"])

    assert set(tape["loan_id"]) <= asked
    assert set(guarantees["application_id"]) <= asked
    assert (guarantees["guarantor_id"].str.slice(0, 3) == guarantees["application_id"].str.slice(0, 3)).all()


def test_an_instalment_due_ahead_is_recorded_when_due(delivery: Delivery, tmp_path: Path) -> None:
    log = delivery.log.read(Event.LOAN, 0)
    ahead = log.head(1).with_columns(
        second=pl.lit(200 * 86_400, pl.Int32), kind=pl.lit(LOAN_EVENTS.index(LoanEvent.DUE), pl.Int8), loan=pl.lit(1, pl.Int32)
    )
    delivery.log.write(Event.LOAN, 0, pl.concat([log, ahead]).to_dict())
    try:
        tape = table_of(delivery, write_loan_tape, tmp_path / "loan_tape.csv")
    finally:
        delivery.log.write(Event.LOAN, 0, log.to_dict())

    late = tape.filter(pl.col("event_at").str.starts_with("2022-07-20"))
    assert late.height == 1
    assert (late["recorded_at"] > late["event_at"]).all()


def test_who_recommends_and_is_recommended_are_customers_of_the_lender(delivery: Delivery, tmp_path: Path) -> None:
    referrals = table_of(delivery, write_referrals, tmp_path / "referrals.csv")
    log = all_of(delivery, Event.REFERRAL)

    assert referrals["referral_id"].n_unique() == log.height
    for column in ("referrer_id", "referred_id"):
        assert (referrals[column].str.slice(0, 3) == referrals["lender_id"]).all()


def test_months_without_events_leave_a_header(delivery: Delivery, tmp_path: Path) -> None:
    empty = Delivery(delivery.scale, delivery.society, type(delivery.log)(tmp_path / "nothing"), MONTHS)

    for writer in (write_applications, write_loan_tape, write_guarantees, write_referrals):
        assert table_of(empty, writer, tmp_path / "empty.csv").height == 0


def test_a_writer_that_fails_leaves_nothing_behind(delivery: Delivery, tmp_path: Path) -> None:
    log = delivery.log.read(Event.APPLICATION, 0)
    broken = type(delivery.log)(tmp_path / "broken")
    broken.write(Event.APPLICATION, 0, log.with_columns(loan=pl.lit(-1, pl.Int32)).to_dict())
    path = tmp_path / "raw" / "applications.csv"

    with pytest.raises(AssertionError):
        write_applications(Delivery(delivery.scale, delivery.society, broken, 1), path)

    assert list(path.parent.iterdir()) == []
    assert np.all([child.suffix != ".part" for child in tmp_path.rglob("*")])
