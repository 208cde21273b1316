"""Deliveries out of manifests: a file counts once, in the run that brought it, with its last account."""

from datetime import date
from typing import Any

from ingest.quality.history import build_history


def file(sha: str, table: str = "calls", read: int = 10, **values: Any) -> dict[str, Any]:
    return {
        "table": table,
        "file": f"{table}.csv",
        "sha256": sha,
        "read": read,
        "rejected": {},
        "facts": {"Person:CALLED:Person": read},
        "nulls": {},
        "days": {"2024-01-01": read},
        "delivered_at": "2024-01-05T00:00:00+00:00",
    } | values


def manifest(run: int, *files: dict[str, Any], source: str = "telecom") -> dict[str, Any]:
    started = f"2024-02-{run:02d}T00:00:00+00:00"
    return {"run": f"{started}-{source}", "source": source, "started": started, "seconds": 1.5, "tables": list(files)}


def test_files_of_a_run_are_added_up_by_table() -> None:
    history = build_history([manifest(1, file("a"), file("b", read=5, rejected={"bad_date": 2}), file("c", "visits"))])

    [delivery] = history["telecom"]
    calls = delivery.tables["calls"]
    assert (calls.files, calls.read, calls.accepted, calls.rejected) == (2, 15, 13, {"bad_date": 2})
    assert calls.days == {date(2024, 1, 1): 15}
    assert delivery.read == 25


def test_a_file_read_again_is_no_second_delivery() -> None:
    history = build_history([manifest(1, file("a")), manifest(2, file("a")), manifest(3, file("a"), file("b"))])

    assert [(delivery.read_at.day, delivery.read) for delivery in history["telecom"]] == [(1, 10), (3, 10)]


def test_of_a_file_that_was_finished_by_a_later_run_the_later_account_counts() -> None:
    history = build_history([manifest(1, file("a", read=4)), manifest(2, file("a", read=10))])

    assert [delivery.read for delivery in history["telecom"]] == [10]


def test_the_same_bytes_for_two_tables_are_two_files() -> None:
    history = build_history([manifest(1, file("a"), file("a", "visits"))])

    assert history["telecom"][0].read == 20


def test_freshness_is_the_age_of_the_newest_fact_at_delivery() -> None:
    stale = file("a", days={"2023-12-01": 1, "2024-01-02": 1})
    empty = file("b", days={})

    [first], [second] = (build_history([manifest(1, each)])["telecom"] for each in (stale, empty))
    assert (first.newest, first.age_days) == (date(2024, 1, 2), 3)
    assert second.age_days is None


def test_null_rates_are_of_accepted_rows() -> None:
    [delivery] = build_history([manifest(1, file("a", rejected={"bad_date": 2}, nulls={"phone": 4}))])["telecom"]

    assert delivery.tables["calls"].null_rates == {"phone": 0.5}


def test_sources_are_kept_apart() -> None:
    history = build_history([manifest(1, file("a")), manifest(2, file("a"), source="bank")])

    assert list(history) == ["bank", "telecom"]
