import pickle

import polars as pl
import pytest

from ingest.identity import birth_texts, name_texts


def texts(name: str | None) -> dict[str, set[str]]:
    frame = pl.DataFrame({"name": [name]}, schema={"name": pl.String}).select(**name_texts(pl.col("name")))
    return {key: set(value or ()) for key, value in frame.row(0, named=True).items()}


@pytest.mark.parametrize("slip", ["Shcmidt", "Schmdt", "Schmiddt", "Schmodt", "Schmidt"])
def test_spellings_one_slip_apart_share_a_text(slip):
    assert texts("Anna Schmidt")["family_name_near"] & texts(f"Anna {slip}")["family_name_near"]


@pytest.mark.parametrize("slip", ["Mülelr", "Mller", "Mueller", "Muller", "MÜLLER"])
def test_an_umlaut_is_one_letter_to_a_slip(slip):
    assert texts("Jan Müller")["family_name_near"] & texts(f"Jan {slip}")["family_name_near"]


@pytest.mark.parametrize("slip", ["AnnaSchmidt", "AnnaS chmidt", "Ann aSchmidt"])
def test_a_lost_or_misplaced_blank_leaves_a_shared_text(slip):
    assert texts("Anna Schmidt")["family_name_near"] & texts(slip)["family_name_near"]


def test_other_names_share_no_text():
    assert not texts("Anna Schmidt")["family_name_near"] & texts("Anna Schneider")["family_name_near"]


def test_the_family_name_is_the_last_word_with_its_particles():
    assert texts("Ludwig van der Berg")["family_name"] == {"van der berg"}
    assert texts("von der Leyen") | {"given_name": set()} == texts("von der Leyen")
    assert texts("O'Neil-Smith, Dr. Anne")["family_name"] == {"oneil smith"}
    assert texts("Berg, Dr. Anna Lena")["given_name"] == {"anna lena"}
    assert texts("Madonna")["given_name"] == set()


def test_no_name_gives_no_texts():
    assert texts(None) == {name: set() for name in ("given_name", "given_name_near", "family_name", "family_name_near")}


def birth(date: str) -> dict[str, set[str]]:
    frame = pl.DataFrame({"born": [date]}).select(**birth_texts(pl.col("born").str.to_date()))
    return {key: set(value) for key, value in frame.row(0, named=True).items()}


@pytest.mark.parametrize("slip", ["1974-12-02", "1974-11-12", "1947-11-02", "1974-02-11"])
def test_birth_dates_with_one_wrong_part_or_day_and_month_swapped_share_a_text(slip):
    assert birth("1974-11-02")["birth_date"] == {"1974-11-02"}
    assert birth("1974-11-02")["birth_date_near"] & birth(slip)["birth_date_near"]


def test_the_expressions_can_be_sent_to_another_process():
    for expression in name_texts(pl.col("a")).values():
        assert pl.DataFrame({"a": ["Anna Klein"]}).select(pickle.loads(pickle.dumps(expression))).height == 1
