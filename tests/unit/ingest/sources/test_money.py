"""Orders, accounts, statements, ledgers and loans of the sandbox delivery: each payment and each state once."""

from datetime import datetime
from pathlib import Path

import pytest

from graph.facts import FactBatch
from graph.versions import Held, settle
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import RejectReason
from ingest.load import read_facts
from ingest.report import LoadReport
from tests.support.sandbox_files import order, statement_entry, statement_xml, write_sandbox
from tests.support.source_files import PEPPER, facts_of

PERSON, COMPANY, LENDER, LOAN = NodeLabel.PERSON, NodeLabel.COMPANY, NodeLabel.LENDER, NodeLabel.LOAN
ACCOUNT = NodeLabel.BANK_ACCOUNT
PAID = EdgeType(ACCOUNT, RelType.PAID, ACCOUNT)
APPLIED_FOR, FUNDED = EdgeType(PERSON, RelType.APPLIED_FOR, LOAN), EdgeType(LENDER, RelType.FUNDED, LOAN)
DECLINED, RECOVERED = EdgeType(LENDER, RelType.DECLINED, LOAN), EdgeType(LENDER, RelType.RECOVERED, LOAN)
OWN, OTHER = "DE11999700100000000001", "DE22999700100000000002"


def read(folder: Path) -> tuple[list[FactBatch], LoadReport]:
    return read_facts("sandbox", folder, PEPPER)


def key(label: NodeLabel, raw_id: str) -> str:
    return PEPPER.node_key(label, "sandbox", raw_id)


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def test_an_order_sent_back_was_bought_once_and_returned_once(tmp_path: Path) -> None:
    back = order(returned_at="2023-05-20T09:00:00Z")
    batches, report = read(write_sandbox(tmp_path, orders=[order(), back]))

    bought, returned = (facts_of(batches, EdgeType(PERSON, rel, COMPANY)) for rel in (RelType.BOUGHT_FROM, RelType.RETURNED))
    assert [(f["amount_minor"], f["items"], f["at_us"]) for f in bought] == [
        (5_990, 2, second("2023-05-01T10:00:00Z") * 1_000_000)
    ]
    assert [(f["amount_minor"], f["at_us"]) for f in returned] == [(5_990, second("2023-05-20T09:00:00Z") * 1_000_000)]
    assert report.rejected == {}


def test_a_return_without_its_date_is_refused(tmp_path: Path) -> None:
    line = order(returned_at="2023-05-20T09:00:00Z")
    del line["dateModified"]
    _, report = read(write_sandbox(tmp_path, orders=[order(), line]))

    assert report.rejected == {RejectReason.MISSING_VALUE: 1}


def test_an_account_is_held_by_a_person_or_a_company_at_a_bank(tmp_path: Path) -> None:
    rows = [{}, {"iban": OTHER, "customer_id": "C0000001", "account_kind": "business"}]
    batches, _ = read(write_sandbox(tmp_path, {"accounts.csv": rows}))

    held = [facts_of(batches, EdgeType(label, RelType.HOLDS, ACCOUNT)) for label in (PERSON, COMPANY)]
    assert [[(f["target_id"], f["account_kind"]) for f in facts] for facts in held] == [
        [(key(ACCOUNT, OWN), "current")],
        [(key(ACCOUNT, OTHER), "business")],
    ]
    at = facts_of(batches, EdgeType(ACCOUNT, RelType.HELD_AT, LENDER))
    assert {f["target_id"] for f in at} == {key(LENDER, "BK1")}


STATED_BY_PAYEE = {
    "iban": OTHER,
    "entry_id": "BK1-202305-0000002",
    "amount": "12.34",
    "counterparty_iban": OWN,
    "balance_after": "500.00",
    "recorded_at": "2023-05-03T08:00:00Z",
}


def test_a_payment_stated_by_both_sides_is_one_fact_whichever_is_read(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path, {"statements.csv": [{}, STATED_BY_PAYEE]}))

    payer, payee = facts_of(batches, PAID)
    same = ("id", "source_id", "target_id", "at_us", "amount_minor", "currency", "purpose")
    assert [payer[name] for name in same] == [payee[name] for name in same]
    assert (payer["source_id"], payer["target_id"]) == (key(ACCOUNT, OWN), key(ACCOUNT, OTHER))
    assert [(f["source_balance_minor"], f["target_balance_minor"]) for f in (payer, payee)] == [(8_766, None), (None, 50_000)]


def test_of_a_payment_stated_by_both_sides_the_statement_recorded_first_stands(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path, {"statements.csv": [{}, STATED_BY_PAYEE]}))

    batch = next(batch for batch in batches if batch.edge == PAID)
    settled = settle(batch, Held(FactBatch(PAID, batch.rows.clear()), FactBatch(PAID, batch.rows.clear())))
    assert settled.facts.select("known_at_s", "target_balance_minor").rows() == [(second("2023-05-03T08:00:00Z"), 50_000)]
    assert settled.losers["source_balance_minor"].to_list() == [8_766]


@pytest.mark.parametrize("change", [{"booked_at": "2023-05-02T09:30:01Z"}, {"amount": "-12.35"}, {"currency": "CZK"}])
def test_payments_that_differ_in_moment_amount_or_currency_are_two(tmp_path: Path, change: dict[str, str]) -> None:
    batches, _ = read(write_sandbox(tmp_path, {"statements.csv": [{}, change]}))

    assert len({fact["id"] for fact in facts_of(batches, PAID)}) == 2


def test_money_from_an_account_nobody_delivers_is_taken_from_the_receiver(tmp_path: Path) -> None:
    rows = [{"amount": "900.00", "balance_after": "-100.00", "purpose_code": ""}]
    batches, _ = read(write_sandbox(tmp_path, {"statements.csv": rows}))

    paid = facts_of(batches, PAID)
    assert [(f["source_id"], f["target_id"]) for f in paid] == [(key(ACCOUNT, OTHER), key(ACCOUNT, OWN))]
    assert [(f["amount_minor"], f["target_balance_minor"], f["source_balance_minor"], f["purpose"]) for f in paid] == [
        (90_000, -10_000, None, None)
    ]


def test_statements_as_xml_and_as_text_say_the_same(tmp_path: Path) -> None:
    entry = {"entry_id": "X1", "booked_at": "2023-05-02T09:30:00Z", "amount": "-12.34", "recorded_at": "2023-06-01T03:00:00Z"}
    text, _ = read(write_sandbox(tmp_path / "a", {"statements.csv": [entry]}))
    xml = statement_xml(statement_entry("X1", "12.34", "DBIT"), iban=OWN)
    other = entry | {"counterparty_iban": "DE99999700100000000009"}
    document, _ = read(write_sandbox(tmp_path / "b", {"statements.csv": [other]}, xml=xml))

    assert facts_of(document, PAID)[1] == facts_of(text, PAID)[0]


def test_an_application_is_known_when_made_and_the_decision_when_taken(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path))

    applied, funded = facts_of(batches, APPLIED_FOR)[0], facts_of(batches, FUNDED)[0]
    assert applied["known_at_s"] == second("2023-04-25T10:00:00Z")
    assert (applied["purpose"], applied["declared_income_minor"]) == ("repair", 200_000)
    assert applied["instalment_minor"] is None  # it follows from the decision
    assert (funded["known_at_s"], funded["rate_pct"]) == (second("2023-04-26T10:00:00Z"), 9.9)


def test_what_is_corrected_later_is_known_later(tmp_path: Path) -> None:
    correction = {"declared_income": "1500.00", "recorded_at": "2023-05-20T08:00:00Z"}
    batches, _ = read(write_sandbox(tmp_path, {"applications.csv": [correction, {}]}))

    versions = sorted((f["known_at_s"], f["declared_income_minor"], f["id"]) for f in facts_of(batches, APPLIED_FOR))
    assert [version[:2] for version in versions] == [
        (second("2023-04-25T10:00:00Z"), 200_000),
        (second("2023-05-20T08:00:00Z"), 150_000),
    ]
    assert versions[0][2] == versions[1][2]


@pytest.mark.parametrize(
    ("recorded", "known"),
    [("2023-04-29T10:00:00Z", "2023-04-25T10:00:00Z"), ("2023-04-29T10:00:01Z", "2023-04-29T10:00:01Z")],
)
def test_an_application_recorded_within_three_days_of_the_decision_is_known_when_made(
    tmp_path: Path, recorded: str, known: str
) -> None:
    batches, _ = read(write_sandbox(tmp_path, {"applications.csv": [{"recorded_at": recorded}]}))

    assert [fact["known_at_s"] for fact in facts_of(batches, APPLIED_FOR)] == [second(known)]
    assert [fact["known_at_s"] for fact in facts_of(batches, FUNDED)] == [second("2023-04-26T10:00:00Z")]


def test_a_declined_application_is_declined_and_not_funded(tmp_path: Path) -> None:
    row = {"decision": "declined", "rate_pct": "", "instalment": ""}
    batches, _ = read(write_sandbox(tmp_path, {"applications.csv": [row]}))

    assert facts_of(batches, FUNDED) == []
    assert [f["known_at_s"] for f in facts_of(batches, DECLINED)] == [second("2023-04-26T10:00:00Z")]


@pytest.mark.parametrize(
    ("event", "values", "rel"),
    [
        ("due", {"event_at": "2023-07-01T00:00:00Z"}, RelType.OWES),
        ("paid", {"days_late": "-3"}, RelType.REPAID),
        ("missed", {"amount": ""}, RelType.MISSED),
        ("defaulted", {"instalment": ""}, RelType.DEFAULTED_ON),
        ("closed", {"instalment": "", "amount": ""}, RelType.CLOSED),
    ],
)
@pytest.mark.parametrize(("kind", "label", "number"), [("person", PERSON, "L01-10000001"), ("company", COMPANY, "C0000001")])
def test_each_event_of_the_tape_is_a_fact_of_its_borrower(
    tmp_path: Path, event: str, values: dict[str, str], rel: RelType, kind: str, label: NodeLabel, number: str
) -> None:
    row = {"event": event, "days_late": "", "borrower_kind": kind, "borrower_id": number} | values
    batches, report = read(write_sandbox(tmp_path, {"loan_tape.csv": [row]}))

    facts = facts_of(batches, EdgeType(label, rel, LOAN))
    assert [(f["source_id"], f["target_id"]) for f in facts] == [(key(label, number), key(LOAN, "L01-00000001"))]
    assert report.rejected == {}


def test_money_paid_out_goes_to_an_account_and_money_collected_to_the_lender(tmp_path: Path) -> None:
    none = {"instalment": "", "days_late": ""}
    rows = [
        none | {"event": "disbursed", "iban": OWN},
        none | {"event": "disbursed", "loan_id": "L01-00000002"},
        none | {"event": "recovered"},
        none | {"event": "recovered", "event_at": "2023-05-31T10:00:00Z"},
    ]
    batches, _ = read(write_sandbox(tmp_path, {"loan_tape.csv": rows}))

    disbursed = facts_of(batches, EdgeType(LOAN, RelType.DISBURSED_TO, ACCOUNT))
    assert [(f["source_id"], f["target_id"]) for f in disbursed] == [(key(LOAN, "L01-00000001"), key(ACCOUNT, OWN))]
    recovered = facts_of(batches, RECOVERED)
    assert {f["source_id"] for f in recovered} == {key(LENDER, "L01")}
    assert len({f["id"] for f in recovered}) == 2


@pytest.mark.parametrize(
    "row",
    [{"instalment": ""}, {"days_late": ""}, {"event": "recovered", "amount": ""}, {"event": "disbursed", "amount": ""}],
)
def test_an_event_that_lacks_what_it_must_state_is_refused(tmp_path: Path, row: dict[str, str]) -> None:
    _, report = read(write_sandbox(tmp_path, {"loan_tape.csv": [{}, row]}))

    assert report.rejected == {RejectReason.MISSING_VALUE: 1}


def test_investors_put_money_in_and_are_paid_back(tmp_path: Path) -> None:
    rows = [
        {},
        {"entry_id": "E2", "kind": "paid_out"},
        {"entry_id": "E3", "kind": "paid_out", "investor_id": "C0000001"},
        {"entry_id": "E4", "kind": "fee", "investor_id": ""},
    ]
    batches, report = read(write_sandbox(tmp_path, {"investors_ledger.csv": rows}))

    counts = {batch.edge: len(batch) for batch in batches if batch.edge.rel in (RelType.INVESTED_IN, RelType.PAID_OUT)}
    assert counts == {
        EdgeType(PERSON, RelType.INVESTED_IN, LENDER): 1,
        EdgeType(LENDER, RelType.PAID_OUT, PERSON): 1,
        EdgeType(LENDER, RelType.PAID_OUT, COMPANY): 1,
    }
    assert report.rejected == {}


def test_a_guarantor_may_be_a_company(tmp_path: Path) -> None:
    batches, _ = read(write_sandbox(tmp_path, {"guarantees.csv": [{}, {"guarantor_id": "C0000002"}]}))

    counts = {batch.edge.source: len(batch) for batch in batches if batch.edge.rel is RelType.GUARANTEES}
    assert counts == {PERSON: 1, COMPANY: 1}
