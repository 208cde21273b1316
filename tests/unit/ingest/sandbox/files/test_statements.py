"""Bank statements add up, in both formats, and an account is in one of them."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from ingest.sandbox.accounts import BANKS
from ingest.sandbox.events import PURPOSES, Event, Purpose
from ingest.sandbox.files import dirt
from ingest.sandbox.files.booking import account_names, camt_accounts, read_entries
from ingest.sandbox.files.camt053 import NAMESPACE, write_camt053
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.files.statements import write_statements
from ingest.sandbox.files.wording import purpose_codes, remittances
from tests.support.small_logs import again, make_delivery
from tests.support.small_society import with_coverage

IN = {"d": NAMESPACE}


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return make_delivery(tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def rows(delivery: Delivery, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    path = tmp_path_factory.mktemp("raw") / "statements.csv"
    written = write_statements(delivery, path)
    with path.open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert len(found) == written > 1_000
    return found


@pytest.fixture(scope="module")
def document(delivery: Delivery, tmp_path_factory: pytest.TempPathFactory) -> ElementTree.Element:
    path = tmp_path_factory.mktemp("raw") / "statements_camt053.xml"
    assert write_camt053(delivery, path) > 50
    return ElementTree.parse(path).getroot()


def signed(element: ElementTree.Element) -> Decimal:
    sign = -1 if element.findtext("d:CdtDbtInd", namespaces=IN) == "DBIT" else 1
    return sign * Decimal(element.findtext("d:Amt", namespaces=IN) or "")


def test_an_account_s_entries_add_up_to_its_next_opening_balance(delivery: Delivery) -> None:
    for month in range(delivery.months - 1):
        opening = dict(delivery.log.read(Event.BALANCE, month).iter_rows())
        entries = pl.concat(read_entries(delivery, month, bank) for bank in range(BANKS))
        for account, amount in zip(entries["account"], entries["amount"], strict=True):
            opening[account] += amount
        assert opening == dict(delivery.log.read(Event.BALANCE, month + 1).iter_rows())


def test_each_balance_follows_from_the_one_before(rows: list[dict[str, str]]) -> None:
    seen, last, steps = set(), {}, 0
    for row in rows:
        if row["entry_id"] in seen:
            continue  # delivered twice
        seen.add(row["entry_id"])
        key = (row["iban"], row["booked_at"][:7])
        if key in last:
            assert last[key] + Decimal(row["amount"]) == Decimal(row["balance_after"])
            steps += 1
        last[key] = Decimal(row["balance_after"])
    assert steps > 500


def test_both_sides_of_a_payment_have_an_entry_of_their_own(delivery: Delivery) -> None:
    entries = pl.concat(read_entries(delivery, 0, bank) for bank in range(BANKS))
    both = entries.filter(entries["payment"].is_duplicated()).sort("payment", "amount")
    paid, got = both[::2], both[1::2]

    assert paid.height > 50
    assert (paid["amount"] == -got["amount"]).all()
    assert (paid["account"] == got["counterparty"]).all()


def test_entry_ids_are_unique_but_for_rows_delivered_twice(rows: list[dict[str, str]]) -> None:
    by_id = defaultdict(set)
    for row in rows:
        by_id[row["entry_id"]].add(tuple(row.values()))

    assert all(len(same) == 1 for same in by_id.values())
    assert len(rows) - len(by_id) < 3 * dirt.DUPLICATED_SHARE * len(rows)


def test_nothing_is_recorded_before_the_day_after(rows: list[dict[str, str]]) -> None:
    assert all(row["recorded_at"][:10] > row["booked_at"][:10] for row in rows)


def test_an_account_is_in_one_format_alone(
    delivery: Delivery, rows: list[dict[str, str]], document: ElementTree.Element
) -> None:
    sample = camt_accounts(delivery)
    in_xml = {element.text for element in document.iterfind(".//d:Acct/d:Id/d:IBAN", IN)}

    assert len(sample) == len(delivery.society.people) // 30  # a tenth of a third
    assert in_xml == set(delivery.identifiers.ibans(sample))
    assert not in_xml & {row["iban"] for row in rows}


def test_camt_balances_add_up(document: ElementTree.Element) -> None:
    statements = document.findall("d:BkToCstmrStmt/d:Stmt", IN)
    for statement in statements:
        kind = {b.findtext("d:Tp/d:CdOrPrtry/d:Cd", namespaces=IN): signed(b) for b in statement.iterfind("d:Bal", IN)}
        assert kind["OPBD"] + sum(signed(entry) for entry in statement.iterfind("d:Ntry", IN)) == kind["CLBD"]
    assert len(statements) > 60


def test_camt_is_made_after_what_it_tells(document: ElementTree.Element) -> None:
    header = document.findtext("d:BkToCstmrStmt/d:GrpHdr/d:CreDtTm", namespaces=IN) or ""
    for statement in document.iterfind("d:BkToCstmrStmt/d:Stmt", IN):
        made = statement.findtext("d:CreDtTm", namespaces=IN) or ""
        booked = [element.text or "" for element in statement.iterfind("d:Ntry/d:BookgDt/d:DtTm", IN)]
        assert max(booked, default="") < (statement.findtext("d:FrToDt/d:ToDtTm", namespaces=IN) or "") < made <= header


def test_names_with_markup_in_them_survive(delivery: Delivery, document: ElementTree.Element) -> None:
    names = {element.text for element in document.iterfind(".//d:RltdPties/*/d:Pty/d:Nm", IN)}
    lines = {element.text for element in document.iterfind(".//d:RmtInf/d:Ustrd", IN)}

    assert any("&" in (name or "") for name in names)
    assert "Verrechnung <intern>" in lines


def test_no_statement_says_that_a_transfer_is_a_sham(delivery: Delivery) -> None:
    alike = [PURPOSES.index(p) for p in (Purpose.SUPPORT, Purpose.CIRCLE, Purpose.PASSED_ON, Purpose.KICKBACK)]
    row = np.arange(500, dtype=np.int64)
    lines = [remittances(delivery.draws, np.full(500, purpose), row, 1).to_list() for purpose in alike]

    assert purpose_codes(np.array(alike)).null_count() == len(alike)
    assert all(line == lines[0] for line in lines)
    assert len(set(lines[0])) > 3


def test_every_kind_of_account_has_a_name(delivery: Delivery) -> None:
    accounts = delivery.identifiers.accounts
    numbers = np.array([accounts.state, 0, accounts.custody(1), accounts.firm(2), accounts.lender(1)])
    names = account_names(delivery.identifiers, numbers).to_list()
    ids = delivery.identifiers

    assert names[1] == ids.full_names(np.array([0]))[0]
    assert names[3] == ids.company_names(np.array([2]))[0]
    lender = ids.lender_ids(np.array([1]))[0]
    assert names[0] == "Bundeskasse"
    assert [names[2], names[4]] == [f"Treuhandkonto {lender}", f"Kreditkasse {lender}"]


def test_the_same_bytes_twice(delivery: Delivery, tmp_path: Path) -> None:
    for write in (write_statements, write_camt053):
        write(delivery, tmp_path / "first")
        write(again(delivery), tmp_path / "second")
        assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_society_without_covered_accounts_has_no_sample(delivery: Delivery) -> None:
    uncovered = with_coverage(delivery.society, np.zeros(len(delivery.society.people)))
    bare = Delivery(delivery.scale, uncovered, delivery.log, delivery.months)

    assert len(camt_accounts(bare)) == 0
