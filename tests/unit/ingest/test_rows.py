"""Checks and look-ups: every row passes or is refused once, under the first reason that applies."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ingest.checks import Check, RejectReason, not_before, split_rows
from ingest.rows import accept_rows
from ingest.source import ColumnSpec, Lookup, TableSpec
from ingest.values import Integer, Money, Text

PARENTS = pl.DataFrame(
    {
        "account": ["1", "2", "2", "3", "3", "4"],
        "client": ["ann", "bob", "bob", "cas", "dan", "eve"],
        "role": ["owner", "owner", "owner", "owner", "owner", "other"],
    }
)
SPEC = TableSpec(
    name="loans",
    file="loans.csv",
    columns=(
        ColumnSpec("account", "account_id", Text()),
        ColumnSpec("amount", "amount", Money()),
        ColumnSpec("months", "months", Integer(1, 99), optional=True),
    ),
    lookups=(Lookup("rights", "account_id", {"client": "owner"}, key="account", where=pl.col("role") == "owner"),),
    derived={"doubled": pl.col("amount") * 2},
    checks=(Check(RejectReason.OUT_OF_ORDER, "months", pl.col("doubled") == 2_000),),
)


def accept(*rows: tuple[str | None, str | None, str | None]) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    texts = pl.DataFrame(rows, schema=dict.fromkeys(("account_id", "amount", "months"), pl.String()), orient="row")
    numbered = texts.with_row_index("row", 2).cast({"row": pl.Int64})
    accepted, rejections = accept_rows(SPEC, numbered, {"rights": PARENTS}, delivered_us=0)
    told = rejections.select("row", "reason", "column")
    return accepted.select("row", "amount", "months", "owner", "doubled").rows(), told.rows()


def test_an_accepted_row_has_its_values_and_what_was_looked_up() -> None:
    assert accept(("1", "5.00", "12")) == ([(2, 500, 12, "ann", 1_000)], [])


def test_an_optional_value_may_be_missing_but_not_wrong() -> None:
    accepted, rejections = accept(("1", "5.00", None), ("1", "5.00", "many"))

    assert accepted == [(2, 500, None, "ann", 1_000)]
    assert rejections == [(3, RejectReason.BAD_NUMBER, "months")]


def test_a_parent_repeated_word_for_word_is_one_parent() -> None:
    assert accept(("2", "5.00", None)) == ([(2, 500, None, "bob", 1_000)], [])


def test_each_fault_has_its_own_reason_and_column() -> None:
    _, rejections = accept(
        (None, "5.00", None),
        ("1", None, None),
        ("1", "five", None),
        ("1", "-5.00", None),
        ("9", "5.00", None),
        ("4", "5.00", None),  # known, but not as an owner
        ("3", "5.00", None),
        ("1", "10.00", None),
    )

    assert sorted(rejections) == [
        (2, RejectReason.MISSING_VALUE, "account_id"),
        (3, RejectReason.MISSING_VALUE, "amount"),
        (4, RejectReason.BAD_NUMBER, "amount"),
        (5, RejectReason.NEGATIVE_AMOUNT, "amount"),
        (6, RejectReason.UNKNOWN_PARENT, "account_id"),
        (7, RejectReason.UNKNOWN_PARENT, "account_id"),
        (8, RejectReason.AMBIGUOUS_PARENT, "account_id"),
        (9, RejectReason.OUT_OF_ORDER, "months"),
    ]


def test_a_row_with_several_faults_is_refused_once_under_the_first() -> None:
    assert accept((None, "-5.00", "x"))[1] == [(2, RejectReason.MISSING_VALUE, "account_id")]


def test_a_look_up_that_is_not_required_keeps_rows_without_exactly_one_parent() -> None:
    lookup = Lookup("rights", "account_id", {"client": "owner"}, key="account", required=False)
    spec = TableSpec("t", "t.csv", (ColumnSpec("account", "account_id", Text()),), lookups=(lookup,))
    rows = pl.DataFrame({"row": [2, 3, 4], "account_id": ["1", "3", "9"]}, schema_overrides={"row": pl.Int64})

    accepted, rejections = accept_rows(spec, rows, {"rights": PARENTS}, delivered_us=0)

    assert accepted.select("row", "owner").rows() == [(2, "ann"), (3, None), (4, None)]
    assert rejections.is_empty()


def test_derived_columns_may_use_those_before_them() -> None:
    derived = {"twice": pl.col("amount") * 2, "four_times": pl.col("twice") * 2}
    spec = TableSpec("t", "t.csv", (ColumnSpec("amount", "amount", Money()),), derived=derived)

    accepted, _ = accept_rows(spec, pl.DataFrame({"row": [2], "amount": ["1.00"]}), {}, delivered_us=0)

    assert accepted["four_times"].to_list() == [400]


@given(st.lists(st.tuples(*[st.sampled_from([None, "1", "3", "9", "-1", "x", "10.00"])] * 3), max_size=20))
def test_rows_read_are_rows_accepted_plus_rows_refused(rows: list[tuple[str | None, str | None, str | None]]) -> None:
    accepted, rejections = accept(*rows)

    lines = sorted([row[0] for row in accepted] + [row[0] for row in rejections])
    assert lines == list(range(2, 2 + len(rows)))


def test_a_condition_that_cannot_be_told_refuses_nothing() -> None:
    rows = pl.DataFrame({"row": [2], "a": [None]}, schema={"row": pl.Int64, "a": pl.Int64})

    passed, refused = split_rows(rows, [Check(RejectReason.BAD_NUMBER, "a", pl.col("a") < 0)])

    assert (passed.height, refused.height) == (1, 0)


def test_a_bare_date_lasts_until_the_next_midnight_when_order_is_judged() -> None:
    hour_s, day_s = 3_600, 86_400
    rows = pl.DataFrame(
        {
            "row": [2, 3, 4],
            "granted_us": [10 * hour_s * 1_000_000] * 3,
            "repaid_known_s": [day_s, 10 * hour_s, 10 * hour_s - 1],  # a bare date of that day, the same second, one before
        }
    )

    _, refused = split_rows(rows, [not_before("repaid", "granted")])

    assert refused.rows() == [(4, RejectReason.OUT_OF_ORDER, "repaid")]
