"""The rule for versions, and that a DuckDB store keeps it in any order and any split of its input."""

import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.canonical import canonical_hash
from graph.derived import fact_schema
from graph.duckdb.store import DuckDBStore
from graph.facts import FactBatch
from graph.store import WriteReport
from graph.versions import Held, settle
from graph.vocabulary import EdgeType, NodeLabel, RelType
from tests.support.facts import example_batch

PEPPER = "0123456789abcdef"
HOLDS = EdgeType(NodeLabel.PERSON, RelType.HOLDS, NodeLabel.BANK_ACCOUNT)
NOTHING = FactBatch(HOLDS, pl.DataFrame(schema=fact_schema(HOLDS)))

versions = st.fixed_dictionaries(
    {
        "number": st.integers(0, 2),
        "origin": st.sampled_from(["a", "b", "c"]),
        "known_at_s": st.integers(10, 12),
        "at_us": st.integers(1, 2),
    }
)


def facts(given_versions: list[dict[str, object]]) -> FactBatch:
    known = example_batch(HOLDS, 3).rows
    rows = [known.row(v["number"], named=True) | {k: v[k] for k in v if k != "number"} for v in given_versions]
    return FactBatch(HOLDS, pl.DataFrame(rows, schema=fact_schema(HOLDS)))


def stored(pieces: list[FactBatch], *, at_once: bool) -> tuple[str, list[object], WriteReport]:
    with tempfile.TemporaryDirectory() as folder, DuckDBStore(Path(folder) / "g.duckdb", PEPPER) as store:
        reports = [store.write(pieces)] if at_once else [store.write([piece]) for piece in pieces]
        report = sum(reports, WriteReport())
        return canonical_hash(store), [b.rows.to_dicts() for b in store.conflicts()], report


@settings(max_examples=25, deadline=None)
@given(st.lists(versions, min_size=1, max_size=12), st.randoms(use_true_random=False), st.integers(1, 4), st.booleans())
def test_any_order_and_split_gives_the_same_facts_losers_and_counts(
    handed: list[dict[str, object]], draw: object, size: int, at_once: bool
) -> None:
    mixed = list(handed)
    draw.shuffle(mixed)  # type: ignore[attr-defined]
    pieces = [facts(mixed[start : start + size]) for start in range(0, len(mixed), size)]
    one = stored([facts(handed)], at_once=True)
    other = stored(pieces, at_once=at_once)
    assert other[:2] == one[:2]
    assert (other[2].written, other[2].conflicts) == (one[2].written, one[2].conflicts)
    assert other[2].duplicates + other[2].restated == one[2].duplicates + one[2].restated


def test_new_facts_pass_through_untouched() -> None:
    batch = example_batch(HOLDS, 5)
    settlement = settle(batch, Held(NOTHING, NOTHING))
    assert settlement.facts.equals(batch.rows)
    assert settlement.report == WriteReport(written=5)


def test_every_row_is_counted_once() -> None:
    same = {"number": 0, "origin": "a", "known_at_s": 10, "at_us": 1}
    handed = [same, same, same | {"known_at_s": 11}, same | {"origin": "b"}, same | {"number": 1}]
    assert settle(facts(handed), Held(NOTHING, NOTHING)).report == WriteReport(written=2, duplicates=1, restated=1, conflicts=1)


def test_only_facts_that_change_are_replaced() -> None:
    held = example_batch(HOLDS, 3)
    earlier = FactBatch(HOLDS, held.rows.head(1).with_columns(pl.col("known_at_s") - 1))
    settlement = settle(FactBatch(HOLDS, pl.concat([earlier.rows, held.rows.tail(2)])), Held(held, NOTHING))
    assert settlement.facts.equals(earlier.rows)
    assert settlement.replaced.to_list() == earlier.rows["id"].to_list()
    assert settlement.contested.len() == 0
