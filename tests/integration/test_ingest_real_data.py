"""The real deliveries: every row accounted for, the counts pinned, and nothing known too early."""

from pathlib import Path

import polars as pl
import pytest

from graph.facts import check_batch
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.load import read_facts
from tests.support.source_files import PEPPER, all_rows

pytestmark = pytest.mark.real_data

PERSON, LOAN, LENDER = NodeLabel.PERSON, NodeLabel.LOAN, NodeLabel.LENDER
ACCOUNT, PLACE = NodeLabel.BANK_ACCOUNT, NodeLabel.PLACE

# by edge type: facts made, and facts with an id of their own
SUPERLENDER = {
    EdgeType(PERSON, RelType.APPLIED_FOR, LOAN): (22_551, 22_551),
    EdgeType(LENDER, RelType.FUNDED, LOAN): (22_551, 22_551),
    EdgeType(LOAN, RelType.DISBURSED_TO, ACCOUNT): (22_551, 22_551),
    EdgeType(PERSON, RelType.OWES, LOAN): (18_183, 18_183),
    EdgeType(PERSON, RelType.REPAID, LOAN): (18_183, 18_183),
    EdgeType(PERSON, RelType.MISSED, LOAN): (3_161, 3_161),
    EdgeType(PERSON, RelType.DEFAULTED_ON, LOAN): (952, 952),
    EdgeType(PERSON, RelType.CLOSED, LOAN): (18_183, 18_183),
    EdgeType(LENDER, RelType.ASSESSED, LOAN): (4_368, 4_368),
    EdgeType(PERSON, RelType.HOLDS, ACCOUNT): (4_346, 4_334),
    EdgeType(ACCOUNT, RelType.HELD_AT, LENDER): (4_346, 4_334),
    EdgeType(ACCOUNT, RelType.HELD_AT, PLACE): (51, 51),
    EdgeType(PLACE, RelType.BRANCH_OF, LENDER): (51, 51),
    EdgeType(PERSON, RelType.DESCRIBED_AS, PERSON): (4_346, 4_334),
    EdgeType(PERSON, RelType.LIVES_AT, PLACE): (4_346, 4_334),
    EdgeType(PERSON, RelType.REFERRED, PERSON): (1_605, 586),
}
BERKA = {
    EdgeType(PERSON, RelType.APPLIED_FOR, LOAN): (1_036, 682),
    EdgeType(LENDER, RelType.FUNDED, LOAN): (1_036, 682),
    EdgeType(LOAN, RelType.DISBURSED_TO, ACCOUNT): (1_036, 682),
    EdgeType(PERSON, RelType.DEFAULTED_ON, LOAN): (76, 76),
    EdgeType(LENDER, RelType.ASSESSED, LOAN): (682, 682),
    EdgeType(ACCOUNT, RelType.PAID, ACCOUNT): (30_200, 30_200),
    EdgeType(ACCOUNT, RelType.ORDERED_TO_PAY, ACCOUNT): (6_471, 6_471),
    EdgeType(PERSON, RelType.HOLDS, ACCOUNT): (5_369, 5_369),
    EdgeType(PERSON, RelType.HAS_CARD, ACCOUNT): (202, 202),
    EdgeType(ACCOUNT, RelType.HELD_AT, LENDER): (4_500, 4_500),
    EdgeType(ACCOUNT, RelType.HELD_AT, PLACE): (4_500, 4_500),
    EdgeType(ACCOUNT, RelType.DESCRIBED_AS, ACCOUNT): (4_500, 4_500),
    EdgeType(PERSON, RelType.DESCRIBED_AS, PERSON): (5_369, 5_369),
    EdgeType(PLACE, RelType.DESCRIBED_AS, PLACE): (77, 77),
    EdgeType(PERSON, RelType.LIVES_AT, PLACE): (5_369, 5_369),
}
ROWS = {
    "superlender": {"trainperf.csv": 4_368, "trainprevloans.csv": 18_183, "traindemographics_coarse.csv": 4_346},
    "berka": {
        "account.csv": 4_500,
        "disp.csv": 5_369,
        "client.csv": 5_369,
        "district.csv": 77,
        "card_train.csv": 177,
        "card_test.csv": 25,
        "loan_train.csv": 328,
        "loans_1997_98_labelled.csv": 354,
        "loan_test.csv": 354,
        "trans_test.csv": 30_200,
        "order_undated.csv": 6_471,
    },
}


@pytest.mark.parametrize(("source", "facts"), [("superlender", SUPERLENDER), ("berka", BERKA)])
def test_every_row_is_accepted_and_gives_the_facts_counted_before(
    real_data: Path, source: str, facts: dict[EdgeType, tuple[int, int]]
) -> None:
    batches, report = read_facts(source, real_data / source, PEPPER)

    assert {table.file: table.read for table in report.tables} == ROWS[source]
    assert report.accepted == sum(ROWS[source].values())
    assert report.rejected == {}
    assert {b.edge: (len(b), b.rows["id"].n_unique()) for b in batches} == facts
    for batch in batches:
        check_batch(batch)


def test_borrowers_named_as_their_own_referrer_are_counted(real_data: Path) -> None:
    _, report = read_facts("superlender", real_data / "superlender", PEPPER)

    assert sum(report.withheld.values()) == 8
    assert "testperf.csv" in report.unread


def test_no_repayment_is_known_before_it_was_made_and_no_outcome_before_2018(real_data: Path) -> None:
    batches, _ = read_facts("superlender", real_data / "superlender", PEPPER)

    facts = all_rows(batches, ["at_us", "known_at_s"])
    early = facts.filter((pl.col("known_at_s") * 1_000_000 < pl.col("at_us")) & (pl.col("rel") != RelType.OWES))
    assert early.height == 0
    outcomes = facts.filter(pl.col("rel").is_in([RelType.ASSESSED.value, RelType.DEFAULTED_ON.value]))
    assert outcomes["known_at_s"].min() == 1_514_678_400  # 2017-12-31 00:00 UTC


def test_every_application_is_visible_when_its_loan_is_granted(real_data: Path) -> None:
    batches, _ = read_facts("superlender", real_data / "superlender", PEPPER)
    by_rel = {batch.edge.rel: batch.rows for batch in batches}

    granted = by_rel[RelType.FUNDED].join(by_rel[RelType.APPLIED_FOR], on="target_id", suffix="_applied")

    assert granted.height == 22_551
    assert granted.select((pl.col("known_at_s") - pl.col("known_at_s_applied")).min()).item() == 2  # seconds


def test_every_payment_is_known_by_the_time_its_loan_is_granted(real_data: Path) -> None:
    batches, _ = read_facts("berka", real_data / "berka", PEPPER)
    by_rel = {batch.edge.rel: batch.rows for batch in batches}
    loans = by_rel[RelType.DISBURSED_TO].unique("id").select("target_id", granted="known_at_s")
    paid = by_rel[RelType.PAID]
    ends = pl.concat([paid.select("id", "known_at_s", pl.col(end).alias("target_id")) for end in ("source_id", "target_id")])

    late_loans = ends.join(loans, on="target_id")

    assert late_loans.height == 30_200
    assert late_loans.filter(pl.col("known_at_s") >= pl.col("granted")).height == 0
