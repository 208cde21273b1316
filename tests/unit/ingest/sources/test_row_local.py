"""What becomes of a row of the sandbox delivery depends on that row alone; a table where it does not is read as one piece."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from graph.facts import FactBatch
from ingest.load import SOURCES, read_facts
from ingest.source import SourceSpec
from ingest.sources.sandbox import SANDBOX
from tests.support.sandbox_files import CONTACT, LOGIN, TABLES, order, write_sandbox
from tests.support.source_files import PEPPER, fact_set

# of each row another that stands in every relation to it that a look-up or a window could see: the same customer, document,
# number, loan, account or payment, stated otherwise and at another time
OTHER = {
    "documents.csv": {"customer_id": "MAP-00000001", "recorded_at": "2022-01-03T23:30:00Z"},
    "customers.csv": {"full_name": "Ada Munster", "phone": "+491560000002", "recorded_at": "2022-06-01T08:00:00Z"},
    "subscribers.csv": {"customer_id": "TEL-00000002"},
    "calls.csv": {"call_id": "T2", "caller_msisdn": "+491560000002", "callee_msisdn": "+491560000001"},
    "accounts.csv": {"iban": "DE22999700100000000002", "customer_id": "BK1-00000002"},
    "statements.csv": {
        "iban": "DE22999700100000000002",
        "entry_id": "BK1-202305-0000002",
        "amount": "12.34",
        "counterparty_iban": "DE11999700100000000001",
        "recorded_at": "2023-05-03T08:00:00Z",
    },
    "applications.csv": {"declared_income": "1500.00", "recorded_at": "2023-05-20T08:00:00Z"},
    "loan_tape.csv": {"event": "missed", "days_late": ""},
    "watchlists.csv": {"list": "sanctions"},
    "consents.csv": {"consent_id": "K2", "action": "revoked"},
}
LISTED_BACK = {"UID": "2", "SOURCE": "urn:customer:TEL-00000002", "TEL;VALUE=uri": "tel:+491560000001"}


def read(folder: Path, *, first: bool, second: bool) -> list[FactBatch]:
    def kept(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [row for row, wanted in ((one, first), (other, second)) if wanted]

    return read_facts(
        "sandbox",
        write_sandbox(
            folder,
            {file: kept({}, OTHER.get(file, {"recorded_at": "2023-07-01T08:00:00Z"})) for file in TABLES},
            contacts=kept(CONTACT, LISTED_BACK),
            logins=kept(LOGIN, {"login_id": "I2"}),
            orders=kept(order(), order(returned_at="2023-05-20T09:00:00Z")),
        ),
        PEPPER,
    )[0]


def test_rows_of_every_file_give_the_same_facts_together_and_apart(tmp_path: Path) -> None:
    together = fact_set(read(tmp_path / "both", first=True, second=True))
    apart = [fact_set(read(tmp_path / str(which), first=which == 1, second=which == 2)) for which in (1, 2)]

    assert together == apart[0] | apart[1]
    assert apart[0] - apart[1]
    assert apart[1] - apart[0]


def test_no_table_of_the_sandbox_is_read_as_one_piece() -> None:
    assert not any(table.whole or table.lookups for table in SANDBOX.tables)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_table_that_looks_up_or_is_looked_into_is_read_as_one_piece(source: SourceSpec) -> None:
    looked_into = {lookup.table for table in source.tables for lookup in table.lookups}

    assert all(table.whole for table in source.tables if table.lookups or table.name in looked_into)
