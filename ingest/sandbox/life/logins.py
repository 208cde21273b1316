"""Who logs in where, from which of their devices: shop and bank now and then, a lender shortly before applying there.

Members of a ring log in from the devices they share because those are the devices they have. Knows nothing of what is done
after logging in.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ingest.sandbox.draws import Draws
from ingest.sandbox.life.rhythm import ONLINE
from ingest.sandbox.society import Coverage, Society

SHOP, BANK, LENDER = 0, 1, 2  # Event.LOGIN's channel
LOGINS = 0.030  # a month, device and recorded person
BANK_SHARE = 0.35  # of the log-ins of those whose bank tells of them
APPLY_ONLINE = 0.60  # of applications
BEFORE_APPLYING_S = (60, 1_800)


def build_logins(
    society: Society, applications: pl.DataFrame, month: int, draws: Draws, online: float
) -> dict[str, NDArray[np.int64]]:
    """The month's recorded log-ins by time.

    Args:
        society: Devices and who is covered.
        applications: The month's `Event.APPLICATION`; an applicant who is no person is passed over.
        month: Month of the economy.
        draws: The economy's luck.
        online: How much people are online, 1 as declared.

    Returns:
        Columns of `Event.LOGIN`, sorted by (second, person).
    """
    devices, coverage = society.devices, society.people.coverage
    luck = draws.generator("days.login", month).random(len(devices.person), dtype=np.float32)
    used = np.flatnonzero((luck < LOGINS * online) & (devices.since <= month))
    bits = coverage[devices.person[used]]
    known = (bits & (Coverage.SHOP | Coverage.DEVICES)) != 0
    used, bits = used[known], bits[known]
    person, device = devices.person[used].astype(np.int64), devices.device[used].astype(np.int64)
    at_bank = (bits & (Coverage.BANK | Coverage.DEVICES)) != 0
    at_bank &= draws.uniform("days.login_where", person, device, month) < BANK_SHARE
    second = ONLINE.seconds(draws.uniform("days.login_at", person, device, month), month)
    everyday = pl.DataFrame({"second": second, "person": person, "device": device, "channel": np.where(at_bank, BANK, SHOP)})
    frame = pl.concat([everyday, _at_lenders(society, applications, month, draws)]).sort(
        "second", "person", "device", "channel"
    )
    return {name: column.to_numpy() for name, column in frame.to_dict().items()}


def _at_lenders(society: Society, applications: pl.DataFrame, month: int, draws: Draws) -> pl.DataFrame:
    """One log-in before each application that is made online, from the device its applicant has used longest."""
    devices = society.devices
    loan, applicant, at = (applications[name].to_numpy().astype(np.int64) for name in ("loan", "applicant", "second"))
    online = (applicant < len(society.people)) & (draws.uniform("days.apply_online", loan) < APPLY_ONLINE)
    loan, applicant, at = loan[online], applicant[online], at[online]
    asked = np.zeros(len(society.people), np.bool_)
    asked[applicant] = True
    rows = np.flatnonzero(asked[devices.person] & (devices.since <= month))
    rows = rows[np.lexsort((devices.device[rows], devices.since[rows], devices.person[rows]))]
    owners = devices.person[rows]
    first = np.searchsorted(owners, applicant)
    has = first < len(rows)
    has[has] = owners[first[has]] == applicant[has]
    least, most = BEFORE_APPLYING_S
    before = least + ((most - least) * draws.uniform("days.apply_after", loan[has])).astype(np.int64)
    return pl.DataFrame(
        {
            "second": np.maximum(at[has] - before, 0),
            "person": applicant[has],
            "device": devices.device[rows[first[has]]].astype(np.int64),
            "channel": np.full(int(has.sum()), LENDER, np.int64),
        }
    )
