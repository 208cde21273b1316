"""What holds for every file of registers, lenders and billers: its columns, the order of its times, its dirt, no leak."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ingest.sandbox.files.catalogue import REGISTER_FILES
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.files.dirt import DUPLICATED_SHARE, LATE_SHARE
from tests.support.sandbox import make_delivery, table_of

PERSONS = 4_000
COLUMNS = {
    "documents.csv": "customer_id,document_kind,document_country,document_no,checked_on,recorded_at",
    "customers.csv": "customer_id,institution,full_name,birth_date,phone,email,recorded_at",
    "addresses.csv": "customer_id,street,postcode,city,cell_lat,cell_lon,valid_from,recorded_at",
    "subscribers.csv": "msisdn,customer_id,active_from,recorded_at",
    "memberships.csv": "community_id,community_kind,customer_id,joined_on,recorded_at",
    "accounts.csv": "iban,bank_id,customer_id,role,account_kind,opened_on,recorded_at",
    "bills.csv": "bill_id,biller_id,kind,customer_id,issued_on,due_on,amount,currency,paid_on,recorded_at",
    "employment.csv": "job_id,customer_id,company_id,event,on,salary,currency,recorded_at",
    "companies.csv": "company_id,name,legal_form,nace_section,registered_on,cell_lat,cell_lon,recorded_at",
    "ownership.csv": "owner_kind,owner_id,owned_kind,owned_id,share_pct,since,recorded_at",
    "invoices.csv": "invoice_id,supplier_id,buyer_id,issued_on,due_on,amount,currency,paid_on,recorded_at",
    "guarantees.csv": "application_id,guarantor_id,amount,currency,signed_at,recorded_at",
    "referrals.csv": "referral_id,lender_id,referrer_id,referred_id,referred_at,recorded_at",
    "watchlists.csv": "list,full_name,birth_date,document_no,listed_on,recorded_at",
    "applications.csv": "application_id,lender_id,applicant_kind,applicant_id,applied_at,amount,currency,term_months,purpose,"
    "declared_income,decision,decided_at,rate_pct,instalment,recorded_at",
    "loan_tape.csv": "loan_id,borrower_kind,borrower_id,event,instalment,event_at,amount,currency,days_late,iban,recorded_at",
    "investors_ledger.csv": "entry_id,platform_id,investor_id,kind,amount,currency,booked_at,payer_iban,payee_iban,recorded_at",
    "consents.csv": "consent_id,customer_id,family,purpose,action,at,recorded_at",
}
DAYS = ("checked_on", "birth_date", "valid_from", "active_from", "joined_on", "opened_on", "issued_on", "due_on")
DAYS = (*DAYS, "paid_on", "on", "registered_on", "since", "listed_on")
INSTANTS = ("signed_at", "referred_at", "applied_at", "decided_at", "event_at", "booked_at", "at", "recorded_at")
PERSON_COLUMNS = (
    "customer_id",
    "owner_id",
    "guarantor_id",
    "referrer_id",
    "referred_id",
    "applicant_id",
    "borrower_id",
    "investor_id",
)


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return make_delivery(tmp_path_factory.mktemp("log"), persons=PERSONS, months=8, a_month=600)


@pytest.fixture(scope="module")
def raw(delivery: Delivery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    for name, writer in REGISTER_FILES.items():
        table_of(delivery, writer, folder / name)
    return folder


@pytest.fixture(scope="module")
def persons(delivery: Delivery) -> pl.DataFrame:
    """Person by customer id: what the sealed files hold and no raw file may show."""
    ids, everyone = delivery.identifiers, np.arange(PERSONS)
    pieces = [pl.DataFrame({"id": ids.customer_ids(name, everyone), "person": everyone}) for name in ids.institutions]
    return pl.concat(pieces)


def read(raw: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(raw / name, infer_schema=False)


def test_the_catalogue_is_the_contract() -> None:
    assert set(REGISTER_FILES) == set(COLUMNS)


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_the_declared_ones(raw: Path, name: str) -> None:
    assert (raw / name).read_text(encoding="utf-8").split("\n", 1)[0] == COLUMNS[name]
    assert read(raw, name).height > 0


@pytest.mark.parametrize("name", COLUMNS)
def test_nothing_is_recorded_before_it_happened(raw: Path, name: str) -> None:
    table = read(raw, name)
    recorded = table["recorded_at"].str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=True)

    checked = 0
    for column in set(table.columns) & set(INSTANTS) - {"recorded_at"}:
        assert (recorded >= table[column].str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=True)).all(), column
        checked += 1
    for column in set(table.columns) & set(DAYS):
        # a bare date has happened when its day is over
        over = table[column].str.to_date("%Y-%m-%d", strict=True).dt.offset_by("1d").cast(pl.Datetime)
        assert (recorded >= over).all(), column
        checked += 1
    assert checked or name in ("customers.csv",)


@pytest.mark.parametrize("name", COLUMNS)
def test_every_time_and_amount_is_spelled_as_agreed(raw: Path, name: str) -> None:
    table = read(raw, name)

    for column in set(table.columns) & {"amount", "salary", "declared_income", "instalment"} - (
        {"instalment"} if "tape" in name else set()
    ):
        assert table[column].drop_nulls().str.contains(r"^\d+\.\d\d$").all(), column
    for column in set(table.columns) & {"cell_lat", "cell_lon"}:
        assert table[column].str.contains(r"^\d+\.\d$").all(), column
    assert table["recorded_at"].is_not_null().all()


@pytest.mark.parametrize("name", COLUMNS)
def test_the_same_economy_writes_the_same_bytes(delivery: Delivery, raw: Path, name: str, tmp_path: Path) -> None:
    again = Delivery(delivery.scale, delivery.society, delivery.log, delivery.months)

    REGISTER_FILES[name](again, tmp_path / name)

    assert (tmp_path / name).read_bytes() == (raw / name).read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    "name", [name for name in COLUMNS if name not in ("watchlists.csv", "ownership.csv", "companies.csv", "referrals.csv")]
)
def test_rows_are_repeated_word_for_word_at_the_declared_rate(raw: Path, name: str) -> None:
    table = read(raw, name)

    repeated = table.height / table.unique().height - 1

    assert repeated == pytest.approx(DUPLICATED_SHARE, abs=4 * (DUPLICATED_SHARE / table.height) ** 0.5)


@pytest.mark.parametrize("name", ["applications.csv", "loan_tape.csv", "investors_ledger.csv", "employment.csv"])
def test_rows_are_late_at_the_declared_rate(raw: Path, name: str) -> None:
    table = read(raw, name).unique()
    column = {"applications.csv": "decided_at", "employment.csv": "on"}.get(name)
    column = column or next(each for each in ("event_at", "booked_at") if each in table.columns)
    moment = table[column].str.slice(0, 10).str.to_date()
    delay = (table["recorded_at"].str.slice(0, 10).str.to_date() - moment).dt.total_days()

    assert (delay > 2).mean() == pytest.approx(LATE_SHARE, abs=0.012)


@pytest.mark.parametrize("name", [name for name in COLUMNS if name not in ("companies.csv", "watchlists.csv", "invoices.csv")])
def test_neither_ids_nor_the_order_of_rows_show_who_is_who(raw: Path, persons: pl.DataFrame, name: str) -> None:
    table = read(raw, name).with_row_index("place")
    column = next(each for each in PERSON_COLUMNS if each in table.columns)
    known = table.join(persons, left_on=column, right_on="id").unique(column, keep="first")
    number = known[column].str.slice(-8).cast(pl.Int64)
    bound = max(0.05, 3 / known.height**0.5)

    assert known.height > 20
    assert abs(rank_correlation(number, known["person"])) < bound
    # places within the part of one institution
    parts = known.group_by(pl.col(column).str.extract(r"^(\w+)-"), maintain_order=True)
    for _, part in parts:
        if part.height > 20:
            assert abs(rank_correlation(part["place"], part["person"])) < max(0.05, 4 / part.height**0.5)


def rank_correlation(one: pl.Series, other: pl.Series) -> float:
    return float(np.corrcoef(one.rank().to_numpy(), other.rank().to_numpy())[0, 1])


@pytest.mark.parametrize("name", COLUMNS)
def test_no_file_holds_a_hidden_number_or_a_mark(raw: Path, name: str) -> None:
    """Hidden traits and probabilities are fractions of many digits; nothing in these files has more than two."""
    table = read(raw, name)
    kinds = ("kind", "event", "decision", "list", "action", "purpose", "family", "role", "account_kind", "community_kind")
    marks = ("synthetic", "bust", "ring", "ponzi", "stacker", "circler", "faker", "misuse")

    assert re.search(r"\d\.\d{3,}", (raw / name).read_text(encoding="utf-8")) is None
    for column in set(kinds) & set(table.columns):
        assert not set(marks) & set(table[column]), column


def test_no_document_comes_late(raw: Path) -> None:
    table = read(raw, "documents.csv")
    recorded, checked = (table[name].str.slice(0, 10).str.to_date() for name in ("recorded_at", "checked_on"))

    assert (recorded - checked).dt.total_days().max() <= 3
