"""Money moves and never appears or vanishes, in the sealed sums and in what banks deliver."""

import polars as pl
import pytest

from ingest.sandbox.generate import RAW
from tests.support.sandbox_world import World

HOLDERS = ("persons_minor", "companies_minor", "lenders_minor", "custody_minor", "rest_minor")


def minor(column: str) -> pl.Expr:
    """An amount in minor units, exactly."""
    return (pl.col(column).cast(pl.Float64) * 100).round().cast(pl.Int64)


@pytest.fixture(scope="module")
def entries(world: World) -> pl.DataFrame:
    """Statement lines, each once, in the order in which their bank numbered them within a month."""
    table = world.raw("statements.csv").unique("entry_id").with_columns(minor("amount"), minor("balance_after"))
    number = pl.col("entry_id").str.extract(r"(\d{6}-\d{7})$").str.replace("-", "").cast(pl.Int64)
    return table.with_columns(number=number, month=number // 10_000_000).sort("iban", "number")


def test_money_is_the_same_to_the_cent_every_month(world: World) -> None:
    money = world.sealed("money.csv")

    assert money["month"].to_list() == list(range(world.scale.months))
    assert money["total_minor"].n_unique() == 1
    assert (money["total_minor"] == money.select(pl.sum_horizontal(HOLDERS)).to_series()).all()
    assert all(money[holder].n_unique() == world.scale.months for holder in HOLDERS)


def test_each_line_of_a_statement_changes_the_balance_by_its_amount(entries: pl.DataFrame) -> None:
    """A line that came too late to be delivered leaves a gap in its bank's numbers; where there is none, balances fit."""
    ranked = entries.sort("bank_id", "number").with_columns(
        left_out=pl.col("number") % 10_000_000 - pl.int_range(pl.len()).over("bank_id", "month")
    )
    within = ranked.sort("iban", "number").with_columns(
        held=pl.col("balance_after").shift(1).over("iban", "month"),
        gaps=pl.col("left_out").diff().over("iban", "month"),
    )
    within = within.drop_nulls("held").with_columns(fits=pl.col("held") + pl.col("amount") == pl.col("balance_after"))

    assert within.height > 90_000
    assert within["fits"].mean() > 0.995
    assert within.filter(pl.col("gaps") == 0).height > 1_000
    assert within.filter(pl.col("gaps") == 0)["fits"].all()


def test_a_month_begins_with_what_the_last_one_left(entries: pl.DataFrame) -> None:
    months = entries.group_by("iban", "month", maintain_order=True).agg(
        opening=pl.col("balance_after").first() - pl.col("amount").first(), closing=pl.col("balance_after").last()
    )
    kept = months.with_columns(left=pl.col("closing").shift(1).over("iban"), was=pl.col("month").shift(1).over("iban"))
    following = kept.filter(pl.col("was").is_not_null() & (pl.col("month") - pl.col("was") < 90))
    whole = (following["left"] == following["opening"]).mean()

    assert following.height > 5_000
    assert whole > 0.95  # the rest begins or ends with a line that came too late or is lost


def test_what_one_account_pays_another_receives(entries: pl.DataFrame) -> None:
    """Payments between two accounts whose statements are delivered stand on both, with opposite signs."""
    known = set(entries["iban"])
    both = entries.filter(pl.col("counterparty_iban").is_in(known)).with_columns(
        payer=pl.when(pl.col("amount") < 0).then("iban").otherwise("counterparty_iban"),
        payee=pl.when(pl.col("amount") < 0).then("counterparty_iban").otherwise("iban"),
    )
    sides = both.group_by("payer", "payee", "booked_at", pl.col("amount").abs().alias("size")).agg(
        pl.col("amount").sum(), pl.len()
    )
    whole = sides.filter(pl.col("len") % 2 == 0)

    assert whole.height > 100
    assert whole.height > 0.95 * sides.height
    assert (whole["amount"] == 0).all()


def test_no_amount_is_negative_but_on_statements(world: World) -> None:
    checked = 0
    for path in sorted((world.out / RAW).glob("*.csv")):
        table = world.raw(path.name)
        for column in {"amount", "instalment", "salary", "declared_income"} & set(table.columns):
            values = table[column].cast(pl.Float64).drop_nulls()
            checked += 1
            assert (values != 0).all() if path.name == "statements.csv" else (values > 0).all(), f"{path.name} {column}"
    assert checked >= 8
