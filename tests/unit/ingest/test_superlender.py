"""SuperLender: facts worked out by hand from small deliveries, and every way a row can be refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.facts import FactBatch, check_batch
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import RejectReason
from ingest.load import read_facts
from ingest.report import LoadReport
from tests.support.source_files import DEMOGRAPHICS, EARLIER, PEPPER, SCORED, Layout, facts_of, write_superlender

PERSON, LOAN, LENDER = NodeLabel.PERSON, NodeLabel.LOAN, NodeLabel.LENDER
ACCOUNT, PLACE = NodeLabel.BANK_ACCOUNT, NodeLabel.PLACE
APPLIED_FOR = EdgeType(PERSON, RelType.APPLIED_FOR, LOAN)
FUNDED = EdgeType(LENDER, RelType.FUNDED, LOAN)
REPAID = EdgeType(PERSON, RelType.REPAID, LOAN)
MISSED = EdgeType(PERSON, RelType.MISSED, LOAN)
REFERRED = EdgeType(PERSON, RelType.REFERRED, PERSON)
DEFAULTED_ON = EdgeType(PERSON, RelType.DEFAULTED_ON, LOAN)


def read(folder: Path, **changed: dict[str, str]) -> tuple[list[FactBatch], LoadReport]:
    layouts = {"scored": SCORED, "earlier": EARLIER, "demographics": DEMOGRAPHICS}
    write_superlender(folder, {layouts[name]: [row] for name, row in changed.items()})
    return read_facts("superlender", folder, PEPPER)


def key(label: NodeLabel, raw_id: str) -> str:
    return PEPPER.node_key(label, "superlender", raw_id)


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def only(batches: list[FactBatch], edge: EdgeType, target: str | None = None) -> dict[str, object]:
    facts = [fact for fact in facts_of(batches, edge) if target is None or fact["target_id"] == key(edge.target, target)]
    assert len(facts) == 1
    return facts[0]


def test_every_fact_keeps_to_the_vocabulary(tmp_path: Path) -> None:
    batches, _ = read(
        tmp_path, scored={"referredby": "bob", "good_bad_flag": "Bad"}, demographics={"bank_branch_clients": "MAIN"}
    )

    assert len(batches) == 16
    for batch in batches:
        check_batch(batch)
        assert set(batch.rows["basis"]) == {"research"}
        assert set(batch.rows["attested_by"]) == {"institution"}
        assert set(batch.rows["origin"]) == {"superlender"}


def test_an_application_happens_in_utc_an_hour_behind_the_approval(tmp_path: Path) -> None:
    fact = only(read(tmp_path)[0], APPLIED_FOR, "301")

    assert fact["source_id"] == key(PERSON, "ada")
    assert fact["at_us"] == seconds("2017-07-05 08:59:52") * 1_000_000
    assert fact["known_at_s"] == seconds("2017-07-05 08:59:52")
    assert (fact["amount_minor"], fact["total_due_minor"], fact["currency"]) == (1_000_000, 1_300_000, "NGN")
    assert (fact["term_days"], fact["loan_number"], fact["instalment_minor"], fact["term_months"]) == (30, 2, None, None)


def test_the_lender_grants_in_the_time_of_lagos(tmp_path: Path) -> None:
    fact = only(read(tmp_path)[0], FUNDED, "301")

    assert fact["source_id"] == key(LENDER, "superlender")
    assert fact["known_at_s"] == seconds("2017-07-05 09:00:00")
    assert fact["amount_minor"] == 1_000_000


def test_the_money_goes_to_the_borrowers_one_account(tmp_path: Path) -> None:
    batches, _ = read(tmp_path)

    paid_out = [
        f for f in facts_of(batches, EdgeType(LOAN, RelType.DISBURSED_TO, ACCOUNT)) if f["source_id"] == key(LOAN, "301")
    ]
    held = only(batches, EdgeType(PERSON, RelType.HOLDS, ACCOUNT))
    assert [f["target_id"] for f in paid_out] == [held["target_id"]] == [key(ACCOUNT, "ada")]
    assert held["account_kind"] == "savings"


def test_a_due_date_is_known_from_the_contract(tmp_path: Path) -> None:
    fact = only(read(tmp_path)[0], EdgeType(PERSON, RelType.OWES, LOAN))

    assert fact["at_us"] == seconds("2017-04-30 23:00:00") * 1_000_000
    assert fact["known_at_s"] == seconds("2017-04-01 11:00:00")
    assert fact["instalment"] == 1


def test_a_late_repayment_is_known_when_made_and_the_miss_after_the_due_date(tmp_path: Path) -> None:
    batches, _ = read(tmp_path)

    repaid, missed = only(batches, REPAID), only(batches, MISSED)
    assert (repaid["days_late"], repaid["known_at_s"]) == (2, seconds("2017-05-03 08:00:01"))
    assert missed["at_us"] == seconds("2017-04-30 23:00:00") * 1_000_000
    assert missed["known_at_s"] == seconds("2017-05-01 23:00:00")


@pytest.mark.parametrize(
    ("repaid", "closed", "days_late"),
    [
        ("2017-05-01 23:59:59.000000", "2017-05-02 10:00:00.000000", 0),
        ("2017-05-01 00:00:00.000000", "2017-05-01 10:00:00.000000", 0),
        ("2017-04-11 09:00:00.000000", "2017-04-11 10:00:00.000000", -20),
    ],
)
def test_a_loan_repaid_by_its_due_date_is_not_missed(tmp_path: Path, repaid: str, closed: str, days_late: int) -> None:
    batches, report = read(tmp_path, earlier={"firstrepaiddate": repaid, "closeddate": closed})

    assert report.rejected == {}
    assert only(batches, REPAID)["days_late"] == days_late
    assert facts_of(batches, MISSED) == []


def test_a_repayment_at_exactly_midnight_is_known_a_day_later(tmp_path: Path) -> None:
    batches, _ = read(tmp_path, earlier={"firstrepaiddate": "2017-05-03 00:00:00.000000"})

    fact = only(batches, REPAID)
    assert fact["at_us"] == seconds("2017-05-02 23:00:00") * 1_000_000
    assert fact["known_at_s"] == seconds("2017-05-03 23:00:00")


def test_a_closed_loan_tells_how_long_it_was_open(tmp_path: Path) -> None:
    fact = only(read(tmp_path)[0], EdgeType(PERSON, RelType.CLOSED, LOAN))

    assert (fact["days_open"], fact["known_at_s"]) == (32, seconds("2017-05-03 08:15:00"))


@pytest.mark.parametrize(("flag", "standing", "defaults"), [("Good", "settled", 0), ("Bad", "defaulted", 1)])
def test_outcomes_are_undated_and_known_after_every_loan(tmp_path: Path, flag: str, standing: str, defaults: int) -> None:
    batches, _ = read(tmp_path, scored={"good_bad_flag": flag})

    verdict = only(batches, EdgeType(LENDER, RelType.ASSESSED, LOAN))
    assert (verdict["standing"], verdict["undated"], verdict["known_at_s"]) == (standing, True, seconds("2017-12-31 00:00:00"))
    bad = facts_of(batches, DEFAULTED_ON)
    assert [(f["undated"], f["known_at_s"]) for f in bad] == [(True, seconds("2017-12-31 00:00:00"))] * defaults


def test_a_referral_is_one_fact_however_many_loans_repeat_it(tmp_path: Path) -> None:
    batches, _ = read(tmp_path, scored={"referredby": "bob"}, earlier={"referredby": "bob"})

    facts = facts_of(batches, REFERRED)
    assert {f["id"] for f in facts} == {PEPPER.fact_id(REFERRED, "superlender", "bob", "ada")}
    assert {f["source_id"] for f in facts} == {key(PERSON, "bob")}
    assert sorted(f["known_at_s"] for f in facts) == [seconds("2017-04-01 10:59:50"), seconds("2017-07-05 08:59:52")]


def test_a_borrower_named_as_their_own_referrer_is_not_related_to_themselves(tmp_path: Path) -> None:
    batches, report = read(tmp_path, scored={"referredby": "ada"})

    assert facts_of(batches, REFERRED) == []
    assert report.withheld == {REFERRED: 1}
    assert report.accepted == 3


def test_demographics_are_undated_and_known_before_the_first_loan(tmp_path: Path) -> None:
    batches, _ = read(tmp_path)

    fact = only(batches, EdgeType(PERSON, RelType.DESCRIBED_AS, PERSON))
    assert (fact["birth_year"], fact["employment_status"], fact["education_level"]) == (1980, "self_employed", None)
    assert (fact["undated"], fact["known_at_s"]) == (True, seconds("2016-01-01 00:00:00"))
    home = only(batches, EdgeType(PERSON, RelType.LIVES_AT, PLACE))
    assert home["target_id"] == key(PLACE, "3.3,6.5")


def test_a_branch_is_a_place_of_its_bank(tmp_path: Path) -> None:
    batches, _ = read(tmp_path, demographics={"bank_branch_clients": "MAIN"})

    branch = only(batches, EdgeType(PLACE, RelType.BRANCH_OF, LENDER))
    assert (branch["source_id"], branch["target_id"]) == (key(PLACE, "Test Bank|MAIN"), key(LENDER, "Test Bank"))
    assert only(batches, EdgeType(ACCOUNT, RelType.HELD_AT, PLACE))["target_id"] == branch["source_id"]


def test_an_account_without_a_branch_is_held_at_the_bank_alone(tmp_path: Path) -> None:
    batches, _ = read(tmp_path)

    assert only(batches, EdgeType(ACCOUNT, RelType.HELD_AT, LENDER))["target_id"] == key(LENDER, "Test Bank")
    assert facts_of(batches, EdgeType(ACCOUNT, RelType.HELD_AT, PLACE)) == []


@pytest.mark.parametrize(
    ("layout", "column", "value", "reason", "name"),
    [
        (SCORED, "customerid", "", RejectReason.MISSING_VALUE, "customer_id"),
        (SCORED, "customerid", "a\x07", RejectReason.CONTROL_CHARACTER, ""),
        (SCORED, "customerid", 'a"b', RejectReason.BROKEN_QUOTES, ""),
        (SCORED, "customerid", "a,b", RejectReason.SURPLUS_FIELD, ""),
        (SCORED, "creationdate", "39:35.0", RejectReason.BAD_DATE, "created"),
        (SCORED, "loanamount", "ten", RejectReason.BAD_NUMBER, "amount"),
        (SCORED, "loanamount", "-10000.0000", RejectReason.NEGATIVE_AMOUNT, "amount"),
        (SCORED, "totaldue", "-1", RejectReason.NEGATIVE_AMOUNT, "total_due"),
        (SCORED, "termdays", "0", RejectReason.BAD_NUMBER, "term_days"),
        (SCORED, "good_bad_flag", "Goo", RejectReason.UNKNOWN_CODE, "standing"),
        (SCORED, "approveddate", "2018-01-01 01:00:00.000001", RejectReason.AFTER_DELIVERY, "approved"),
        (SCORED, "approveddate", "2017-07-05 09:59:51.000000", RejectReason.OUT_OF_ORDER, "approved"),
        (EARLIER, "firstrepaiddate", "2017-03-31 10:00:00.000000", RejectReason.OUT_OF_ORDER, "repaid"),
        (EARLIER, "firstduedate", "2017-03-31 00:00:00.000000", RejectReason.OUT_OF_ORDER, "due"),
        (EARLIER, "closeddate", "2017-05-03 08:59:59.000000", RejectReason.OUT_OF_ORDER, "closed"),
        (EARLIER, "closeddate", "2018-05-03 08:59:59.000000", RejectReason.AFTER_DELIVERY, "closed"),
        (EARLIER, "firstrepaiddate", "", RejectReason.MISSING_VALUE, "repaid"),
        (DEMOGRAPHICS, "bank_account_type", "Gold", RejectReason.UNKNOWN_CODE, "account_kind"),
        (DEMOGRAPHICS, "employment_status_clients", "permanent", RejectReason.UNKNOWN_CODE, "employment"),
        (DEMOGRAPHICS, "longitude_gps", "3.319219", RejectReason.BAD_NUMBER, "longitude"),
        (DEMOGRAPHICS, "birth_year", "1879", RejectReason.BAD_NUMBER, "birth_year"),
    ],
)
def test_a_faulty_row_is_refused_under_its_reason(
    tmp_path: Path, layout: Layout, column: str, value: str, reason: RejectReason, name: str
) -> None:
    write_superlender(tmp_path, {layout: [{}, {column: value}]})

    _, report = read_facts("superlender", tmp_path, PEPPER)

    table = next(table for table in report.tables if table.file == layout.file)
    assert (table.read, table.accepted, table.rejected) == (2, 1, {reason: 1})
    assert [(example.row, example.reason, example.column) for example in table.examples] == [(3, reason, name)]


def test_a_due_date_after_the_delivery_is_a_promise(tmp_path: Path) -> None:
    batches, report = read(tmp_path, earlier={"firstduedate": "2018-05-01 00:00:00.000000"})

    assert report.rejected == {}
    assert only(batches, REPAID)["days_late"] == -363


def test_the_future_is_judged_against_the_delivery_that_is_named(tmp_path: Path) -> None:
    write_superlender(tmp_path)
    delivered_at = datetime(2017, 7, 5, 8, 59, 59, tzinfo=UTC)

    _, report = read_facts("superlender", tmp_path, PEPPER, delivered_at=delivered_at)

    assert report.rejected == {RejectReason.AFTER_DELIVERY: 1}


def test_what_happens_at_the_very_moment_of_delivery_is_not_after_it(tmp_path: Path) -> None:
    _, report = read(tmp_path, scored={"approveddate": "2018-01-01 01:00:00.000000"})

    assert report.rejected == {}
