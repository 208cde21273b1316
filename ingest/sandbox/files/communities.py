"""What the community platform states: who joined which interest community when. Only persons covered by it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.files.delivery import ROWS_AT_ONCE, Delivery, write_table
from ingest.sandbox.files.dirt import DAY_S
from ingest.sandbox.files.known import standing_days
from ingest.sandbox.files.spelling import day, instant, month_starts
from ingest.sandbox.founding.groups import COMMUNITY_KINDS
from ingest.sandbox.numbering import Numbering
from ingest.sandbox.society import NONE, Coverage

MEMBERSHIPS = ("community_id", "community_kind", "customer_id", "joined_on", "recorded_at")
JOINING_DAYS = 22  # of a month


def write_memberships(delivery: Delivery, path: Path) -> int:
    """Who belongs to which community."""
    return write_table(path, MEMBERSHIPS, _pieces(delivery))


def _pieces(delivery: Delivery) -> Iterator[pl.DataFrame]:
    groups, dirt = delivery.society.groups, delivery.dirt
    covered = (delivery.society.people.coverage[groups.person] & Coverage.COMMUNITY) != 0
    lost = np.array([False, *(dirt.is_lost("memberships", "COM", month) for month in range(delivery.months))])
    month = groups.joined.astype(np.int64)
    mine = np.flatnonzero(covered & (month < delivery.months))
    mine = mine[~lost[np.where(month[mine] == NONE, 0, month[mine] + 1)]]
    row = dirt.identity(groups.person[mine], groups.community[mine])
    joined = _joined(delivery, month[mine], row)
    order = np.lexsort((row, joined))
    yield pl.DataFrame(schema=dict.fromkeys(MEMBERSHIPS, pl.String))
    for start in range(0, len(order), ROWS_AT_ONCE):
        piece = order[start : start + ROWS_AT_ONCE]
        yield _spelled(delivery, mine[piece], row[piece], joined[piece])


def _joined(delivery: Delivery, month: NDArray[np.int64], row: NDArray[np.int64]) -> NDArray[np.int64]:
    """The day of joining: within the month, or some time before the first."""
    luck = delivery.draws.uniform("memberships.joined", row)
    within = month_starts(delivery.months)[np.maximum(month, 0)] // DAY_S + (luck * JOINING_DAYS).astype(np.int64)
    days: NDArray[np.int64] = np.where(month == NONE, standing_days(luck), within)
    return days


def _spelled(delivery: Delivery, mine: NDArray[np.int64], row: NDArray[np.int64], joined: NDArray[np.int64]) -> pl.DataFrame:
    groups, dirt = delivery.society.groups, delivery.dirt
    community = groups.community[mine].astype(np.int64)
    number = Numbering(delivery.draws, "community", 6).number(community)
    frame = pl.DataFrame(
        {
            "row": row,
            "community_id": "G" + pl.Series(number).cast(pl.String).str.zfill(6),
            "community_kind": pl.Series(COMMUNITY_KINDS).gather(groups.kinds[community].astype(np.int64)),
            "customer_id": delivery.identifiers.customer_ids("COM", groups.person[mine]),
            "joined_on": joined,
            "recorded_at": dirt.next_morning("memberships", row, joined),
        }
    )
    arrived = dirt.delivered("memberships", frame)
    return arrived.with_columns(day("joined_on"), instant("recorded_at")).select(MEMBERSHIPS)
