"""What the company register states: firms, and who owns firms and lenders.

Which firms are shells of a platform's owner shows only in who owns them.
"""

from pathlib import Path

import numpy as np
import polars as pl

from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.files.known import standing_days
from ingest.sandbox.files.spelling import day, instant
from ingest.sandbox.firm_names import legal_forms
from ingest.sandbox.society import NONE, Sector

COMPANIES = ("company_id", "name", "legal_form", "nace_section", "registered_on", "cell_lat", "cell_lon", "recorded_at")
OWNERSHIP = ("owner_kind", "owner_id", "owned_kind", "owned_id", "share_pct", "since", "recorded_at")
NACE_SECTIONS = {
    Sector.INDUSTRY: "C",
    Sector.CONSTRUCTION: "F",
    Sector.TRADE: "G",
    Sector.FOOD_RETAIL: "G",
    Sector.FASHION: "G",
    Sector.ELECTRONICS: "G",
    Sector.LEISURE: "I",
    Sector.TRANSPORT: "H",
    Sector.HEALTH: "Q",
    Sector.SERVICES: "N",
    Sector.PUBLIC: "O",
    Sector.UTILITY: "D",
    Sector.TELECOM: "J",
    Sector.LANDLORD: "L",
    Sector.GAMBLING: "R",
    Sector.BROKER: "K",
    Sector.SHELL: "N",
}
"""Sections of NACE Rev. 2; shells are registered as services, as such firms are."""
PLATFORM_SHARE_PCT = 75


def write_companies(delivery: Delivery, path: Path) -> int:
    """Firms of the register."""
    return write_table(path, COMPANIES, [_companies(delivery)])


def write_ownership(delivery: Delivery, path: Path) -> int:
    """Owners of firms and lenders."""
    return write_table(path, OWNERSHIP, [_ownership(delivery)])


def _companies(delivery: Delivery) -> pl.DataFrame:
    ids, dirt, firms = delivery.identifiers, delivery.dirt, delivery.society.firms
    number = np.arange(len(firms), dtype=np.int64)
    row = dirt.identity(number, 1)
    founded = firms.founded_day.astype(np.int64)
    section = pl.Series([NACE_SECTIONS[sector] for sector in Sector])
    cells = ids.places.cells(firms.neighbourhood)
    frame = cells.with_columns(
        ids.company_ids(number).alias("company_id"),
        ids.company_names(number).alias("name"),
        legal_forms(delivery.draws, firms, number).alias("legal_form"),
        section.gather(firms.sector.astype(np.int64)).alias("nace_section"),
        row=pl.Series(row),
        registered_on=pl.Series(founded),
        recorded_at=pl.Series(dirt.next_morning("companies", row, founded)),
    ).sort("company_id")
    return dirt.delivered("companies", frame).with_columns(day("registered_on"), instant("recorded_at")).select(COMPANIES)


def _ownership(delivery: Delivery) -> pl.DataFrame:
    ids, dirt, society = delivery.identifiers, delivery.dirt, delivery.society
    firm = np.flatnonzero(society.firms.owner != NONE).astype(np.int64)
    lender = np.flatnonzero(society.lenders.owner != NONE).astype(np.int64)
    owner = np.concatenate([society.firms.owner[firm], society.lenders.owner[lender]]).astype(np.int64)
    row = dirt.identity(np.concatenate([firm, lender]), np.repeat([2, 3], [len(firm), len(lender)]))
    begun = standing_days(delivery.draws.uniform("ownership.since", row[len(firm) :]))
    since = np.concatenate([society.firms.founded_day[firm].astype(np.int64), begun])
    share = np.concatenate([society.firms.owner_share_pct[firm].astype(np.int64), np.full(len(lender), PLATFORM_SHARE_PCT)])
    frame = pl.DataFrame(
        {
            "row": row,
            "owner_id": ids.customer_ids("REG", owner),
            "owned_kind": pl.Series(["company", "lender"]).gather(np.repeat([0, 1], [len(firm), len(lender)])),
            "owned_id": pl.concat([ids.company_ids(firm), ids.lender_ids(lender)]),
            "share_pct": share,
            "since": since,
            "recorded_at": dirt.next_morning("ownership", row, since),
        }
    ).sort("owned_id")
    arrived = dirt.delivered("ownership", frame).with_columns(day("since"), instant("recorded_at"))
    return arrived.with_columns(pl.lit("person").alias("owner_kind")).select(OWNERSHIP)
