from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from graph.derived import fact_schema
from graph.facts import FactBatch
from graph.opening import open_store
from graph.vocabulary import SPECS, EdgeType, NodeLabel, RelType
from ingest.retention import expire_facts

CALLED = EdgeType(NodeLabel.PERSON, RelType.CALLED, NodeLabel.PERSON)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def called(number: int, known_at: datetime, basis: str) -> dict[str, object]:
    seconds = int(known_at.timestamp())
    return {
        "id": f"{number:032x}",
        "source_id": "a" * 32,
        "target_id": "b" * 32,
        "at_us": seconds * 1_000_000,
        "known_at_s": seconds,
        "attested_by": "institution",
        "basis": basis,
        "undated": False,
        "origin": "test",
        "duration_seconds": 60,
    }


def test_a_fact_goes_when_its_retention_has_passed_and_research_stays(tmp_path: Path) -> None:
    kept_for = timedelta(days=SPECS[CALLED].retention_days)
    rows = [
        called(1, NOW - kept_for - timedelta(seconds=1), "contract"),
        called(2, NOW - kept_for, "contract"),
        called(3, NOW - kept_for - timedelta(days=900), "research"),
    ]
    with open_store(str(tmp_path / "graph.duckdb"), "f" * 16) as store:
        store.write([FactBatch(CALLED, pl.DataFrame(rows, schema=fact_schema(CALLED)))])

        gone = expire_facts(store, NOW)

        [left] = store.export()
        assert gone == {CALLED: 1}
        assert left.rows["id"].to_list() == [f"{2:032x}", f"{3:032x}"]
        assert expire_facts(store, NOW) == {}
