import polars as pl
import pytest

from graph.framing import frame_rows, hex_texts
from graph.identity import KEY_BYTES, Pepper
from graph.vocabulary import EdgeType, NodeLabel, RelType

PEPPER = Pepper("the pepper of these tests")
CALLED = EdgeType(NodeLabel.PERSON, RelType.CALLED, NodeLabel.PERSON)


@pytest.mark.parametrize("long", ["", "é" * 63, "é" * 64, "x" * 127, "x" * 128, "x" * 70_000])
def test_columns_give_the_ids_that_parts_give_one_by_one(long: str) -> None:
    rows = [("a", "bc"), ("ab", "c"), ("", long), ("日本", "x\x1fy")]
    parts = pl.DataFrame(rows, schema={"one": pl.String, "two": pl.String}, orient="row")

    digests = PEPPER.fact_id_digests(CALLED, "s", frame_rows(parts))

    assert hex_texts(digests, KEY_BYTES).to_list() == PEPPER.fact_ids(CALLED, "s", rows)


def test_no_rows_give_no_ids() -> None:
    nothing = pl.DataFrame(schema={"one": pl.String})

    assert hex_texts(PEPPER.node_key_digests(NodeLabel.PERSON, "s", frame_rows(nothing)), KEY_BYTES).to_list() == []
