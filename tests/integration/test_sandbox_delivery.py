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


def test_a_payment_stated_by_both_banks_is_one_fact(read: Read) -> None:
    paid = rows(read[0], EdgeType(ACCOUNT, RelType.PAID, ACCOUNT)).group_by("id").agg(pl.all().drop_nulls().n_unique())
    stated_twice = paid.filter((pl.col("source_balance_minor") > 0) & (pl.col("target_balance_minor") > 0))

    assert stated_twice.height > 0
    assert stated_twice.select("source_id", "target_id", "at_us", "amount_minor", "purpose").max().row(0) == (1, 1, 1, 1, 1)
    assert paid.select(pl.max("source_balance_minor", "target_balance_minor")).row(0) == (
        1,
        1,
    )  # no two payments are taken for one


def test_every_application_of_the_sealed_truth_is_a_loan_of_the_graph(out: Path, read: Read) -> None:
    truth = pl.read_csv(out / SEALED / "truth.csv", columns=["application_id"])
    applied = {loan for batch in read[0] if batch.edge.rel is RelType.APPLIED_FOR for loan in batch.rows["target_id"]}

    assert {PEPPER.node_key(LOAN, "sandbox", loan) for loan in truth["application_id"]} == applied


def test_everyone_who_is_called_or_listed_has_that_number(read: Read) -> None:
    reached = rows(read[0], EdgeType(PERSON, RelType.HAS_PHONE, NodeLabel.PHONE))["source_id"]
    called = rows(read[0], EdgeType(PERSON, RelType.CALLED, PERSON))
    listed = rows(read[0], EdgeType(PERSON, RelType.LISTS_CONTACT, PERSON))

    assert not (set(called["source_id"]) | set(called["target_id"]) | set(listed["target_id"])) - set(reached)


def test_files_may_be_shuffled(out: Path, read: Read, tmp_path: Path) -> None:
    for path in (out / RAW).iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for path in (*tmp_path.glob("*.csv"), *tmp_path.glob("*.jsonl")):
        header, *lines = path.read_text().splitlines(keepends=True)
        again = [header, *lines[::-1]] if path.suffix == ".csv" else [*lines[::-1], header]
        path.write_text("".join(again))
    shuffled, _ = read_facts("sandbox", tmp_path, PEPPER)

    assert [batch.edge for batch in shuffled] == [batch.edge for batch in read[0]]
    for one, other in zip(read[0], shuffled, strict=True):
        assert one.rows.unique().sort(pl.all()).equals(other.rows.unique().sort(pl.all())), one.edge
