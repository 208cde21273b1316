"""Which refused rows are given another chance, and which are left alone."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from graph.errors import StoreUnavailable
from graph.facts import FactBatch
from graph.opening import open_store
from graph.store import GraphStore, WriteReport
from ingest.checks import LINE, NAMES
from ingest.errors import RepairUnbound
from ingest.load import Intake, load_source
from ingest.mapping import read_mapping
from ingest.quarantine.replay import ReplayReport, replay_entries
from ingest.source import SourceSpec
from tests.support.mappings import PEPPER, write_mapping, write_orders

BROKEN = "1;ada;Kauf;no day;12,50;D;"


@contextmanager
def opened(folder: Path) -> Iterator[GraphStore]:
    with open_store(str(folder / "g.duckdb"), PEPPER.fingerprint) as store:
        yield store


def load(source: SourceSpec, folder: Path, store: GraphStore) -> pl.DataFrame:
    raw = folder / "raw"
    raw.mkdir(exist_ok=True)
    (folder / "orders.csv").replace(raw / "orders.csv")
    load_source(source, raw, store, PEPPER, Intake(folder / "intake"))
    return Intake(folder / "intake").shelf.entries()


def replay(source: SourceSpec, folder: Path, store: GraphStore, entries: pl.DataFrame, **mended: str) -> ReplayReport:
    repairs = {row["entry"]: json.loads(row["fields"]) | mended for row in entries.iter_rows(named=True)}
    return replay_entries(source, store, PEPPER, Intake(folder / "intake").shelf, repairs=repairs)


def test_a_row_whose_block_was_never_committed_is_pending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = read_mapping(write_mapping(tmp_path))
    write_orders(tmp_path, BROKEN, "2;bob;Kauf;02.01.2025;7;D;")
    with opened(tmp_path) as store:
        with monkeypatch.context() as patch:
            patch.setattr(type(store), "write", _fail)
            with pytest.raises(StoreUnavailable):
                load(source, tmp_path, store)
        shelf = Intake(tmp_path / "intake").shelf
        entries = shelf.entries()
        assert replay(source, tmp_path, store, entries, placed="31.12.2024") == ReplayReport(pending=1)
        assert shelf.entries().equals(entries)

        (tmp_path / "raw" / "orders.csv").replace(tmp_path / "orders.csv")
        load(source, tmp_path, store)
        report = replay(source, tmp_path, store, entries, placed="31.12.2024")

    assert (report.read, report.accepted, report.pending) == (1, 1, 0)
    assert not shelf.entries().height


def test_a_row_of_a_table_whose_equal_rows_are_numbered_is_not_replayed(tmp_path: Path) -> None:
    numbered = ("    constants", "    numbered_repeats: [customer, shop, placed, total, state]\n    constants")
    identity = ("identity: [order]", "identity: [customer, placed, total, repeat]")
    source = read_mapping(write_mapping(tmp_path, numbered, identity))
    write_orders(tmp_path, BROKEN, "2;bob;Kauf;02.01.2025;7;D;")
    with opened(tmp_path) as store:
        entries = load(source, tmp_path, store)
        with pytest.raises(RepairUnbound, match="orders"):
            replay(source, tmp_path, store, entries, placed="31.12.2024")
        shelf = Intake(tmp_path / "intake").shelf
        assert replay_entries(source, store, PEPPER, shelf) == ReplayReport(bound=1)

    assert shelf.entries().equals(entries)


def test_a_column_called_line_is_a_column_and_a_whole_line_a_line(tmp_path: Path) -> None:
    changes = [
        ("name: customer", "name: line"),
        ("source: customer", "source: line"),
        ("name: shop, type", "name: names, type"),
    ]
    source = read_mapping(write_mapping(tmp_path, *changes, ("target: shop", "target: names")))
    write_orders(tmp_path, BROKEN, "2;bob;Kauf;02.01.2025;7", "3;cyd;Kauf;02.01.2025;7;D;")
    with opened(tmp_path) as store:
        entries = load(source, tmp_path, store)
        fields = [json.loads(text) for text in entries["fields"]]
        assert (fields[0]["line"], fields[0]["names"]) == ("ada", "Kauf")
        assert fields[1][LINE] == "2;bob;Kauf;02.01.2025;7"
        assert fields[1][NAMES][0] == "No"
        first = replay(source, tmp_path, store, entries.head(1), placed="31.12.2024")
        second = replay(source, tmp_path, store, entries.tail(1), **{LINE: "2;bob;Kauf;02.01.2025;7;D;"})

    assert (first.accepted, second.accepted) == (1, 1)


def _fail(self: GraphStore, batches: Iterable[FactBatch], **options: object) -> WriteReport:
    raise StoreUnavailable("bolt://x", "gone")
