"""Calls, visits, trips, devices and log-ins as files."""

import csv
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ingest.sandbox.events import Event
from ingest.sandbox.files.calls import write_calls
from ingest.sandbox.files.delivery import Delivery, Writer
from ingest.sandbox.files.devices import write_devices, write_logins
from ingest.sandbox.files.mobility import write_trips, write_visits
from tests.support.small_logs import again, make_delivery

TABLES: dict[str, tuple[Writer, str, Callable[[dict[str, str]], float]]] = {
    "calls.csv": (write_calls, "started_at", lambda row: float(row["duration_s"])),
    "visits.csv": (write_visits, "arrived_at", lambda row: 60 * float(row["minutes"])),
    "trips.csv": (write_trips, "started_at", lambda row: 60 * float(row["minutes"])),
    "devices.jsonl": (write_devices, "first_seen", lambda row: 0),
    "logins.jsonl": (write_logins, "at", lambda row: 0),
}


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return make_delivery(tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def tables(delivery: Delivery, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    folder, found = tmp_path_factory.mktemp("raw"), {}
    for name, (write, _, _) in TABLES.items():
        written = write(delivery, folder / name)
        with (folder / name).open(newline="", encoding="utf-8") as file:
            found[name] = list(csv.DictReader(file)) if name.endswith(".csv") else [json.loads(line) for line in file]
        assert len(found[name]) == written > 50
    return found


@pytest.mark.parametrize("name", TABLES)
def test_nothing_is_recorded_before_it_was_over(tables: dict[str, list[dict[str, str]]], name: str) -> None:
    _, moment, lasted = TABLES[name]
    for row in tables[name]:
        over = datetime.fromisoformat(row[moment]) + timedelta(seconds=lasted(row))
        assert over <= datetime.fromisoformat(row["recorded_at"])


@pytest.mark.parametrize("name", TABLES)
def test_the_same_bytes_twice(delivery: Delivery, tmp_path: Path, name: str) -> None:
    write = TABLES[name][0]
    write(delivery, tmp_path / "first")
    write(again(delivery), tmp_path / "second")

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_call_bears_the_numbers_of_its_month(delivery: Delivery, tables: dict[str, list[dict[str, str]]]) -> None:
    expected = set()
    for month in range(delivery.months):
        calls = delivery.log.read(Event.CALL, month)
        ends = (delivery.identifiers.msisdns(calls[end].to_numpy(), month) for end in ("caller", "callee"))
        expected |= set(zip(*ends, strict=True))

    assert {(row["caller_msisdn"], row["callee_msisdn"]) for row in tables["calls.csv"]} == expected


def test_a_visit_names_its_firm_mostly_and_other_places_never(
    delivery: Delivery, tables: dict[str, list[dict[str, str]]]
) -> None:
    named = np.mean([bool(row["company_id"]) for row in tables["visits.csv"]])
    firms = set(delivery.identifiers.company_ids(np.arange(len(delivery.society.firms))))
    venues = np.concatenate([delivery.log.read(Event.VISIT, m)["venue"].to_numpy() for m in range(delivery.months)])

    assert 0.85 * (venues >= 0).mean() < named < (venues >= 0).mean()
    assert {row["company_id"] for row in tables["visits.csv"] if row["company_id"]} <= firms


def test_every_device_that_logs_in_is_known_since_then(tables: dict[str, list[dict[str, str]]]) -> None:
    first = {row["device_id"]: row["first_seen"] for row in tables["devices.jsonl"]}

    assert all(first[row["device_id"]] <= row["at"] for row in tables["logins.jsonl"])


def test_a_login_bears_the_number_of_the_customer_there(delivery: Delivery, tables: dict[str, list[dict[str, str]]]) -> None:
    """At a lender that is the one applied to within the half hour after."""
    ids, applied = delivery.identifiers, set()
    for month in range(delivery.months):
        log = delivery.log.read(Event.APPLICATION, month)
        log = log.filter(log["applicant"] < len(delivery.society.people))
        applied |= set(ids.customer_ids(ids.lender_position(log["lender"].to_numpy()), log["applicant"].to_numpy()))
    prefix = {"shop": "SHOP-", "bank": "BK"}

    assert {row["channel"] for row in tables["logins.jsonl"]} == {"shop", "bank", "lender"}
    for row in tables["logins.jsonl"]:
        if row["channel"] == "lender":
            assert row["customer_id"] in applied
        else:
            assert row["customer_id"].startswith(prefix[row["channel"]])
