"""The made-up data: the same bytes from the same seed, loaded whole, and something in it to learn."""

from hashlib import sha256
from pathlib import Path
from statistics import mean

import polars as pl
import pytest

from graph.facts import FactBatch, check_batch
from graph.vocabulary import RelType
from ingest.load import read_facts
from tests.support.made_up.delivery import write_made_up
from tests.support.source_files import BERKA_LAYOUTS, PEPPER, SUPERLENDER_LAYOUTS, all_rows

LAYOUTS = {"superlender": SUPERLENDER_LAYOUTS, "berka": BERKA_LAYOUTS}


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made-up")
    write_made_up(folder)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*.csv"))}


def standings(batches: list[FactBatch]) -> list[str]:
    return next(b for b in batches if b.edge.rel is RelType.ASSESSED).rows["standing"].to_list()


def test_the_same_seed_gives_the_same_bytes(made_up: Path, tmp_path: Path) -> None:
    write_made_up(tmp_path)

    assert digests(tmp_path) == digests(made_up)


def test_another_seed_gives_other_bytes_in_every_file(made_up: Path, tmp_path: Path) -> None:
    write_made_up(tmp_path, seed=8)

    assert not set(digests(tmp_path).values()) & set(digests(made_up).values())


def test_the_number_of_borrowers_is_the_number_of_scored_loans(tmp_path: Path) -> None:
    write_made_up(tmp_path, borrowers=50, seed=1)

    scored = pl.read_csv(tmp_path / "superlender" / "trainperf.csv")
    loans = pl.read_csv(tmp_path / "berka" / "loan_test.csv", separator=";")
    assert (scored.height, loans.height) == (50, 10)


@pytest.mark.parametrize("source", ["superlender", "berka"])
def test_every_row_is_accepted_and_every_fact_keeps_to_the_vocabulary(made_up: Path, source: str) -> None:
    batches, report = read_facts(source, made_up / source, PEPPER)

    assert report.rejected == {}
    assert report.unread == {}
    assert len(batches) == {"superlender": 16, "berka": 15}[source]
    for batch in batches:
        check_batch(batch)


@pytest.mark.parametrize("source", ["superlender", "berka"])
def test_the_headers_are_those_of_the_source(made_up: Path, source: str) -> None:
    for layout in LAYOUTS[source]:
        header = (made_up / source / layout.file).read_text().splitlines()[0].replace('"', "")
        assert header.split(layout.delimiter) == list(layout.defaults)


def test_the_habits_of_the_real_files_are_kept(made_up: Path) -> None:
    files = {p.name: p.read_bytes() for p in made_up.rglob("*.csv")}

    unfinished = {name for name, content in files.items() if not content.endswith(b"\n")}
    assert unfinished == {
        "trainperf.csv",
        "trainprevloans.csv",
        "district.csv",
        "card_train.csv",
        "loan_test.csv",
        "loan_train.csv",
        "trans_test.csv",
    }
    assert {name for name, content in files.items() if b"\r\n" not in content} == {
        "trainperf.csv",
        "trainprevloans.csv",
        "traindemographics_coarse.csv",
        "loans_1997_98_labelled.csv",
    }
    assert b"?" in files["district.csv"]
    assert b" 00:00:00.000000\n" in files["trainprevloans.csv"]  # a repayment whose time was not recorded


@pytest.mark.parametrize(("source", "bad"), [("superlender", {"defaulted"}), ("berka", {"defaulted", "arrears"})])
def test_about_a_fifth_of_the_loans_go_bad(made_up: Path, source: str, bad: set[str]) -> None:
    batches, _ = read_facts(source, made_up / source, PEPPER)

    assert 0.15 < mean(standing in bad for standing in standings(batches)) < 0.3


def test_earlier_loans_are_closed_before_the_scored_one_is_asked_for(made_up: Path) -> None:
    folder = made_up / "superlender"
    scored = pl.read_csv(folder / "trainperf.csv", try_parse_dates=True)
    earlier = pl.read_csv(folder / "trainprevloans.csv", try_parse_dates=True)

    pairs = earlier.join(scored, on="customerid", suffix="_scored")

    assert pairs.height == earlier.height
    assert pairs.filter(pl.col("closeddate") >= pl.col("creationdate_scored").dt.offset_by("1h")).height == 0


def test_later_repayment_goes_with_bad_loans(made_up: Path) -> None:
    folder = made_up / "superlender"
    scored = pl.read_csv(folder / "trainperf.csv")
    earlier = pl.read_csv(folder / "trainprevloans.csv", try_parse_dates=True)
    late = earlier.with_columns(late=(pl.col("firstrepaiddate") - pl.col("firstduedate")).dt.total_days())

    by_flag = dict(late.join(scored, on="customerid").group_by("good_bad_flag").agg(pl.col("late").mean()).iter_rows())

    assert by_flag["Bad"] > by_flag["Good"] + 3


def test_lower_balances_go_with_bad_loans_and_lie_before_them(made_up: Path) -> None:
    folder = made_up / "berka"
    loans = pl.read_csv(folder / "loans_1997_98_labelled.csv")
    payments = pl.read_csv(folder / "trans_test.csv", separator=";")

    joined = payments.join(loans, on="account_id", suffix="_loan")
    by_label = dict(joined.group_by("y").agg(pl.col("balance").median()).iter_rows())

    assert joined.filter(pl.col("date") >= pl.col("date_loan")).height == 0
    assert by_label[1] < by_label[0] / 2


@pytest.mark.parametrize(("source", "instant"), [("superlender", 1_514_678_400), ("berka", 915_148_800)])
def test_no_outcome_is_known_before_every_loan_has_run_out(made_up: Path, source: str, instant: int) -> None:
    batches, _ = read_facts(source, made_up / source, PEPPER)

    outcomes = [b for b in batches if b.edge.rel in (RelType.ASSESSED, RelType.DEFAULTED_ON)]
    assert set(all_rows(outcomes, ["known_at_s"])["known_at_s"]) == {instant}


def test_nothing_that_happened_is_known_before_it_happened(made_up: Path) -> None:
    for source in LAYOUTS:
        batches, _ = read_facts(source, made_up / source, PEPPER)
        facts = all_rows([b for b in batches if b.edge.rel is not RelType.OWES], ["at_us", "known_at_s"])
        assert facts.filter(pl.col("known_at_s") * 1_000_000 < pl.col("at_us")).height == 0
