"""Bills, jobs, lists, consents, accounts and the investors' ledger say what the society and the log say."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from graph.vocabulary import Family
from ingest.sandbox.accounts import shown_accounts
from ingest.sandbox.events import Event
from ingest.sandbox.files.bank_accounts import write_accounts
from ingest.sandbox.files.bills import write_bills, write_invoices
from ingest.sandbox.files.companies import write_companies, write_ownership
from ingest.sandbox.files.consents import write_consents
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.files.investors import write_investors_ledger
from ingest.sandbox.files.watchlists import write_watchlists
from ingest.sandbox.files.work import write_employment
from ingest.sandbox.society import Coverage, Sector
from tests.support.sandbox import make_delivery, table_of

PERSONS, MONTHS = 4_000, 8


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return make_delivery(tmp_path_factory.mktemp("log"), persons=PERSONS, months=MONTHS, a_month=500)


def all_of(delivery: Delivery, kind: Event) -> pl.DataFrame:
    return pl.concat(delivery.log.read(kind, month) for month in range(MONTHS))


def covered(delivery: Delivery, bit: Coverage) -> pl.Series:
    return pl.Series(np.flatnonzero(delivery.society.people.coverage & bit), dtype=pl.Int32)


def test_bills_are_of_covered_persons_and_unpaid_ones_come_late(delivery: Delivery, tmp_path: Path) -> None:
    bills = table_of(delivery, write_bills, tmp_path / "bills.csv").unique()
    log = all_of(delivery, Event.BILL).filter(pl.col("person").is_in(covered(delivery, Coverage.UTILITY).implode()))
    unpaid = bills.filter(pl.col("paid_on").is_null())
    wait = unpaid["recorded_at"].str.slice(0, 10).str.to_date() - unpaid["due_on"].str.to_date()

    assert bills["bill_id"].n_unique() == pytest.approx(log.height, rel=0.03)
    assert unpaid.height / bills.height == pytest.approx(log["unpaid"].mean(), abs=0.02)
    assert (wait.dt.total_days() > 60).all()
    assert (bills["issued_on"] <= bills["due_on"]).all()
    paid = bills.drop_nulls("paid_on")
    assert (paid["paid_on"] >= paid["issued_on"]).all()


def test_invoices_keep_their_payment_day(delivery: Delivery, tmp_path: Path) -> None:
    invoices = table_of(delivery, write_invoices, tmp_path / "invoices.csv").unique("invoice_id")
    log = all_of(delivery, Event.INVOICE)
    days = (invoices["paid_on"].str.to_date() - invoices["issued_on"].str.to_date()).dt.total_days().drop_nulls()

    assert days.mean() == pytest.approx(log.filter(pl.col("days_to_pay") >= 0)["days_to_pay"].mean(), rel=0.03)
    assert invoices["paid_on"].is_null().mean() == pytest.approx((log["days_to_pay"] < 0).mean(), abs=0.01)


def test_jobs_begin_and_end_under_one_id(delivery: Delivery, tmp_path: Path) -> None:
    jobs = table_of(delivery, write_employment, tmp_path / "employment.csv").unique()

    assert jobs.filter(pl.col("event") == "ended")["salary"].is_null().all()
    assert (jobs["salary"].is_null() == jobs["currency"].is_null()).all()
    same = jobs.group_by("job_id").agg(pl.col("customer_id", "company_id").n_unique())
    assert same.select(pl.max_horizontal("customer_id", "company_id").max()).item() == 1
    assert jobs.select("customer_id", "company_id").n_unique() == jobs["job_id"].n_unique()


def test_jobs_held_before_the_first_month_were_recorded_then(delivery: Delivery, tmp_path: Path) -> None:
    log = delivery.log.read(Event.JOB, 0)
    held = log.with_columns(second=pl.lit(-1_000 * 86_400, pl.Int32), started=True)
    delivery.log.write(Event.JOB, 0, held.to_dict())
    try:
        jobs = table_of(delivery, write_employment, tmp_path / "employment.csv")
    finally:
        delivery.log.write(Event.JOB, 0, log.to_dict())

    old = jobs.filter(pl.col("on") < "2020-01-01")
    assert old.height > 100
    assert (old["recorded_at"] < "2022-01-01").all()


def test_accounts_are_those_whose_statements_are_delivered(delivery: Delivery, tmp_path: Path) -> None:
    accounts = table_of(delivery, write_accounts, tmp_path / "accounts.csv").unique()
    shown = np.flatnonzero(shown_accounts(delivery.society, delivery.draws))

    assert set(accounts["iban"]) == set(delivery.identifiers.ibans(shown))
    assert accounts.filter(pl.col("account_kind") == "business")["customer_id"].str.contains(r"^C\d{7}$").all()
    people = accounts.filter(pl.col("account_kind") == "current")
    assert (people["customer_id"].str.slice(0, 3) == people["bank_id"]).all()


def test_owners_are_customers_of_the_register(delivery: Delivery, tmp_path: Path) -> None:
    ownership = table_of(delivery, write_ownership, tmp_path / "ownership.csv").unique()
    known = delivery.identifiers.customer_ids("REG", delivery.known.relations("REG").persons)

    assert set(ownership["owner_id"]) == set(known)
    assert ownership.filter(pl.col("owned_kind") == "lender").height == delivery.society.lenders.is_platform.sum()


def test_shells_are_registered_like_other_services(delivery: Delivery, tmp_path: Path) -> None:
    companies = table_of(delivery, write_companies, tmp_path / "companies.csv").unique()
    sector = delivery.society.firms.sector
    by_id = {kind: delivery.identifiers.company_ids(np.flatnonzero(sector == kind)) for kind in (Sector.SHELL, Sector.SERVICES)}

    shell, service = (companies.filter(pl.col("company_id").is_in(ids.implode())) for ids in by_id.values())

    assert set(shell["nace_section"]) == set(service["nace_section"])
    trade = r"(Gebäudereinigung|Beratung|IT-Dienste|Projekt)"
    assert shell["name"].str.contains(trade).all()
    assert service["name"].str.contains(trade).all()


def test_lists_are_mostly_of_people_who_did_nothing(delivery: Delivery, tmp_path: Path) -> None:
    listed = table_of(delivery, write_watchlists, tmp_path / "watchlists.csv").unique()
    people = np.arange(PERSONS)
    someone = pl.DataFrame(
        {"full_name": delivery.identifiers.full_names(people), "birth_date": delivery.identifiers.birth_dates(people)}
    )

    meant = listed.join(someone, on=["full_name", "birth_date"], how="semi")

    assert set(listed["list"]) == {"sanctions", "fraud_register", "insolvency"}
    namesakes = listed.filter(pl.col("list") != "insolvency").height - meant.filter(pl.col("list") != "insolvency").height
    assert namesakes > 0
    assert meant.filter(pl.col("list") == "insolvency").height > meant.filter(pl.col("list") == "fraud_register").height
    assert listed.filter(pl.col("list") == "sanctions")["document_no"].is_null().all()
    assert listed["document_no"].is_not_null().any()


def test_consents_follow_the_bits_and_a_few_are_taken_back(delivery: Delivery, tmp_path: Path) -> None:
    consents = table_of(delivery, write_consents, tmp_path / "consents.csv").unique()
    granted = consents.filter(pl.col("action") == "granted")
    bits = delivery.society.people.consented
    known = np.zeros(PERSONS, np.bool_)
    for institution in delivery.identifiers.institutions:
        known[delivery.known.relations(institution).persons] = True

    by_family = dict(granted["family"].value_counts().iter_rows())

    assert by_family == {family.value: int(((bits >> bit & 1) & known).sum()) for bit, family in enumerate(Family)}
    revoked = consents.filter(pl.col("action") == "revoked")
    assert revoked.height / granted.height == pytest.approx(0.02, abs=0.005)
    both = revoked.join(granted, on=["customer_id", "family"], suffix="_granted")
    assert both.height == revoked.height
    assert (both["at"] > both["at_granted"]).all()


def test_the_ledger_names_investors_as_customers_of_the_platform(delivery: Delivery, tmp_path: Path) -> None:
    ledger = table_of(delivery, write_investors_ledger, tmp_path / "investors_ledger.csv").unique()
    log = all_of(delivery, Event.LEDGER)

    assert ledger.height == log.height
    named = ledger.drop_nulls("investor_id")
    assert named.height == (log["investor"] >= 0).sum()
    assert (named["investor_id"].str.slice(0, 3) == named["platform_id"]).all()
    assert set(ledger["kind"]) == {"deposit", "lent", "collected", "paid_out", "fee", "moved"}
