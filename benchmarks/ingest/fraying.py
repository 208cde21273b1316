"""A copy of an economy's delivery in which institutions know less of their customers, and some of it wrongly.

Decides by customer number and seed alone, so that the same copy comes out each time. Reads no sealed file.
"""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

NO_BIRTH, WRONG_BIRTH, NO_PHONE, NO_MAIL, NO_DOCUMENT = 0.12, 0.04, 0.4, 0.4, 0.5
COLUMNS = ("birth", "slip", "phone", "mail", "document")


def fray(raw: Path, place: Path, seed: int) -> Path:
    """Write the copy of `raw` under `place` and give its folder."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for file in raw.iterdir():
        if file.name not in ("customers.csv", "documents.csv"):
            (place / file.name).symlink_to(file.resolve())
    customers = pl.read_csv(raw / "customers.csv", infer_schema=False)
    luck = _luck(customers["customer_id"], seed)
    told = customers.join(luck, on="customer_id", maintain_order="left")
    births = [_birth(*row) for row in told.select("birth_date", "birth", "slip").iter_rows()]
    told.with_columns(
        pl.Series("birth_date", births, dtype=pl.String),
        pl.when(pl.col("phone_luck") >= NO_PHONE).then("phone").alias("phone"),
        pl.when(pl.col("mail") >= NO_MAIL).then("email").alias("email"),
    ).select(customers.columns).write_csv(place / "customers.csv")
    documents = pl.read_csv(raw / "documents.csv", infer_schema=False)
    shown = documents.join(luck, on="customer_id", how="left", maintain_order="left")
    shown.filter(pl.col("document").fill_null(1.0) >= NO_DOCUMENT).select(documents.columns).write_csv(place / "documents.csv")
    return place


def _luck(customers: pl.Series, seed: int) -> pl.DataFrame:
    who = customers.unique().sort()
    drawn = np.random.default_rng(seed).random((len(who), len(COLUMNS)))
    return pl.DataFrame({"customer_id": who} | dict(zip(COLUMNS, drawn.T, strict=True))).rename({"phone": "phone_luck"})


def _birth(told: str | None, luck: float, slip: float) -> str | None:
    if told is None or luck < NO_BIRTH:
        return None
    if luck >= NO_BIRTH + WRONG_BIRTH:
        return told
    born = date.fromisoformat(told)
    if slip < 0.4 and born.day <= 12:
        return born.replace(month=born.day, day=born.month).isoformat()
    if slip < 0.7:
        return born.replace(year=born.year + (1 if slip < 0.55 else -1), day=min(born.day, 28)).isoformat()
    return born.replace(day=born.day % 28 + 1).isoformat()
