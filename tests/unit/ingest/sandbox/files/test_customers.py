"""Customers, documents, addresses and numbers: who is known where, what changed, what lacks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ingest.sandbox.events import Event, month_start
from ingest.sandbox.files.addresses import write_addresses
from ingest.sandbox.files.customers import write_customers, write_documents, write_subscribers
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.identifiers import REGISTERS
from ingest.sandbox.society import Coverage
from tests.support.sandbox import make_delivery, table_of

PERSONS, MONTHS = 4_000, 8
FILES_OF_IDENTITY = ("documents", "customers", "addresses")


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return make_delivery(tmp_path_factory.mktemp("log"), persons=PERSONS, months=MONTHS, a_month=500)


@pytest.fixture(scope="module")
def customers(delivery: Delivery, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return table_of(delivery, write_customers, tmp_path_factory.mktemp("raw") / "customers.csv")


def ids_of(delivery: Delivery, institution: str, known: np.ndarray) -> set[str]:
    return set(delivery.identifiers.customer_ids(institution, np.flatnonzero(known)))


@pytest.mark.parametrize(
    ("institution", "bits"),
    [
        ("PAY", Coverage.PAYROLL),
        ("UTL", Coverage.UTILITY),
        ("COM", Coverage.COMMUNITY),
        ("MAP", Coverage.MOBILITY),
        ("SHOP", Coverage.SHOP | Coverage.DEVICES),
    ],
)
def test_registers_know_whom_they_cover(delivery: Delivery, customers: pl.DataFrame, institution: str, bits: Coverage) -> None:
    written = customers.filter(pl.col("institution") == institution)

    assert set(written["customer_id"]) == ids_of(delivery, institution, (delivery.society.people.coverage & bits) != 0)
    assert (written.filter(pl.col("phone").is_null()).height / written.height) == pytest.approx(0.06, abs=0.02)


def test_lenders_know_who_came_to_them_and_since_then(delivery: Delivery, customers: pl.DataFrame) -> None:
    applied = pl.concat(
        delivery.log.read(Event.APPLICATION, month).with_columns(
            at=pl.col("second").cast(pl.Int64) + int(month_start(month).timestamp())
        )
        for month in range(MONTHS)
    ).filter(pl.col("applicant") < PERSONS)
    first = applied.group_by("lender", "applicant").agg(pl.col("at").min())
    applicants = delivery.identifiers.customer_ids(
        delivery.identifiers.lender_position(first["lender"].to_numpy()), first["applicant"].to_numpy()
    )
    written = customers.filter(~pl.col("institution").is_in(REGISTERS)).group_by("customer_id").agg(pl.col("recorded_at").min())

    found = first.with_columns(customer_id=applicants).join(written, on="customer_id", how="left")

    assert found["recorded_at"].is_not_null().all()
    before = found["at"] - found["recorded_at"].str.to_datetime("%Y-%m-%dT%H:%M:%SZ").dt.epoch("s")
    assert before.min() > 0
    assert 0.5 < (before <= 30 * 3_600).mean() < 1, "some were guarantors or recommended someone before"
    assert set(written["customer_id"]) > set(applicants)


@pytest.mark.parametrize(
    ("write", "least"), [(write_documents, 0.9), (write_customers, 1), (write_addresses, 1)], ids=FILES_OF_IDENTITY
)
def test_lenders_write_down_who_someone_is_before_the_first_contact(
    delivery: Delivery, tmp_path: Path, write: Callable[[Delivery, Path], int], least: float
) -> None:
    first = table_of(delivery, write, tmp_path / "table.csv").group_by("customer_id").agg(pl.col("recorded_at").min())
    for institution in set(delivery.identifiers.institutions) - set(REGISTERS):
        book = delivery.known.relations(institution)
        times = pl.DataFrame({"since": book.since, "met": book.met}).with_columns(
            customer_id=delivery.identifiers.customer_ids(institution, book.persons),
        )
        found = times.join(first, on="customer_id").with_columns(
            at=pl.col("recorded_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ").dt.epoch("s")
        )
        assert ((found["since"] <= found["at"]) & (found["at"] < found["met"])).all()
        assert found.height >= least * times.height
        assert (times["met"] - times["since"]).is_between(3_600, 30 * 3_600).all()


def test_a_changed_phone_is_a_further_row(delivery: Delivery, customers: pl.DataFrame) -> None:
    phones = customers.unique().drop_nulls("phone").group_by("customer_id").agg(pl.col("phone").n_unique())
    changed = delivery.identifiers.phone_changed_months(np.arange(PERSONS)) < MONTHS

    assert phones["phone"].max() == 2
    heard = ids_of(delivery, "SHOP", changed) & set(phones.filter(pl.col("phone") == 2)["customer_id"])
    known = ids_of(delivery, "SHOP", changed) & set(phones["customer_id"])
    assert 0.4 < len(heard) / len(known) < 0.8


def test_names_are_mistyped_seldom_and_righted_sometimes(delivery: Delivery, customers: pl.DataFrame) -> None:
    people = np.arange(PERSONS)
    truth = pl.DataFrame(
        {"customer_id": delivery.identifiers.customer_ids("SHOP", people), "true": delivery.identifiers.full_names(people)}
    )
    shop = customers.join(truth, on="customer_id")
    wrong = shop.filter(pl.col("full_name") != pl.col("true"))["customer_id"].unique()

    righted = shop.filter(pl.col("customer_id").is_in(wrong.implode()) & (pl.col("full_name") == pl.col("true")))

    assert len(wrong) / shop["customer_id"].n_unique() == pytest.approx(0.03, abs=0.01)
    assert 0.1 < righted["customer_id"].n_unique() / len(wrong) < 0.6


def test_documents_join_a_persons_customer_numbers(delivery: Delivery, tmp_path: Path) -> None:
    documents = table_of(delivery, write_documents, tmp_path / "documents.csv").unique("customer_id")
    book = {name: len(delivery.known.relations(name).persons) for name in delivery.identifiers.institutions}
    true = delivery.identifiers.documents(np.arange(PERSONS))["document_no"]

    assert 1 - documents.height / sum(book.values()) == pytest.approx(0.04, abs=0.01)
    assert 1 - documents["document_no"].is_in(true.implode()).mean() == pytest.approx(0.004, abs=0.003)
    assert documents["document_no"].n_unique() < 1.2 * PERSONS
    assert set(documents.filter(pl.col("document_kind") != "passport")["document_country"]) == {"DE"}


def test_moves_are_told_and_new_relations_begin_at_the_new_home(delivery: Delivery, tmp_path: Path) -> None:
    addresses = table_of(delivery, write_addresses, tmp_path / "addresses.csv").unique()
    ids, people = delivery.identifiers, delivery.society.people
    moves = pl.concat(delivery.log.read(Event.MOVE, month) for month in range(MONTHS))
    stayed = np.setdiff1d(np.flatnonzero(people.coverage & Coverage.PAYROLL), moves["person"].to_numpy())
    lines = ids.places.addresses(people.home[stayed]).with_columns(customer_id=ids.customer_ids("PAY", stayed))
    begun = f"{month_start(0):%Y-%m-%d}"

    settled = addresses.join(lines.select("customer_id"), on="customer_id", how="semi")
    moved = addresses.filter(pl.col("valid_from") >= begun)

    assert settled.select(lines.columns).sort("customer_id").equals(lines.select(lines.columns).sort("customer_id"))
    assert moved["customer_id"].str.slice(0, 1).is_in(["L"]).any(), "a lender met someone after a move"
    assert (addresses["valid_from"] < addresses["recorded_at"].str.slice(0, 10)).all()
    known = addresses.filter(pl.col("customer_id").str.starts_with("PAY"))["customer_id"].value_counts()
    assert known["count"].max() > 1


def test_most_persons_are_subscribers_and_callers_always(delivery: Delivery, tmp_path: Path) -> None:
    table = table_of(delivery, write_subscribers, tmp_path / "subscribers.csv").unique()
    callers = (delivery.society.people.coverage & (Coverage.TELECOM | Coverage.ADDRESS_BOOK)) != 0

    owners = table["customer_id"].n_unique()

    assert owners / PERSONS == pytest.approx(0.85, abs=0.02)
    assert ids_of(delivery, "TEL", callers) <= set(table["customer_id"])
    numbers = table.filter(pl.col("customer_id").is_in(pl.Series(sorted(ids_of(delivery, "TEL", callers))).implode()))["msisdn"]
    assert set(delivery.identifiers.msisdns(np.flatnonzero(callers), 0)) <= set(numbers)
