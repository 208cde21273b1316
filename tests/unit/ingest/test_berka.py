"""Berka: facts worked out by hand from small deliveries, and every way a row can be refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.facts import FactBatch, check_batch
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import RejectReason
from ingest.load import read_facts
from tests.support.source_files import (
    ACCOUNT,
    CARD_TEST,
    CLIENT,
    DISP,
    DISTRICT,
    LOAN_LABELLED,
    LOAN_TEST,
    LOAN_TRAIN,
    ORDER,
    PEPPER,
    TRANS,
    Layout,
    Rows,
    facts_of,
    write_berka,
)

PERSON, LOAN, LENDER = NodeLabel.PERSON, NodeLabel.LOAN, NodeLabel.LENDER
BANK_ACCOUNT, PLACE = NodeLabel.BANK_ACCOUNT, NodeLabel.PLACE
APPLIED_FOR = EdgeType(PERSON, RelType.APPLIED_FOR, LOAN)
PAID = EdgeType(BANK_ACCOUNT, RelType.PAID, BANK_ACCOUNT)
ASSESSED = EdgeType(LENDER, RelType.ASSESSED, LOAN)
DEFAULTED_ON = EdgeType(PERSON, RelType.DEFAULTED_ON, LOAN)


def read(folder: Path, changed: dict[Layout, Rows] | None = None) -> list[FactBatch]:
    write_berka(folder, changed)
    batches, report = read_facts("berka", folder, PEPPER)
    assert report.rejected == {}
    return batches


def key(label: NodeLabel, raw_id: str) -> str:
    return PEPPER.node_key(label, "berka", raw_id)


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def only(batches: list[FactBatch], edge: EdgeType) -> dict[str, object]:
    facts = facts_of(batches, edge)
    assert len(facts) == 1
    return facts[0]


def of_loan(batches: list[FactBatch], edge: EdgeType, raw_id: str) -> list[dict[str, object]]:
    return [fact for fact in facts_of(batches, edge) if fact["target_id"] == key(LOAN, raw_id)]


def test_every_fact_keeps_to_the_vocabulary(tmp_path: Path) -> None:
    batches = read(tmp_path, {LOAN_TRAIN: [{"loan_id": "81", "status": "-1"}]})

    assert len(batches) == 15
    for batch in batches:
        check_batch(batch)
        assert set(batch.rows["basis"]) == {"research"}


def test_an_account_is_known_at_the_midnight_after_it_was_opened(tmp_path: Path) -> None:
    batches = read(tmp_path)

    for edge in (
        EdgeType(BANK_ACCOUNT, RelType.DESCRIBED_AS, BANK_ACCOUNT),
        EdgeType(BANK_ACCOUNT, RelType.HELD_AT, PLACE),
        EdgeType(BANK_ACCOUNT, RelType.HELD_AT, LENDER),
        EdgeType(PERSON, RelType.HOLDS, BANK_ACCOUNT),
    ):
        fact = only(batches, edge)
        assert fact["at_us"] == seconds("1996-01-09 23:00:00") * 1_000_000
        assert fact["known_at_s"] == seconds("1996-01-10 23:00:00")
        assert fact["undated"] is False
    assert only(batches, EdgeType(BANK_ACCOUNT, RelType.DESCRIBED_AS, BANK_ACCOUNT))["statement_frequency"] == "weekly"


def test_owner_and_disponent_both_hold_the_account(tmp_path: Path) -> None:
    batches = read(tmp_path, {DISP: [{}, {"disp_id": "71", "client_id": "701", "type": "DISPONENT"}]})

    roles = {f["source_id"]: f["role"] for f in facts_of(batches, EdgeType(PERSON, RelType.HOLDS, BANK_ACCOUNT))}
    assert roles == {key(PERSON, "700"): "owner", key(PERSON, "701"): "disponent"}


def test_the_owner_of_the_account_applies_for_its_loan(tmp_path: Path) -> None:
    rights = [{"disp_id": "71", "client_id": "701", "type": "DISPONENT"}, {}]

    fact = of_loan(read(tmp_path, {DISP: rights}), APPLIED_FOR, "81")[0]

    assert fact["source_id"] == key(PERSON, "700")
    assert fact["known_at_s"] == seconds("1996-06-03 22:00:00")
    assert (fact["amount_minor"], fact["instalment_minor"], fact["currency"]) == (1_200_000, 100_000, "CZK")
    assert (fact["term_months"], fact["term_days"]) == (12, None)


def test_a_loan_stated_twice_gives_the_same_facts_twice(tmp_path: Path) -> None:
    batches = read(tmp_path)

    first, second = of_loan(batches, APPLIED_FOR, "80")
    assert first == second
    assert len(of_loan(batches, ASSESSED, "80")) == 1


@pytest.mark.parametrize(
    ("layout", "status", "standing", "defaults"),
    [
        (LOAN_LABELLED, "A", "settled", 0),
        (LOAN_LABELLED, "B", "defaulted", 1),
        (LOAN_LABELLED, "C", "performing", 0),
        (LOAN_LABELLED, "D", "arrears", 1),
        (LOAN_TRAIN, "1", "settled", 0),
        (LOAN_TRAIN, "-1", "defaulted", 1),
    ],
)
def test_outcomes_are_undated_and_known_after_the_last_loan(
    tmp_path: Path, layout: Layout, status: str, standing: str, defaults: int
) -> None:
    batches = read(tmp_path, {layout: [{"status": status}]})

    raw_id = layout.defaults["loan_id"]
    midnight = seconds("1999-01-01 00:00:00")
    assert [(f["standing"], f["undated"], f["known_at_s"]) for f in of_loan(batches, ASSESSED, raw_id)] == [
        (standing, True, midnight)
    ]
    assert [f["known_at_s"] for f in of_loan(batches, DEFAULTED_ON, raw_id)] == [midnight] * defaults


def test_a_credit_comes_to_the_account(tmp_path: Path) -> None:
    fact = only(read(tmp_path, {TRANS: [{"operation": "collection from another bank", "bank": "YZ", "account": "66"}]}), PAID)

    assert (fact["source_id"], fact["target_id"]) == (key(BANK_ACCOUNT, "YZ|66"), key(BANK_ACCOUNT, "7"))
    assert (fact["amount_minor"], fact["source_balance_minor"], fact["target_balance_minor"]) == (90_000, None, 190_050)
    assert (fact["channel"], fact["purpose"]) == ("transfer_in", None)
    assert fact["known_at_s"] == seconds("1997-01-10 23:00:00")


def test_a_withdrawal_leaves_the_account_and_may_leave_it_negative(tmp_path: Path) -> None:
    row = {
        "type": "withdrawal",
        "operation": "remittance to another bank",
        "k_symbol": "household",
        "bank": "AB",
        "account": "5",
    }

    fact = only(read(tmp_path, {TRANS: [row | {"balance": "-12.30"}]}), PAID)

    assert (fact["source_id"], fact["target_id"]) == (key(BANK_ACCOUNT, "7"), key(BANK_ACCOUNT, "AB|5"))
    assert (fact["source_balance_minor"], fact["target_balance_minor"]) == (-1_230, None)
    assert (fact["channel"], fact["purpose"]) == ("transfer_out", "household")


@pytest.mark.parametrize(
    ("row", "counter", "channel", "purpose"),
    [
        ({"type": "credit", "operation": "credit in cash"}, "berka:cash", "cash_deposit", None),
        ({"type": "credit", "operation": "", "k_symbol": "interest credited"}, "berka:interest", None, "interest"),
        ({"type": "withdrawal", "operation": "withdrawal in cash", "account": "0"}, "berka:cash", "cash_withdrawal", None),
        (
            {"type": "withdrawal in cash", "operation": "withdrawal in cash", "k_symbol": " "},
            "berka:cash",
            "cash_withdrawal",
            None,
        ),
        ({"type": "withdrawal", "operation": "credit card withdrawal"}, "berka:card", "card_withdrawal", None),
        (
            {"type": "withdrawal", "operation": "withdrawal in cash", "k_symbol": "payment for statement"},
            "berka:fees",
            "cash_withdrawal",
            "statement_fee",
        ),
        (
            {"type": "withdrawal", "operation": "withdrawal in cash", "k_symbol": "sanction interest if negative balance"},
            "berka:fees",
            "cash_withdrawal",
            "sanction_interest",
        ),
    ],
)
def test_money_without_another_account_goes_over_the_banks_counters(
    tmp_path: Path, row: dict[str, str], counter: str, channel: str | None, purpose: str | None
) -> None:
    fact = only(read(tmp_path, {TRANS: [row]}), PAID)

    other = fact["source_id"] if row["type"] == "credit" else fact["target_id"]
    assert other == key(BANK_ACCOUNT, counter)
    assert (fact["channel"], fact["purpose"]) == (channel, purpose)


def test_a_client_is_described_by_year_of_birth_alone(tmp_path: Path) -> None:
    fact = only(read(tmp_path), EdgeType(PERSON, RelType.DESCRIBED_AS, PERSON))

    assert (fact["birth_year"], fact["employment_status"], fact["undated"]) == (1965, None, True)
    assert fact["known_at_s"] == seconds("1993-01-01 00:00:00")


def test_a_district_is_described_after_the_years_it_is_described_for(tmp_path: Path) -> None:
    fact = only(read(tmp_path), EdgeType(PLACE, RelType.DESCRIBED_AS, PLACE))

    assert (fact["region"], fact["inhabitants"], fact["average_salary_minor"], fact["currency"]) == (
        "north",
        1_000,
        850_700,
        "CZK",
    )
    assert (fact["unemployment_pct"], fact["entrepreneurs_per_1000"], fact["urban_pct"]) == (1.85, 132.0, 46.7)
    assert (fact["undated"], fact["known_at_s"]) == (True, seconds("1997-01-01 00:00:00"))


def test_a_statistic_that_is_not_known_is_no_number(tmp_path: Path) -> None:
    batches = read(tmp_path, {DISTRICT: [{"average salary ": "?", "unemploymant rate '96 ": "?"}]})

    fact = only(batches, EdgeType(PLACE, RelType.DESCRIBED_AS, PLACE))
    assert (fact["average_salary_minor"], fact["currency"], fact["unemployment_pct"]) == (None, None, None)


def test_a_card_belongs_to_the_client_of_its_disposition(tmp_path: Path) -> None:
    facts = facts_of(read(tmp_path), EdgeType(PERSON, RelType.HAS_CARD, BANK_ACCOUNT))

    assert {(f["source_id"], f["target_id"], f["card_kind"]) for f in facts} == {
        (key(PERSON, "700"), key(BANK_ACCOUNT, "7"), "classic")
    }
    assert {f["known_at_s"] for f in facts} == {seconds("1996-10-28 23:00:00")}


def test_standing_orders_are_never_visible_to_a_scored_loan(tmp_path: Path) -> None:
    fact = only(read(tmp_path), EdgeType(BANK_ACCOUNT, RelType.ORDERED_TO_PAY, BANK_ACCOUNT))

    assert (fact["source_id"], fact["target_id"]) == (key(BANK_ACCOUNT, "7"), key(BANK_ACCOUNT, "YZ|555"))
    assert (fact["undated"], fact["known_at_s"]) == (True, seconds("1999-01-01 00:00:00"))
    assert (fact["amount_minor"], fact["purpose"]) == (33_000, "household")


@pytest.mark.parametrize(
    ("layout", "row", "reason", "column"),
    [
        (ACCOUNT, {"frequency": "daily"}, RejectReason.UNKNOWN_CODE, "frequency"),
        (ACCOUNT, {"date": "960230"}, RejectReason.BAD_DATE, "opened"),
        (ACCOUNT, {"date": "990102"}, RejectReason.AFTER_DELIVERY, "opened"),
        (DISP, {"account_id": "8"}, RejectReason.UNKNOWN_PARENT, "account_id"),
        (DISP, {"type": "owner"}, RejectReason.UNKNOWN_CODE, "role"),
        (CLIENT, {"birth_number": "653221"}, RejectReason.BAD_DATE, "birth_year"),
        (CARD_TEST, {"disp_id": "99"}, RejectReason.UNKNOWN_PARENT, "disp_id"),
        (LOAN_LABELLED, {"account_id": "8"}, RejectReason.UNKNOWN_PARENT, "account_id"),
        (LOAN_LABELLED, {"status": "E"}, RejectReason.UNKNOWN_CODE, "standing"),
        (LOAN_LABELLED, {"status": ""}, RejectReason.MISSING_VALUE, "standing"),
        (LOAN_TEST, {"status": "A"}, RejectReason.UNKNOWN_CODE, "standing"),
        (LOAN_TRAIN, {"amount": "-5"}, RejectReason.NEGATIVE_AMOUNT, "amount"),
        (TRANS, {"type": "debit"}, RejectReason.UNKNOWN_CODE, "direction"),
        (TRANS, {"k_symbol": "gift"}, RejectReason.UNKNOWN_CODE, "purpose"),
        (TRANS, {"amount": "-900.00"}, RejectReason.NEGATIVE_AMOUNT, "amount"),
        (TRANS, {"balance": "much"}, RejectReason.BAD_NUMBER, "balance"),
        (TRANS, {"operation": "remittance to another bank"}, RejectReason.MISSING_VALUE, "other_bank"),
        (ORDER, {"k_symbol": "sipo"}, RejectReason.UNKNOWN_CODE, "purpose"),
        (DISTRICT, {"no. of inhabitants": "many"}, RejectReason.BAD_NUMBER, "inhabitants"),
    ],
)
def test_a_faulty_row_is_refused_under_its_reason(
    tmp_path: Path, layout: Layout, row: dict[str, str], reason: RejectReason, column: str
) -> None:
    write_berka(tmp_path, {layout: [{}, row]})

    _, report = read_facts("berka", tmp_path, PEPPER)

    table = next(table for table in report.tables if table.file == layout.file)
    assert (table.accepted, table.rejected) == (1, {reason: 1})
    assert [(example.row, example.column) for example in table.examples] == [(3, column)]


def test_a_loan_of_an_account_with_two_owners_is_refused(tmp_path: Path) -> None:
    write_berka(tmp_path, {DISP: [{}, {"disp_id": "71", "client_id": "701"}]})

    _, report = read_facts("berka", tmp_path, PEPPER)

    assert report.rejected == {RejectReason.AMBIGUOUS_PARENT: 3}


def test_a_loan_whose_account_was_refused_is_refused_too(tmp_path: Path) -> None:
    write_berka(tmp_path, {ACCOUNT: [{"frequency": "daily"}]})

    _, report = read_facts("berka", tmp_path, PEPPER)

    assert report.rejected == {RejectReason.UNKNOWN_CODE: 1, RejectReason.UNKNOWN_PARENT: 6}
