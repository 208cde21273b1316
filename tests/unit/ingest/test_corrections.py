"""A table that declares corrections: what its rows become, from a file to what counts as of a time."""

import json
from pathlib import Path

import numpy as np
import pytest

from graph.canonical import canonical_hash
from graph.opening import open_store
from graph.snapshot import Snapshot, publish_snapshot
from graph.store import GraphStore
from graph.vocabulary import UNCORRECTED, EdgeType, NodeLabel, RelType
from ingest.checks import RejectReason
from ingest.linkage.evidence import EDGES
from ingest.load import Intake, load_source
from ingest.mapping import read_mapping
from ingest.quarantine.replay import replay_entries
from ingest.report import LoadReport
from ingest.source import SourceSpec
from tests.support.mappings import PEPPER, read_mapped, write_mapping, write_orders

BOUGHT = EdgeType(NodeLabel.PERSON, RelType.BOUGHT_FROM, NodeLabel.COMPANY)
DECLARED = (
    ("    constants", "    corrections: true\n    deleted_when: {column: state, values: [returned]}\n    constants"),
    ("        where: {column: state, equals: delivered}\n", ""),
    (", optional: true}", "}"),
)
FIRST = ("1;ada;Kauf;01.01.2025;12,50;D;", "2;bob;Kauf;02.01.2025;7;D;")
SECOND = ("1;ada;Kauf;03.01.2025;15;D;", "1;ada;Kauf;05.01.2025;;R;", "3;cyd;Kauf;06.01.2025;;R;")
DAY_S = 86_400
NEW_YEAR_S = 1_735_686_000  # midnight in Berlin, when 31 December 2024 is known


def source(folder: Path, *changes: tuple[str, str]) -> SourceSpec:
    return read_mapping(write_mapping(folder, *DECLARED, *changes))


def deliver(declared: SourceSpec, folder: Path, store: GraphStore, *rows: str) -> LoadReport:
    raw = folder / f"raw{len(list(folder.glob('raw*')))}"
    raw.mkdir()
    write_orders(raw, *rows)
    return load_source(declared, raw, store, PEPPER, Intake(folder / "intake"))


def amounts(store: GraphStore, folder: Path, days: int) -> list[int]:
    """What counts on the night that ends so many days of January."""
    publish_snapshot(store, folder / "snapshots")
    snapshot = Snapshot.open(folder / "snapshots")
    refs, as_of_s = np.arange(snapshot.num_facts(BOUGHT)), NEW_YEAR_S + days * DAY_S + 1
    counts = (snapshot.take(BOUGHT, "known_at_s", refs) < as_of_s) & (as_of_s <= snapshot.ends_s(BOUGHT, refs))
    return sorted(snapshot.take(BOUGHT, "amount_minor", refs[counts]).tolist())


def state(store: GraphStore) -> tuple[str, list[object]]:
    return canonical_hash(store), list(store.conflicts())


@pytest.mark.parametrize("deliveries", [(FIRST, SECOND), (SECOND, FIRST), ((*SECOND, *FIRST),), ((*FIRST, *SECOND)[::-1],)])
def test_corrections_and_deletions_count_from_when_they_are_known_in_any_order(
    tmp_path: Path, deliveries: tuple[tuple[str, ...], ...]
) -> None:
    declared = source(tmp_path)
    with open_store(str(tmp_path / "g.duckdb"), PEPPER.fingerprint) as store:
        for rows in deliveries:
            report = deliver(declared, tmp_path, store, *rows)
            assert report.accepted == len(rows)
            publish_snapshot(store, tmp_path / "snapshots")
        seen = {days: amounts(store, tmp_path, days) for days in (0, 1, 2, 3, 4, 5, 9)}
        assert seen == {0: [], 1: [1250], 2: [700, 1250], 3: [700, 1500], 4: [700, 1500], 5: [700], 9: [700]}
        reached = state(store)
    (tmp_path / "whole").mkdir()
    with open_store(str(tmp_path / "whole" / "g.duckdb"), PEPPER.fingerprint) as store:
        deliver(declared, tmp_path / "whole", store, *FIRST, *SECOND)
        assert state(store) == reached
        assert reached[1] == []


def test_the_same_rows_again_write_nothing(tmp_path: Path) -> None:
    declared = source(tmp_path)
    with open_store(str(tmp_path / "g.duckdb"), PEPPER.fingerprint) as store:
        deliver(declared, tmp_path, store, *FIRST, *SECOND)
        before, seq = state(store), store.identity().seq
        deliver(declared, tmp_path, store, *SECOND, *FIRST)  # another file, so that it is read
        assert (state(store), store.identity().seq) == (before, seq)


def test_a_deletion_may_lack_what_tells_no_more_than_what_was_deleted(tmp_path: Path) -> None:
    rows = ("1;ada;Kauf;01.01.2025;;R;", "2;ada;Kauf;01.01.2025;;D;", "3;ada;;01.01.2025;;R;", ";ada;Kauf;01.01.2025;;R;")
    write_orders(tmp_path, *rows)
    [batch], report = read_mapped(write_mapping(tmp_path, *DECLARED), tmp_path)
    assert report.rejected == {RejectReason.MISSING_VALUE: 3}
    [deletion] = batch.rows.to_dicts()
    assert (deletion["withdrawn"], deletion["amount_minor"], deletion["currency"]) == (True, None, "EUR")
    assert deletion["series"] == PEPPER.fact_id(BOUGHT, "shop", "1")


def test_a_deletion_is_at_least_as_old_as_it_is_known(tmp_path: Path) -> None:
    reported = (
        '- {header: Reported, name: reported, type: date, format: "%d.%m.%Y", zone: Europe/Berlin}\n      - {header: Total'
    )
    changes = (("- {header: Total", reported), ("at: placed", "at: placed\n        known: reported"))
    write_orders(tmp_path, "1;ada;Kauf;;03.01.2025;;R;", header="No;Customer;Shop;Placed;Reported;Total;State;Note")
    [batch], _ = read_mapped(write_mapping(tmp_path, *DECLARED, *changes), tmp_path)
    [deletion] = batch.rows.to_dicts()
    assert deletion["at_us"] // 1_000_000 + DAY_S == deletion["known_at_s"] == NEW_YEAR_S + 3 * DAY_S


def test_a_refused_deletion_that_was_mended_deletes(tmp_path: Path) -> None:
    declared = source(tmp_path)
    with open_store(str(tmp_path / "g.duckdb"), PEPPER.fingerprint) as store:
        deliver(declared, tmp_path, store, *FIRST, "2;bob;Kauf;no day;;R;")
        shelf = Intake(tmp_path / "intake").shelf
        [entry] = shelf.entries().iter_rows(named=True)
        repairs = {entry["entry"]: json.loads(entry["fields"]) | {"placed": "05.01.2025"}}
        assert replay_entries(declared, store, PEPPER, shelf, repairs=repairs).accepted == 1
        assert (amounts(store, tmp_path, 4), amounts(store, tmp_path, 5)) == ([700, 1250], [1250])


def test_no_corrections_are_taken_of_what_linkage_and_consent_rest_on() -> None:
    assert {edge.rel for edge in EDGES} | {RelType.SAME_AS, RelType.CONSENTED} == UNCORRECTED


def test_with_an_erased_version_go_those_it_replaced(tmp_path: Path) -> None:
    rows = (
        "1;ada;Kauf;01.01.2025;1;D;",
        "1;bob;Kauf;02.01.2025;1;D;",
        "1;cyd;Kauf;03.01.2025;1;D;",
        "2;ada;Kauf;03.01.2025;1;D;",
    )
    with open_store(str(tmp_path / "g.duckdb"), PEPPER.fingerprint) as store:
        deliver(source(tmp_path), tmp_path, store, *rows)
        report = store.erase({NodeLabel.PERSON: [PEPPER.node_key(NodeLabel.PERSON, "shop", "bob")]})
        assert (report.facts, report.nodes) == (2, 1)
        left = {row["source_id"] for batch in store.export() for row in batch.rows.iter_rows(named=True)}
        assert left == {PEPPER.node_key(NodeLabel.PERSON, "shop", person) for person in ("ada", "cyd")}
