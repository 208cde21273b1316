"""What banks state of accounts: whose they are. Exactly the accounts whose statements are delivered.

A business account stands in the name of the firm: its `customer_id` is the register number.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from ingest.sandbox.accounts import BANKS, shown_accounts
from ingest.sandbox.files.delivery import ROWS_AT_ONCE, Delivery, write_table
from ingest.sandbox.files.known import standing_days
from ingest.sandbox.files.spelling import day, instant
from ingest.sandbox.identifiers import REGISTERS

ACCOUNTS = ("iban", "bank_id", "customer_id", "role", "account_kind", "opened_on", "recorded_at")
BANK_IDS = REGISTERS[1 : 1 + BANKS]


def write_accounts(delivery: Delivery, path: Path) -> int:
    """Accounts of persons and firms."""
    return write_table(path, ACCOUNTS, _pieces(delivery))


def _pieces(delivery: Delivery) -> Iterator[pl.DataFrame]:
    ids, dirt, persons = delivery.identifiers, delivery.dirt, len(delivery.society.people)
    account = np.flatnonzero(shown_accounts(delivery.society, delivery.draws)).astype(np.int64)
    row = dirt.identity(account, 4)
    order = np.argsort(row)
    yield pl.DataFrame(schema=dict.fromkeys(ACCOUNTS, pl.String))
    for start in range(0, len(order), ROWS_AT_ONCE):
        piece = order[start : start + ROWS_AT_ONCE]
        own, mine = account[piece], row[piece]
        is_person = own < persons
        bank = ids.banks(own)
        owner = ids.customer_ids(REGISTERS.index("BK1") + bank, np.where(is_person, own, 0))
        opened = standing_days(delivery.draws.uniform("accounts.opened", mine))
        frame = pl.DataFrame(
            {
                "row": mine,
                "iban": ids.ibans(own),
                "bank_id": pl.Series(BANK_IDS).gather(bank),
                "customer_id": owner.scatter(np.flatnonzero(~is_person), ids.company_ids(own[~is_person] - persons)),
                "account_kind": pl.Series(["business", "current"]).gather(is_person.astype(np.int64)),
                "opened_on": opened,
                "recorded_at": dirt.next_morning("accounts", mine, opened),
            }
        )
        arrived = dirt.delivered("accounts", frame).with_columns(day("opened_on"), instant("recorded_at"))
        yield arrived.with_columns(pl.lit("owner").alias("role")).select(ACCOUNTS)
