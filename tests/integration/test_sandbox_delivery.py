"""What the simulated institutions write is what the readers read: every file, nearly every row, nothing twice."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from graph.facts import FactBatch, check_batch
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.load import read_facts
from ingest.report import LoadReport
from ingest.sandbox.generate import RAW, SEALED, write_sandbox
from ingest.sandbox.knobs import Scale
from tests.support.source_files import PEPPER

pytestmark = pytest.mark.slow
SCALE = Scale(persons=1_000, months=8)
PERSON, ACCOUNT, LOAN = NodeLabel.PERSON, NodeLabel.BANK_ACCOUNT, NodeLabel.LOAN
REFUSED_SHARE = 0.001  # companies founded before 1970, when the graph's clock begins
Read = tuple[list[FactBatch], LoadReport]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sandbox")
    write_sandbox(folder, SCALE, workers=1)
    return folder


@pytest.fixture(scope="module")
def read(out: Path) -> Read:
    return read_facts("sandbox", out / RAW, PEPPER)


def rows(batches: Sequence[FactBatch], edge: EdgeType) -> pl.DataFrame:
    return next(batch.rows for batch in batches if batch.edge == edge)


def test_every_file_has_a_reader_and_nearly_every_row_is_accepted(out: Path, read: Read) -> None:
    _, report = read

    assert report.unread == {}
    assert {path.name for path in (out / RAW).iterdir()} == {table.file for table in report.tables}
    assert sum(report.rejected.values()) <= REFUSED_SHARE * report.read


def test_facts_keep_to_the_vocabulary_and_none_is_known_before_it_happened(read: Read) -> None:
    for batch in read[0]:
        check_batch(batch)
        assert (batch.rows["known_at_s"] * 1_000_000 >= batch.rows["at_us"]).all(), batch.edge


def test_a_fact_id_never_stands_for_two_moments_of_a_payment_or_an_order(read: Read) -> None:
    for edge in (EdgeType(ACCOUNT, RelType.PAID, ACCOUNT), EdgeType(PERSON, RelType.BOUGHT_FROM, NodeLabel.COMPANY)):
        facts = rows(read[0], edge)
        assert facts.select("id", "at_us", "amount_minor").unique().height == facts["id"].n_unique()


def test_a_payment_stated_by_both_banks_is_there_once(read: Read) -> None:
    paid = rows(read[0], EdgeType(ACCOUNT, RelType.PAID, ACCOUNT)).unique("id")
    covered = set(rows(read[0], EdgeType(ACCOUNT, RelType.HELD_AT, NodeLabel.LENDER))["source_id"])
    between = paid.filter(pl.col("source_id").is_in(covered) & pl.col("target_id").is_in(covered))

    assert between.height > 0
    assert between["source_balance_minor"].null_count() == 0
    assert between["target_balance_minor"].null_count() == between.height


def test_every_application_of_the_sealed_truth_is_a_loan_of_the_graph(out: Path, read: Read) -> None:
    truth = pl.read_csv(out / SEALED / "truth.csv", columns=["application_id"])
    applied = {loan for batch in read[0] if batch.edge.rel is RelType.APPLIED_FOR for loan in batch.rows["target_id"]}

    assert set(PEPPER.node_keys(LOAN, "sandbox", truth["application_id"])) == applied


def test_people_who_list_each_other_know_each_other(read: Read) -> None:
    listed = rows(read[0], EdgeType(PERSON, RelType.LISTS_CONTACT, PERSON))
    claims = set(listed.select("source_id", "target_id").iter_rows())
    mutual = {frozenset(pair) for pair in claims if pair[::-1] in claims}
    known = rows(read[0], EdgeType(PERSON, RelType.KNOWS, PERSON))

    assert {frozenset(pair) for pair in known.select("source_id", "target_id").iter_rows()} == mutual
    assert known.height == len(mutual)
