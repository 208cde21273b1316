"""Raw files tell what institutions saw and no more: no hidden trait, no probability, no mark of cheats, no person's number."""

import re

import numpy as np
import polars as pl
import pytest

from ingest.load import read_facts
from ingest.sandbox.events import FIRST_YEAR
from ingest.sandbox.files.index import FILES
from ingest.sandbox.generate import RAW
from ingest.sandbox.society import People, Plan, Scheme
from tests.support.sandbox_world import World
from tests.support.source_files import PEPPER

PERSON_NUMBER = re.compile(rb"\bP\d{7}\b")
SECRET_WORDS = [kind.name.lower() for kinds in (Plan, Scheme) for kind in kinds]
HIDDEN = {"willingness", "ability", "thrift", "craving", "sociability"}
SECRET_COLUMNS = HIDDEN | {
    field for field in People.__dataclass_fields__ if field.startswith(("plan", "mis", "gang", "protec"))
}
SECRET_COLUMNS |= {"thin", "ring", "scheme", "probability", "p_default_12m", "defaulted_12m", "truth", "person", "household"}
OWNERS = ("customer_id", "applicant_id", "borrower_id", "guarantor_id", "referred_id", "investor_id", "owner_id")
ROW_IDS = re.compile(r"(_id|_no|iban|msisdn|phone|email|Number)$")
NOT_ROW_IDS = {"company_id", "biller_id", "lender_id", "platform_id", "bank_id", "community_id", "owned_id", "device_id"}
TIMES = (
    *("applied_at", "event_at", "booked_at", "arrived_at", "started_at", "issued_on", "on", "signed_at", "referred_at"),
    *("joined_on", "listed_on", "checked_on", "valid_from", "at", "recorded_at"),
)
FEWEST_PAIRS, ORDER_SIGMA, ORDER_LIMIT = 200, 4.5, 0.03
"""Neighbours in number are neighbours in life too: some of what they do follows upon each other."""
OUTCOMES = ("loan_tape.csv borrower_id", "event")
"""That a loan was not repaid is what cheats are after; it is known when it is over."""


def ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def tables_of_persons(world: World) -> dict[str, pl.DataFrame]:
    """Every flat file with a column of persons, with the number of each row's `person`; rows of others are left out."""
    found = {}
    for path in sorted((world.out / RAW).glob("*.csv")):
        table = world.raw(path.name)
        for owner in OWNERS:
            if owner in table.columns:
                person = table[owner].replace_strict(world.person_of, default=None, return_dtype=pl.Int64)
                found[f"{path.name} {owner}"] = table.with_columns(person=person).drop_nulls("person")
    logins = world.raw("logins.jsonl")
    models = world.raw("devices.jsonl").unique("device_id").select("device_id", "model", "os")
    logins = logins.join(models, on="device_id", how="left")
    orders = world.raw("orders.jsonl")
    bought = orders.select(
        "orderStatus",
        "orderNumber",
        pl.col("orderedItem").list.first().struct.field("orderedItem").struct.field("category"),
        customer_id=pl.col("customer").struct.field("identifier"),
    )
    for name, table in (("logins.jsonl", logins), ("orders.jsonl", bought)):
        person = table["customer_id"].replace_strict(world.person_of, default=None, return_dtype=pl.Int64)
        found[name] = table.with_columns(person=person).drop_nulls("person")
    return found


def keys_of(text: bytes, name: str) -> set[str]:
    """Names of columns, keys, elements or properties of a file."""
    if name.endswith(".csv"):
        return set(text.split(b"\n", 1)[0].decode().split(","))
    pattern = {"jsonl": rb'"(\w+)":', "xml": rb"<(\w+)", "vcf": rb"(?m)^(\w+)[;:]"}[name.rsplit(".", 1)[1]]
    return {key.decode() for key in set(re.findall(pattern, text))}


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_file_holds_a_number_of_a_person_a_plan_or_a_hidden_column(world: World, name: str) -> None:
    text = (world.out / RAW / name).read_bytes()

    assert text
    assert not PERSON_NUMBER.search(text)
    assert not {key.lower() for key in keys_of(text, name)} & SECRET_COLUMNS
    for word in SECRET_WORDS:
        assert not re.search(rb"(?i)\b" + word.encode() + rb"\b", text), word


def test_no_identifier_tells_the_order_of_persons(world: World) -> None:
    checked = 0
    for name, table in tables_of_persons(world).items():
        for column in table.columns:
            if not ROW_IDS.search(column) or column in NOT_ROW_IDS or (not column.islower() and column != "orderNumber"):
                continue
            digits = table.with_columns(digits=pl.col(column).str.extract(r"(\d{4,})\D*$").cast(pl.Float64))
            first = digits.drop_nulls("digits").unique("person", keep="first", maintain_order=True)
            if first.height < 200:
                continue
            checked += 1
            limit = 4.5 / np.sqrt(first.height)
            assert abs(rank_correlation(first["digits"].to_numpy(), first["person"].to_numpy())) < limit, f"{name} {column}"
    assert checked > 20


def test_no_file_stands_in_the_order_of_persons(world: World) -> None:
    for name, table in tables_of_persons(world).items():
        if table.height >= 200:
            limit = 4.5 / np.sqrt(table["person"].n_unique())
            assert abs(rank_correlation(np.arange(table.height), table["person"].to_numpy())) < limit, name


def sequences_of_persons(world: World) -> dict[str, pl.DataFrame]:
    """Persons in order of the lines of every file that goes by months, with the `month` of each line."""
    found = {}
    names = world.names
    everyone = np.arange(world.scale.persons)
    by_phone = {
        phone: person for month in (0, world.scale.months) for person, phone in enumerate(names.msisdns(everyone, month))
    }
    by_iban = dict(zip(names.ibans(everyone), everyone.tolist(), strict=True))
    for path in sorted((world.out / RAW).glob("*.csv")):
        table = world.raw(path.name)
        time = next((column for column in TIMES if column in table.columns), None)
        lookups = [(column, world.person_of) for column in OWNERS] + [("iban", by_iban), ("caller_msisdn", by_phone)]
        for column, lookup in lookups:
            if time and column in table.columns:
                person = table[column].replace_strict(lookup, default=None, return_dtype=pl.Int64)
                found[f"{path.name} {column}"] = pl.DataFrame({"person": person, "month": table[time].str.slice(0, 7)})
    for name, time, customer in (
        ("logins.jsonl", "at", pl.col("customer_id")),
        ("orders.jsonl", "orderDate", pl.col("customer").struct.field("identifier")),
    ):
        table = world.raw(name).select(id=customer, month=pl.col(time).str.slice(0, 7))
        found[name] = table.select(
            pl.col("id").replace_strict(world.person_of, default=None, return_dtype=pl.Int64).alias("person"), "month"
        )
    cards = (world.out / RAW / "contacts.vcf").read_text()
    phones, written = re.findall(r"uri:tel:(\+\d+)", cards), re.findall(r"REV:(\d{4})(\d{2})", cards)
    # what was written before the first month lies in one piece in each book
    months = [f"{year}-{month}" if int(year) >= FIRST_YEAR else "before" for year, month in written]
    person = pl.Series(phones).replace_strict(by_phone, default=None, return_dtype=pl.Int64)
    owners = re.findall(r"SOURCE:urn:customer:(\S+)", cards)
    pieces = pl.DataFrame({"owner": owners, "month": months})
    found["contacts.vcf"] = pl.DataFrame({"person": person}).with_columns(
        month=pieces.select(pl.concat_str("owner", "month")).to_series()
    )
    return {name: table.drop_nulls("person") for name, table in found.items()}


def following(table: pl.DataFrame) -> tuple[float, float, int]:
    """How a line's person goes with the next line's within a month: rank correlation, excess of rises, number of pairs.

    Lines of one person that lie together, such as deliveries made twice, count once. The excess is 1 where numbers always
    rise and 0 where they rise as often as they fall.
    """
    person, month = table["person"].to_numpy(), table["month"].to_numpy()
    pairs = np.flatnonzero((month[1:] == month[:-1]) & (person[1:] != person[:-1]))
    if len(pairs) < FEWEST_PAIRS:
        return 0.0, 0.0, len(pairs)
    rises = float(np.sign(person[pairs + 1] - person[pairs]).mean())
    return rank_correlation(person[pairs], person[pairs + 1]), rises, len(pairs)


def test_no_file_goes_through_persons_in_order_within_a_month(world: World) -> None:
    checked = 0
    for name, table in sequences_of_persons(world).items():
        correlation, rises, pairs = following(table)
        checked += pairs >= FEWEST_PAIRS
        limit = ORDER_LIMIT + ORDER_SIGMA / np.sqrt(max(pairs, 1))
        assert abs(rises) < limit, name
        # people in one address book live near each other, and neighbours are numbered alike
        assert name == "contacts.vcf" or abs(correlation) < limit, name
    assert checked > 12


def test_no_one_applies_before_their_document_is_recorded(world: World) -> None:
    """Or who applied would be resolved with what was recorded after the decision."""
    documents = world.raw("documents.csv").group_by("customer_id").agg(pl.col("recorded_at").max().alias("documented"))
    applied = world.raw("applications.csv").filter(pl.col("applicant_kind") == "person")
    found = applied.join(documents, left_on="applicant_id", right_on="customer_id")

    assert found.height > 0.9 * applied.height
    assert (found["documented"] <= found["applied_at"]).all()


def test_no_column_gives_a_hidden_trait_or_the_probability_away(world: World) -> None:
    """Circumstance may go with a trait, as a wage with ability; nothing comes near to the trait itself."""
    people = world.sealed("people.csv")
    checked = 0
    for name, table in tables_of_persons(world).items():
        numeric = [column for column in table.columns if column not in ("person", "row") and not ROW_IDS.search(column)]
        means = table.group_by("person").agg(pl.col(numeric).cast(pl.Float64, strict=False).mean())
        for column in numeric:
            some = means.drop_nulls(column)
            if some.height < 200 or some[column].n_unique() < 3:
                continue
            for trait in HIDDEN - {"sociability"}:
                hidden = people[trait].to_numpy()[some["person"].to_numpy()]
                checked += 1
                assert abs(rank_correlation(some[column].to_numpy(), hidden)) < 0.75, f"{name} {column} {trait}"
    truth = world.sealed("truth.csv").select("application_id", "p_default_12m")
    applied = world.raw("applications.csv").join(truth, on="application_id")
    for column in ("amount", "term_months", "declared_income", "rate_pct", "instalment"):
        some = applied.with_columns(pl.col(column).cast(pl.Float64)).drop_nulls(column)
        assert abs(rank_correlation(some[column].to_numpy(), some["p_default_12m"].to_numpy())) < 0.6, column
    assert checked > 20


def test_no_value_of_a_category_is_for_made_up_identities_alone(crooked: World) -> None:
    """Of the persons with any one value of any category, or in any one file, made-up ones are never half."""
    made_up = crooked.sealed("people.csv")["plan"].to_numpy() == "synthetic"
    checked = 0
    for name, table in tables_of_persons(crooked).items():
        assert made_up[table["person"].unique().to_numpy()].mean() < 0.5, name
        for column in table.columns:
            if column == "person" or (name, column) == OUTCOMES or table[column].n_unique() > 60:
                continue
            for (value,), rows in table.group_by(column):
                who = made_up[rows["person"].unique().to_numpy()]
                if who.sum() >= 4:
                    checked += 1
                    assert who.mean() < 0.5, f"{name} {column} {value}"
    assert made_up.sum() == 40
    assert checked > 50


def test_every_fact_is_known_no_earlier_than_it_happened_and_nothing_is_refused(world: World) -> None:
    batches, report = read_facts("sandbox", world.out / RAW, PEPPER)

    for batch in batches:
        assert (batch.rows["known_at_s"] * 1_000_000 >= batch.rows["at_us"]).all(), batch.edge
    assert sum(batch.rows.height for batch in batches) > 300_000
    assert not any(report.rejected.values())
