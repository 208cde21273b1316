import pickle

import polars as pl
import pytest

from ingest.identity import email_address, name_words, phone_number, postal_address


def one(expression: pl.Expr, **values: str | None):
    return (
        pl.DataFrame({name: [value] for name, value in values.items()}, schema=dict.fromkeys(values, pl.String))
        .select(expression)
        .item()
    )


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 1560 3188722", "+4915603188722"),
        ("01560/318 87 22", "+4915603188722"),
        ("0049 (0)1560 3188722", "+4915603188722"),
        ("+43 1 5128900", "+4315128900"),
        ("Zahnarzt", None),
        ("1", None),
        (None, None),
    ],
)
def test_one_number_is_written_in_one_way(written, number):
    assert one(phone_number(pl.col("a")), a=written) == number


def test_a_number_without_country_code_is_one_of_the_region():
    assert one(phone_number(pl.col("a"), "CZ"), a="601 234 567") == "+420601234567"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (" Anna.Klein@Mail.Example ", "anna.klein@mail.example"),
        ("anna+shop@mail.example", "anna@mail.example"),
        ("mailto:a@köln.example", "a@xn--kln-sna.example"),
        ("no mail", None),
        ("a@b", None),
    ],
)
def test_one_mailbox_is_written_in_one_way(written, address):
    assert one(email_address(pl.col("a")), a=written) == address


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Prof. Dr. Jürgen Groß", ["juergen", "gross"]),
        ("Müller, Anna-Lena", ["anna", "lena", "mueller"]),
        ("José O'Brian", ["jose", "obrian"]),
        ("Łukasz Wójcik", ["lukasz", "wojcik"]),
        ("Dr.", None),
    ],
)
def test_a_name_is_its_words_without_titles_and_marks(written, words):
    got = one(name_words(pl.col("a")), a=written)
    assert (None if got is None else list(got)) == words


@pytest.mark.parametrize("street", ["Lange Straße 3 a", "lange strasse 3a", "Lange Str. 3A", "LANGE STR 3a", "Langestraße 3a"])
def test_one_postal_address_is_written_in_one_way(street):
    address = postal_address(pl.col("s"), pl.col("p"), pl.col("c"))
    assert one(address, s=street, p="04 699", c="Köln (Süd)") == "langestr 3a|04699|koeln"


def test_the_expressions_can_be_sent_to_another_process():
    frame = pl.DataFrame({"a": ["01560 3188722", "01560 3188722", None]})
    again = pickle.loads(pickle.dumps(phone_number(pl.col("a"))))
    assert frame.select(again)["a"].to_list() == ["+4915603188722", "+4915603188722", None]
