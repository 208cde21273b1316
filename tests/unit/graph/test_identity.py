import pytest

from graph.identity import Pepper
from graph.vocabulary import EdgeType, NodeLabel, RelType

PEPPER = Pepper("0123456789abcdef")
PAID = EdgeType(NodeLabel.BANK_ACCOUNT, RelType.PAID, NodeLabel.BANK_ACCOUNT)


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


def test_parts_are_not_confused_by_where_one_ends() -> None:
    assert PEPPER.fact_id(PAID, "bank", "ab", "c") != PEPPER.fact_id(PAID, "bank", "a", "bc")


def test_keys_stay_the_same_from_one_release_to_the_next() -> None:
    assert PEPPER.node_key(NodeLabel.PERSON, "bank", "17") == "894ccac6758b7d9dffb3a279ad879dcc"
    assert PEPPER.fingerprint == "3cd140f0ac8eff79"


def test_the_secret_is_not_printed() -> None:
    assert "0123456789abcdef" not in f"{PEPPER!r} {PEPPER}"


def test_a_short_pepper_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 characters, this one has 5"):
        Pepper("short")
