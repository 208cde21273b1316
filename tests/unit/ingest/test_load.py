"""A whole load: one transaction or none, a report that adds up, facts that do not depend on the order of rows."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import CreditGraphError
from graph.facts import FactBatch
from graph.store import WriteReport
from graph.vocabulary import EdgeType, NodeLabel, RelType
from ingest.checks import RejectReason
from ingest.errors import (
    IngestError,
    SourceEncodingWrong,
    SourceLayoutChanged,
    SourceMissing,
    SourceSizeUnhealthy,
    SourceUnknown,
)
from ingest.load import SOURCES, Intake, Pace, load_source, read_facts
from ingest.pipeline.tally import Tally
from ingest.report import LoadReport, TableReport
from tests.support.ledger_store import LedgerStore
from tests.support.source_files import (
    ACCOUNT,
    BERKA_LAYOUTS,
    EARLIER,
    PEPPER,
    SCORED,
    TRANS,
    fact_set,
    facts_of,
    write_berka,
    write_superlender,
)

APPLIED_FOR = EdgeType(NodeLabel.PERSON, RelType.APPLIED_FOR, NodeLabel.LOAN)


class RecordingStore(LedgerStore):
    """Keeps what is written and each checkpoint, as a real store does."""

    def __init__(self) -> None:
        super().__init__(pepper=PEPPER.fingerprint)
        self.kept: dict[str, str] = {}

    def write(
        self,
        batches: Iterable[FactBatch],
        *,
        retire: object = None,
        checkpoints: Mapping[str, str | None] = MappingProxyType({}),
    ) -> WriteReport:
        self.commits.append(list(batches))
        for key, text in checkpoints.items():
            self.kept.pop(key, None)
            if text is not None:
                self.kept[key] = text
        return WriteReport(written=sum(len(batch) for batch in self.commits[-1]))

    def checkpoints(self, prefix: str = "") -> dict[str, str]:
        return {key: text for key, text in self.kept.items() if key.startswith(prefix)}


def load(source: str, folder: Path, store: Any, **options: Any) -> LoadReport:
    return load_source(source, folder, store, PEPPER, Intake(folder / "intake"), **options)


def test_a_small_load_is_one_commit_and_the_report_carries_the_stores_account(tmp_path: Path) -> None:
    store = RecordingStore()

    report = load("superlender", write_superlender(tmp_path), store)

    [facts] = [batches for batches in store.commits if batches]
    assert report.written == WriteReport(written=sum(report.facts.values()))
    assert report.facts == {batch.edge: len(batch) for batch in facts}
    assert (report.read, report.accepted) == (3, 3)


def test_reading_without_a_store_gives_no_account_of_one(tmp_path: Path) -> None:
    _, report = read_facts("superlender", write_superlender(tmp_path), PEPPER)

    assert report.written is None


def test_rows_read_are_accounted_for_table_by_table(tmp_path: Path) -> None:
    rows = [{"systemloanid": str(i)} for i in range(5)]
    bad = [{"loanamount": "-1"}, {"loanamount": "x"}, {"loanamount": "x"}]
    write_superlender(tmp_path, {SCORED: [*rows, *bad]})

    _, report = read_facts("superlender", tmp_path, PEPPER)

    scored = report.tables[0]
    assert (scored.read, scored.accepted) == (8, 5)
    assert scored.rejected == {RejectReason.BAD_NUMBER: 2, RejectReason.NEGATIVE_AMOUNT: 1}
    assert report.rejected == scored.rejected
    assert [example.row for example in scored.examples] == [7, 8, 9]


def test_a_report_that_does_not_add_up_cannot_be_made() -> None:
    with pytest.raises(ValueError, match=r"t\.csv: 3 rows read"):
        TableReport("t", "t.csv", read=3, accepted=1, rejected={RejectReason.BAD_DATE: 1})


def test_progress_is_told_of_every_file_and_ends_with_linkage(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    folder = write_superlender(tmp_path)
    total = sum(path.stat().st_size for path in folder.iterdir())

    load("superlender", folder, RecordingStore(), progress=lambda what, done, of: seen.append((what, done, of)))

    files = ["trainperf.csv", "trainprevloans.csv", "traindemographics_coarse.csv"]
    assert list(dict.fromkeys(what for what, _, _ in seen)) == [*files, "linkage"]
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert {of for _, _, of in seen} == {total}
    assert seen[-1] == ("linkage", total, total)


def test_a_load_in_small_commits_is_in_step_with_its_checkpoints(tmp_path: Path) -> None:
    store = RecordingStore()

    report = load("superlender", write_superlender(tmp_path), store, pace=Pace(commit_facts=1))

    assert len([batches for batches in store.commits if batches]) > 1
    tallies = [Tally.from_text(text) for text in store.checkpoints("file:superlender:").values()]
    assert all(tally.done for tally in tallies)
    assert sum(tally.read for tally in tallies) == report.read


def test_what_a_checkpoint_says_is_understood_again() -> None:
    tally = Tally(7, next_block=3, read=9, rejected=Counter({"bad_date": 2}), days=Counter({"19000": 4}))

    assert Tally.from_text(tally.to_text()) == tally


def test_files_left_alone_are_named_with_the_reason(tmp_path: Path) -> None:
    write_superlender(tmp_path)
    for name in ("testperf.csv", "notes.txt"):
        (tmp_path / name).touch()

    _, report = read_facts("superlender", tmp_path, PEPPER)

    assert report.unread == {
        "notes.txt": "no reader is declared for it",
        "testperf.csv": "other customers, no outcomes, and dates without a day",
    }


def _drop_column(folder: Path) -> None:
    path = folder / TRANS.file
    path.write_text(path.read_text().replace("balance", "saldo"))


def _garble(folder: Path) -> None:
    (folder / TRANS.file).write_bytes((folder / TRANS.file).read_bytes().replace(b"balance", b"b\xe4lance"))


def _remove(folder: Path) -> None:
    (folder / TRANS.file).unlink()


def _empty(folder: Path) -> None:
    path = folder / TRANS.file
    path.write_text(path.read_text().splitlines()[0] + "\n")


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (_drop_column, SourceLayoutChanged),
        (_garble, SourceEncodingWrong),
        (_remove, SourceMissing),
        (_empty, SourceSizeUnhealthy),
    ],
)
def test_a_structural_fault_in_a_late_file_writes_nothing(tmp_path: Path, damage: object, error: type[IngestError]) -> None:
    store = RecordingStore()
    write_berka(tmp_path)
    damage(tmp_path)

    with pytest.raises(error, match=r"trans_test\.csv"):
        load("berka", tmp_path, store)

    assert store.commits == []


def test_every_structural_fault_is_of_one_family_with_a_code_of_its_own() -> None:
    leaves = IngestError.__subclasses__()

    assert issubclass(IngestError, CreditGraphError)
    assert len({leaf.code for leaf in leaves} | {IngestError.code}) == len(leaves) + 1


def test_an_unknown_source_names_the_declared_ones(tmp_path: Path) -> None:
    with pytest.raises(SourceUnknown, match="'zindi'; declared are berka, sandbox, superlender"):
        read_facts("zindi", tmp_path, PEPPER)


def test_an_absent_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="nowhere"):
        read_facts("berka", tmp_path / "nowhere", PEPPER)


def test_an_id_with_other_content_is_handed_on_in_both_versions(tmp_path: Path) -> None:
    write_superlender(tmp_path, {SCORED: [{}, {"loanamount": "20000.0000"}], EARLIER: [{}]})

    batches, report = read_facts("superlender", tmp_path, PEPPER)

    versions = [fact for fact in facts_of(batches, APPLIED_FOR) if fact["loan_number"] == 2]
    assert report.rejected == {}
    assert len({fact["id"] for fact in versions}) == 1
    assert sorted(str(fact["amount_minor"]) for fact in versions) == ["1000000", "2000000"]


def test_another_pepper_gives_other_ids_and_the_same_rest(tmp_path: Path) -> None:
    first, _ = read_facts("superlender", write_superlender(tmp_path), PEPPER)
    second, _ = read_facts("superlender", tmp_path, type(PEPPER)("another pepper for tests"))

    for one, other in zip(first, second, strict=True):
        assert not set(one.rows["id"]) & set(other.rows["id"])
        hashed = ["id", "source_id", "target_id"]
        assert one.rows.drop(hashed).equals(other.rows.drop(hashed))


def _varied(layout_file: str, n: int) -> list[dict[str, str]]:
    draw = random.Random(layout_file)
    return {
        ACCOUNT.file: [{"account_id": str(7 + i), "district_id": str(draw.randrange(3))} for i in range(n)],
        TRANS.file: [
            {"trans_id": str(i), "amount": f"{draw.randrange(1, 999)}.00", "date": draw.choice(["970110", "970230", "971110"])}
            for i in range(n)
        ],
    }.get(layout_file, [{}])


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_berka(tmp_path_factory.mktemp("in_order"), {x: _varied(x.file, 12) for x in BERKA_LAYOUTS})


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_does_not_matter(in_order: Path, tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    shuffled = tmp_path_factory.mktemp("shuffled")
    for path in in_order.iterdir():
        header, *rows = path.read_text().splitlines()
        random.Random(seed).shuffle(rows)
        (shuffled / path.name).write_text("\n".join([header, *rows]))

    expected, before = read_facts("berka", in_order, PEPPER)
    actual, after = read_facts("berka", shuffled, PEPPER)

    assert fact_set(actual) == fact_set(expected)
    assert (after.facts, after.rejected) == (before.facts, before.rejected)
    assert before.rejected


def test_the_declared_sources_are_found_by_their_own_name() -> None:
    assert {name: source.name for name, source in SOURCES.items()} == {
        name: name for name in ("berka", "sandbox", "superlender")
    }
