"""What public lists state: names, birth dates and seldom a document, by which a person may be meant or not.

Mostly insolvents and unlucky namesakes, and a few made-up identities some months after they vanished: being listed
decides nothing.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.events import LOAN_EVENTS, Event, LoanEvent
from ingest.sandbox.files.delivery import Delivery, write_table
from ingest.sandbox.files.dirt import DAY_S
from ingest.sandbox.files.spelling import day, instant, local_days, month_starts, seconds
from ingest.sandbox.society import Plan

WATCHLISTS = ("list", "full_name", "birth_date", "document_no", "listed_on", "recorded_at")
LISTS = ("sanctions", "fraud_register", "insolvency")
SANCTIONS, FRAUD, INSOLVENCY = range(3)
SANCTIONS_SHARE, FRAUD_SHARE = 0.0008, 0.0015  # of all persons, as namesakes
NAMESAKE_SAME_BIRTH_SHARE = 0.15
RING_LISTED_SHARE = 0.12
RING_LISTED_AFTER_MONTHS = (2, 9)
INSOLVENT_SHARE, INSOLVENT_AFTER_DAYS = 0.15, (60, 360)  # of persons who defaulted
DOCUMENT_STATED_SHARE = 0.3
ANOTHER_BIRTH_DAYS = 9_000

Numbers = NDArray[np.int64]


def write_watchlists(delivery: Delivery, path: Path) -> int:
    """Names on public lists."""
    return write_table(path, WATCHLISTS, [_listed(delivery, *_who(delivery))])


def _who(delivery: Delivery) -> tuple[Numbers, Numbers, Numbers]:
    """Lists, persons and days of all entries that fall before the end."""
    parts = [_namesakes(delivery, SANCTIONS, SANCTIONS_SHARE), _namesakes(delivery, FRAUD, FRAUD_SHARE)]
    parts += [_rings(delivery), *_insolvents(delivery)]
    which, person, on = (np.concatenate([part[field] for part in parts]) for field in range(3))
    ended = month_starts(delivery.months)[-1] // DAY_S
    _, first = np.unique(which * len(delivery.society.people) + person, return_index=True)
    first = first[on[first] < ended]
    return which[first], person[first], on[first]


def _namesakes(delivery: Delivery, which: int, share: float) -> tuple[Numbers, Numbers, Numbers]:
    everyone = np.arange(len(delivery.society.people), dtype=np.int64)
    person = np.flatnonzero(delivery.draws.uniform("watchlists.namesake", everyone, which) < share).astype(np.int64)
    starts = month_starts(delivery.months) // DAY_S
    luck = delivery.draws.uniform("watchlists.namesake.on", person, which)
    return np.full(len(person), which), person, starts[0] + (luck * (starts[-1] - starts[0])).astype(np.int64)


def _rings(delivery: Delivery) -> tuple[Numbers, Numbers, Numbers]:
    people, draws = delivery.society.people, delivery.draws
    made_up = np.flatnonzero(people.plan == Plan.SYNTHETIC).astype(np.int64)
    person = made_up[draws.uniform("watchlists.ring", made_up) < RING_LISTED_SHARE]
    soonest, latest = RING_LISTED_AFTER_MONTHS
    after = soonest * 30 + (draws.uniform("watchlists.ring.on", person) * (latest - soonest) * 30).astype(np.int64)
    starts = month_starts(delivery.scale.months) // DAY_S
    return np.full(len(person), FRAUD), person, starts[people.plan_month[person]] + after


def _insolvents(delivery: Delivery) -> Iterator[tuple[Numbers, Numbers, Numbers]]:
    soonest, latest = INSOLVENT_AFTER_DAYS
    for month in range(delivery.months):
        log = delivery.log.read(Event.LOAN, month).filter(
            (pl.col("kind") == LOAN_EVENTS.index(LoanEvent.DEFAULTED)) & (pl.col("borrower") < len(delivery.society.people))
        )
        loan, person = (log[name].to_numpy().astype(np.int64) for name in ("loan", "borrower"))
        at = local_days(seconds(month, log["second"].to_numpy()))
        mine = delivery.draws.uniform("watchlists.insolvent", loan) < INSOLVENT_SHARE
        after = soonest + delivery.draws.uniform("watchlists.insolvent.on", loan) * (latest - soonest)
        yield np.full(int(mine.sum()), INSOLVENCY), person[mine], (at + after.astype(np.int64))[mine]


def _listed(delivery: Delivery, which: Numbers, person: Numbers, on: Numbers) -> pl.DataFrame:
    ids, dirt, draws = delivery.identifiers, delivery.dirt, delivery.draws
    row = dirt.identity(which, person, 5)
    made_up = delivery.society.people.plan[person] == Plan.SYNTHETIC
    namesake = (which != INSOLVENCY) & ~(made_up & (which == FRAUD))
    another = namesake & (draws.uniform("watchlists.birth", row) >= NAMESAKE_SAME_BIRTH_SHARE)
    shift = 1 + (draws.uniform("watchlists.birth.shift", row) * ANOTHER_BIRTH_DAYS).astype(np.int64)
    born = delivery.society.people.birth_day[person].astype(np.int64) + np.where(another, shift - ANOTHER_BIRTH_DAYS // 2, 0)
    stated = (draws.uniform("watchlists.document", row) < DOCUMENT_STATED_SHARE) & ~namesake
    frame = pl.DataFrame(
        {
            "row": row,
            "list": pl.Series(LISTS).gather(which),
            "full_name": dirt.mistyped("watchlists", "full_name", ids.full_names(person), row),
            "birth_date": born,
            "document_no": ids.documents(person)["document_no"].set(pl.Series(~stated), None),
            "listed_on": on,
            "recorded_at": dirt.next_morning("watchlists", row, on),
        }
    )
    arrived = dirt.delivered("watchlists", frame[np.lexsort((row, on))])
    return arrived.with_columns(day("birth_date"), day("listed_on"), instant("recorded_at")).select(WATCHLISTS)
