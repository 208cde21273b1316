"""Files into a real embedded store: loading again changes nothing, a fault changes nothing, conflicts are kept aside."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.canonical import canonical_hash
from graph.opening import open_store
from graph.store import GraphStore, WriteReport
from ingest.errors import SourceLayoutChanged
from ingest.load import Intake, load_source
from tests.support.made_up.delivery import write_made_up
from tests.support.source_files import PEPPER, SCORED, write_berka, write_superlender


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GraphStore]:
    with open_store(str(tmp_path / "graph.duckdb"), PEPPER.fingerprint) as opened:
        yield opened


@pytest.mark.parametrize("source", ["superlender", "berka"])
def test_loading_a_second_time_changes_nothing(store: GraphStore, tmp_path: Path, source: str) -> None:
    write_made_up(tmp_path, borrowers=60)
    first = load_source(source, tmp_path / source, store, PEPPER, Intake(tmp_path / "intake"))
    before = canonical_hash(store)

    second = load_source(source, tmp_path / source, store, PEPPER, Intake(tmp_path / "intake"))

    assert first.written is not None
    assert second.written is not None
    assert second.written == WriteReport()
    assert second.facts == first.facts
    assert canonical_hash(store) == before


def test_the_loans_stated_twice_are_duplicates(store: GraphStore, tmp_path: Path) -> None:
    report = load_source("berka", write_berka(tmp_path), store, PEPPER, Intake(tmp_path / "intake"))

    assert report.written is not None
    assert report.written.duplicates == 3  # applied for, funded, disbursed


def test_a_loan_with_other_content_is_a_conflict_whatever_the_order(tmp_path: Path) -> None:
    rows = [{}, {"loanamount": "20000.0000"}]
    hashes = []
    for name, order in (("forth", rows), ("back", rows[::-1])):
        folder = write_superlender(tmp_path / name, {SCORED: order})
        with open_store(str(tmp_path / f"{name}.duckdb"), PEPPER.fingerprint) as store:
            report = load_source("superlender", folder, store, PEPPER, Intake(tmp_path / f"intake-{name}"))
            hashes.append(canonical_hash(store))
        assert report.written is not None
        assert report.written.conflicts == 3  # applied for, funded, disbursed

    assert hashes[0] == hashes[1]


def test_a_delivery_with_another_layout_leaves_the_graph_as_it_was(store: GraphStore, tmp_path: Path) -> None:
    load_source("berka", write_berka(tmp_path / "sound"), store, PEPPER, Intake(tmp_path / "intake"))
    before = (canonical_hash(store), store.identity())
    broken = write_berka(tmp_path / "broken")
    (broken / "order_undated.csv").write_text("order_id;account_id\n1;2\n")

    with pytest.raises(SourceLayoutChanged):
        load_source("berka", broken, store, PEPPER, Intake(tmp_path / "intake"))

    assert (canonical_hash(store), store.identity()) == before
