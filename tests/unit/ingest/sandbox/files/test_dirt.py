"""Dirt comes at its declared rates, falls on rows and not on places in a file, and keeps time in order."""

import numpy as np
import polars as pl
import pytest

from ingest.sandbox.draws import Draws
from ingest.sandbox.files.dirt import CORRECTED_SHARE, DAY_S, DUPLICATED_SHARE, LATE_DAYS, LATE_SHARE, LOST_SHARE, Dirt

FAR_AHEAD = 10**12
ROWS = 100_000


@pytest.fixture
def dirt() -> Dirt:
    return Dirt(Draws(7), FAR_AHEAD)


def rows_of(dirt: Dirt, ids: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({"row": dirt.identity(ids, 3), "name": ids, "amount": ids + 100, "recorded_at": ids * 0 + 1_000})


def test_rows_are_late_and_repeated_at_the_declared_rates(dirt: Dirt) -> None:
    arrived = dirt.delivered("bills", rows_of(dirt, np.arange(ROWS)))

    late = arrived.unique("name").filter(pl.col("recorded_at") > 1_000)
    assert arrived.height / ROWS - 1 == pytest.approx(DUPLICATED_SHARE, rel=0.15)
    assert late.height / ROWS == pytest.approx(LATE_SHARE, rel=0.1)
    assert ((late["recorded_at"] - 1_000) / DAY_S).is_between(*LATE_DAYS).all()
    assert arrived.unique().height == ROWS  # repeated word for word


def test_a_row_fares_the_same_however_rows_are_cut(dirt: Dirt) -> None:
    frame = rows_of(dirt, np.arange(5_000))

    whole = dirt.delivered("bills", frame)
    pieces = pl.concat([dirt.delivered("bills", frame[at : at + 700]) for at in range(0, 5_000, 700)])
    backwards = dirt.delivered("bills", frame.reverse())

    assert pieces.equals(whole)
    assert backwards.sort("name").equals(whole.sort("name"))


def test_files_do_not_share_their_luck(dirt: Dirt) -> None:
    row = dirt.identity(np.arange(ROWS))

    both = (dirt.lateness("bills", row) > 0) & (dirt.lateness("orders", row) > 0)

    assert both.mean() == pytest.approx(LATE_SHARE**2, rel=0.5)


def test_what_is_recorded_after_the_end_does_not_arrive() -> None:
    dirt = Dirt(Draws(7), closes_at=1_000 + DAY_S)

    arrived = dirt.delivered("bills", rows_of(dirt, np.arange(1_000)))

    assert arrived["recorded_at"].unique().to_list() == [1_000]
    assert arrived["name"].n_unique() < 1_000


def test_a_correction_states_another_amount_later(dirt: Dirt) -> None:
    frame = rows_of(dirt, np.arange(ROWS))

    both = dirt.with_corrections("bills", frame, "amount")

    again = both[ROWS:].join(frame, on="name", suffix="_first")
    assert again.height / ROWS == pytest.approx(CORRECTED_SHARE, rel=0.3)
    assert (again["recorded_at"] > again["recorded_at_first"]).all()
    assert (again["amount"] != again["amount_first"]).mean() > 0.99
    assert (again["row"] != again["row_first"]).all()
    assert both[:ROWS].equals(frame)


def test_typing_errors_change_one_or_two_neighbouring_letters(dirt: Dirt) -> None:
    names = pl.Series("name", ["Anna Müller"] * ROWS)

    typed = dirt.mistyped("customers", "full_name", names, dirt.identity(np.arange(ROWS)))

    wrong = typed.filter(typed != names)
    assert len(wrong) / ROWS == pytest.approx(0.03, rel=0.1)
    assert wrong.str.len_chars().is_in([10, 11]).all()
    assert wrong.str.starts_with("A").all()
    assert wrong.n_unique() > 10


def test_a_few_deliveries_are_lost(dirt: Dirt) -> None:
    lost = [dirt.is_lost("bills", name, month) for name in ("UTL", "SHOP", "TEL") for month in range(2_000)]
    by_number = dirt.lost("bills", np.arange(20_000), 3)

    assert np.mean(lost) == pytest.approx(LOST_SHARE, rel=0.5)
    assert by_number.mean() == pytest.approx(LOST_SHARE, rel=0.4)


def test_no_rows_stay_no_rows(dirt: Dirt) -> None:
    none = rows_of(dirt, np.arange(0))

    assert dirt.delivered("bills", dirt.with_corrections("bills", none, "amount")).height == 0
