import hmac

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.derived import vocabulary_digest
from graph.errors import PepperMismatch
from graph.identity import Pepper
from graph.opening import check_identity
from graph.store import STORE_FORMAT, StoreIdentity
from graph.vocabulary import EdgeType, NodeLabel, RelType

PEPPER = Pepper("0123456789abcdef")
PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)
FINGERPRINT_BY_RULE_1 = "3cd140f0ac8eff79"
ODD = st.text() | st.sampled_from(["", ":", "1:", "0:0:", "ab", "a", "é" * 64, "日本", "x\x00y", "\x1f", "x" * 70_000])


def test_a_key_is_128_bits_and_depends_on_label_source_id_and_pepper() -> None:
    key = PEPPER.node_key(NodeLabel.PERSON, "bank", "17")
    others = {
        PEPPER.node_key(NodeLabel.COMPANY, "bank", "17"),
        PEPPER.node_key(NodeLabel.PERSON, "shop", "17"),
        PEPPER.node_key(NodeLabel.PERSON, "bank", "18"),
        Pepper("0123456789abcdeX").node_key(NodeLabel.PERSON, "bank", "17"),
    }
    assert len(key) == 32
    assert int(key, 16) < 2**128
    assert key not in others
    assert len(others) == 4


@pytest.mark.parametrize(
    ("one", "other"),
    [(("ab", "c"), ("a", "bc")), (("a",), ("a", "")), (("", "a"), ("a", "")), (("1:a",), ("a",)), (("a1:b",), ("a", "b"))],
)
def test_parts_are_not_confused_by_where_one_ends(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert PEPPER.fact_id(PAID, "bank", *one) != PEPPER.fact_id(PAID, "bank", *other)


def test_keys_stay_the_same_from_one_release_to_the_next() -> None:
    assert PEPPER.node_key(NodeLabel.PERSON, "bank", "17") == "5c7ea2cff400be3a76417d375d0667e5"
    assert PEPPER.fingerprint == "dd2fe6a51b78b4d3"


def test_a_key_is_the_first_half_of_an_hmac_of_the_rule_and_the_parts_behind_their_lengths() -> None:
    message = "1:24:node6:Person4:bank3:é7".encode()

    assert PEPPER.node_key(NodeLabel.PERSON, "bank", "é7") == hmac.digest(b"0123456789abcdef", message, "sha256").hex()[:32]


@given(
    secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=16, max_size=100),
    source=ODD,
    rows=st.lists(st.tuples(ODD, ODD), min_size=1, max_size=5),
)
def test_columns_give_the_keys_that_values_give_one_by_one(secret: str, source: str, rows: list[tuple[str, str]]) -> None:
    pepper, frame = Pepper(secret), pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
    a, b = pl.col("a"), pl.col("b")

    made = frame.select(
        key=pepper.node_keys(NodeLabel.PERSON, source, a),
        id=pepper.fact_ids(PAID, source, a, b),
        token=pepper.tokens("name", b),
    )

    assert made.rows() == [
        (pepper.node_key(NodeLabel.PERSON, source, a), pepper.fact_id(PAID, source, a, b), pepper.token("name", b))
        for a, b in rows
    ]


def test_nothing_has_no_key_and_no_rows_give_none() -> None:
    one = pl.DataFrame({"a": ["x", None], "b": ["y", "z"]})
    ids = one.select(PEPPER.fact_ids(PAID, "s", pl.col("a"), pl.col("b"))).to_series()

    assert ids.is_null().to_list() == [False, True]
    assert one.clear().select(PEPPER.node_keys(NodeLabel.PERSON, "s", pl.col("a"))).height == 0


def test_a_store_made_by_an_older_rule_is_refused() -> None:
    stored = StoreIdentity(vocabulary_digest(), FINGERPRINT_BY_RULE_1, STORE_FORMAT, generation=1, seq=0, retired_seq=0)

    with pytest.raises(PepperMismatch, match="before the rule for keys changed"):
        check_identity("a.duckdb", stored, PEPPER.fingerprint)


def test_the_secret_is_not_printed() -> None:
    hashing = PEPPER.node_keys(NodeLabel.PERSON, "s", pl.col("a"))

    assert "0123456789abcdef" not in f"{PEPPER!r} {PEPPER} {hashing} {hashing!r}"


def test_a_short_pepper_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 characters, this one has 5"):
        Pepper("short")
